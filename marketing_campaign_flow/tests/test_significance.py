"""Is one version better? Against published results and against properties that always hold."""

from math import comb

from hypothesis import given, settings
from hypothesis import strategies as st
from odoo.tests import BaseCase, tagged

from ..engine.significance import (
    FISHER,
    WELCH,
    Z_TEST,
    Mean,
    Share,
    fisher,
    holm,
    interval,
    judge,
    welch,
    z_test,
)

SHARES = st.integers(1, 60).flatmap(
    lambda whole: st.integers(0, whole).map(lambda part: Share(whole, part))
)


def by_counting(one, other):
    """Fisher's test in whole numbers, straight from its definition."""
    parts = one.part + other.part
    ways = {
        count: comb(one.whole, count) * comb(other.whole, parts - count)
        for count in range(max(0, parts - other.whole), min(parts, one.whole) + 1)
    }
    seen = ways[one.part]
    return sum(way for way in ways.values() if way <= seen) / comb(one.whole + other.whole, parts)


@tagged("post_install", "-at_install")
class TestSignificance(BaseCase):
    def test_fisher_and_the_lady_tasting_tea(self):
        self.assertAlmostEqual(fisher(Share(4, 3), Share(4, 1)), 0.485714, 6)
        self.assertAlmostEqual(fisher(Share(4, 4), Share(4, 0)), 2 / 70, 6)

    def test_visits_of_the_published_email_challenge(self):
        # The MineThatData challenge: 18.28 % of 21,307 against 15.14 % of 21,387.
        mens, womens = Share(21307, 3894), Share(21387, 3238)
        self.assertLess(z_test(mens, womens), 1e-15)
        verdict = judge({"A": womens, "B": mens})
        self.assertEqual((verdict.leader, verdict.is_conclusive), ("B", True))
        self.assertEqual((verdict.method, verdict.few), (Z_TEST, False))

    def test_z_test_by_the_book(self):
        # 50 of 200 against 30 of 200: z = 2.5, by hand.
        self.assertAlmostEqual(z_test(Share(200, 50), Share(200, 30)), 0.012419, 6)

    @settings(max_examples=200, deadline=None)
    @given(SHARES, SHARES)
    def test_fisher_is_what_counting_says(self, one, other):
        self.assertAlmostEqual(fisher(one, other), by_counting(one, other), 8)

    @settings(max_examples=200, deadline=None)
    @given(SHARES, SHARES)
    def test_tests_do_not_care_who_is_first_or_what_counts(self, one, other):
        turned = [Share(share.whole, share.whole - share.part) for share in (one, other)]
        for test in (fisher, z_test):
            p = test(one, other)
            self.assertTrue(0 <= p <= 1)
            self.assertAlmostEqual(p, test(other, one), 9)
            self.assertAlmostEqual(p, test(*turned), 9)

    @settings(max_examples=200, deadline=None)
    @given(SHARES, st.floats(0.5, 0.999))
    def test_interval_holds_its_share_and_grows_with_confidence(self, share, confidence):
        low, high = interval(share, confidence)
        self.assertTrue(0 <= low <= share.value + 1e-12 and share.value - 1e-12 <= high <= 1)
        wider = interval(share, (1 + confidence) / 2)
        self.assertTrue(wider[0] <= low + 1e-12 and high <= wider[1] + 1e-12)

    def test_wilson_by_the_book(self):
        low, high = interval(Share(10, 0))
        self.assertEqual((round(low, 4), round(high, 4)), (0.0, 0.2775))
        self.assertIsNone(interval(Share(0, 0)))

    @settings(max_examples=100, deadline=None)
    @given(st.dictionaries(st.integers(), st.floats(0, 1), min_size=1, max_size=6))
    def test_holm_only_raises_and_keeps_the_order(self, p_values):
        corrected = holm(p_values)
        self.assertTrue(all(p_values[name] <= corrected[name] <= 1 for name in p_values))
        self.assertLessEqual(
            max(corrected.values()), min(1, max(p_values.values()) * len(p_values))
        )
        order = sorted(p_values, key=p_values.get)
        self.assertEqual(sorted(corrected.values()), [corrected[name] for name in order])

    def test_three_have_to_be_surer_than_two(self):
        two = judge({"A": Share(200, 30), "B": Share(200, 48)})
        three = judge({"A": Share(200, 30), "B": Share(200, 48), "C": Share(200, 31)})
        self.assertTrue(two.is_conclusive)
        self.assertGreater(three.p_value, two.p_value)

    def test_few_are_said_to_be_few(self):
        verdict = judge({"A": Share(12, 1), "B": Share(12, 5)})
        self.assertEqual((verdict.leader, verdict.is_conclusive), ("B", False))
        self.assertEqual((verdict.method, verdict.few), (FISHER, True))

    def test_nobody_has_got_anything(self):
        self.assertIsNone(judge({"A": Share(0, 0), "B": Share(0, 0)}).leader)
        self.assertFalse(judge({"A": Share(0, 0), "B": Share(500, 400)}).is_conclusive)

    def test_the_first_of_equals_leads(self):
        self.assertEqual(judge({"A": Share(9, 3), "B": Share(9, 3)}).leader, "A")

    def test_revenue_per_recipient(self):
        low, high = Mean(1000, 1000.0, 5000.0), Mean(1000, 1400.0, 7000.0)
        # Variances 4.004 and 5.045: t = 0.4 / sqrt(0.009049) = 4.2.
        self.assertLess(welch(low, high), 0.0001)
        verdict = judge({"A": low, "B": high})
        self.assertEqual(
            (verdict.leader, verdict.is_conclusive, verdict.method), ("B", True, WELCH)
        )
        self.assertEqual(welch(Mean(10, 1, 1), Mean(10, 99, 2000)), 1.0)
