"""The pure plan and the checks on its shape, held against the plainest way to find out."""

from dataclasses import FrozenInstanceError

from hypothesis import given, settings
from hypothesis import strategies as st
from odoo.tests import BaseCase, tagged

from ..engine import graph, plan
from ..engine.clock import AT_ENTRY, Delay, Timing

TRIGGERS = (
    "event", "timeout", "manual", "done", "split", "condition", "date", "result",
)  # fmt: skip
WAIT = Timing("delay", Delay(1, "days"))


@st.composite
def workflows(draw):
    """Draw the rows of a workflow, as `plan.build` takes them; sound or not."""
    numbers = range(1, draw(st.integers(1, 6)) + 1)
    kinds = st.sampled_from(["normal", "normal", "goal", "exit", "done"])
    states = [
        {"id": n, "key": f"k{n}", "name": f"S{n}", "kind": "start" if n == 1 else draw(kinds)}
        for n in numbers
    ]
    transitions = [
        {
            "id": number,
            "key": f"t{number}",
            "state_id": draw(st.sampled_from([None, *numbers])),
            "target_id": draw(st.sampled_from([None, *numbers])),
            "trigger": draw(st.sampled_from(TRIGGERS)),
            "weight": draw(st.integers(0, 100)),
            "delay": Delay(draw(st.integers(0, 2)), "days"),
        }
        for number in range(draw(st.integers(0, 12)))
    ]
    actions = [
        {
            "id": number,
            "key": f"a{number}",
            "kind": "email",
            "state_id": draw(st.sampled_from(list(numbers))),
            "transition_id": None,
            "timing": draw(st.sampled_from([AT_ENTRY, WAIT])),
            "content_missing": draw(st.booleans()),
        }
        for number in range(draw(st.integers(0, 5)))
    ]
    return states, transitions, actions


def moves(built):
    """Return who may go where: triples of state, target and whether it rests there before."""
    found = set()
    for state in built.states.values():
        leaving = () if state.ends_run else (*built.any_transitions, *state.transitions)
        for transition in leaving:
            own = transition in state.transitions
            if transition.target_id is None or (not own and transition.target_id == state.id):
                continue
            rests = transition.trigger in ("event", "manual")
            rests |= transition.trigger == "timeout" and transition.delay.value > 0
            delayed = any(action.timing == WAIT for action in state.actions)
            rests |= transition.trigger == "done" and delayed
            found.add((state.id, transition.target_id, rests))
    return found


@tagged("post_install", "-at_install")
class TestPlan(BaseCase):
    @settings(max_examples=200, deadline=None)
    @given(rows=workflows())
    def test_plan_holds_every_row_in_its_place_and_order(self, rows):
        states, transitions, actions = rows
        built = plan.build(*rows)
        self.assertEqual(list(built.states), [row["id"] for row in states])
        self.assertEqual(
            sorted(t.id for t in built.transitions), [row["id"] for row in transitions]
        )
        for state in built.states.values():
            mine = [row["id"] for row in transitions if row["state_id"] == state.id]
            self.assertEqual([t.id for t in state.transitions], mine)
            mine = [row["id"] for row in actions if row["state_id"] == state.id]
            self.assertEqual([action.id for action in state.actions], mine)
            looked_at = built.transitions_from(state)
            from_any = [t for t in built.any_transitions if t.target_id != state.id]
            self.assertEqual(looked_at, (*from_any, *state.transitions))
        self.assertEqual(built, plan.build(*rows), "the same rows, the same plan")
        with self.assertRaises(FrozenInstanceError):
            built.states[1].name = "Another"

    @settings(max_examples=200, deadline=None)
    @given(rows=workflows())
    def test_shares_divide_a_draw_without_gap_and_overlap(self, rows):
        for state in plan.build(*rows).states.values():
            splits = [t for t in state.transitions if t.trigger == "split"]
            total = sum(t.weight for t in splits)
            drawn = [n for t in splits if t.share for n in range(t.share.first, t.share.last)]
            self.assertEqual(drawn, list(range(total)))
            for split in splits if total else ():
                self.assertEqual(split.share.last - split.share.first, split.weight)
                self.assertEqual((split.share.key, split.share.total), (state.key, total))

    @settings(max_examples=300, deadline=None)
    @given(rows=workflows())
    def test_states_that_nobody_reaches_are_found(self, rows):
        built = plan.build(*rows)
        reached, steps = {1}, moves(built)
        for _round in built.states:
            reached |= {target for source, target, _rests in steps if source in reached}
        lost = {f"S{number}" for number in built.states if number not in reached}
        self.assertEqual(self._names(built, "unreachable"), lost)

    @settings(max_examples=300, deadline=None)
    @given(rows=workflows())
    def test_states_that_nobody_leaves_are_found(self, rows):
        built = plan.build(*rows)
        left = {source for source, _target, _rests in moves(built)}
        stuck = {
            state.name
            for state in built.states.values()
            if not state.ends_run and state.id not in left
        }
        self.assertEqual(self._names(built, "no_way_out"), stuck)

    @settings(max_examples=300, deadline=None)
    @given(rows=workflows())
    def test_workflow_is_refused_when_somebody_could_go_round_without_rest(self, rows):
        built = plan.build(*rows)
        restless = {(source, target) for source, target, rests in moves(built) if not rests}
        walkers = set(built.states)
        for _step in range(len(built.states) + 1):  # longer than any walk without a cycle
            walkers = {target for source, target in restless if source in walkers}
        self.assertEqual(bool(self._names(built, "restless_cycle")), bool(walkers))

    @settings(max_examples=200, deadline=None)
    @given(rows=workflows())
    def test_who_may_leave_at_once_is_looked_at_at_once(self, rows):
        built = plan.build(*rows)
        for source, _target, rests in moves(built):
            state = built.states[source]
            if not rests and not any(t.trigger == "done" for t in state.transitions):
                self.assertTrue(built.may_leave_at_once(state))

    def _names(self, built, code):
        return {problem.name for problem in graph.problems(built) if problem.code == code}
