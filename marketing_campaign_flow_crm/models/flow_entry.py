from odoo import models
from odoo.fields import Domain


class FlowEntry(models.Model):
    _inherit = "flow.entry"

    def _contacts_of(self, occurrences):
        """A lost lead is archived in Odoo; what happens to it may let it in all the same."""
        domain = super()._contacts_of(occurrences)
        if self.target_model == "crm.lead":
            domain &= Domain("active", "=", True) | Domain("won_status", "=", "lost")
        return domain
