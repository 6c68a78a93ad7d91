from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.tests import tagged

from ..engine import advance
from .common import FlowCase


@tagged("post_install", "-at_install")
class TestMembership(FlowCase):
    """Who is in a campaign, and for how long."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.start = cls.state("Start", "start")
        cls.over = cls.state("Over", "done")
        cls.email(cls.start)

    def leave_audience(self, contact):
        self.audience.partner_ids -= contact
        self.pass_time(minutes=6)

    def test_who_drops_out_of_the_audience_goes_on(self):
        self.transition(self.start, self.over, "timeout", delay_value=1)
        self.launch()
        self.leave_audience(self.ann)
        self.pass_time(days=2)
        self.assertEqual(self.state_of(self.ann), "Over")

    def test_who_drops_out_of_the_audience_leaves_when_the_campaign_says_so(self):
        self.campaign.on_leaving = "exit"
        self.transition(self.start, self.over, "timeout", delay_value=1)
        self.launch()
        self.leave_audience(self.ann)
        self.assertEqual(self.participant(self.ann).end_kind, "left")
        self.assertEqual(self.participant(self.bob).status, "active")

    def test_who_was_taken_out_stays_out_until_put_back(self):
        self.transition(self.start, self.over, "timeout", delay_value=1)
        self.launch()
        first = self.participant(self.ann).with_user(self.user)
        first.action_take_out()
        self.pass_time(minutes=6)
        self.assertEqual(self.participant(self.ann), first)
        self.assertEqual((first.status, first.end_kind), ("ended", "removed"))
        first.action_put_back()
        self.run_engine()
        self.assertEqual(len(self.sent), 1)
        second = self.participant(self.ann) - first
        self.assertEqual((second.run_number, second.status), (2, "active"))
        with self.assertRaises(UserError):
            first.action_put_back()

    def test_taking_out_leaves_those_alone_who_have_ended(self):
        self.email(self.over, "Thanks", timing="delay", delay_value=2)
        self.transition(self.start, self.over, "timeout", delay_value=1)
        self.launch()
        self.pass_time(days=1, minutes=2)
        self.participant(self.ann).with_user(self.user).action_take_out()
        self.assertEqual(self.participant(self.ann).end_kind, "done")
        self.pass_time(days=2, minutes=1)
        self.assertEqual(len(self.sent), 3)

    def test_kept_action_runs_after_the_state_was_left(self):
        self.email(self.start, "Kept", timing="delay", delay_value=2, keep_after_leaving=True)
        self.email(self.start, "Dropped", timing="delay", delay_value=2)
        self.transition(self.start, self.over, "timeout", delay_value=1)
        self.launch()
        self.pass_time(days=1, minutes=2)
        self.assertEqual(self.state_of(self.ann), "Over")
        self.pass_time(days=1)
        self.assertEqual({mail["subject"] for mail in self.sent}, {"Kept"})

    def test_who_goes_in_circles_is_taken_out(self):
        other = self.state("Other")
        self.transition(self.start, other, "timeout", delay_value=1, delay_unit="hours")
        self.transition(other, self.start, "timeout", delay_value=1, delay_unit="hours")
        self.transition(None, self.over, "manual")
        with patch.object(advance, "MAX_VISITS", 5):
            self.launch()
            for _round in range(6):
                self.pass_time(hours=1, minutes=2)
        self.assertEqual(self.participant(self.ann).end_kind, "runaway")
        self.assertEqual(self.participant(self.ann).visit, 5)
