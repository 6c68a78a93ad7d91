from odoo import api, models


class MailingFilter(models.Model):
    _inherit = "mailing.filter"

    @api.ondelete(at_uninstall=False)
    def _unlink_unused_by_audiences(self):
        self.env["flow.audience"]._refuse_to_lose(self, ("filter_ids",))
