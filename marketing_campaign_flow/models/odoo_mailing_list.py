from odoo import api, models


class MailingList(models.Model):
    _inherit = "mailing.list"

    @api.ondelete(at_uninstall=False)
    def _unlink_unused_by_audiences(self):
        fields = ("mailing_list_ids", "excluded_mailing_list_ids")
        self.env["flow.audience"]._refuse_to_lose(self, fields)
