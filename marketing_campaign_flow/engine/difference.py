"""What a new version of a workflow changes; pure.

Two questions, both answered by the keys that parts keep from version to version: what does a
person want to read before publishing (`between_parts`), and what does the engine have to do to
those who are under way (`between_plans`).
"""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field, replace

from .plan import Action, Plan, State

ADDED, REMOVED, CHANGED = "added", "removed", "changed"


@dataclass(frozen=True)
class Value:
    """One property of a part: what is compared, and how a person reads it.

    Without `words` (a body, a file) it is only said that it has changed.
    """

    label: str
    raw: Hashable
    words: str = ""


@dataclass(frozen=True)
class Part:
    """A state, transition or action of one version.

    :param kind: ``state``, ``transition`` or ``action``
    :param owner: kind and key of what it belongs to; None for states and for transitions from
        any state
    """

    kind: str
    key: str
    name: str
    owner: tuple[str, str] | None = None
    values: Mapping[str, Value] = field(default_factory=dict)

    @property
    def identity(self) -> tuple[str, str]:
        return self.kind, self.key


@dataclass(frozen=True)
class Change:
    """What happened to one part.

    :param what: ``added``, ``removed`` or ``changed``
    :param part: as it was; as it is where it was added
    :param values: pairs of values before and after, for what has changed
    :param moved: it belongs to something else now
    :param reordered: what belongs to it is looked at in another order
    """

    what: str
    part: Part
    values: tuple[tuple[Value | None, Value | None], ...] = ()
    moved: bool = False
    reordered: bool = False


def between_parts(before: Iterable[Part], after: Iterable[Part]) -> list[Change]:
    """Return what a person wants to know about a new version.

    The parts of something that was removed are not named one by one.

    :param before: parts of the old version, in order
    :param after: parts of the new version, in order
    """
    old = {part.identity: part for part in before}
    new = {part.identity: part for part in after}
    reordered = _reordered(old, new)
    changes = []
    for identity, part in old.items():
        if identity in new:
            change = _changed(part, new[identity], identity in reordered)
            changes += [change] if change else []
        elif part.owner is None or part.owner in new:
            changes.append(Change(REMOVED, part))
    changes += [Change(ADDED, part) for identity, part in new.items() if identity not in old]
    if None in reordered:
        changes.append(Change(CHANGED, Part("any", "", ""), reordered=True))
    return changes


def _changed(old: Part, new: Part, reordered: bool) -> Change | None:
    names = dict.fromkeys((*old.values, *new.values))
    values = tuple(
        (old.values.get(name), new.values.get(name))
        for name in names
        if _raw(old.values.get(name)) != _raw(new.values.get(name))
    )
    moved = old.owner != new.owner
    if values or moved or reordered:
        return Change(CHANGED, old, values, moved, reordered)
    return None


def _raw(value: Value | None):
    return value.raw if value else None


def _reordered(old, new) -> set:
    """Return the owners whose transitions stand in another order: the first that holds wins.

    None stands for the transitions from any state.
    """
    orders = []
    for mine, others in ((old, new), (new, old)):
        order = defaultdict(list)
        for identity, part in mine.items():
            twin = others.get(identity)
            if part.kind == "transition" and twin and twin.owner == part.owner:
                order[part.owner].append(identity)
        orders.append(order)
    return {owner for owner, order in orders[0].items() if order != orders[1][owner]}


@dataclass(frozen=True)
class PlanDifference:
    """What publishing has to do to those who are under way.

    :param states: ids of states that stay, old to new
    :param touched: keys of the states that stay and in which something is different
    :param ended: states of the new plan that end the run now and did not before
    :param removed: states of the old plan that are gone
    :param actions: actions that stay, old and new
    :param removed_actions: keys of the actions that are gone
    :param added_actions: actions of the new plan that are new in a state that stays
    """

    states: Mapping[int, int]
    touched: frozenset[str]
    ended: tuple[State, ...]
    removed: tuple[State, ...]
    actions: tuple[tuple[Action, Action], ...]
    removed_actions: tuple[str, ...]
    added_actions: tuple[tuple[State, Action], ...]

    @property
    def retimed(self) -> tuple[tuple[Action, Action], ...]:
        """The actions that are due at another moment than before."""
        return tuple(pair for pair in self.actions if pair[0].timings != pair[1].timings)


def between_plans(before: Plan, after: Plan) -> PlanDifference:
    """Return what publishing the plan `after` over the plan `before` means for those under way.

    An action that moved to another state or transition is a new one there and gone from here.
    """
    old_states = {state.key: state for state in before.states.values()}
    new_states = {state.key: state for state in after.states.values()}
    both = [key for key in old_states if key in new_states]
    old_actions, new_actions = _actions_by_owner(before), _actions_by_owner(after)
    kept = {key for key in old_actions if new_actions.get(key, (None,))[0] == old_actions[key][0]}
    of_states = [
        (state, action)
        for key, state in new_states.items()
        if key in old_states
        for action in state.actions
    ]
    return PlanDifference(
        states={old_states[key].id: new_states[key].id for key in both},
        touched=frozenset(
            key for key in both if _shape(before, old_states[key]) != _shape(after, new_states[key])
        ),
        ended=tuple(
            new_states[key]
            for key in both
            if new_states[key].ends_run and not old_states[key].ends_run
        ),
        removed=tuple(state for key, state in old_states.items() if key not in new_states),
        actions=tuple(
            (old_actions[key][1], new_actions[key][1]) for key in old_actions if key in kept
        ),
        removed_actions=tuple(key for key in old_actions if key not in kept),
        added_actions=tuple((s, action) for s, action in of_states if action.key not in kept),
    )


def suggested_target(before: Plan, after: Plan, removed: State) -> State | None:
    """Return the state of the new plan to which those in a removed state obviously go.

    That is one of the same name, drawn again; else the one state to which all its ways out led.
    """
    surviving = {state.key: state for state in after.states.values()}
    namesakes = [state for state in surviving.values() if state.name == removed.name]
    if len(namesakes) == 1:
        return namesakes[0]
    targets = {before.states[t.target_id].key for t in removed.transitions if t.target_id}
    if len(targets) == 1:
        return surviving.get(targets.pop())
    return None


def _actions_by_owner(plan: Plan) -> dict:
    """Return every action of a plan by its key, with the kind and the key of its owner."""
    owners = [("state", state) for state in plan.states.values()]
    owners += [("transition", transition) for transition in plan.transitions]
    return {
        action.key: ((kind, owner.key), action)
        for kind, owner in owners
        for action in owner.actions
    }


def _shape(plan: Plan, state: State):
    """Return a state with all that can happen in it, free of names and of ids of its version."""

    def of_actions(actions):
        return tuple(replace(action, id=0) for action in actions)

    def of_transition(transition):
        target = plan.states.get(transition.target_id)
        shape = replace(transition, id=0, target_id=None, actions=of_actions(transition.actions))
        return shape, target and target.key

    return (
        state.ends_run,
        state.phase_id,
        of_actions(state.actions),
        tuple(of_transition(transition) for transition in plan.transitions_from(state)),
    )
