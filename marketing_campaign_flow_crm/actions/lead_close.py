"""Mark a lead as won or lost."""

from odoo import api, fields, models


class FlowAction(models.Model):
    _inherit = "flow.action"

    kind = fields.Selection(
        selection_add=[("lead_close", "Mark lead won or lost")], ondelete={"lead_close": "cascade"}
    )
    lead_outcome = fields.Selection(
        [("won", "Won"), ("lost", "Lost")], string="Outcome of the lead", default="won"
    )
    lead_lost_reason_id = fields.Many2one(
        "crm.lost.reason", string="Reason it is lost", ondelete="restrict"
    )

    def _run_lead_close(self, steps):
        """Mark the lead of each step as won or lost, as Odoo's buttons do. Contract: transactional.

        It is done with the rights of the campaign's responsible.
        """

        def change(leads):
            if self.lead_outcome == "won":
                leads.action_set_won()
            else:
                leads.action_set_lost(lost_reason_id=self.lead_lost_reason_id.id)

        return self._run_on_leads(steps, change)

    def _content_missing(self):
        if self.kind == "lead_close":
            return not self.lead_outcome
        return super()._content_missing()

    @api.depends("lead_outcome", "lead_lost_reason_id.name")
    def _compute_display_name(self):
        return super()._compute_display_name()

    def _content_in_words(self):
        if self.kind == "lead_close":
            labels = dict(self._fields["lead_outcome"]._description_selection(self.env))
            reason = self.lead_outcome == "lost" and self.lead_lost_reason_id.name
            return ", ".join(filter(None, (labels.get(self.lead_outcome), reason)))
        return super()._content_in_words()
