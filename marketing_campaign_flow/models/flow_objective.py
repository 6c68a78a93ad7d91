"""Objectives: what a campaign is to reach, and how far it is."""

from odoo import api, fields, models
from odoo.tools import float_compare, formatLang

RATES = ("open_rate", "click_rate", "reply_rate", "unsubscribe_rate", "conversion_rate")


class FlowObjective(models.Model):
    _name = "flow.objective"
    _description = "Campaign Objective"
    _order = "campaign_id, sequence, id"
    _rec_name = "metric"

    campaign_id = fields.Many2one("flow.campaign", required=True, ondelete="cascade", index=True)
    sequence = fields.Integer(default=10)
    metric = fields.Selection(
        [
            ("participants", "Participants"),
            ("sent", "Emails sent"),
            ("open_rate", "Open rate (%)"),
            ("click_rate", "Click rate (%)"),
            ("reply_rate", "Reply rate (%)"),
            ("unsubscribe_rate", "Unsubscribe rate (%)"),
            ("conversions", "Conversions"),
            ("conversion_rate", "Conversion rate (%)"),
        ],
        string="What",
        required=True,
        help="Rates of opens, clicks, replies and unsubscriptions are shares of the emails sent; a"
        " conversion is a participant who reached a goal state.",
    )
    direction = fields.Selection(
        [("at_least", "at least"), ("at_most", "at most")],
        string="Should be",
        default="at_least",
        required=True,
    )
    target = fields.Float(required=True)
    is_measured = fields.Boolean(compute="_compute_value")
    value = fields.Float(string="Value now", compute="_compute_value")
    value_in_words = fields.Char(string="Now", compute="_compute_value")
    progress = fields.Integer(string="Progress (%)", compute="_compute_value")
    state = fields.Selection(
        [("reached", "Reached"), ("open", "Not reached"), ("unknown", "n/a")],
        compute="_compute_value",
    )

    _target_positive = models.Constraint("CHECK(target >= 0)", "A target cannot be negative.")

    @api.depends("metric", "target", "direction", "campaign_id")
    def _compute_value(self):
        for objective in self:
            value = (
                getattr(objective, f"_measure_{objective.metric}")() if objective.metric else None
            )
            objective.is_measured = value is not None
            objective.value = value or 0
            if value is None:
                objective.value_in_words, objective.state = self.env._("n/a"), "unknown"
                objective.progress = 0
                continue
            digits = 1 if objective.metric in RATES else 0
            objective.value_in_words = formatLang(self.env, value, digits=digits)
            compared = float_compare(value, objective.target, precision_digits=6)
            reached = compared >= 0 if objective.direction == "at_least" else compared <= 0
            objective.state = "reached" if reached else "open"
            objective.progress = self._progress(objective, value)

    @api.model
    def _progress(self, objective, value):
        """Return how much of the way to the target is done, in percent, at most 100."""
        if objective.direction == "at_most":
            return 100 if value <= objective.target else round(100 * objective.target / value)
        return min(100, round(100 * value / objective.target)) if objective.target else 100

    def _share(self, part, whole):
        """Return `part` of `whole` in percent; None where there is nothing to take a share of."""
        return 100 * part / whole if whole else None

    def _measure_participants(self):
        return self.campaign_id.participant_count

    def _measure_sent(self):
        return self.campaign_id.sent_count

    def _measure_open_rate(self):
        return self._share(self.campaign_id.opened_count, self.campaign_id.sent_count)

    def _measure_click_rate(self):
        return self._share(self.campaign_id.clicked_count, self.campaign_id.sent_count)

    def _measure_reply_rate(self):
        return self._share(self.campaign_id.replied_count, self.campaign_id.sent_count)

    def _measure_unsubscribe_rate(self):
        return self._share(self.campaign_id.unsubscribed_count, self.campaign_id.sent_count)

    def _measure_conversions(self):
        return self.campaign_id.goal_count

    def _measure_conversion_rate(self):
        return self._share(self.campaign_id.goal_count, self.campaign_id.participant_count)
