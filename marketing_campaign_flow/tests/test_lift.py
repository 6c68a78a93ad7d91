"""Groups compared: against the literature, other computations, and properties that always hold."""

import math
import random
from statistics import NormalDist

from hypothesis import assume, given, settings
from hypothesis import strategies as st
from odoo.tests import BaseCase, tagged

from ..engine import significance
from ..engine.lift import FISHER, WELCH, Z_TEST, compare
from ..engine.significance import Mean, Share

SHARES = st.integers(1, 400).flatmap(
    lambda whole: st.integers(0, whole).map(lambda part: Share(whole, part))
)
AMOUNTS = st.lists(st.floats(0, 1000), min_size=30, max_size=60)


def mean_of(amounts):
    return Mean(len(amounts), sum(amounts), sum(one * one for one in amounts))


@tagged("post_install", "-at_install")
class TestLift(BaseCase):
    def test_difference_by_the_literature(self):
        # Newcombe 1998, table II, method 10: 56/70 and 48/80.
        found = compare(Share(70, 56), Share(80, 48))
        self.assertAlmostEqual(found.difference, 0.2, 9)
        self.assertEqual((round(found.low, 4), round(found.high, 4)), (0.0524, 0.3339))

    def test_nothing_in_either_group_by_the_literature(self):
        # The same table: 0/10 and 0/20; 10/10 and 0/20.
        found = compare(Share(10, 0), Share(20, 0))
        self.assertEqual((round(found.low, 4), round(found.high, 4)), (-0.1611, 0.2775))
        self.assertIsNone(found.relative)
        self.assertFalse(found.is_sure)
        found = compare(Share(10, 10), Share(20, 0))
        self.assertEqual((round(found.low, 4), round(found.high, 4)), (0.6791, 1.0))

    def test_welch_by_hand(self):
        # 2, 4, 6 … and 1, 2, 3 …, thirty of each: variances 310 and 77.5, t = 15.5 / sqrt(12.9167).
        group = mean_of([2 * n for n in range(1, 31)])
        base = mean_of(list(range(1, 31)))
        found = compare(group, base)
        self.assertEqual(found.method, WELCH)
        self.assertAlmostEqual(found.difference, 15.5)
        error = math.sqrt(310 / 30 + 77.5 / 30)
        freedom = (310 / 30 + 77.5 / 30) ** 2 / ((310 / 30) ** 2 / 29 + (77.5 / 30) ** 2 / 29)
        self.assertAlmostEqual(freedom, 42.6471, 3)
        # The quantile of t with 42.65 degrees of freedom is 2.0172.
        self.assertAlmostEqual(found.low, 15.5 - 2.0172 * error, 3)
        self.assertAlmostEqual(found.high, 15.5 + 2.0172 * error, 3)
        self.assertTrue(found.is_sure)

    @settings(max_examples=100, deadline=None)
    @given(SHARES, SHARES)
    def test_tests_of_rates_are_what_our_own_say(self, group, base):
        found = compare(group, base)
        own = {Z_TEST: significance.z_test, FISHER: significance.fisher}[found.method]
        self.assertAlmostEqual(found.p_value, own(group, base), 6)

    @settings(max_examples=100, deadline=None)
    @given(SHARES, SHARES)
    def test_interval_of_rates_holds_the_difference_and_turns_round(self, group, base):
        found, turned = compare(group, base), compare(base, group)
        slack = 1e-9
        self.assertTrue(-1 - slack <= found.low <= found.difference + slack)
        self.assertTrue(found.difference - slack <= found.high <= 1 + slack)
        self.assertAlmostEqual(found.low, -turned.high, 9)
        self.assertAlmostEqual(found.p_value, turned.p_value, 9)

    @settings(max_examples=50, deadline=None)
    @given(AMOUNTS, AMOUNTS, st.floats(1, 500))
    def test_amounts_do_not_care_what_is_added_to_both(self, one, other, more):
        assume(len(set(one)) > 5 and len(set(other)) > 5)
        assume(mean_of(one).variance > 1 and mean_of(other).variance > 1)
        found = compare(mean_of(one), mean_of(other))
        moved = compare(mean_of([a + more for a in one]), mean_of([a + more for a in other]))
        self.assertAlmostEqual(found.difference, moved.difference, 4)
        self.assertAlmostEqual(found.low, moved.low, 3)
        self.assertTrue(found.low <= found.difference <= found.high)

    def test_welch_of_many_is_the_normal_one(self):
        draw = random.Random(7)  # noqa: S311 (figures to be compared)
        group = mean_of([draw.expovariate(1 / 12) for _ in range(4000)])
        base = mean_of([draw.expovariate(1 / 11) for _ in range(5000)])
        found = compare(group, base)
        self.assertAlmostEqual(found.p_value, significance.welch(group, base), 3)
        half = NormalDist().inv_cdf(0.975) * math.sqrt(
            group.variance / group.cases + base.variance / base.cases
        )
        self.assertAlmostEqual(found.high - found.difference, half, 2)

    def test_more_people_know_more(self):
        few, many = (compare(Share(10 * n, 2 * n), Share(10 * n, n)) for n in (5, 500))
        self.assertLess(many.high - many.low, few.high - few.low)
        self.assertTrue(many.is_sure and not few.is_sure)
        self.assertTrue(few.few and not many.few)

    def test_too_few_for_amounts(self):
        found = compare(Mean(29, 100.0, 900.0), Mean(500, 100.0, 900.0))
        self.assertIsNone(found.low)
        self.assertIsNone(found.p_value)
        self.assertFalse(found.is_sure)
        self.assertTrue(found.few)

    def test_nobody_to_compare_with(self):
        self.assertIsNone(compare(Share(0, 0), Share(10, 1)))
        self.assertIsNone(compare(Mean(10, 1.0, 1.0), Mean(0, 0.0, 0.0)))

    def test_halves_of_one_group_seldom_differ(self):
        draw = random.Random(1)  # noqa: S311 (figures to be compared)
        people = [int(draw.random() < 0.1) for _ in range(2000)]
        covered = 0
        for _ in range(400):
            draw.shuffle(people)
            halves = people[:1000], people[1000:]
            found = compare(*(Share(1000, sum(half)) for half in halves))
            covered += found.low <= 0 <= found.high
        self.assertTrue(0.91 <= covered / 400 <= 0.99, covered)
