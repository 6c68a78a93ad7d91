"""Checks on the shape of a workflow, before anyone is sent through it; pure."""

from dataclasses import dataclass

import networkx as nx

from .plan import Plan


@dataclass(frozen=True)
class Problem:
    """Something that keeps a workflow from running.

    :param code: what is wrong, one of the keys that `flow.workflow` words for people
    :param name: the name of the state, or the key of the action, that it is about
    :param part: which one that is, as ``("state" or "action", key)``; None for the whole workflow
    """

    code: str
    name: str = ""
    part: tuple[str, str] | None = None


def _of_state(code, state):
    return Problem(code, state.name, ("state", state.key))


def _of_action(code, action):
    return Problem(code, action.key, ("action", action.key))


def problems(plan: Plan) -> list[Problem]:
    """Return what keeps the workflow from running, in the order a person would mend it."""
    starts = [state for state in plan.states.values() if state.kind == "start"]
    if not starts:
        return [Problem("no_start")]
    if len(starts) > 1:
        return [_of_state("several_starts", starts[1])]
    return [
        *_unreachable(plan),
        *_without_way_out(plan),
        *_restless_cycles(plan),
        *_splits_that_do_not_add_up(plan),
        *_moves_on_the_way(plan),
        *_actions_without_content(plan),
    ]


def hints(plan: Plan) -> list[Problem]:
    """Return what does not keep the workflow from running but is hardly meant."""
    stuck = {problem.part for problem in _without_way_out(plan)}  # worse, and said already
    found = [
        _of_state("dead_end", state)
        for state in plan.states.values()
        if not state.ends_run
        and ("state", state.key) not in stuck
        and not any(t.target_id is not None for t in state.transitions)
        and not any(_takes_away(action) for action, _waits in _acting(state, state.transitions))
    ]
    if not any(owner.actions for owner in _owners(plan)):
        found.append(Problem("no_action"))
    return found


def _owners(plan):
    """Yield everything that can have actions."""
    yield from plan.states.values()
    yield from plan.any_transitions
    for state in plan.states.values():
        yield from state.transitions


def _digraph(plan: Plan, *, instant_only: bool = False) -> nx.DiGraph:
    graph = nx.DiGraph()
    graph.add_nodes_from(plan.states)
    ids = {state.key: state.id for state in plan.states.values()}
    for state in plan.states.values():
        if state.ends_run:
            continue
        for action, waits in _acting(state, plan.transitions_from(state)):
            if action.moves_to in ids and not (instant_only and waits):
                graph.add_edge(state.id, ids[action.moves_to])
        for transition in plan.transitions_from(state):
            if transition.target_id is None or (instant_only and _waits(state, transition)):
                continue
            graph.add_edge(state.id, transition.target_id)
    return graph


def _acting(state, transitions):
    """Yield the actions that run while participants are in a state, and whether time or an event
    passes before they do."""
    for action in state.actions:
        yield action, action.waits
    for transition in transitions:
        if transition.target_id is None:
            for action in transition.actions:
                yield action, _waits(state, transition)


def _takes_away(action) -> bool:
    return action.ends_run or action.moves_to is not None


def _waits(state, transition) -> bool:
    """Whether a participant rests in `state` before `transition` takes it away."""
    if transition.trigger == "done":
        return any(action.timing.kind == "delay" for action in state.actions)
    return transition.waits


def _unreachable(plan):
    reached = nx.descendants(_digraph(plan), plan.start.id) | {plan.start.id}
    return [
        _of_state("unreachable", state) for state in plan.states.values() if state.id not in reached
    ]


def _without_way_out(plan):
    return [
        _of_state("no_way_out", state)
        for state in plan.states.values()
        if not state.ends_run
        and not any(t.target_id is not None for t in plan.transitions_from(state))
        and not any(
            _takes_away(action) for action, _waits in _acting(state, plan.transitions_from(state))
        )
    ]


def _restless_cycles(plan):
    instant = _digraph(plan, instant_only=True)
    firsts = (
        min(component)
        for component in nx.strongly_connected_components(instant)
        if len(component) > 1 or instant.has_edge(min(component), min(component))
    )
    return [_of_state("restless_cycle", plan.states[first]) for first in firsts]


def _splits_that_do_not_add_up(plan):
    return [
        _of_state("split_shares", state)
        for state in plan.states.values()
        if any(t.trigger == "split" for t in state.transitions)
        and sum(t.weight for t in state.transitions if t.trigger == "split") != 100
    ]


def _moves_on_the_way(plan):
    """Who takes a way out that leads somewhere is gone before one of its actions could move it."""
    return [
        _of_action("move_on_the_way", action)
        for transition in plan.transitions
        if transition.target_id is not None
        for action in transition.actions
        if _takes_away(action)
    ]


def _actions_without_content(plan):
    return [
        _of_action("content_missing", action)
        for owner in _owners(plan)
        for action in owner.actions
        if action.content_missing
    ]
