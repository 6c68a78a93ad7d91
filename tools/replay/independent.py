"""The same comparison, worked out from the rows of the file and by other means than the addon's.

Rates by the normal distribution (Wilson's limits, Newcombe's difference, the pooled z-test) as the
papers write them, by Fisher's test where cases are few, amounts by scipy from every single amount.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

from tools.replay.experiment import Customer

NORMAL = NormalDist()
Z = NORMAL.inv_cdf(0.975)
FEW = 5  # cases to be expected, below which the z-test is not right


@dataclass(frozen=True)
class Compared:
    """A group and the control group: values per person, their difference, limits and p-value."""

    people: int
    total: float
    value: float
    difference: float
    low: float
    high: float
    p_value: float


OUTCOMES = {
    "response": lambda one: int(one.visited),
    "ordered": lambda one: int(one.ordered),
    "revenue": lambda one: one.spent,
}


def compare(outcome: str, group: Sequence[Customer], control: Sequence[Customer]) -> Compared:
    """Compare a group with the control group."""
    ours, theirs = ([OUTCOMES[outcome](one) for one in some] for some in (group, control))
    found = _amounts(ours, theirs) if outcome == "revenue" else _rates(ours, theirs)
    total = math.fsum(ours)
    return Compared(len(ours), total, total / len(ours), *found)


def _rates(ours, theirs):
    counts = [(sum(values), len(values)) for values in (ours, theirs)]
    (first, low_1, high_1), (second, low_2, high_2) = [_wilson(*count) for count in counts]
    difference = first - second
    low = difference - math.sqrt((first - low_1) ** 2 + (high_2 - second) ** 2)
    high = difference + math.sqrt((high_1 - first) ** 2 + (second - low_2) ** 2)
    pooled = sum(count[0] for count in counts) / sum(count[1] for count in counts)
    smallest = min(pooled, 1 - pooled) * min(count[1] for count in counts)
    if smallest < FEW:
        import scipy.stats  # only here: the other tools need not wait for it

        table = [[part, whole - part] for part, whole in counts]
        return difference, low, high, float(scipy.stats.fisher_exact(table).pvalue)
    error = math.sqrt(pooled * (1 - pooled) * sum(1 / count[1] for count in counts))
    return difference, low, high, 2 * NORMAL.cdf(-abs(difference / error))


def _wilson(part, whole):
    rate = part / whole
    middle = (rate + Z * Z / (2 * whole)) / (1 + Z * Z / whole)
    half = Z / (1 + Z * Z / whole)
    half *= math.sqrt(rate * (1 - rate) / whole + Z * Z / (4 * whole * whole))
    return rate, middle - half, middle + half


def _amounts(ours, theirs):
    import scipy.stats  # only here: the other tools need not wait for it

    test = scipy.stats.ttest_ind(ours, theirs, equal_var=False)
    limits = test.confidence_interval(0.95)
    difference = math.fsum(ours) / len(ours) - math.fsum(theirs) / len(theirs)
    return difference, float(limits.low), float(limits.high), float(test.pvalue)
