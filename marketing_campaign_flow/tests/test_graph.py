from odoo.tests import BaseCase, tagged

from ..engine.clock import Delay, Timing
from ..engine.graph import hints, problems
from ..engine.plan import Action, Plan, State, Transition


def plan(*states, any_transitions=()):
    return Plan({state.id: state for state in states}, tuple(any_transitions))


def state(number, *transitions, kind="normal", actions=()):
    return State(number, f"k{number}", f"S{number}", kind, None, tuple(actions), transitions)


def to(target, trigger="event", **values):
    return Transition(target or 0, f"t{target}", trigger, target, **values)


@tagged("post_install", "-at_install")
class TestGraph(BaseCase):
    def codes(self, *args, **kwargs):
        return [(problem.code, problem.name) for problem in problems(plan(*args, **kwargs))]

    def test_sound_workflow(self):
        self.assertEqual(self.codes(state(1, to(2), kind="start"), state(2, kind="goal")), [])

    def test_start_is_needed_once(self):
        self.assertEqual(self.codes(state(1, kind="goal")), [("no_start", "")])

    def test_unreachable_state_is_named(self):
        self.assertEqual(
            self.codes(state(1, to(2), kind="start"), state(2, kind="goal"), state(3, to(2))),
            [("unreachable", "S3")],
        )

    def test_state_without_way_out_is_named(self):
        self.assertEqual(self.codes(state(1, to(None), kind="start")), [("no_way_out", "S1")])

    def test_state_without_way_out_is_named_once(self):
        stuck = plan(state(1, to(None), kind="start"))
        self.assertNotIn("dead_end", [hint.code for hint in hints(stuck)])
        left = plan(state(1, kind="start"), state(2, kind="exit"), any_transitions=[to(2)])
        self.assertIn("dead_end", [hint.code for hint in hints(left)])

    def test_way_out_from_any_state_is_enough(self):
        self.assertEqual(
            self.codes(state(1, kind="start"), state(2, kind="exit"), any_transitions=[to(2)]), []
        )

    def test_cycle_that_never_waits_is_refused(self):
        self.assertEqual(
            self.codes(
                state(1, to(2, "done"), kind="start"),
                state(2, to(1, "done"), to(3)),
                state(3, kind="goal"),
            ),
            [("restless_cycle", "S1")],
        )

    def test_loop_of_one_state_that_never_waits_is_refused(self):
        self.assertIn(
            ("restless_cycle", "S1"),
            self.codes(state(1, to(1, "done"), to(2), kind="start"), state(2, kind="goal")),
        )

    def test_cycle_that_waits_for_time_is_fine(self):
        wait = Action(1, "a", "email", Timing("delay", Delay(1, "days")))
        self.assertEqual(
            self.codes(
                state(1, to(2, "done"), kind="start", actions=[wait]),
                state(2, to(1, "timeout", delay=Delay(0, "days")), to(3)),
                state(3, kind="goal"),
            ),
            [],
        )

    def test_incomplete_action_is_named(self):
        broken = Action(1, "a", "email", content_missing=True)
        self.assertEqual(
            self.codes(state(1, to(2), kind="start", actions=[broken]), state(2, kind="goal")),
            [("content_missing", "a")],
        )
