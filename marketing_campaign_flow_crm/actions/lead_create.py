"""Create a lead or an opportunity for the contact."""

from odoo import api, fields, models


class FlowAction(models.Model):
    _inherit = "flow.action"

    kind = fields.Selection(
        selection_add=[("lead_create", "Create lead")], ondelete={"lead_create": "cascade"}
    )

    def _run_lead_create(self, steps):
        """Create a lead for each step. Contract: transactional.

        They are created with the rights of the campaign's responsible, and carry its UTM campaign.
        """
        refused = self._lead_refusal("create")
        if refused:
            return dict.fromkeys(steps.ids, refused)
        self._create_leads(steps)
        return {}

    @api.depends("lead_name", "lead_team_id.name", "lead_type")
    def _compute_display_name(self):
        return super()._compute_display_name()

    def _content_in_words(self):
        if self.kind == "lead_create":
            return self.lead_name or self.lead_team_id.name or ""
        return super()._content_in_words()
