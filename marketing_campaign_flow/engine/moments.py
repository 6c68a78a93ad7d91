"""When is an action due, after the pauses that stand before it? Pure.

The actions of a state stand in order. A pause among them holds up those below it: what counts from
the entry into the state for the first, counts from the end of the pause for them. A pause that has
no moment (a contact without the date it goes by) holds up nobody.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from . import clock, working_time
from .clock import Timing

Pair = tuple[datetime | None, datetime | None]


@dataclass(frozen=True)
class Surroundings:
    """What timings are reckoned with.

    :param home: IANA time zone of the campaign, in which plain delays are counted
    :param zone: that of the contact, for opening hours and dates of the contact
    :param days: the contact's date for each of the timings; empty where none goes by one
    :param calendars: the working calendars that the timings ask for, as they are now, by id
    """

    home: str
    zone: str
    days: Sequence[date | None] = ()
    calendars: Mapping[int, working_time.Calendar] = field(default_factory=dict)

    def zone_of(self, timing: Timing) -> str:
        return self.zone if timing.depends_on_contact else self.home

    def day_of(self, place: int) -> date | None:
        return self.days[place] if self.days else None


def of(timings: Sequence[Timing], now: datetime, around: Surroundings) -> Pair:
    """Return when an action is wanted and when it is due, both None when it is not to run.

    :param timings: those of the pauses before it, in order, and its own as the last
    :param now: the moment of entry
    """
    begins = end_of_pauses(timings[:-1], now, around)
    return _of_one(timings[-1], begins, around, len(timings) - 1)


def since(timings: Sequence[Timing], entered: datetime, now: datetime, around) -> Pair:
    """Return the same for somebody who entered earlier: the time served is credited.

    :param entered: the moment of entry, in the past
    """
    begins = end_of_pauses(timings[:-1], entered, around)
    own = timings[-1]
    if own.kind in ("entry", "delay"):
        end = clock.add(begins, own.delay, around.zone_of(own))
        own = replace(own, kind="date", at=end)
    return _of_one(own, max(begins, now), around, len(timings) - 1)


def end_of_pauses(pauses: Sequence[Timing], begins: datetime, around: Surroundings) -> datetime:
    """Return when the last of the pauses is over, `begins` where there is none."""
    for place, pause in enumerate(pauses):
        begins = _of_one(pause, begins, around, place)[1] or begins
    return begins


def _of_one(timing, now, around, place) -> Pair:
    zone, day = around.zone_of(timing), around.day_of(place)
    wanted = clock.wanted(timing, now, zone, day)
    if wanted and timing.calendar_id:
        return wanted, working_time.next_opening(wanted, around.calendars[timing.calendar_id])
    return wanted, clock.due(timing, now, zone, day)
