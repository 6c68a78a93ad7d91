from odoo import models
from odoo.fields import Domain


class FlowCriterion(models.Model):
    _inherit = "flow.criterion"

    def _on_contacts(self, domain):
        """A lead is meant where its contact is."""
        if self.target_model != "crm.lead":
            return super()._on_contacts(domain)
        return Domain("partner_id", "in", self.env["res.partner"]._search(domain))
