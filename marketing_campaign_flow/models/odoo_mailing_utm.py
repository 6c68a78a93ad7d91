from odoo import models


class MailingMailing(models.Model):
    _inherit = "mailing.mailing"

    def _get_link_tracker_values(self):
        """Let every link say from which campaign it comes, whatever the email itself was given."""
        values = super()._get_link_tracker_values()
        # sudo: visitors follow links; it is the name that these carry anyway
        if campaign := self.sudo().flow_campaign_id:
            values["campaign_id"] = campaign.utm_campaign_id.id
        return values
