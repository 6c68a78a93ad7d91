"""Move: to another state of the workflow, or out of the campaign."""

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..engine import advance, database_clock
from ..engine.execute import Outcome


class FlowAction(models.Model):
    _inherit = "flow.action"

    kind = fields.Selection(selection_add=[("move", "Move or end")], ondelete={"move": "cascade"})
    move_to = fields.Selection(
        [
            ("state", "Go to another state"),
            ("end", "End the run here"),
        ],
        string="Move",
        default="state",
        help="Whoever has left the state meanwhile is not moved. To count as a goal, go to a state"
        " of that kind.",
    )
    move_state_id = fields.Many2one(
        "flow.state",
        string="To the state",
        ondelete="set null",
        index="btree_not_null",
        copy=False,  # a copy of the workflow has states of its own
        domain="[('workflow_id', '=', workflow_id)]",
    )

    @api.constrains("move_state_id", "workflow_id")
    def _check_move_within_workflow(self):
        for action in self:
            if action.move_state_id and action.move_state_id.workflow_id != action.workflow_id:
                raise ValidationError(self.env._("Choose a state of the same workflow."))

    def _run_move(self, steps):
        """Move the participants of the steps at once. Contract: transactional.

        Who has left the state of its step, or begun another visit of it, is left alone: a person
        or a way out was first.
        """
        # sudo: where people go is the engine's matter, as with any way out; what the campaign
        # does for them there has the rights of the responsible again
        env, campaign = self.sudo().env, self.campaign_id.sudo()
        there = advance.still_there(env, steps.ids)
        target = self._move_target(campaign)
        if self.move_to == "state" and not target:
            reason = self.env._("The state is gone")
            return {step_id: Outcome("skipped", reason) for step_id in steps.ids}
        ids = sorted(set(there.values()))
        now = database_clock.now(env)
        if ids and target:
            advance.move(env, campaign, None, target, ids, now, by_action_id=self.id)
        elif ids:
            env["flow.participant"].browse(ids)._end("finished", now, running=steps.ids)
        reason = self.env._("Had left the state already")
        return {
            step_id: Outcome("skipped", reason) for step_id in steps.ids if step_id not in there
        }

    def _move_target(self, campaign):
        """Return the state of the running plan to which participants go, None for out."""
        if self.move_to != "state":
            return None
        states = campaign.workflow_id._plan().states.values()
        return next((state for state in states if state.key == self.move_state_id.key), None)

    def _plan_row(self):
        row = super()._plan_row()
        if self.kind == "move":
            by_state = self.move_to == "state"
            row["moves_to"] = (by_state and self.move_state_id.key) or None
            row["ends_run"] = bool(self.move_to) and not by_state
        return row

    @api.model
    def _icons(self):
        return {**super()._icons(), "move": "fa-share"}

    def _content_missing(self):
        if self.kind == "move":
            return not self.move_to or (self.move_to == "state" and not self.move_state_id)
        return super()._content_missing()

    @api.depends("move_to", "move_state_id.name")
    def _compute_display_name(self):
        return super()._compute_display_name()

    def _content_in_words(self):
        if self.kind == "move":
            if self.move_to == "state":
                return f"→ {self.move_state_id.name or ''}"
            return dict(self._fields["move_to"]._description_selection(self.env)).get(
                self.move_to, ""
            )
        return super()._content_in_words()


class FlowParticipant(models.Model):
    _inherit = "flow.participant"

    end_kind = fields.Selection(selection_add=[("finished", "Ended by an action")])
