"""When does a working calendar open next? Weekly hours, every other week, days off; pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from .clock import MIDNIGHT, to_local, to_utc

# Who has no working hour in all this time is looked at when it is over.
HORIZON_DAYS = 400


@dataclass(frozen=True)
class Shift:
    """Working hours on a weekday (0 = Monday), until `closes` (midnight is the end of the day).

    `week` is 0 or 1 where the calendar has two weeks in turn, see `week_of`.
    """

    weekday: int
    opens: time
    closes: time
    week: int | None = None


@dataclass(frozen=True)
class Calendar:
    """Working hours in a time zone, less the times off (pairs of UTC moments, in order)."""

    zone: str
    shifts: tuple[Shift, ...] = ()
    leaves: tuple[tuple[datetime, datetime], ...] = ()


def next_opening(moment: datetime, calendar: Calendar) -> datetime:
    """Return the first moment (UTC) from `moment` on that is working time.

    A calendar without any within `HORIZON_DAYS` days gives the end of them: nothing is dropped.
    """
    for opens, closes in _working_hours(moment, calendar):
        start = _after_leaves(max(moment, opens), calendar.leaves)
        if start < closes:
            return start
    return moment + timedelta(days=HORIZON_DAYS)


def week_of(day: date) -> int:
    """Return 0 or 1, the week of a calendar of two weeks, counted as Odoo does: from the first
    Monday of the calendar, so that years of 53 weeks change nothing."""
    return (day.toordinal() - 1) // 7 % 2


def _working_hours(moment: datetime, calendar: Calendar) -> Iterator[tuple[datetime, datetime]]:
    """Yield the working hours of the days from `moment` on, in order, as UTC."""
    first = to_local(moment, calendar.zone).date() - timedelta(days=1)
    for day in (first + timedelta(days=n) for n in range(HORIZON_DAYS + 2)):
        for shift in sorted(calendar.shifts, key=lambda shift: shift.opens):
            if shift.weekday != day.weekday() or shift.week not in (None, week_of(day)):
                continue
            last = day + timedelta(days=1) if shift.closes == MIDNIGHT else day
            opens = to_utc(datetime.combine(day, shift.opens), calendar.zone)
            closes = to_utc(datetime.combine(last, shift.closes), calendar.zone)
            if to_local(opens, calendar.zone).date() == day and moment < closes:
                yield opens, closes


def _after_leaves(moment: datetime, leaves) -> datetime:
    """Return `moment`, or the end of the times off that it lies in."""
    for begins, ends in leaves:
        if begins <= moment < ends:
            moment = ends
    return moment
