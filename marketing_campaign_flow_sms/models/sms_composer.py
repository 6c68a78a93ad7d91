"""How the SMS of a campaign differ from those of a mailing: consent, and the step of each trace."""

from odoo import models
from odoo.fields import Domain


class SmsComposer(models.TransientModel):
    _inherit = "sms.composer"

    def _prepare_mass_sms_trace_values(self, record, sms_values):
        values = super()._prepare_mass_sms_trace_values(record, sms_values)
        step_of = self.env.context.get("flow_step_of")
        if step_of:
            values["flow_step_id"] = step_of[record.id]
        return values

    def _get_optout_record_ids(self, records, recipients_info):
        out = super()._get_optout_record_ids(records, recipients_info)
        campaign = self.mailing_id.flow_campaign_id
        if not campaign:
            return out
        emails = {record.id: record.email_normalized for record in records}
        numbers = {record.id: recipients_info[record.id]["sanitized"] for record in records}
        left = self._flow_opted_out(
            campaign.audience_id._mailing_lists(),
            [email for email in emails.values() if email],
            [number for number in numbers.values() if number],
        )
        return [
            *out,
            *(
                record.id
                for record in records
                if emails[record.id] in left or numbers[record.id] in left
            ),
        ]

    def _flow_opted_out(self, mailing_lists, emails, numbers):
        """Return the addresses and numbers that have left the lists and are on none of them."""
        known = Domain("contact_id.email_normalized", "in", emails) | Domain(
            "contact_id.phone_sanitized", "in", numbers
        )
        subscriptions = self.env["mailing.subscription"].search(
            Domain("list_id", "in", mailing_lists.ids) & known
        )
        out, still_on = set(), set()
        for subscription in subscriptions:
            contact = subscription.contact_id
            side = out if subscription.opt_out else still_on
            side |= {contact.email_normalized, contact.phone_sanitized}
        return out - still_on - {False}
