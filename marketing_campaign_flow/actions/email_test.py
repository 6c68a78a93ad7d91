"""Testing versions of an email against each other: the rules, and the figures so far."""

from odoo import api, fields, models

from ..engine import clock
from ..models.flow_action import UNIT_SELECTION


class FlowAction(models.Model):
    _inherit = "flow.action"

    main_weight = fields.Integer(
        string="Share of version A",
        default=50,
        help="How many get the main email, compared with the shares of the other versions.",
    )
    test_metric = fields.Selection(
        [
            ("opened", "Opened"),
            ("clicked", "Clicked"),
            ("replied", "Replied"),
            ("goal", "Reached a goal"),
        ],
        string="Better is what is more often",
        default="clicked",
        required=True,
        help="By what the versions are compared: the share of their recipients.",
    )
    test_share = fields.Integer(
        string="Test with (%)",
        default=100,
        help="This part of the people, drawn at random, gets a version of the test. The others wait"
        " until it is known which one is better, and get that one. 100: everybody takes part.",
    )
    test_end = fields.Selection(
        [
            ("delay", "Some time after the first one was sent"),
            ("date", "On a date"),
            ("never", "Never"),
        ],
        string="The test ends",
        default="delay",
        required=True,
        help="Then the better version is chosen, and sent to everybody from then on. Never: the"
        " shares stay as they are.",
    )
    test_delay_value = fields.Integer(string="Length of the test", default=1)
    test_delay_unit = fields.Selection(
        UNIT_SELECTION, string="Unit of the length", default="days", required=True
    )
    test_date_at = fields.Datetime(string="End of the test")
    test_confidence = fields.Selection(
        [("90", "90 %"), ("95", "95 %"), ("99", "99 %")],
        string="How sure",
        default="95",
        required=True,
        help="A version that is better by chance only is chosen at most in one of 10, 20 or 100"
        " tests.",
    )
    test_default = fields.Selection(
        [("leading", "The version that is ahead"), ("main", "Version A")],
        string="When the test does not tell",
        default="leading",
        required=True,
    )
    has_test = fields.Boolean(compute="_compute_has_test")
    test_arm_ids = fields.Many2many(
        "flow.email.arm", string="Figures", compute="_compute_test_arm_ids"
    )
    test_outcome = fields.Text(compute="_compute_test_arm_ids")
    test_can_begin_again = fields.Boolean(compute="_compute_test_arm_ids")

    _main_weight_positive = models.Constraint(
        "CHECK(main_weight > 0)", "A share is more than nothing."
    )
    _test_share_is_percent = models.Constraint(
        "CHECK(test_share BETWEEN 1 AND 100)", "A test is made with 1 to 100 % of the people."
    )
    _test_takes_time = models.Constraint("CHECK(test_delay_value > 0)", "A test takes some time.")

    @api.depends("variant_ids.arm", "variant_ids.lang_id")
    def _compute_has_test(self):
        for action in self:
            action.has_test = len(action._arms()) > 1

    @api.depends("campaign_id", "key")
    def _compute_test_arm_ids(self):
        for action in self:
            test = self.env["flow.email.test"]._of(action)
            action.test_arm_ids = test.arm_ids
            action.test_outcome = test._in_words() if test else False
            is_running = action.workflow_id == action.campaign_id.workflow_id
            action.test_can_begin_again = is_running and bool(test.winner)

    def _test_ends_at(self, started_at):
        """Return when the test of this action is over; None for never.

        :param started_at: when the first one of it was about to be sent; None before that
        """
        self.ensure_one()
        match self.test_end:
            case "date":
                return self.test_date_at
            case "delay" if started_at:
                delay = clock.Delay(self.test_delay_value, self.test_delay_unit)
                return clock.add(started_at, delay, self.campaign_id._timezone())
        return None

    def _problems(self):
        problems = super()._problems()
        if self.has_test and self.test_end == "date" and not self.test_date_at:
            problems.append(
                self.env._("Say when the test of the email “%s” ends.", self.mailing_id.subject)
            )
        if self.has_test and self.test_end == "never" and self.test_share < 100:
            problems.append(
                self.env._(
                    "The test of the email “%s” never ends, and some would wait for its end: say"
                    " when it ends, or test with 100 %%.",
                    self.mailing_id.subject,
                )
            )
        return problems

    def _plan_row(self):
        return {**super()._plan_row(), "is_test": self.kind == "email" and self.has_test}
