"""Where an objective stands, by hand-computed cases and properties, without a database."""

from datetime import datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st
from odoo.tests import BaseCase, tagged

from ..engine.objective import Aim, stand, together

LAUNCH = datetime(2026, 3, 1)
DEADLINE = LAUNCH + timedelta(days=100)
NUMBERS = st.floats(min_value=0, max_value=1e9, allow_nan=False)
DAYS = st.integers(min_value=0, max_value=200)


def orders(target=200, at_least=True, until=DEADLINE, since=LAUNCH):
    return Aim(target, at_least, grows=True, since=since, until=until)


def rate(target=20, at_least=True, until=DEADLINE):
    return Aim(target, at_least, grows=False, since=LAUNCH, until=until)


def after(days):
    return LAUNCH + timedelta(days=days)


@tagged("post_install", "-at_install")
class TestObjective(BaseCase):
    def test_half_of_the_time_should_bring_half_of_the_target(self):
        standing = stand(orders(), 90, after(50))
        self.assertEqual((standing.progress, standing.pace, standing.projection), (45, 100, 180))
        self.assertEqual(standing.state, "at_risk")
        self.assertEqual(stand(orders(), 100, after(50)).state, "on_track")

    def test_a_rate_is_compared_with_the_whole_target_and_stays_as_it_is(self):
        standing = stand(rate(), 15, after(50))
        self.assertEqual((standing.progress, standing.pace, standing.projection), (75, 20, 15))
        self.assertEqual(standing.state, "at_risk")
        self.assertEqual(stand(rate(), 21, after(50)).state, "reached")

    def test_states_at_and_after_the_deadline(self):
        self.assertEqual(stand(orders(), 200, after(99)).state, "reached")
        self.assertEqual(stand(orders(), 200, after(100)).state, "reached")
        self.assertEqual(stand(orders(), 199, after(100)).state, "missed")
        self.assertEqual(stand(rate(5, at_least=False), 4, after(100)).state, "reached")
        self.assertEqual(stand(rate(5, at_least=False), 6, after(100)).state, "missed")

    def test_a_limit_is_kept_for_good_only_when_its_time_is_over(self):
        limit = orders(100, at_least=False)
        self.assertEqual(stand(limit, 40, after(50)).state, "on_track")
        self.assertEqual(stand(limit, 60, after(50)).state, "at_risk")
        self.assertEqual(stand(limit, 101, after(50)).state, "missed")
        self.assertEqual(stand(rate(5, at_least=False), 6, after(50)).state, "at_risk")

    def test_without_a_deadline_there_is_no_pace(self):
        standing = stand(orders(until=None), 90, after(50))
        self.assertEqual((standing.pace, standing.projection, standing.state), (None, None, "open"))
        self.assertEqual(stand(rate(5, at_least=False, until=None), 4, after(1)).state, "reached")

    def test_just_after_the_launch_and_before_it_nobody_can_tell(self):
        self.assertEqual(stand(orders(), 0, after(4)).state, "open")
        self.assertEqual(stand(orders(since=None), 0, after(50)).state, "open")

    def test_a_launch_after_the_deadline_is_no_time(self):
        standing = stand(orders(until=LAUNCH - timedelta(days=1)), 0, after(1))
        self.assertEqual((standing.pace, standing.state), (None, "missed"))

    def test_a_target_of_nothing_is_reached_and_its_double_is_half_the_way(self):
        self.assertEqual(stand(orders(0), 0, after(1)).progress, 100)
        self.assertEqual(stand(orders(100, at_least=False), 200, after(50)).progress, 50)
        self.assertEqual(stand(orders(0, at_least=False), 3, after(50)).progress, 0)

    def test_losses_are_no_negative_progress(self):
        self.assertEqual(stand(rate(), -40, after(50)).progress, 0)

    def test_weights_decide_and_what_is_not_measured_is_left_out(self):
        self.assertEqual(together([(3, 100), (1, 0)]), 75)
        self.assertEqual(together([(1, 100), (9, None)]), 100)
        self.assertIsNone(together([(1, None)]))
        self.assertIsNone(together([(0, 50)]))
        self.assertIsNone(together([]))

    @settings(deadline=None)
    @given(target=NUMBERS, value=NUMBERS, days=DAYS, at_least=st.booleans(), grows=st.booleans())
    def test_progress_is_whole_exactly_where_the_target_is_met(
        self, target, value, days, at_least, grows
    ):
        aim = Aim(target, at_least, grows, LAUNCH, DEADLINE)
        standing = stand(aim, value, after(days))
        self.assertTrue(0 <= standing.progress <= 100)
        self.assertEqual(standing.progress == 100, aim.met_by(value))
        if days >= 100:
            self.assertEqual(standing.state, "reached" if aim.met_by(value) else "missed")

    @settings(deadline=None)
    @given(value=NUMBERS, more=NUMBERS, days=DAYS)
    def test_more_is_never_worse_where_more_is_wanted(self, value, more, days):
        order = ["missed", "at_risk", "open", "on_track", "reached"]
        now = after(days)
        before, later = stand(orders(), value, now), stand(orders(), value + more, now)
        self.assertLessEqual(before.progress, later.progress)
        self.assertLessEqual(order.index(before.state), order.index(later.state))
