"""Wait: a pause between the actions of a state; those below it count from its end."""

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..engine.difference import Value
from ..models.flow_action import delay_in_words


class FlowAction(models.Model):
    _inherit = "flow.action"

    kind = fields.Selection(selection_add=[("wait", "Wait")], ondelete={"wait": "cascade"})

    @api.onchange("kind")
    def _onchange_kind_wait(self):
        if self.kind == "wait" and self.timing == "entry":
            self.timing = "delay"

    @api.constrains("kind", "transition_id")
    def _check_pause_in_a_state(self):
        if any(action.kind == "wait" and action.transition_id for action in self):
            raise ValidationError(
                self.env._("A way out does everything at once: put the pause into the state.")
            )

    def _run_wait(self, steps):
        """The pause is over; what stands below it is planned for this moment already."""
        return {}

    def _plan_row(self):
        return {**super()._plan_row(), "is_pause": self.kind == "wait"}

    def _compared_values(self):
        """What stands below another pause than before happens at another moment."""
        values = super()._compared_values()
        pauses = self._pauses_above()
        words = ", ".join(pauses.mapped("display_name")) or "–"
        label = self.env._("After the pauses")
        return {**values, "pauses": Value(label, tuple(pauses.mapped("key")), words)}

    def _pauses_above(self):
        above = self.browse()
        for action in self.state_id.action_ids.sorted():
            if action == self:
                break
            above |= action.filtered(lambda part: part.kind == "wait")
        return above

    @api.model
    def _icons(self):
        return {**super()._icons(), "wait": "fa-hourglass-half"}

    def _content_missing(self):
        if self.kind == "wait":
            return self.timing == "entry" and not self.use_window
        return super()._content_missing()

    def _timing_in_words(self):
        if self.kind == "wait" and self._timing_kind() == "delay":
            return delay_in_words(self, self.delay_value, self.delay_unit)
        return super()._timing_in_words()
