from odoo import api, models
from odoo.tools import email_normalize

from ..engine.contact_events import Occurrence


class MailBlacklist(models.Model):
    _inherit = "mail.blacklist"

    @api.model_create_multi
    def create(self, vals_list):
        known = self.with_context(active_test=False).search(
            [("email", "in", [email_normalize(values.get("email")) for values in vals_list])]
        )
        entries = super().create(vals_list)
        (entries - known)._record_event()
        return entries

    def write(self, vals):
        off = self.filtered(lambda entry: not entry.active)
        result = super().write(vals)
        off.filtered("active")._record_event()
        return result

    def _record_event(self):
        """Record that mail is no longer wanted at these addresses."""
        self.env["flow.event"]._record_occurrences(
            "blacklisted", [Occurrence(email=entry.email) for entry in self if entry.active]
        )
