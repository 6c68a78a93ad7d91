"""Where a participant can be."""

from odoo import fields, models

from ..engine import result


class FlowState(models.Model):
    _name = "flow.state"
    _description = "Workflow State"
    _inherit = ["flow.workflow.part"]
    _order = "workflow_id, sequence, id"

    name = fields.Char(required=True)
    sequence = fields.Integer(default=10)
    color = fields.Integer()
    kind = fields.Selection(
        [
            ("start", "Start"),
            ("normal", "Normal"),
            ("goal", "Goal"),
            ("exit", "Exit"),
            ("done", "End"),
        ],
        default="normal",
        required=True,
        help="Everybody begins in the start. A goal, an exit or an end finishes the campaign for"
        " whoever enters it; a goal counts as a conversion.",
    )
    phase_id = fields.Many2one(
        "flow.phase",
        ondelete="restrict",
        help="Participants enter this state only when the campaign has reached this phase."
        " Empty: at any time.",
    )
    canvas_x = fields.Integer("Across", help="Where the state stands in the picture.")
    canvas_y = fields.Integer("Down")
    canvas_placed = fields.Boolean(
        "Placed by hand", help="The picture shows the state where somebody has put it."
    )
    action_ids = fields.One2many("flow.action", "state_id", string="Actions", copy=False)
    transition_ids = fields.One2many("flow.transition", "state_id", string="Ways out", copy=False)
    participant_count = fields.Integer(
        string="Participants",
        compute="_compute_participant_count",
        compute_sudo=True,
        help="Participants who are in this state now.",
    )

    _unique_key = models.Constraint(
        "UNIQUE(workflow_id, key)", "Two states of a workflow have the same key."
    )
    _one_start = models.UniqueIndex(
        "(workflow_id) WHERE kind = 'start'", "A workflow has one start state."
    )

    def _compute_participant_count(self):
        # sudo (compute_sudo): a number only; who sees the state may know how many are in it
        # A state is the same in every version of the workflow, by its key.
        people = result.people(self.env, self.workflow_id.campaign_id.ids)
        for state in self:
            campaign = state.workflow_id.campaign_id._origin
            state.participant_count = people.get((campaign.id, state.key), 0)

    def write(self, vals):
        """A state that changes its phase finds a place in the lane of the new one."""
        if "phase_id" in vals and "canvas_placed" not in vals:
            vals = {**vals, "canvas_placed": False}
        return super().write(vals)

    def action_add(self):
        """Open a new state of the campaign that the context names by ``flow_campaign_id``.

        The button saves the campaign before and the state after: what others lead to must exist.
        """
        campaign = self.env["flow.campaign"].browse(self.env.context["flow_campaign_id"])
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("New state"),
            "res_model": "flow.state",
            "view_mode": "form",
            "target": "new",
            "context": {"default_workflow_id": campaign.edited_workflow_id.id},
        }
