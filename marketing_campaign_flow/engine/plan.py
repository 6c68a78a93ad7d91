"""A workflow compiled once to an immutable plan; pure values, no database.

`build` takes the rows of a workflow as dictionaries and returns a `Plan`. The engine reads
plans only, so a published workflow costs no query per batch.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from .clock import AT_ENTRY, NO_DELAY, Delay, Timing
from .event_rule import EventRule

DELIVERED = "delivered"  # the event that is a step which was run
END_KINDS = ("goal", "exit", "done")


@dataclass(frozen=True)
class Action:
    """Work for a participant, due by its `timing`.

    :param is_pause: the actions below it count from its moment instead of the entry
    :param pauses: the timings of the pauses above it in its state
    :param moves_to: key of the state to which it moves participants
    :param ends_run: it ends the run of participants
    :param is_test: versions of its email are tested against each other
    :param unit_cost: what it costs for one participant, in the currency of the campaign
    """

    id: int
    key: str
    kind: str
    timing: Timing = AT_ENTRY
    keep_after_leaving: bool = False
    content_missing: bool = False
    contract: str = "transactional"
    is_pause: bool = False
    pauses: tuple[Timing, ...] = ()
    moves_to: str | None = None
    ends_run: bool = False
    is_test: bool = False
    unit_cost: float = field(default=0.0, compare=False)

    @property
    def timings(self) -> tuple[Timing, ...]:
        """What it waits for: the pauses, in order, then its own moment."""
        return (*self.pauses, self.timing)

    @property
    def waits(self) -> bool:
        """Whether time must pass before it runs."""
        return any(timing.kind == "delay" and timing.delay.value for timing in self.timings)

    @property
    def is_message(self) -> bool:
        return self.contract == "at_most_once"

    @property
    def is_call(self) -> bool:
        return self.contract == "idempotent"


@dataclass(frozen=True)
class Share:
    """The part of a draw from 0 to `total` - 1 that falls to a transition: `first` to `last` - 1.

    `key` names the draw: transitions of one state share one draw.
    """

    key: str
    first: int
    last: int
    total: int


@dataclass(frozen=True)
class Result:
    """A campaign figure that is to be reached.

    :param metric: see `engine.result`
    :param action_key: the email it is about; None for all of the campaign
    :param at_least: the figure is to reach the threshold, else to stay at or below it
    :param threshold: percent
    :param sample: with fewer cases than this the figure is undefined, and does not hold
    """

    metric: str
    action_key: str | None = None
    at_least: bool = True
    threshold: float = 0.0
    sample: int = 1


@dataclass(frozen=True)
class Transition:
    """A way out of a state, or, without `target_id`, something that happens inside it."""

    id: int
    key: str
    trigger: str
    target_id: int | None = None
    event: EventRule | None = None
    action_key: str | None = None
    delay: Delay = NO_DELAY
    date_at: datetime | None = None
    condition: str | None = None
    weight: int = 0
    share: Share | None = None
    result: Result | None = None
    each_time: bool = False
    guard: str | None = None
    actions: tuple[Action, ...] = ()

    @property
    def waits(self) -> bool:
        """Whether time or an event must pass before it can fire."""
        if self.trigger == "timeout":
            return bool(self.delay.value)
        return self.trigger not in ("done", "split", "condition", "date", "result")


@dataclass(frozen=True)
class State:
    """Where a participant can be."""

    id: int
    key: str
    name: str
    kind: str
    phase_id: int | None = None
    actions: tuple[Action, ...] = ()
    transitions: tuple[Transition, ...] = ()

    @property
    def ends_run(self) -> bool:
        return self.kind in END_KINDS


@dataclass(frozen=True)
class Plan:
    """A whole workflow."""

    states: Mapping[int, State] = field(default_factory=dict)
    any_transitions: tuple[Transition, ...] = ()

    @property
    def start(self) -> State | None:
        return next((state for state in self.states.values() if state.kind == "start"), None)

    @property
    def calls(self) -> bool:
        """Whether any of its actions calls somebody."""
        owners = (*self.states.values(), *self.transitions)
        return any(action.is_call for owner in owners for action in owner.actions)

    @property
    def priced_ids(self) -> tuple[int, ...]:
        """The actions that cost money and commit with their steps."""
        owners = (*self.states.values(), *self.transitions)
        return tuple(
            action.id
            for owner in owners
            for action in owner.actions
            if action.unit_cost and action.contract == "transactional"
        )

    @property
    def tests(self) -> bool:
        """Whether versions of any email are tested."""
        owners = (*self.states.values(), *self.transitions)
        return any(action.is_test for owner in owners for action in owner.actions)

    @property
    def transitions(self) -> tuple[Transition, ...]:
        """All transitions, those from any state first."""
        of_states = (t for state in self.states.values() for t in state.transitions)
        return (*self.any_transitions, *of_states)

    def may_leave_at_once(self, state: State) -> bool:
        """Return whether a participant may go on in the moment it enters a state.

        Not so where everything waits for time to pass or for events that are still to come; an
        event that names an action may have happened in an earlier state.
        """
        return any(
            transition.trigger not in ("event", "timeout", "manual")
            or (transition.trigger == "event" and transition.action_key)
            or (transition.trigger == "timeout" and not transition.waits)
            for transition in self.transitions_from(state)
        )

    def waits_for_steps(self, state_id: int | None) -> bool:
        """Return whether participants in a state may go on because a step was run.

        :param state_id: one that is not in this version asks whether that is so in any state
        """
        states = [self.states[state_id]] if state_id in self.states else self.states.values()
        return any(
            transition.trigger == "done"
            or (transition.trigger == "timeout" and transition.action_key)
            for state in states
            for transition in self.transitions_from(state)
        ) or any(t.event and t.event.kind == DELIVERED for t in self.transitions)

    @property
    def kept_action_ids(self) -> tuple[int, ...]:
        """The actions that still run when the participant has left their state."""
        return tuple(
            action.id
            for state in self.states.values()
            for action in state.actions
            if action.keep_after_leaving
        )

    def transitions_from(self, state: State) -> tuple[Transition, ...]:
        """Return the transitions to look at in `state`, in order: those from any state first.

        A transition from any state does not lead a participant into the state it is in.
        """
        from_any = tuple(t for t in self.any_transitions if t.target_id != state.id)
        return from_any + state.transitions


def build(states: Iterable[dict], transitions: Iterable[dict], actions: Iterable[dict]) -> Plan:
    """Compile a workflow.

    :param states: rows with the fields of `State`, in order
    :param transitions: rows with the fields of `Transition` plus ``state_id``
        (None = from any state), in order of priority
    :param actions: rows with the fields of `Action` plus ``state_id`` or ``transition_id``,
        in order
    """
    of_state, of_transition = defaultdict(list), defaultdict(list)
    for row in actions:
        row = dict(row)
        state_id, transition_id = row.pop("state_id"), row.pop("transition_id")
        owner = of_state[state_id] if state_id else of_transition[transition_id]
        pauses = tuple(action.timing for action in owner if action.is_pause)
        owner.append(Action(**row, pauses=pauses))
    leaving = defaultdict(list)
    for row in transitions:
        row = dict(row)
        source = row.pop("state_id")
        leaving[source].append(Transition(**row, actions=tuple(of_transition[row["id"]])))
    return Plan(
        states={
            row["id"]: State(
                **row,
                actions=tuple(of_state[row["id"]]),
                transitions=_with_shares(row["key"], leaving[row["id"]]),
            )
            for row in states
        },
        any_transitions=tuple(leaving[None]),
    )


def _with_shares(key: str, transitions: Iterable[Transition]) -> tuple[Transition, ...]:
    """Divide one draw among the split transitions of a state, by their weights and in order."""
    total = sum(t.weight for t in transitions if t.trigger == "split")
    shared, first = [], 0
    for transition in transitions:
        if transition.trigger == "split" and total:
            share = Share(key, first, first + transition.weight, total)
            transition, first = replace(transition, share=share), share.last
        shared.append(transition)
    return tuple(shared)
