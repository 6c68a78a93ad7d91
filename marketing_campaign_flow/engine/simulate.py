"""What a campaign will probably do before anybody is in it: expected numbers of people; pure.

People are a quantity that flows from state to state, hour by hour. How long it stays in a state,
and by which way it leaves, is worked out once per state, moment of entry and set of dues
(`simulate_state`), so that a million people cost no more than ten. Splits, delays, time-outs and
opening hours are exact to the hour; what people do is assumed, see `Assumptions`.

`forecast` answers another question: what those who are on their way will still cost.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

import numpy as np

from . import clock
from .forecast import ROUNDS
from .plan import Plan
from .simulate_state import Assumptions, Queue, Stays

MOST_DAYS = 366
# Of so many slots on they are longer: what takes months is not told by the hour.
FINE_DAYS = 92
COARSE_HOURS = 4
# Fewer than this part of all people enter with those of the next slot: fewer packets, same sums.
CRUMB = 1e-4
# A campaign is over when no more than this part of its people is still on the way.
FEW = 0.005


@dataclass(frozen=True)
class Arrivals:
    """Who comes in: how many at launch, and how many on each day after it."""

    at_launch: float = 0.0
    per_day: float = 0.0


@dataclass(frozen=True)
class Outlook:
    """What is to be expected, day by day in the time zone of the campaign.

    :param days: the days, the first is that of the launch
    :param arrived: how many have come in by the end of each day
    :param people: by the key of a state, how many are in it at the end of each day
    :param runs: by the key of an action, how often it runs on each day
    :param costs: what the actions of each day cost
    :param circling: how many have run in circles and were taken out by the end of each day
    :param entered: how often each state is entered in all, by its key
    :param came: how many come in in all
    :param ends_on: the place in `days` of the one on which the campaign is over; None where it
        goes on beyond the last
    :param staying: how many are still on their way at the end, by the key of their state
    """

    days: tuple[date, ...]
    arrived: Sequence[float]
    people: Mapping[str, Sequence[float]]
    runs: Mapping[str, Sequence[float]]
    costs: Sequence[float]
    circling: Sequence[float]
    entered: Mapping[str, float] = field(default_factory=dict)
    came: float = 0.0
    ends_on: int | None = None
    staying: Mapping[str, float] = field(default_factory=dict)


def simulate(
    plan: Plan, arrivals: Arrivals, assumed: Assumptions, begins: datetime, days: int
) -> Outlook:
    """Return what is to be expected of a workflow.

    :param begins: moment of the launch, UTC
    :param days: how far to look ahead, at most `MOST_DAYS`
    """
    days = max(1, min(days, MOST_DAYS))
    if any(not assumed.reaction(way.key).of_message for way in plan.any_transitions):
        # What may happen in any state is assumed of the whole way, which leads through several.
        # How many is reckoned roughly: by longer slots, and as if everything left in time.
        without = replace(assumed, visits=float("inf"), sending_rate=0)
        alone = _Flow(plan, arrivals, without, begins, days, hours=COARSE_HOURS)
        alone.run()
        assumed = replace(assumed, visits=max(1.0, alone.visits_each()))
    hours = 1 if days <= FINE_DAYS else COARSE_HOURS
    flow = _Flow(plan, arrivals, assumed, begins, days, hours)
    flow.run()
    return flow.outlook()


@dataclass(frozen=True)
class _Effects:
    """What each person who enters a state changes: rows of the reckoning, slot after slot."""

    rows: np.ndarray
    amounts: np.ndarray


class _Flow:
    """The quantities of one reckoning: columns are slots of time. Of the rows, the first are who
    comes into each state, then by how many it changes, then how often each action runs."""

    def __init__(self, plan, arrivals, assumed, begins, days, hours):
        self.plan, self.arrivals, self.assumed, self.begins = plan, arrivals, assumed, begins
        self.hours = hours
        self.count = days * 24 // self.hours
        self.states = list(plan.states.values())
        self.row = {state.id: number for number, state in enumerate(self.states)}
        owners = (*self.states, *plan.transitions)
        self.actions = {action.key: action for owner in owners for action in owner.actions}
        first = 2 * len(self.states)
        self.run_row = {key: number for number, key in enumerate(self.actions, first)}
        self.amounts = np.zeros((first + len(self.actions), self.count))
        self.coming, self.change = self.amounts[: first // 2], self.amounts[first // 2 : first]
        self.entered = np.zeros(len(self.states))
        self.circling = np.zeros(self.count)
        self.doors = [self._door(state) for state in self.states]
        rate = assumed.sending_rate * self.hours
        queue = Queue(rate, self.count) if rate else None
        self.stays = Stays(plan, assumed, begins, self.hours, queue, self._effects)
        self.everybody = arrivals.at_launch + arrivals.per_day * max(0, days - 1)

    def run(self) -> None:
        start = self.plan.start
        if start is None:
            return
        at_start = self.coming[self.row[start.id]]
        at_start[0] += self.arrivals.at_launch
        at_start[24 // self.hours :: 24 // self.hours] += self.arrivals.per_day
        crumb = max(self.everybody * CRUMB, 1e-12)
        for slot in range(self.count):
            for _round in range(ROUNDS):
                if not self._let_in(slot, crumb):
                    break
            else:
                self.circling[slot] = self.coming[:, slot].sum()
                self.coming[:, slot] = 0

    def _let_in(self, slot, crumb) -> bool:
        """Let everybody who comes in this slot enter; return whether there was anybody."""
        arriving = self.coming[:, slot].copy()
        self.coming[:, slot] = 0
        if slot + 1 < self.count:
            crumbs = np.where(arriving < crumb, arriving, 0.0)
            self._hold(slice(None), slot, slot + 1, crumbs)
            arriving -= crumbs
        some = np.flatnonzero(arriving)
        for number in some:
            if self.doors[number] > slot:
                self._hold(number, slot, self.doors[number], arriving[number])
            else:
                self._enter(number, slot, arriving[number])
        return bool(len(some))

    def _door(self, state) -> int:
        """Return the slot in which the phase of a state opens, 0 where it is open."""
        opens = self.assumed.doors.get(state.phase_id)
        if opens is None:
            return 0
        return max(0, -(-(opens - self.begins) // timedelta(hours=self.hours)))

    def _hold(self, rows, slot, door, people) -> None:
        self.change[rows, slot] += people
        if door < self.count:
            self.change[rows, door] -= people
            self.coming[rows, door] += people

    def _enter(self, number, slot, people) -> None:
        self.entered[number] += people
        self.change[number, slot] += people
        effects = self.stays.of(self.states[number], slot, people)
        amounts = effects.amounts[:, : self.count - slot]
        self.amounts[effects.rows, slot : slot + amounts.shape[1]] += people * amounts

    def _effects(self, stay) -> _Effects:
        """Return what a stay changes, each row once."""
        found = defaultdict(list)
        for action, spread in stay.runs:
            found[self.run_row[action.key]].append(spread)
        for exit_ in stay.exits:
            for action in exit_.actions:
                found[self.run_row[action.key]].append(exit_.spread)
            if exit_.target_id is not None:
                found[self.row[exit_.target_id]].append(exit_.spread)
                found[len(self.states) + self.row[stay.state.id]].append(-exit_.spread)
        length = min(self.count, max((len(s) for some in found.values() for s in some), default=0))
        amounts = np.zeros((len(found), length))
        for row, spreads in zip(amounts, found.values(), strict=True):
            for spread in spreads:
                row[: len(spread)] += spread[:length]
        return _Effects(np.fromiter(found, int, len(found)), amounts)

    def visits_each(self) -> float:
        """Return how many states that are no end each person enters."""
        going = [number for number, state in enumerate(self.states) if not state.ends_run]
        return float(self.entered[going].sum()) / max(self.everybody, 1e-12)

    # -- telling it ---------------------------------------------------------------------------

    def outlook(self) -> Outlook:
        day_of = self._day_of_slots()
        days = tuple(dict.fromkeys(day_of))
        number_of = {day: number for number, day in enumerate(days)}
        numbers = np.array([number_of[day] for day in day_of])
        last_slots = np.append(np.flatnonzero(np.diff(numbers)), self.count - 1)
        people = np.cumsum(self.change, axis=1).clip(min=0.0)[:, last_slots]
        arrived = self._arrived()[last_slots]
        circling = np.cumsum(self.circling)[last_slots]
        runs = {
            key: np.bincount(numbers, weights=self.amounts[row], minlength=len(days))
            for key, row in self.run_row.items()
            if self.amounts[row].any()
        }
        costs = np.zeros(len(days))
        for key, amounts in runs.items():
            costs += (self.actions[key].unit_cost or 0.0) * amounts
        going = [number for number, state in enumerate(self.states) if not state.ends_run]
        ends_on = self._ends_on(people[going].sum(axis=0))
        shown = slice(0, self._shown(np.vstack([people, circling]), runs, len(days)))
        return Outlook(
            days=days[shown],
            arrived=arrived[shown].tolist(),
            people={
                state.key: people[number][shown].tolist()
                for number, state in enumerate(self.states)
            },
            runs={key: amounts[shown].tolist() for key, amounts in runs.items()},
            costs=costs[shown].tolist(),
            circling=circling[shown].tolist(),
            entered={
                state.key: float(self.entered[number]) for number, state in enumerate(self.states)
            },
            came=self.everybody,
            ends_on=ends_on,
            staying={
                self.states[number].key: float(people[number, -1])
                for number in going
                if people[number, -1] >= max(0.5, FEW * self.everybody)
            },
        )

    def _day_of_slots(self) -> list[date]:
        moments = (self.begins + timedelta(hours=n * self.hours) for n in range(self.count))
        return [clock.to_local(moment, self.assumed.zone).date() for moment in moments]

    def _arrived(self):
        arrived = np.zeros(self.count)
        arrived[0] = self.arrivals.at_launch
        arrived[24 // self.hours :: 24 // self.hours] += self.arrivals.per_day
        return np.cumsum(arrived)

    def _ends_on(self, going) -> int | None:
        """Return the day on which next to nobody is on the way any more."""
        if self.arrivals.per_day or not len(going):
            return None
        few = max(0.5, FEW * self.everybody)
        many = np.flatnonzero(going >= few)
        last = int(many[-1]) + 1 if len(many) else 0
        return last if last < len(going) else None

    def _shown(self, people, runs, length) -> int:
        """Return how many days there is something to tell of, one more than the last change."""
        least = max(0.5, 1e-4 * self.everybody)
        busy = [np.abs(np.diff(people, axis=1, prepend=0.0)).max(axis=0, initial=0.0) >= least]
        busy += [amounts >= least for amounts in runs.values()]
        last = np.flatnonzero(np.any(busy, axis=0))
        return min(length, (int(last[-1]) if len(last) else 0) + 2)
