from odoo.exceptions import ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger
from psycopg2.errors import CheckViolation

from ..engine import result
from .common import FlowCase


@tagged("post_install", "-at_install")
class TestResult(FlowCase):
    """The figures of the campaign decide for everybody."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.start = cls.state("Start", "start")
        cls.call = cls.state("Call", "done")
        cls.letter = cls.email(cls.start, "Invitation")

    def when(self, **values):
        return self.transition(
            self.start,
            self.call,
            "result",
            **{
                "result_metric": "open_rate",
                "result_action_id": self.letter.id,
                "result_threshold": 33,
                "result_sample": 3,
                **values,
            },
        )

    def figure(self, metric, action=None):
        found = result.measure(self.env, self.campaign, metric, action and action.key)
        return (found.part, found.whole)

    def test_figure_that_is_reached_moves_everybody_at_the_next_look(self):
        self.when()
        self.launch()
        self.assertEqual(self.state_of(self.bob), "Start")
        self.trace(self.ann).set_opened()
        self.pass_time(minutes=59)
        self.assertEqual(self.state_of(self.ann), "Call", "her event draws attention to her")
        self.assertEqual(self.state_of(self.bob), "Start")
        self.pass_time(minutes=2)
        self.assertEqual(self.state_of(self.bob), "Call")

    def test_figure_below_the_threshold_does_not_hold(self):
        self.when(result_threshold=34)
        self.launch()
        self.trace(self.ann).set_opened()
        self.pass_time(hours=2)
        self.assertEqual(self.state_of(self.bob), "Start")
        self.trace(self.bob).set_opened()
        self.pass_time(hours=2)
        self.assertEqual(self.state_of(self.cleo), "Call")

    def test_figure_of_too_few_emails_does_not_hold(self):
        self.when(result_sample=4)
        self.launch()
        self.trace(self.ann).set_opened()
        self.pass_time(hours=2)
        self.assertEqual(self.state_of(self.ann), "Start")

    def test_at_most_does_not_hold_before_anything_was_sent(self):
        self.letter.write({"timing": "delay", "delay_value": 1, "delay_unit": "days"})
        self.when(result_operator="at_most", result_threshold=10, result_sample=0)
        self.launch()
        self.pass_time(hours=20)
        self.assertEqual(self.state_of(self.ann), "Start")
        self.pass_time(hours=5)
        self.pass_time(hours=1)
        self.assertEqual(self.state_of(self.ann), "Call", "nobody has opened it")

    def test_each_figure_counts_what_its_name_says(self):
        other = self.email(self.start, "Another")
        self.transition(self.start, self.call, "event", event_kind="replied")
        self.launch()
        ann, bob, cleo = (self.trace(contact, self.letter) for contact in self.partners)
        self.trace(self.cleo, other).set_opened()
        ann.set_opened()
        bob.set_opened()
        bob.set_clicked()
        cleo.set_bounced()
        ann.set_replied()
        self.env["flow.event"]._record_unsubscribed(cleo.mass_mailing_id, self.cleo.id)
        self.run_engine()
        self.assertEqual(self.figure("open_rate", self.letter), (2, 3))
        self.assertEqual(self.figure("click_rate", self.letter), (1, 3))
        self.assertEqual(self.figure("reply_rate", self.letter), (1, 3))
        self.assertEqual(self.figure("bounce_rate", self.letter), (1, 3))
        self.assertEqual(self.figure("unsubscribe_rate", self.letter), (1, 3))
        self.assertEqual(self.figure("unsubscribe_rate", other), (0, 3))
        self.assertEqual(self.figure("open_rate"), (3, 6), "all emails together")
        self.assertEqual(self.figure("goal_share"), (0, 3))

    def test_share_of_goals(self):
        won = self.state("Won", "goal")
        self.transition(self.start, won, "event", event_kind="opened", sequence=1)
        self.when(result_metric="goal_share", sequence=2)
        self.launch()
        self.trace(self.ann).set_opened()
        self.pass_time(hours=2)
        self.assertEqual(self.state_of(self.ann), "Won")
        self.assertEqual(self.state_of(self.bob), "Call")

    def test_figure_is_asked_once_for_all(self):
        people = self.env["res.partner"].create(
            [{"name": f"P{n}", "email": f"p{n}@example.com"} for n in range(50)]
        )
        self.audience.partner_ids += people
        self.when(result_threshold=90)
        self.launch()
        asked = []
        holds = result.holds

        def count(*args):
            asked.append(args)
            return holds(*args)

        self.patch(result, "holds", count)
        self.pass_time(hours=2)
        self.assertEqual(len(asked), 1)

    def test_words(self):
        for values, words in (
            ({}, "Open rate of “Invitation” ≥ 33 % → Call"),
            (
                {"result_metric": "goal_share", "result_operator": "at_most"},
                "Share who reached a goal ≤ 33 % → Call",
            ),
            (
                {"result_action_id": False, "result_threshold": 2.5},
                "Open rate ≥ 2.50 % → Call",
            ),
        ):
            self.assertEqual(self.when(**values).display_name, words)

    def test_rule_without_a_figure_or_beyond_percent_is_refused(self):
        with self.assertRaises(ValidationError):
            self.when(result_metric=False)
        with self.assertRaises(CheckViolation), mute_logger("odoo.sql_db"):
            self.when(result_threshold=101)

    def test_copy_measures_its_own_email(self):
        self.when()
        twin = self.campaign.copy().workflow_id
        named = twin.transition_ids.result_action_id
        self.assertEqual(named, twin.action_ids)
