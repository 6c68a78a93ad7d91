"""When is something due? Delays, dates and opening hours; pure.

Moments are UTC without a time zone, as Odoo stores them. What people mean by a day, a weekday or
nine o'clock is counted in a time zone: days and longer keep the local time of day when the clocks
change. A local time that the clocks skip is taken as much later as they skip; one that occurs
twice is taken the second time, as PostgreSQL does (`database_clock.later`).
"""

import calendar
import functools
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

from dateutil.relativedelta import relativedelta

# Units of a delay. Days and longer keep the local time of day when the clocks change.
UNITS = ("minutes", "hours", "days", "weeks", "months")
CALENDAR_UNITS = ("days", "weeks", "months")

MIDNIGHT = time()


@dataclass(frozen=True)
class Delay:
    """A length of time: `value` of `unit`."""

    value: int = 0
    unit: str = "days"


NO_DELAY = Delay()


@dataclass(frozen=True)
class Window:
    """Opening hours: on `weekdays` (0 = Monday; empty = every day) from `opens` to `closes`.

    Hours that close before they open, or when they open, last into the next day; the weekday is
    that of the opening.
    """

    weekdays: frozenset[int] = frozenset()
    opens: time = MIDNIGHT
    closes: time = MIDNIGHT


@dataclass(frozen=True)
class Timing:
    """When an action is due, seen from the entry into its state.

    :param kind: ``entry``, ``delay``, ``date`` (at `at`) or ``field`` (around the contact's date)
    :param delay: after the entry, or the distance from the date of the contact
    :param before: the distance is before the contact's date, not after it
    :param yearly: the contact's date comes back every year
    :param skip_past: what is past already is skipped instead of run at once
    :param window: opening hours, in the time zone of the contact
    :param calendar_id: a working calendar that takes the place of the opening hours. It changes
        while people are under way, so it is looked up for each batch (`working_time`)
    """

    kind: str = "entry"
    delay: Delay = NO_DELAY
    at: datetime | None = None
    date_field: str | None = None
    before: bool = False
    yearly: bool = False
    skip_past: bool = False
    window: Window | None = None
    calendar_id: int | None = None

    @property
    def depends_on_contact(self) -> bool:
        """Whether the moment differs from contact to contact of one batch."""
        return self.kind == "field" or self.window is not None


AT_ENTRY = Timing()


def due(timing: Timing, now: datetime, zone: str, day: date | None = None) -> datetime | None:
    """Return when an action is due, None when never: the first opening from when it is wanted.

    :param now: the moment of entry
    :param zone: IANA time zone of the contact
    :param day: the contact's date, for a timing around it
    """
    moment = wanted(timing, now, zone, day)
    if moment is None or timing.window is None:
        return moment
    return next_opening(moment, timing.window, zone)


def wanted(timing: Timing, now: datetime, zone: str, day: date | None = None) -> datetime | None:
    """Return when an action would run if it were always open, None when never; see `due`."""
    moment = _asked_for(timing, now, zone, day)
    if moment is None or (moment < now and timing.skip_past):
        return None
    return max(moment, now)


def add(moment: datetime, delay: Delay, zone: str) -> datetime:
    """Return `moment` plus `delay`, counted in the time zone; months end with the month."""
    if delay.unit not in UNITS:
        raise ValueError(f"unknown unit of time: {delay.unit}")
    if delay.unit not in CALENDAR_UNITS:
        return moment + timedelta(**{delay.unit: delay.value})
    return to_utc(to_local(moment, zone) + relativedelta(**{delay.unit: delay.value}), zone)


def next_opening(moment: datetime, window: Window, zone: str) -> datetime:
    """Return the first moment from `moment` on that lies within the opening hours."""
    for opens, closes in _openings(moment, window, zone):
        if moment < closes:
            return max(moment, opens)
    raise AssertionError("a week without an opening")  # pragma: no cover


@functools.cache
def is_zone(name: str | None) -> bool:
    """Return whether `name` is a time zone that can be reckoned with."""
    try:
        return bool(name and ZoneInfo(name))
    except (ValueError, KeyError, OSError):  # no name at all, none that is known, a folder
        return False


def in_year(day: date, year: int) -> date:
    """Return the anniversary of `day` in `year`; that of 29 February may be the 28th."""
    return day + relativedelta(year=year)


def anniversaries(day: date) -> list[tuple[int, int]]:
    """Return the months and days of dates that come back on `day`; see `in_year`."""
    pairs = [(day.month, day.day)]
    if pairs == [(2, 28)] and not calendar.isleap(day.year):
        pairs.append((2, 29))
    return pairs


def _asked_for(timing, now, zone, day):
    match timing.kind:
        case "delay":
            return add(now, timing.delay, zone)
        case "date":
            return timing.at
        case "field":
            return _around(timing, now, zone, day) if day else None
    return now


def _around(timing, now, zone, day):
    """The distance from the contact's date; of a yearly one, that of the next time it comes."""
    today = to_local(now, zone).date()
    years = range(today.year - 1, today.year + 3) if timing.yearly else [day.year]
    for year in years:
        moment = _shifted(timing, in_year(day, year), zone)
        if not timing.yearly or to_local(moment, zone).date() >= today:
            return moment
    return None


def _shifted(timing, day, zone):
    sign = -1 if timing.before else 1
    midnight = to_utc(datetime.combine(day, MIDNIGHT), zone)
    return add(midnight, Delay(sign * timing.delay.value, timing.delay.unit), zone)


def _openings(moment: datetime, window: Window, zone: str) -> Iterator[tuple[datetime, datetime]]:
    """Yield the opening hours of the days around `moment`, in order, as UTC."""
    first = to_local(moment, zone).date() - timedelta(days=1)
    # Two weeks: a day that a zone leaves out (Apia, 30 December 2011) may be the only open one.
    for day in (first + timedelta(days=n) for n in range(16)):
        if window.weekdays and day.weekday() not in window.weekdays:
            continue
        overnight = window.closes <= window.opens
        last = day + timedelta(days=1) if overnight else day
        opens = to_utc(datetime.combine(day, window.opens), zone)
        closes = to_utc(datetime.combine(last, window.closes), zone)
        if to_local(opens, zone).date() == day and opens < closes:
            yield opens, closes


def time_of_day(hours: float) -> time:
    """Return 9.5 as 09:30; 24 is midnight."""
    minutes = round(hours * 60) % (24 * 60)
    return time(minutes // 60, minutes % 60)


def share_an_hour(first: Window, second: Window) -> bool:
    """Return whether two windows in one time zone are ever open together, on whichever day."""
    quarters = [time(hour, minute) for hour in range(24) for minute in (0, 15, 30, 45)]
    return any(_holds(first, moment) and _holds(second, moment) for moment in quarters)


def _holds(window, moment):
    if window.opens < window.closes:
        return window.opens <= moment < window.closes
    return moment >= window.opens or moment < window.closes


def to_local(moment: datetime, zone: str) -> datetime:
    return moment.replace(tzinfo=timezone.utc).astimezone(ZoneInfo(zone)).replace(tzinfo=None)


def to_utc(local: datetime, zone: str) -> datetime:
    first = local.replace(tzinfo=ZoneInfo(zone), fold=0)
    second = first.replace(fold=1)
    occurs_twice = first.utcoffset() > second.utcoffset()
    return (second if occurs_twice else first).astimezone(timezone.utc).replace(tzinfo=None)
