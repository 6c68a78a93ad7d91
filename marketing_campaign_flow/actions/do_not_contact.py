"""Put the address of the contact on Odoo's blacklist, or take it off."""

from markupsafe import escape
from odoo import api, fields, models

from ..engine.execute import Outcome


class FlowAction(models.Model):
    _inherit = "flow.action"

    kind = fields.Selection(
        selection_add=[("do_not_contact", "Do not contact")],
        ondelete={"do_not_contact": "cascade"},
    )
    blacklist_operation = fields.Selection(
        [("add", "No longer write to them"), ("remove", "They may be written to again")],
        string="From now on",
        default="add",
        help="Nobody on Odoo's blacklist gets a mailing, from any campaign or list. Take off only"
        " those who have asked for it.",
    )
    blacklist_reason = fields.Char(
        string="Reason", help="Noted on the blacklist, with the name of the campaign."
    )

    def _run_do_not_contact(self, steps):
        """Put the addresses of the contacts on the blacklist or take them off.

        Contract: transactional.
        """
        contact_of, outcomes = steps._contacts()
        emails = set()
        for step, contact in contact_of.items():
            if contact.email_normalized:
                emails.add(contact.email_normalized)
            else:
                outcomes[step.id] = Outcome("skipped", self.env._("Missing email address"))
        known = (
            self.env["mail.blacklist"]
            .with_context(active_test=False)
            .search([("email", "in", list(emails))])
        )
        note = ": ".join(filter(None, (self.campaign_id.name, self.blacklist_reason)))
        if self.blacklist_operation == "remove":
            listed = known.filtered("active")
            listed._track_set_log_message(note)
            listed.action_archive()
        else:
            self._blacklist(emails, known, note)
        return outcomes

    def _blacklist(self, emails, known, note):
        """Put on the blacklist who is not; those who were on it before come back."""
        former = known.filtered(lambda entry: not entry.active)
        former._track_set_log_message(note)
        former.action_unarchive()
        new = known.create(
            [{"email": email} for email in sorted(emails - set(known.mapped("email")))]
        )
        new._message_log_batch(dict.fromkeys(new.ids, escape(note)))

    def _rights_needed(self):
        if self.kind == "do_not_contact":
            return {("mail.blacklist", "create")}
        return super()._rights_needed()

    @api.model
    def _icons(self):
        return {**super()._icons(), "do_not_contact": "fa-ban"}

    def _content_missing(self):
        if self.kind == "do_not_contact":
            return not self.blacklist_operation
        return super()._content_missing()

    @api.depends("blacklist_operation")
    def _compute_display_name(self):
        return super()._compute_display_name()

    def _content_in_words(self):
        if self.kind == "do_not_contact":
            return self._in_words("blacklist_operation") if self.blacklist_operation else ""
        return super()._content_in_words()
