"""What participants who are on their way will probably still get; pure.

Whoever is in a state leaves it as those before did: by each way out, the share of those who have
left the state that took it. As long as nobody has left, each way out is taken to be as likely as
the others; a split has its shares. Ways out of any state are not foreseen, so that the result is
rather too much than too little.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

from .plan import Plan, State, Transition

# More states than this nobody enters: visits of a participant are capped.
ROUNDS = 50
# Fewer people than this are nobody.
LEAST = 1e-3


@dataclass(frozen=True)
class Course:
    """How people have gone through a workflow so far, by the keys of states and transitions.

    :param active: who is in a state
    :param held: who waits at the door of a state
    :param entered: how often a state was entered
    :param passed: how often a transition was taken
    """

    active: Mapping[str, int] = field(default_factory=dict)
    held: Mapping[str, int] = field(default_factory=dict)
    entered: Mapping[str, int] = field(default_factory=dict)
    passed: Mapping[str, int] = field(default_factory=dict)


def expected_runs(plan: Plan, course: Course) -> dict[str, float]:
    """Return how often each action will probably begin, in states that are yet to be entered.

    Actions that are scheduled already are not among them.

    :return: numbers by the key of the action; never more than `ROUNDS` states ahead
    """
    runs: dict[str, float] = defaultdict(float)
    coming = {
        state.id: float(course.held.get(state.key, 0))
        for state in plan.states.values()
        if course.held.get(state.key)
    }
    _begin(plan, coming, runs)
    inside = defaultdict(float, coming)
    for state in plan.states.values():
        if course.active.get(state.key):
            inside[state.id] += course.active[state.key]
    for _round in range(ROUNDS):
        inside = _go_on(plan, course, inside, runs)
        if sum(inside.values()) < LEAST:
            break
    return dict(runs)


def _go_on(plan, course, inside, runs) -> dict[int, float]:
    """Let everybody leave the state they are in, once; return who is where then."""
    following: dict[int, float] = defaultdict(float)
    for state_id, people in inside.items():
        state = plan.states[state_id]
        if state.ends_run:
            continue
        for transition, share in _shares(state, course):
            for action in transition.actions:
                runs[action.key] += people * share
            if transition.target_id is not None:
                following[transition.target_id] += people * share
    _begin(plan, following, runs)
    return following


def _begin(plan, coming, runs) -> None:
    for state_id, people in coming.items():
        for action in plan.states[state_id].actions:
            runs[action.key] += people


def _shares(state: State, course: Course) -> list[tuple[Transition, float]]:
    """Return which share of those who leave a state takes each transition."""
    left = course.entered.get(state.key, 0) - course.active.get(state.key, 0)
    if left > 0:
        return [(t, course.passed.get(t.key, 0) / left) for t in state.transitions]
    leading = [t for t in state.transitions if t.target_id is not None]
    split = sum(t.weight for t in leading if t.trigger == "split")
    splits = [t for t in leading if t.trigger == "split"]
    ways = len(leading) - len(splits) + bool(split)
    return [(t, _guess(t, ways, split)) for t in state.transitions]


def _guess(transition: Transition, ways: int, split: int) -> float:
    """Return the share of a transition that nobody was seen to take or leave."""
    if transition.target_id is None:
        return 1.0
    if transition.trigger == "split":
        return transition.weight / split / ways if split else 0.0
    return 1 / ways
