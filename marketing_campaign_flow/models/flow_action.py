"""Work done for a participant: of a state, or of a transition when it fires."""

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..engine.plan import Delay

UNIT_SELECTION = [
    ("minutes", "Minutes"),
    ("hours", "Hours"),
    ("days", "Days"),
    ("weeks", "Weeks"),
    ("months", "Months"),
]


def delay_in_words(record, value, unit):
    """Return “3 days” in the user's language."""
    units = dict(record._fields["delay_unit"]._description_selection(record.env))
    return f"{value} {units[unit].lower()}"


class FlowAction(models.Model):
    _name = "flow.action"
    _description = "Workflow Action"
    _inherit = ["flow.workflow.part"]
    _order = "workflow_id, sequence, id"
    _OWNERS = ("state_id", "transition_id")

    sequence = fields.Integer(default=10)
    state_id = fields.Many2one("flow.state", ondelete="cascade", index="btree_not_null")
    transition_id = fields.Many2one("flow.transition", ondelete="cascade", index="btree_not_null")
    kind = fields.Selection([], string="Action", required=True)
    timing = fields.Selection(
        [("entry", "At once"), ("delay", "After a delay")],
        default="entry",
        required=True,
        help="A delay counts from the entry into the state. Days and longer keep the local time of"
        " day.",
    )
    delay_value = fields.Integer(string="Delay", default=1)
    delay_unit = fields.Selection(UNIT_SELECTION, default="days", required=True)
    is_manual = fields.Boolean(
        string="Sent by hand", readonly=True, help="A message sent by hand, outside the workflow."
    )

    _unique_key = models.Constraint(
        "UNIQUE(workflow_id, key)", "Two actions of a workflow have the same key."
    )
    _delay_positive = models.Constraint("CHECK(delay_value >= 0)", "A delay cannot be negative.")
    _one_owner = models.Constraint(
        "CHECK(num_nonnulls(state_id, transition_id) = CASE WHEN is_manual THEN 0 ELSE 1 END)",
        "An action belongs either to a state or to a transition.",
    )

    @api.depends("kind", "timing", "delay_value", "delay_unit")
    def _compute_display_name(self):
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        for action in self:
            words = ": ".join(filter(None, (kinds.get(action.kind), action._content_in_words())))
            if action._plan_delay().value:
                delay = delay_in_words(action, action.delay_value, action.delay_unit)
                words = self.env._("%(action)s (%(delay)s later)", action=words, delay=delay)
            action.display_name = words

    def _check_draft(self):
        return super(FlowAction, self.filtered(lambda action: not action.is_manual))._check_draft()

    @api.constrains("workflow_id", "state_id", "transition_id")
    def _check_same_workflow(self):
        for action in self:
            owners = action.state_id.workflow_id | action.transition_id.workflow_id
            if owners - action.workflow_id:
                raise ValidationError(self.env._("An action belongs to its state's workflow."))

    def _run(self, steps):
        """Run this action for a batch of its steps.

        :param steps: `flow.step` records of this action, with the rights of the responsible
        :return: ``{step id: engine.execute.Outcome}`` for the steps that are not plainly done
        """
        self.ensure_one()
        return getattr(self, f"_run_{self.kind}")(steps)

    def _content_missing(self):
        """Return whether something is missing without which the action cannot run."""
        return False

    def _content_in_words(self):
        """Return what the action does beyond its kind, such as the subject of the email."""
        return ""

    def _copy_content(self, campaign):
        """Return the values that a copy of this action in another campaign has of its own."""
        return {}

    def _plan_delay(self):
        if self.transition_id or self.timing == "entry":
            return Delay()
        return Delay(self.delay_value, self.delay_unit)

    def _plan_row(self):
        """Return the values of an `engine.plan.Action`, plus its owner."""
        self.ensure_one()
        return {
            "id": self.id,
            "key": self.key,
            "kind": self.kind,
            "delay": self._plan_delay(),
            "content_missing": self._content_missing(),
            "state_id": self.state_id.id or None,
            "transition_id": self.transition_id.id or None,
        }
