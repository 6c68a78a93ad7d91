"""Where an objective stands: progress, pace, projection and state, from plain values.

What *grows* (participants, orders, revenue) adds up from the launch to the deadline, so half of the
time should have brought half of the target. What does not (a rate, a cost per lead) is compared
with the whole target at any time, and is expected to stay as it is.
"""

from dataclasses import dataclass
from datetime import datetime

# Before this part of the time is over, a projection says nothing.
TOO_EARLY = 0.05
# Values that differ by less than this are the same.
NEARLY = 1e-6

NUMBER, MONEY, PERCENT, PRICE, RATIO = "number", "money", "percent", "price", "ratio"
GROWING = frozenset({NUMBER, MONEY})


@dataclass(frozen=True)
class Unmeasured:
    """A figure that does not exist, and why, for people to read."""

    reason: str


@dataclass(frozen=True)
class Aim:
    """What is wanted.

    :param at_least: whether more is better; else less is
    :param grows: whether the value adds up in the course of the campaign
    :param since: the launch (UTC); None before it
    :param until: the end of the last day (UTC); None without a deadline
    """

    target: float
    at_least: bool
    grows: bool
    since: datetime | None = None
    until: datetime | None = None

    def elapsed(self, now: datetime) -> float | None:
        """Return which part of the time is over, from 0 to 1; None where there is no time."""
        if self.since is None or self.until is None or self.until <= self.since:
            return None
        return min(1.0, max(0.0, (now - self.since) / (self.until - self.since)))

    def met_by(self, value: float) -> bool:
        """Return whether a value is where it is wanted."""
        if self.at_least:
            return value >= self.target - NEARLY
        return value <= self.target + NEARLY


@dataclass(frozen=True)
class Standing:
    """`progress` is in percent, 100 at most; `pace` is what the value should be by now and
    `projection` what it will be at the deadline, None where nobody can tell."""

    progress: int
    pace: float | None
    projection: float | None
    state: str


def stand(aim: Aim, value: float, now: datetime) -> Standing:
    """Return where an objective stands.

    :param value: what was measured
    :param now: the present (UTC)
    """
    elapsed = aim.elapsed(now)
    return Standing(
        progress(aim, value), _pace(aim, elapsed), _projection(aim, value, elapsed),
        state(aim, value, now),
    )  # fmt: skip


def progress(aim: Aim, value: float) -> int:
    """Return how much of the way to the target is done, in percent, from 0 to 100.

    Of a limit (*at most*) nothing is lost until it is passed; beyond it, twice the limit is 50.
    """
    if aim.met_by(value):
        return 100
    share = value / aim.target if aim.at_least else aim.target / value
    # What is nearly there is not there.
    return max(0, min(99, round(100 * share)))


def state(aim: Aim, value: float, now: datetime) -> str:
    """Return *reached*, *missed*, *on_track*, *at_risk*, or *open* where it is too early to tell.

    A limit is kept for good only when its time is over; a growing value that has passed it will
    not come back.
    """
    over = aim.until is not None and now >= aim.until
    met = aim.met_by(value)
    if over:
        return "reached" if met else "missed"
    if met and (aim.at_least or aim.until is None):
        return "reached"
    if not met and not aim.at_least and aim.grows:
        return "missed"
    expected = _projection(aim, value, aim.elapsed(now))
    if expected is None:
        return "open"
    return "on_track" if aim.met_by(expected) else "at_risk"


def _pace(aim, elapsed):
    if elapsed is None:
        return None
    return aim.target * elapsed if aim.grows else aim.target


def _projection(aim, value, elapsed):
    if elapsed is None or elapsed < TOO_EARLY:
        return None
    return value / elapsed if aim.grows else value


def together(parts: list[tuple[float, int | None]]) -> int | None:
    """Return the progress of several objectives, each with its weight; what has none is left out.

    :param parts: pairs of weight and progress in percent
    :return: in percent, or None where nothing was measured or has a weight
    """
    known = [(weight, percent) for weight, percent in parts if percent is not None]
    weights = sum(weight for weight, _percent in known)
    if not weights:
        return None
    return round(sum(weight * percent for weight, percent in known) / weights)
