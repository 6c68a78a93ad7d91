"""Move a lead to a stage, or give it another team, salesperson, tags or priority."""

from odoo import api, fields, models


class FlowAction(models.Model):
    _inherit = "flow.action"

    kind = fields.Selection(
        selection_add=[("lead_update", "Update lead")], ondelete={"lead_update": "cascade"}
    )

    def _run_lead_update(self, steps):
        """Change the lead of each step. Contract: transactional.

        They are changed with the rights of the campaign's responsible.
        """

        def change(leads):
            changes = self._lead_changes()
            if changes:
                leads.write(changes)
            self._assign_leads(leads)

        return self._run_on_leads(steps, change)

    def _content_missing(self):
        if self.kind == "lead_update":
            return not self._lead_changes() and self.lead_salesperson == "none"
        return super()._content_missing()

    @api.depends("lead_stage_id.name", "lead_team_id.name", "lead_user_id.name", "lead_tag_ids")
    def _compute_display_name(self):
        return super()._compute_display_name()

    def _content_in_words(self):
        if self.kind == "lead_update":
            given = (
                self.lead_stage_id.name,
                self.lead_team_id.name,
                self.lead_salesperson == "fixed" and self.lead_user_id.name,
                *self.lead_tag_ids.mapped("name"),
            )
            return ", ".join(filter(None, given))
        return super()._content_in_words()
