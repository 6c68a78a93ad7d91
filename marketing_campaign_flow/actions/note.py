"""Add an internal note to the contact."""

from odoo import api, fields, models
from odoo.tools import html2plaintext, is_html_empty

LONGEST = 60  # characters of the note that stand in lists


class FlowAction(models.Model):
    _inherit = "flow.action"

    kind = fields.Selection(selection_add=[("note", "Add a note")], ondelete={"note": "cascade"})
    note_body = fields.Html(
        string="Note",
        help="Stands in the history of the contact, for colleagues only. It is the same for all.",
    )

    def _run_note(self, steps):
        """Log the note on the contacts of the steps. Contract: transactional."""
        contact_of, outcomes = steps._contacts()
        contacts = self._target().union(*contact_of.values())
        contacts.check_access(contacts._mail_post_access)  # Odoo does not ask when it logs a batch
        contacts._message_log_batch(dict.fromkeys(contacts.ids, self.note_body))
        return outcomes

    def _rights_needed(self):
        if self.kind == "note":
            return {self._right_to_post()}
        return super()._rights_needed()

    @api.model
    def _icons(self):
        return {**super()._icons(), "note": "fa-sticky-note-o"}

    def _content_missing(self):
        if self.kind == "note":
            return is_html_empty(self.note_body)
        return super()._content_missing()

    @api.depends("note_body")
    def _compute_display_name(self):
        return super()._compute_display_name()

    def _content_in_words(self):
        if self.kind == "note":
            words = " ".join(html2plaintext(self.note_body or "").split())
            return words if len(words) <= LONGEST else f"{words[:LONGEST]}…"
        return super()._content_in_words()
