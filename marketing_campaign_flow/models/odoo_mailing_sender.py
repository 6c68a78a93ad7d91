"""From whom an email comes, and to whom an answer goes: to whoever looks after the contact."""

from odoo import fields, models

from ..engine.difference import Value
from .flow_addressee import WRITTEN_BY

SENDER = ("flow_from_salesperson", "flow_reply_to_salesperson")


class MailingMailing(models.Model):
    _inherit = "mailing.mailing"

    flow_from_salesperson = fields.Boolean(
        string="From the contact's salesperson",
        help="Each contact gets the email from whoever looks after them; where nobody does, from"
        " the responsible of the campaign.",
    )
    flow_reply_to_salesperson = fields.Boolean(
        string="Answers to the contact's salesperson",
        help="Answers go straight to whoever looks after the contact, where nobody does to the"
        " responsible of the campaign. Odoo does not see them: “replied” is not counted.",
    )

    def _flow_mail_values(self, contact_ids):
        ours = self.with_context(**{WRITTEN_BY: self.flow_campaign_id.id})
        values_of = super(MailingMailing, ours)._flow_mail_values(contact_ids)
        if self.flow_from_salesperson or self.flow_reply_to_salesperson:
            self._flow_let_salespeople_write(values_of)
        return values_of

    def _flow_let_salespeople_write(self, values_of):
        contacts = self.env[self.mailing_model_real].browse(values_of)
        if "flow_signature" not in contacts._fields:  # no `flow.addressee`
            return
        contacts = contacts.with_context(**{WRITTEN_BY: self.flow_campaign_id.id})
        salespeople = contacts._flow_salespeople()
        for contact, user in salespeople.items():
            # sudo: address and name of a colleague are what the recipient gets to see
            address = user.sudo().email_normalized and user.sudo().email_formatted
            values = values_of[contact.id]
            if not address:
                continue
            answers_to_sender = values.get("reply_to") == values.get("email_from")
            if self.flow_from_salesperson:
                values["email_from"] = address
            if self.flow_reply_to_salesperson or (self.flow_from_salesperson and answers_to_sender):
                values["reply_to"] = address

    def _flow_text_fields(self):
        return (*super()._flow_text_fields(), *SENDER)

    def _flow_text(self):
        labels = self.fields_get(SENDER, ["string"])
        yes, no = self.env._("Yes"), self.env._("No")
        return {
            **super()._flow_text(),
            **{
                name: Value(labels[name]["string"], self[name], yes if self[name] else no)
                for name in SENDER
            },
        }

    def _render_field(self, field, res_ids, *args, **kwargs):
        """The page in the browser names the same people as the email."""
        ours = self
        if len(self) == 1 and self.flow_campaign_id:
            ours = self.with_context(**{WRITTEN_BY: self.flow_campaign_id.id})
        return super(MailingMailing, ours)._render_field(field, res_ids, *args, **kwargs)

    def _flow_to_document(self):
        chosen = {name: True for name in SENDER if self[name]}
        return {**super()._flow_to_document(), **chosen}


class FlowAction(models.Model):
    _inherit = "flow.action"

    def _mailing_from_document(self, message):
        values = super()._mailing_from_document(message)
        return {**values, **{name: bool(message.get(name)) for name in SENDER}}
