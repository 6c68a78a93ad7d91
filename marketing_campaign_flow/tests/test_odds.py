"""Spreads of time, checked against what they mean."""

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from odoo.tests import BaseCase, tagged

from ..engine import odds

shares = st.floats(0, 1)
slots = st.integers(0, 40)


@tagged("post_install", "-at_install")
class TestOdds(BaseCase):
    def test_half_of_those_who_do_it_have_done_it_after_the_half_time(self):
        spread = odds.fading(0.4, 6)
        self.assertAlmostEqual(spread[:6].sum(), 0.2)
        self.assertAlmostEqual(spread.sum(), 0.4)

    def test_what_needs_no_time_is_done_at_once(self):
        self.assertEqual(odds.fading(0.4, 0).tolist(), [0.4])

    @settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(shares, slots, slots)
    def test_one_thing_after_another(self, share, first, second):
        spread = odds.after(odds.at(first, share), odds.at(second))
        self.assertAlmostEqual(spread[first + second], share)

    def test_the_last_of_several_things_decides(self):
        spread = odds.both([odds.at(2), odds.at(5, 0.5)])
        self.assertEqual(np.flatnonzero(spread).tolist(), [5])
        self.assertAlmostEqual(spread.sum(), 0.5)
        self.assertEqual(odds.both([]).tolist(), [1.0])

    def test_of_what_comes_at_once_the_first_wins(self):
        first, second = odds.first_of([odds.at(3), odds.at(3)])[0]
        self.assertEqual((first.sum(), second.sum()), (1, 0))

    def test_what_comes_earlier_prevents_what_is_later(self):
        (late, early), there = odds.first_of([odds.at(5), odds.at(2, 0.25)])
        self.assertAlmostEqual(early[2], 0.25)
        self.assertAlmostEqual(late[5], 0.75)
        self.assertEqual(there.tolist(), [1, 1, 1, 0.75, 0.75, 0.75])

    @settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(st.lists(st.tuples(slots, shares), max_size=5))
    def test_nobody_leaves_twice_and_nobody_is_lost(self, ways):
        found, _there = odds.first_of([odds.at(slot, share) for slot, share in ways])
        never = np.prod([1 - share for _slot, share in ways])
        self.assertAlmostEqual(sum(spread.sum() for spread in found) + never, 1)
