"""A campaign figure that decides something: a way out of a state, or the opening of a phase."""

from odoo import fields, models
from odoo.exceptions import ValidationError
from odoo.tools import formatLang

from ..engine.plan import Result

METRICS = [
    ("open_rate", "Open rate"),
    ("click_rate", "Click rate"),
    ("reply_rate", "Reply rate"),
    ("bounce_rate", "Bounce rate"),
    ("unsubscribe_rate", "Unsubscribe rate"),
    ("goal_share", "Share who reached a goal"),
]


class FlowResultRule(models.AbstractModel):
    _name = "flow.result.rule"
    _description = "Campaign Figure to Reach"

    result_metric = fields.Selection(
        METRICS,
        string="Figure",
        help="Rates are shares of the emails sent; the share who reached a goal is one of all"
        " participants.",
    )
    result_action_id = fields.Many2one(
        "flow.action",
        string="Of which email",
        domain="[('workflow_id', '=', workflow_id), ('kind', '=', 'email')]",
        help="Empty: all emails of the campaign together.",
    )
    result_operator = fields.Selection(
        [("at_least", "at least"), ("at_most", "at most")],
        string="Is",
        default="at_least",
        required=True,
    )
    result_threshold = fields.Float(string="Percent", digits=(5, 2), default=25.0)
    result_sample = fields.Integer(
        string="Minimum sample",
        default=100,
        help="With fewer emails sent (or participants) than this, the figure says nothing yet and"
        " nothing happens.",
    )

    _result_is_percent = models.Constraint(
        "CHECK(result_threshold BETWEEN 0 AND 100)", "A figure is between 0 and 100 %."
    )
    _result_sample_positive = models.Constraint(
        "CHECK(result_sample >= 0)", "The smallest number to look at cannot be negative."
    )

    def _check_result_is_complete(self):
        """Refuse a rule without its figure.

        :raises ValidationError: when the figure is missing
        """
        if any(not rule.result_metric for rule in self):
            raise ValidationError(self.env._("Say which figure of the campaign is looked at."))

    def _result_in_words(self):
        """Return “Open rate of “Invitation” ≥ 25 %”."""
        metric = dict(self._fields["result_metric"]._description_selection(self.env)).get(
            self.result_metric, ""
        )
        subject = self.result_action_id._seen_content()
        if subject and self.result_metric != "goal_share":
            metric = self.env._(
                "%(figure)s of “%(email)s”",
                figure=metric,
                email=subject,
            )
        sign = "≥" if self.result_operator == "at_least" else "≤"
        digits = 0 if self.result_threshold == int(self.result_threshold) else 2
        return f"{metric} {sign} {formatLang(self.env, self.result_threshold, digits=digits)} %"

    def _result(self):
        """Return the values of an `engine.plan.Result`."""
        of_email = self.result_metric != "goal_share"
        return Result(
            metric=self.result_metric,
            action_key=(of_email and self.result_action_id.key) or None,
            at_least=self.result_operator == "at_least",
            threshold=self.result_threshold,
            sample=self.result_sample,
        )
