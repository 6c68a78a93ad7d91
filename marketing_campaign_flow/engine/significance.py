"""Significance: whether one version of an email is better than the others; pure.

Shares (opened of sent) are compared by the two-proportion z-test with a pooled variance, or, where
one of the four numbers to be expected is below five (Cochran's rule), by Fisher's exact test,
two-sided: the sum over all tables that are no more likely than this one. Means (revenue per
recipient) are compared by Welch's statistic, taken for normal, which it is for the numbers that
emails have. More than two versions are compared in pairs, with Holm's correction (Scandinavian
Journal of Statistics 6, 1979). Intervals of shares are Wilson's (JASA 22, 1927).
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import combinations
from statistics import NormalDist

NORMAL = NormalDist()
EXPECTED_AT_LEAST = 5
FEW_CASES = 100  # recipients of a version below which a result is said to rest on few
FEW_FOR_MEANS = 30  # below which a mean is not compared at all

Z_TEST, FISHER, WELCH, NONE = "z", "fisher", "welch", "none"


@dataclass(frozen=True)
class Share:
    """`part` of `whole` recipients did what counts."""

    whole: int
    part: int

    @property
    def value(self) -> float:
        return self.part / self.whole if self.whole else 0.0

    @property
    def cases(self) -> int:
        return self.whole


@dataclass(frozen=True)
class Mean:
    """An amount per recipient: how many there are, the sum, and the sum of squares."""

    cases: int
    total: float
    squares: float

    @property
    def value(self) -> float:
        return self.total / self.cases if self.cases else 0.0

    @property
    def variance(self) -> float:
        """The variance of the sample, without bias."""
        if self.cases < 2:
            return 0.0
        return max(0.0, (self.squares - self.total**2 / self.cases) / (self.cases - 1))


@dataclass(frozen=True)
class Verdict:
    """What a comparison has shown.

    :param leader: the one with the highest value; None where nobody got anything yet
    :param is_conclusive: the leader is better than each other one
    :param p_value: the largest one of the leader's comparisons, corrected; None without any
    :param method: by which test that one was found
    :param few: some of them were sent to few recipients
    """

    leader: str | None
    is_conclusive: bool = False
    p_value: float | None = None
    method: str = NONE
    few: bool = False


def judge(measures: Mapping[str, Share | Mean], confidence: float = 0.95) -> Verdict:
    """Compare versions of an email.

    :param measures: what is known of each by its name; of equals, the first one leads
    :param confidence: how sure to be, between 0 and 1
    """
    if not any(measure.cases for measure in measures.values()):
        return Verdict(None, few=True)
    leader = max(measures, key=lambda name: measures[name].value)
    few = any(measure.cases < FEW_CASES for measure in measures.values())
    found = {
        pair: _compare(measures[pair[0]], measures[pair[1]]) for pair in combinations(measures, 2)
    }
    if not found:
        return Verdict(leader, few=few)
    corrected = holm({pair: p for pair, (p, _method) in found.items()})
    of_leader = {pair: p for pair, p in corrected.items() if leader in pair}
    closest = max(of_leader, key=of_leader.get)
    p_value = of_leader[closest]
    return Verdict(leader, p_value < 1 - confidence, p_value, found[closest][1], few)


def _compare(one, other) -> tuple[float, str]:
    if isinstance(one, Mean):
        return welch(one, other), WELCH
    if not one.whole or not other.whole:
        return 1.0, FISHER
    if _smallest_expected(one, other) < EXPECTED_AT_LEAST:
        return fisher(one, other), FISHER
    return z_test(one, other), Z_TEST


def _smallest_expected(one: Share, other: Share) -> float:
    parts = one.part + other.part
    rest = one.whole + other.whole - parts
    return min(one.whole, other.whole) * min(parts, rest) / (one.whole + other.whole)


def z_test(one: Share, other: Share) -> float:
    """Return the two-sided p-value of the two-proportion z-test with a pooled variance."""
    pooled = (one.part + other.part) / (one.whole + other.whole)
    error = math.sqrt(pooled * (1 - pooled) * (1 / one.whole + 1 / other.whole))
    return _two_sided((one.value - other.value) / error) if error else 1.0


def fisher(one: Share, other: Share) -> float:
    """Return the two-sided p-value of Fisher's exact test."""
    parts = one.part + other.part
    log_chance = _hypergeometric(one.whole, other.whole, parts)
    possible = range(max(0, parts - other.whole), min(parts, one.whole) + 1)
    chances = {count: log_chance(count) for count in possible}
    # Equally likely tables differ by what floating point numbers cannot hold.
    limit = chances[one.part] + 1e-7
    return min(1.0, math.fsum(math.exp(chance) for chance in chances.values() if chance <= limit))


def _hypergeometric(one: int, other: int, parts: int) -> Callable[[int], float]:
    """Return the logarithm of the chance that `count` of all `parts` are of the first group."""

    def ways(whole, part):
        return math.lgamma(whole + 1) - math.lgamma(part + 1) - math.lgamma(whole - part + 1)

    every = ways(one + other, parts)
    return lambda count: ways(one, count) + ways(other, parts - count) - every


def welch(one: Mean, other: Mean) -> float:
    """Return the two-sided p-value of Welch's statistic; 1 where there are too few for it."""
    if min(one.cases, other.cases) < FEW_FOR_MEANS:
        return 1.0
    error = math.sqrt(one.variance / one.cases + other.variance / other.cases)
    return _two_sided((one.value - other.value) / error) if error else 1.0


def _two_sided(statistic: float) -> float:
    return math.erfc(abs(statistic) / math.sqrt(2))


def holm(p_values: Mapping) -> dict:
    """Return the p-values of several comparisons, corrected for there being several."""
    corrected, highest = {}, 0.0
    ordered = sorted(p_values, key=p_values.get)
    for rank, name in enumerate(ordered):
        highest = max(highest, min(1.0, (len(ordered) - rank) * p_values[name]))
        corrected[name] = highest
    return corrected


def interval(share: Share, confidence: float = 0.95) -> tuple[float, float] | None:
    """Return Wilson's interval of a share, between 0 and 1; None without cases."""
    if not share.whole:
        return None
    z = NORMAL.inv_cdf((1 + confidence) / 2)
    middle = share.value + z * z / (2 * share.whole)
    half = z * math.sqrt(
        share.value * (1 - share.value) / share.whole + (z / (2 * share.whole)) ** 2
    )
    scale = 1 + z * z / share.whole
    return max(0.0, (middle - half) / scale), min(1.0, (middle + half) / scale)
