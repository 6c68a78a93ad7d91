import json

from odoo import api, fields, models
from odoo.tools.misc import clean_context

from ..engine import cap, consent


class MailComposeMessage(models.TransientModel):
    _inherit = "mail.compose.message"

    flow_campaign_id = fields.Many2one("flow.campaign", string="Campaign", ondelete="cascade")
    flow_choice = fields.Text(help="Whom it goes to; see `flow.campaign._compose_by_hand`.")
    flow_recipients = fields.Char(string="To", compute="_compute_flow_recipients")
    flow_send_at = fields.Datetime(
        string="Send on", help="Empty: as soon as you press Send. Quiet hours are kept to."
    )
    flow_has_cap = fields.Boolean(compute="_compute_flow_has_cap")
    flow_ignore_cap = fields.Boolean(
        string="Override the frequency cap",
        help="Send it also to those who have had as many emails as Settings allow. Who has opted"
        " out gets nothing all the same.",
    )

    @api.depends("flow_campaign_id", "flow_choice")
    def _compute_flow_recipients(self):
        self.flow_recipients = False
        for composer in self.filtered("flow_campaign_id"):
            choice = json.loads(composer.flow_choice or "{}")
            composer.flow_recipients = composer.flow_campaign_id._choice_in_words(choice)

    @api.depends("flow_campaign_id")
    def _compute_flow_has_cap(self):
        self.flow_has_cap = bool(cap.of_channel(self.env, cap.EMAIL))

    def action_send_mail(self):
        """Send, and tell the sender of a campaign how many it goes to."""
        if len(self) != 1 or not self._flow_is_by_hand():
            return super().action_send_mail()
        count = self.flow_campaign_id._send_by_hand(self)
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "title": self.flow_campaign_id.name,
                "message": self.env._("The email is in the outbox of the campaign.")
                if count == 1
                else self.env._("%s emails are in the outbox of the campaign.", count),
                "next": {"type": "ir.actions.act_window_close"},
            },
        }

    def _action_send_mail(self, auto_commit=False):
        by_hand = self.filtered(lambda composer: composer._flow_is_by_hand())
        for composer in by_hand:
            composer.flow_campaign_id._send_by_hand(composer)
        return super(MailComposeMessage, self - by_hand)._action_send_mail(auto_commit)

    def _flow_is_by_hand(self):
        return bool(self.flow_campaign_id) and self.composition_mode == "mass_mail"

    def _flow_mailing(self, campaign):
        """Return the email of a message by hand, which belongs to the campaign.

        A template that somebody else has written may do more than its user could; unchanged it is
        taken as its author left it. All the rest is the user's own, and so are its rights.
        """
        self.ensure_one()
        values = {
            **self._prepare_mailing_values(),
            "name": self.env._("%s: by hand", campaign.name),
            "email_from": self.email_from or self.env.user.email_formatted,
            "mail_server_id": self.mail_server_id.id,
            "user_id": self.env.uid,
        }
        taken = self._flow_taken_from_template()
        plain = {"subject": self.env._("By hand"), "email_from": self.env.user.email_formatted}
        values |= {name: plain.get(name, False) for name in taken}
        context = clean_context(self.env.context)  # in place of it: without the user's defaults
        mailings = self.env["mailing.mailing"]
        mailings = mailings.with_context(context)  # pylint: disable=context-overridden
        mailing = mailings.create(values)
        mailing.flow_campaign_id = campaign
        if taken:
            mailing.sudo().write(taken)  # sudo: as in the template, which editors write
        return mailing

    def _flow_taken_from_template(self):
        """Return what the message has of its template, where nobody has changed its text."""
        template = self.template_id
        is_unchanged = self.body_has_template_value and self.subject == template.subject
        if not (template and is_unchanged):
            return {}
        taken = {"subject": template.subject, "body_html": template.body_html}
        if template.email_from and self.email_from == template.email_from:
            taken["email_from"] = template.email_from
        return taken

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
