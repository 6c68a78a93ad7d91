from odoo import models


class FlowStep(models.Model):
    _inherit = "flow.step"

    # What the circuit breaker counts: the last attempts of an action. No step is in it before it
    # was tried, so that planning steps costs nothing.
    _attempted = models.Index("(action_id, done_at) WHERE attempts > 0")
