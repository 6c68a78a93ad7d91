from odoo import api, models


class MailingContact(models.Model):
    _inherit = "mailing.contact"

    @api.ondelete(at_uninstall=False)
    def _end_campaign_runs(self):
        self.env["flow.participant"]._end_for_deleted(self)
