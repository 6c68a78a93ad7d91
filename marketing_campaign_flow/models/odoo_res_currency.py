from odoo import models


class ResCurrency(models.Model):
    _inherit = "res.currency"

    def _flow_without_rate(self, company, date=None):
        """Return those of these currencies that cannot be converted for a company.

        Odoo takes the rate of another day, or 1, where there is none, which makes wrong figures.

        :param date: the day until which there has to be a rate; any day if empty
        """
        domain = [
            ("currency_id", "in", self.ids),
            ("company_id", "in", (False, company.root_id.id)),
            *([("name", "<=", date)] if date else []),
        ]
        rated = self.env["res.currency.rate"]._read_group(domain, ["currency_id"])
        return self - company.currency_id - self.browse(currency.id for (currency,) in rated)
