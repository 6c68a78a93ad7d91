from odoo import models

from .flow_coupon_holder import COUPONS_OF


class MailingMailing(models.Model):
    _inherit = "mailing.mailing"

    def _flow_mail_values(self, contact_ids):
        ours = self.with_context(**{COUPONS_OF: self.flow_campaign_id.id})
        return super(MailingMailing, ours)._flow_mail_values(contact_ids)
