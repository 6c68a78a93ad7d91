from odoo import fields, models

from ..engine import consent


class MailComposeMessage(models.TransientModel):
    _inherit = "mail.compose.message"

    flow_campaign_id = fields.Many2one("flow.campaign", string="Campaign", ondelete="cascade")

    def _action_send_mail(self, auto_commit=False):
        by_hand = self.filtered(
            lambda composer: composer.flow_campaign_id and composer.composition_mode == "mass_mail"
        )
        for composer in by_hand:
            composer.flow_campaign_id._send_by_hand(composer)
        return super(MailComposeMessage, self - by_hand)._action_send_mail(auto_commit)

    def _get_recipients_data(self, mail_values_dict):
        """Work out the addresses of a batch once; Odoo asks for them several times over."""
        known = self.env.context.get("flow_recipients")
        if known is None:
            return super()._get_recipients_data(mail_values_dict)
        asked = tuple(
            (res_id, values.get("email_to"), tuple(values.get("recipient_ids") or ()))
            for res_id, values in mail_values_dict.items()
        )
        if asked not in known:
            known[asked] = super()._get_recipients_data(mail_values_dict)
        return known[asked]

    def _get_blacklist_record_ids(self, mail_values_dict, recipients_info=None):
        if not self.mass_mailing_id.flow_campaign_id:
            return super()._get_blacklist_record_ids(mail_values_dict, recipients_info)
        if not self.use_exclusion_list:
            return set()
        addresses = self._flow_addresses(recipients_info)
        blocked = consent.blacklisted(self.env, set().union(*addresses.values()))
        return {res_id for res_id, emails in addresses.items() if emails & blocked}

    def _get_optout_emails(self, mail_values_dict):
        emails = super()._get_optout_emails(mail_values_dict)
        campaign = self.mass_mailing_id.flow_campaign_id
        if campaign:
            addresses = self._flow_addresses(self._get_recipients_data(mail_values_dict))
            lists = campaign.audience_id._mailing_lists()
            emails = [
                *emails,
                *consent.opted_out(self.env, lists, set().union(*addresses.values())),
            ]
        return emails

    def _flow_addresses(self, recipients_info):
        return {
            res_id: set(found["mail_to_normalized"]) for res_id, found in recipients_info.items()
        }
