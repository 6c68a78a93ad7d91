"""Send an email about the contact to a colleague."""

from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import email_normalize

from ..engine.execute import Outcome


class FlowAction(models.Model):
    _inherit = "flow.action"

    kind = fields.Selection(
        selection_add=[("email_to_staff", "Send email to a colleague")],
        ondelete={"email_to_staff": "cascade"},
    )
    staff_template_id = fields.Many2one(
        "mail.template",
        string="Email template",
        ondelete="restrict",
        index="btree_not_null",
        domain="[('model', '=', target_model)]",
        help="What is written about the contact. The template's own recipients are left out.",
    )
    staff_recipient = fields.Selection(
        [
            ("responsible", "Responsible of the campaign"),
            ("salesperson", "Salesperson of the contact"),
            ("user", "This colleague"),
            ("address", "This address"),
        ],
        string="Send to",
        default="responsible",
        help="Where a contact has no salesperson it goes to the responsible of the campaign.",
    )
    staff_user_id = fields.Many2one(
        "res.users",
        string="Recipient",
        ondelete="restrict",
        domain="[('share', '=', False)]",
    )
    staff_address = fields.Char(string="Address")

    @api.constrains("kind", "staff_recipient", "staff_address")
    def _check_staff_address(self):
        for action in self:
            if (
                action.kind == "email_to_staff"
                and action.staff_recipient == "address"
                and action.staff_address
                and not email_normalize(action.staff_address)
            ):
                raise ValidationError(
                    self.env._("“%s” is not an email address.", action.staff_address)
                )

    def _run_email_to_staff(self, steps):
        """Put an email per contact into Odoo's queue. Contract: transactional.

        The queue sends it once the step is on record.
        """
        contact_of, outcomes = steps._contacts()
        contacts_for = defaultdict(self._target)
        for step, contact in contact_of.items():
            address = self._staff_email(contact)
            if address:
                contacts_for[address] |= contact
            else:
                reason = self.env._("The colleague has no email address")
                outcomes[step.id] = Outcome("skipped", reason)
        for address, contacts in contacts_for.items():
            self.staff_template_id.send_mail_batch(
                contacts.ids,
                email_values={
                    "email_to": address,
                    "email_cc": False,
                    "recipient_ids": [],
                    "partner_ids": [],
                    "is_internal": True,
                },
            )
        if contacts_for:
            self.env.ref("mail.ir_cron_mail_scheduler_action")._trigger()
        return outcomes

    def _staff_email(self, contact):
        """Return the address to which the email about the contact goes, or an empty string."""
        match self.staff_recipient:
            case "address":
                return self.staff_address
            case "user":
                user = self._at_work(self.staff_user_id)
            case "salesperson":
                user = self._salesperson(contact)
            case _:
                user = self.campaign_id.user_id
        return user.email_normalized and user.email_formatted

    def _problems(self):
        problems = super()._problems()
        template = self.staff_template_id
        if self.kind == "email_to_staff" and template and template.model != self.target_model:
            problems.append(
                self.env._(
                    "The template “%s” is for another kind of record than the contacts.",
                    template.name,
                )
            )
        return problems

    @api.model
    def _icons(self):
        return {**super()._icons(), "email_to_staff": "fa-bell-o"}

    def _content_missing(self):
        if self.kind == "email_to_staff":
            match self.staff_recipient:
                case "user":
                    return not (self.staff_template_id and self.staff_user_id)
                case "address":
                    return not (self.staff_template_id and self.staff_address)
            return not self.staff_template_id
        return super()._content_missing()

    @api.depends("staff_template_id.name")
    def _compute_display_name(self):
        return super()._compute_display_name()

    def _content_in_words(self):
        if self.kind == "email_to_staff":
            return self.staff_template_id.name or ""
        return super()._content_in_words()
