"""Lift: what was different in a group of people, compared with those who were held out; pure.

Rates: the interval of the difference is Newcombe's, from Wilson's intervals of both rates
(Statistics in Medicine 17, 1998, method 10); the p-value is that of the two-proportion z-test with
a pooled variance, which is the chi-squared test without a correction, or of Fisher's exact test
where one of the four numbers to be expected is below five. Amounts: Welch's t-test and its
interval. All at 95 %, two-sided, by scipy.
"""

import math
from dataclasses import dataclass

from .significance import EXPECTED_AT_LEAST, FEW_CASES, FEW_FOR_MEANS, Mean, Share

CONFIDENCE = 0.95
Z_TEST, FISHER, WELCH = "z", "fisher", "welch"


@dataclass(frozen=True)
class Effect:
    """A group compared with those who were held out.

    :param difference: of rates (between -1 and 1) or of amounts per person
    :param low: the lower limit of its interval, in the same unit; None where there are too few
    :param high: the upper limit
    :param relative: the difference as a part of the value without; None where that is 0
    :param p_value: how likely a difference like this is by chance alone; None likewise
    :param method: by which test; None without one
    :param few: the figures rest on few people
    """

    difference: float
    low: float | None = None
    high: float | None = None
    relative: float | None = None
    p_value: float | None = None
    method: str | None = None
    few: bool = True

    @property
    def is_sure(self) -> bool:
        """Whether chance alone hardly makes such a difference."""
        return self.p_value is not None and self.p_value < 1 - CONFIDENCE


def compare(group: Share | Mean, base: Share | Mean) -> Effect | None:
    """Compare a group with those who were held out; None where one of them is empty.

    :param group: rates are compared with rates, amounts with amounts
    """
    if not group.cases or not base.cases:
        return None
    difference = group.value - base.value
    relative = difference / base.value if base.value else None
    few = min(group.cases, base.cases) < FEW_CASES
    found = _rates if isinstance(group, Share) else _amounts
    low, high, p_value, method = found(group, base)
    return Effect(difference, low, high, relative, p_value, method, few or method in (None, FISHER))


def _rates(group: Share, base: Share):
    one, other = (_wilson(share) for share in (group, base))
    difference = group.value - base.value
    low = difference - math.hypot(group.value - one[0], other[1] - base.value)
    high = difference + math.hypot(one[1] - group.value, base.value - other[0])
    p_value, method = _test(group, base)
    return low, high, p_value, method


def _wilson(share: Share) -> tuple[float, float]:
    interval = _stats().binomtest(share.part, share.whole).proportion_ci(CONFIDENCE, "wilson")
    return float(interval.low), float(interval.high)


def _test(group: Share, base: Share) -> tuple[float, str]:
    table = [[share.part, share.whole - share.part] for share in (group, base)]
    parts, whole = group.part + base.part, group.whole + base.whole
    smallest = min(group.whole, base.whole) * min(parts, whole - parts) / whole
    if smallest < EXPECTED_AT_LEAST:
        return float(_stats().fisher_exact(table).pvalue), FISHER
    return float(_stats().chi2_contingency(table, correction=False).pvalue), Z_TEST


def _amounts(group: Mean, base: Mean):
    errors = [mean.variance / mean.cases for mean in (group, base)]
    if min(group.cases, base.cases) < FEW_FOR_MEANS or not sum(errors):
        return None, None, None, None
    result = _stats().ttest_ind_from_stats(
        group.value, math.sqrt(group.variance), group.cases,
        base.value, math.sqrt(base.variance), base.cases,
        equal_var=False,
    )  # fmt: skip
    # Welch and Satterthwaite's degrees of freedom.
    freedom = sum(errors) ** 2 / sum(
        error**2 / (mean.cases - 1) for error, mean in zip(errors, (group, base), strict=True)
    )
    half = float(_stats().t.ppf((1 + CONFIDENCE) / 2, freedom)) * math.sqrt(sum(errors))
    difference = group.value - base.value
    return difference - half, difference + half, float(result.pvalue), WELCH


def _stats():
    # Loaded when something is compared: it takes a second and 60 MB, which no worker needs before.
    import scipy.stats

    return scipy.stats
