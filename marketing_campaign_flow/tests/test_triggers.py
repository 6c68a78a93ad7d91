from datetime import timedelta

from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger
from psycopg2.errors import CheckViolation

from ..engine import database_clock
from .common import FlowCase


@tagged("post_install", "-at_install")
class TestTriggers(FlowCase):
    """Triggers beside events and time-outs, which `test_engine` is about."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.start = cls.state("Start", "start")
        cls.over = cls.state("Over", "done")

    def test_date_moves_everybody_when_it_has_come(self):
        date = database_clock.now(self.env) + timedelta(days=5)
        self.transition(self.start, self.over, "date", date_at=date.replace(microsecond=0))
        self.launch()
        self.pass_time(days=4, hours=23)
        self.assertEqual(self.state_of(self.ann), "Start")
        self.pass_time(hours=2)
        self.assertEqual(self.state_of(self.ann), "Over")

    def test_date_in_the_past_moves_at_once(self):
        self.transition(self.start, self.over, "date", date_at="2020-01-01 00:00:00")
        self.launch()
        self.assertEqual(self.state_of(self.ann), "Over")

    def test_condition_is_looked_at_on_entry(self):
        self.ann.function = "Buyer"
        self.transition(
            self.start, self.over, "condition", condition="[('function', '=', 'Buyer')]"
        )
        self.launch()
        self.assertEqual(self.state_of(self.ann), "Over")
        self.assertEqual(self.state_of(self.bob), "Start")

    def test_condition_is_looked_at_on_every_event(self):
        email = self.email(self.start)
        self.transition(
            self.start, self.over, "condition", condition="[('function', '=', 'Buyer')]"
        )
        self.launch()
        self.ann.function = "Buyer"
        self.run_engine()
        self.assertEqual(self.state_of(self.ann), "Start", "nothing draws attention to her yet")
        self.trace(self.ann, email).set_opened()
        self.run_engine()
        self.assertEqual(self.state_of(self.ann), "Over")

    def test_condition_is_looked_at_every_hour(self):
        self.transition(
            self.start, self.over, "condition", condition="[('function', '=', 'Buyer')]"
        )
        self.launch()
        self.ann.function = "Buyer"
        self.pass_time(minutes=59)
        self.assertEqual(self.state_of(self.ann), "Start")
        self.pass_time(minutes=2)
        self.assertEqual(self.state_of(self.ann), "Over")

    def test_split_divides_by_share_and_draws_the_same_each_time(self):
        people = self.env["res.partner"].create(
            [{"name": f"P{n}", "email": f"p{n}@example.com"} for n in range(997)]
        )
        self.audience.partner_ids += people
        again = self.state("Again")
        few = self.state("Few")
        self.transition(self.start, few, "split", weight=20, sequence=1)
        self.transition(self.start, again, "split", weight=80, sequence=2)
        self.transition(few, self.start, "timeout", delay_value=1)
        self.transition(again, self.start, "timeout", delay_value=1)
        self.transition(None, self.over, "manual")
        self.launch()
        in_few = self.campaign.participant_ids.filtered(lambda p: p.state_id == few)
        # 200 expected; 5 standard deviations of the binomial distribution are 63.
        self.assertAlmostEqual(len(in_few), 200, delta=63)
        self.pass_time(days=1, minutes=2)
        self.assertEqual(set(self.campaign.participant_ids.mapped("visit")), {4})
        self.assertEqual(
            self.campaign.participant_ids.filtered(lambda p: p.state_id == few), in_few
        )

    def test_shares_of_a_split_add_up_to_100(self):
        other = self.state("Other", "done")
        half = self.transition(self.start, self.over, "split", weight=50)
        self.transition(self.start, other, "split", weight=40)
        with self.assertRaisesRegex(UserError, "do not add up"):
            self.campaign.action_launch()
        half.weight = 60
        self.campaign.action_launch()

    def test_split_leads_somewhere(self):
        with self.assertRaises(CheckViolation), mute_logger("odoo.sql_db"):
            self.transition(self.start, None, "split")

    def test_actions_without_target_can_run_at_each_event(self):
        email = self.email(self.start)
        self.transition(self.start, self.over, "manual")
        thanks = self.transition(
            self.start, None, "event", event_kind="clicked", event_action_id=email.id, repeat="each"
        )
        listing = self.action(thanks, "subscription", mailing_list_id=self.hot_list.id)
        self.launch()
        for _click in range(3):
            self.env["flow.event"]._record_for_traces("clicked", self.trace(self.ann, email))
        self.run_engine()
        self.env["flow.event"]._record_for_traces("clicked", self.trace(self.ann, email))
        self.run_engine()
        runs = self.steps(self.ann).filtered(lambda step: step.action_id == listing)
        self.assertEqual(runs.mapped("status"), ["done"] * 4)
        self.assertEqual(
            runs.mapped("occurrence"),
            self.participant(self.ann)
            .event_ids.filtered(lambda event: event.kind == "clicked")
            .sorted("id")
            .ids,
        )

    def test_trigger_without_what_it_waits_for_is_refused(self):
        for trigger in ("event", "date", "condition"):
            with self.assertRaises(ValidationError):
                self.transition(self.start, self.over, trigger)
        with self.assertRaises(ValidationError):
            self.transition(self.start, self.over, "condition", condition="[('nonsense', '=', 1)]")
