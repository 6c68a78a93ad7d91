"""Re-entry: may someone whose run has ended go through the campaign once more?"""

from odoo import fields, models

from ..engine import clock
from ..engine.clock import Delay
from ..engine.enrol import Reentry


class FlowCampaign(models.Model):
    _inherit = "flow.campaign"

    reentry = fields.Selection(
        [
            ("never", "Never"),
            ("ended", "As soon as the run has ended"),
            ("days", "Some days after the run has ended"),
        ],
        string="Taking part again",
        default="never",
        required=True,
        help="Whether people who are still in the audience start again when they have reached an"
        " end. Who was taken out by hand, or went in circles, stays out until a person puts them"
        " back.",
    )
    reentry_days = fields.Integer(string="Days in between", default=30)
    max_entries = fields.Integer(
        string="At most (times)",
        help="How often one person may go through the campaign, the first time included. 0: any"
        " number of times.",
    )

    _reentry_days_positive = models.Constraint(
        "CHECK(reentry_days >= 1)", "Somebody can take part again after a day at the earliest."
    )
    _max_entries_positive = models.Constraint(
        "CHECK(max_entries >= 0)", "The number of times cannot be negative."
    )

    def _reentry(self, now):
        """Return when people may come in again, as an `engine.enrol.Reentry`; None is never."""
        self.ensure_one()
        if self.reentry == "never":
            return None
        ended_by = now
        if self.reentry == "days":
            ended_by = clock.add(now, Delay(-self.reentry_days, "days"), self._timezone())
        return Reentry(ended_by, self.max_entries)
