"""How long people stay in a state, what it does for them, and by which way they leave; pure.

Each way out has a spread of its own, as if there were no other; then they compete (`odds`).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import numpy as np

from . import clock, moments, odds
from .clock import Window
from .plan import Action, Plan, State, Transition
from .working_time import Calendar

YEAR_HOURS = 365 * 24
MONTH_HOURS = 30 * 24
UNIT_HOURS = {"minutes": 1 / 60, "hours": 1, "days": 24, "weeks": 7 * 24, "months": 30.44 * 24}


@dataclass(frozen=True)
class Reaction:
    """What is assumed of one way: the share of the people who take it when nothing else comes
    first, and in how many hours half of them have.

    :param of_message: it is an answer to each message, else to the state as a whole
    """

    share: float = 0.0
    half_hours: float = 24.0
    of_message: bool = False


NOBODY = Reaction()

# So many ways of being late are kept at a time: the next ones are like the last ones.
MOST_LATE = 1000
# The part of the messages that leave in their slot when nothing keeps them waiting.
IN_TIME = 1 - 1e-6
# So few people are none.
NOBODY_LEFT = 1e-9


@dataclass(frozen=True)
class Assumptions:
    """What is assumed of people and their surroundings.

    :param reactions: by the key of a transition that waits for people
    :param guards: the share that passes the filter of a transition, by its key
    :param messages: the keys of the actions that people answer to
    :param zone: IANA time zone, taken for everybody
    :param loud: the hours in which messages leave; None is always
    :param calendars: working calendars by id
    :param doors: when phases open, by id; those that are missing are open
    :param sending_rate: emails per hour; 0 is any number
    :param reach: the share of the people whom messages reach
    :param visits: how many states people enter on their way: what may happen in any of them is
        assumed of the way as a whole
    """

    reactions: Mapping[str, Reaction] = field(default_factory=dict)
    guards: Mapping[str, float] = field(default_factory=dict)
    messages: frozenset[str] = frozenset()
    zone: str = "UTC"
    loud: Window | None = None
    calendars: Mapping[int, Calendar] = field(default_factory=dict)
    doors: Mapping[int, datetime] = field(default_factory=dict)
    sending_rate: int = 0
    reach: float = 1.0
    visits: float = 1.0

    def reaction(self, key: str) -> Reaction:
        return self.reactions.get(key, NOBODY)


@dataclass(frozen=True)
class Exit:
    """One way out of a state, or something that happens inside it (`target_id` is None)."""

    key: str
    target_id: int | None
    actions: tuple[Action, ...]
    spread: odds.Spread


@dataclass(frozen=True)
class Stay:
    """What becomes of those who enter a state together, per person and counted from the entry."""

    state: State
    exits: list[Exit]
    runs: list[tuple[Action, odds.Spread]]


class Queue:
    """The messages of a campaign that may send only so many in a slot: first come, first served."""

    def __init__(self, per_slot: float, slots: int):
        self._per_slot, self._used, self._free = per_slot, np.zeros(slots), 0

    def spread(self, slot: int, people: float) -> odds.Spread:
        """Reserve the sending of messages that are due in a slot; return when they leave, counted
        from then."""
        left, shares, at = people, {}, max(slot, self._free)
        while left > NOBODY_LEFT and at < len(self._used):
            part = min(left, self._per_slot - self._used[at])
            self._used[at] += part
            shares[at - slot] = part / people
            left -= part
            if self._used[at] >= self._per_slot - NOBODY_LEFT and at == self._free:
                self._free += 1
            at += 1
        if people <= self._per_slot and shares:
            # In one slot, that in which most of them leave: few differ from each other then.
            shares = {max(shares, key=shares.get): sum(shares.values())}
        spread = np.zeros(max(shares, default=0) + 1)
        for place, share in shares.items():
            spread[place] = share
        return spread


class Stays:
    """Works out stays, each once for all entries to which the same applies.

    :param finish: what is kept of a `Stay` and returned in its place
    """

    def __init__(
        self,
        plan: Plan,
        assumed: Assumptions,
        begins: datetime,
        hours: int,
        queue,
        finish: Callable,
    ):
        self._plan, self._assumed, self._begins = plan, assumed, begins
        self._hours, self._queue, self._finish = hours, queue, finish
        self._known, self._late, self._dues_known = {}, {}, {}
        self._moments = self._numbered_moments()
        self._ways = {
            state.id: () if state.ends_run else plan.transitions_from(state)
            for state in plan.states.values()
        }

    def of(self, state: State, slot: int, people: float):
        """Return what becomes of people who enter a state in a slot."""
        dues = self._dues(state, slot)
        ways = self._ways[state.id]
        dates = tuple(self._slots_until(way.date_at, slot) for way in ways if way.date_at)
        key = (state.id, dues, dates)
        if key not in self._known:
            self._known[key] = self._work_out(state, ways, _spreads(state, dues), slot)
        known, there = self._known[key]
        if self._queue is None:
            return known
        spreads = self._queued(state, dues, there, slot, people)
        if spreads is None:
            return known
        late = (*key, *(spread.round(6).tobytes() for spread in spreads.values()))
        if late not in self._late:
            if len(self._late) >= MOST_LATE:
                self._late.clear()
            self._late[late] = self._work_out(state, ways, spreads, slot)[0]
        return self._late[late]

    # -- actions ------------------------------------------------------------------------------

    def _dues(self, state, slot) -> tuple:
        """Return in how many slots each action is due: a number, the slots over which it is
        spread as ``("evenly", slots)``, or None where it does not run."""
        if all(timing.kind == "entry" and not _has_hours(timing) for action in state.actions
               for timing in action.timings) and not self._assumed.loud:  # fmt: skip
            return (0,) * len(state.actions)
        return tuple(self._known_due(action, slot) for action in state.actions)

    def _numbered_moments(self):
        """Return a number for each action, the same for those that are always due together."""
        numbers = {}
        return {
            action.key: numbers.setdefault(
                (action.timings, action.key in self._assumed.messages), len(numbers)
            )
            for state in self._plan.states.values()
            for action in state.actions
        }

    def _known_due(self, action, slot):
        """Many actions have the same hours, and are asked for in the same slots."""
        key = self._moments[action.key], slot
        if key not in self._dues_known:
            self._dues_known[key] = self._due(action, slot)
        return self._dues_known[key]

    def _due(self, action, slot):
        by_contact = [timing for timing in action.timings if timing.kind == "field"]
        if by_contact:
            hours = YEAR_HOURS if any(timing.yearly for timing in by_contact) else MONTH_HOURS
            return ("evenly", hours // self._hours)
        now = self._begins + timedelta(hours=slot * self._hours)
        zone = self._assumed.zone
        around = moments.Surroundings(zone, zone, calendars=self._assumed.calendars)
        due = moments.of(action.timings, now, around)[1]
        if due is None:
            return None
        if self._assumed.loud and action.key in self._assumed.messages:
            due = clock.next_opening(due, self._assumed.loud, zone)
        return self._slots(due - now)

    def _slots(self, wait: timedelta) -> int:
        """Return a wait in slots; no wait at all is 0, and any other at least 1."""
        hours = wait / timedelta(hours=self._hours)
        return max(1, round(hours)) if hours > 0 else 0

    def _slots_until(self, moment, slot) -> int:
        return self._slots(moment - self._begins - timedelta(hours=slot * self._hours))

    def _work_out(self, state, ways, spreads, slot) -> tuple:
        """Return what is kept of a stay, and the share that is still there in each slot."""
        reach = dict.fromkeys(self._assumed.messages, self._assumed.reach)
        exits, there = self._compete(state, ways, spreads, slot)
        runs = []
        for action in state.actions:
            spread = spreads.get(action.key, odds.NEVER)
            if not action.keep_after_leaving and not state.ends_run:
                spread = spread * _still(there, exits, len(spread))
            runs.append((action, spread * reach.get(action.key, 1.0)))
        return self._finish(Stay(state, exits, runs)), there

    def _queued(self, state, dues, there, slot, people) -> dict[str, odds.Spread] | None:
        """Let emails leave as the sending rate allows; None where all of them leave in time."""
        spreads, is_late = _spreads(state, dues), False
        for action in state.actions:
            if not action.is_message or action.key not in spreads:
                continue
            spread, late = spreads[action.key], odds.NEVER
            for place in np.flatnonzero(spread):
                due = people * spread[place] * there[min(place, len(there) - 1)]
                if due < NOBODY_LEFT:
                    continue
                waiting = self._queue.spread(slot + int(place), due)
                is_late = is_late or len(waiting) > 1 or waiting[0] < IN_TIME
                one = odds.after(odds.at(int(place), spread[place]), waiting)
                length = max(len(late), len(one))
                late = odds.padded(late, length) + odds.padded(one, length)
            spreads[action.key] = late
        return spreads if is_late else None

    # -- ways ---------------------------------------------------------------------------------

    def _compete(self, state, ways, spreads, slot) -> tuple[list[Exit], odds.Spread]:
        """Return what leads on, in order, and the share that is still there in each slot."""
        leading, shares = [], []
        for action in state.actions:
            if action.moves_to or action.ends_run:
                target = self._target_of(action)
                leading.append((action.key, target, (), spreads.get(action.key, odds.NEVER)))
        inside = []
        split = [way for way in ways if way.trigger == "split"]
        for way in ways:
            from_any = way in self._plan.any_transitions
            if way.trigger == "split" and way is not split[0]:
                continue
            spread = self._of_way(way, state, spreads, slot, from_any, split)
            if way.target_id is None and not any(a.moves_to or a.ends_run for a in way.actions):
                inside.append((way, spread))
                continue
            target = way.target_id
            if target is None:
                target = self._target_of(next(a for a in way.actions if a.moves_to or a.ends_run))
            leading.append((way.key, target, way.actions, spread))
        shares, there = odds.first_of([one[3] for one in leading])
        exits = []
        for (key, target, actions, _alone), spread in zip(leading, shares, strict=True):
            if split and key == split[0].key:
                exits += self._of_split(split, spread)
            else:
                exits.append(Exit(key, target, actions, spread))
        for way, spread in inside:
            still = _still(there, exits, len(spread))
            exits.append(Exit(way.key, None, way.actions, spread * still))
        return exits, there

    def _target_of(self, action) -> int | None:
        """Return the state to which an action takes people; an end where it ends their run."""
        states = self._plan.states.values()
        if action.moves_to:
            return next((state.id for state in states if state.key == action.moves_to), None)
        ends = [state.id for state in states if state.ends_run]
        return ends[0] if ends else None

    def _guard(self, way: Transition) -> float:
        return self._assumed.guards.get(way.key, 1.0)

    def _of_split(self, split, spread) -> list[Exit]:
        parts = [way.weight * self._guard(way) for way in split]
        whole = sum(parts) or 1
        return [
            Exit(way.key, way.target_id, way.actions, spread * part / whole)
            for way, part in zip(split, parts, strict=True)
        ]

    def _of_way(self, way, state, spreads, slot, from_any, split) -> odds.Spread:
        """Return when people take a way, if there were no other."""
        guard = self._guard(way)
        match way.trigger:
            case "split":
                total = sum(one.weight for one in split) or 1
                return odds.at(0, sum(one.weight * self._guard(one) for one in split) / total)
            case "timeout":
                hours = way.delay.value * UNIT_HOURS[way.delay.unit] / self._hours
                wait = odds.at(max(1, round(hours)) if hours else 0, guard)
                if not way.action_key:
                    return wait
                reach = self._assumed.reach if way.action_key in self._assumed.messages else 1.0
                return reach * odds.after(spreads.get(way.action_key, odds.NEVER), wait)
            case "date":
                return odds.at(self._slots_until(way.date_at, slot), guard)
            case "done":
                return guard * odds.both(list(spreads.values()))
        return guard * self._of_reaction(way, state, spreads, from_any)

    def _of_reaction(self, way, state, spreads, from_any) -> odds.Spread:
        assumed = self._assumed.reaction(way.key)
        share, half = assumed.share, assumed.half_hours / self._hours
        if not assumed.of_message:
            if from_any:
                share = 1 - (1 - share) ** (1 / self._assumed.visits)
            return odds.fading(share, half)
        share *= self._assumed.reach
        if way.action_key:
            answered = [way.action_key] if way.action_key in spreads else []
        else:
            answered = [a.key for a in state.actions if a.key in self._assumed.messages]
        if not answered:  # the message was sent before the state was entered
            return odds.NEVER if from_any else odds.fading(share, half)
        each = [odds.after(spreads[key], odds.fading(share, half)) for key in answered]
        if len(each) == 1:
            return each[0]
        answers = odds.stacked(each, max(map(len, each)))
        return odds.of_sums(1 - np.prod(1 - np.cumsum(answers, axis=1), axis=0))


def _spreads(state, dues) -> dict[str, odds.Spread]:
    """Return when the actions of a state are due, of those that run at all."""
    return {
        action.key: odds.evenly(due[1]) if isinstance(due, tuple) else odds.at(due)
        for action, due in zip(state.actions, dues, strict=True)
        if due is not None
    }


def _still(there, exits, length) -> odds.Spread:
    """Return the share that is still there in each of so many slots."""
    if length <= len(there):
        return there[:length]
    still = odds.padded(there, length)
    still[len(there) :] = _left_at_the_end(exits)
    return still


def _left_at_the_end(exits) -> float:
    return max(0.0, 1 - sum(float(one.spread.sum()) for one in exits if one.target_id is not None))


def _has_hours(timing) -> bool:
    return timing.window is not None or timing.calendar_id is not None
