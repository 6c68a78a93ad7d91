"""What is still to come: the pure forecast, held against cases worked out by hand."""

from hypothesis import given, settings
from hypothesis import strategies as st
from odoo.tests import BaseCase, tagged

from ..engine import plan
from ..engine.forecast import ROUNDS, Course, expected_runs
from .test_plan import workflows


def workflow(states, transitions, actions):
    """Compile a workflow: states by key, `a>b` pairs with key, and actions with their owner."""
    numbers = {key: number for number, key in enumerate(states, 1)}
    rows = [
        {
            "id": number,
            "key": key,
            "state_id": numbers[source],
            "target_id": numbers.get(target),
            "trigger": trigger,
            "weight": weight,
        }
        for number, (key, source, target, trigger, weight) in enumerate(transitions, 1)
    ]
    ids = {row["key"]: row["id"] for row in rows}
    return plan.build(
        states=[
            {"id": numbers[key], "key": key, "name": key, "kind": kind}
            for key, kind in states.items()
        ],
        transitions=rows,
        actions=[
            {
                "id": number,
                "key": key,
                "kind": "email",
                "state_id": numbers.get(owner),
                "transition_id": ids.get(owner),
            }
            for number, (key, owner) in enumerate(actions.items(), 1)
        ],
    )


@tagged("post_install", "-at_install")
class TestForecast(BaseCase):
    def setUp(self):
        super().setUp()
        # first -> second -> over, with a way from first to over; a thank-you on the way to over
        self.plan = workflow(
            {"first": "start", "second": "normal", "over": "done"},
            [
                ("on", "first", "second", "timeout", 0),
                ("buy", "first", "over", "event", 0),
                ("end", "second", "over", "done", 0),
            ],
            {"mail": "first", "reminder": "second", "thanks": "buy", "farewell": "over"},
        )

    def test_people_go_on_as_those_before_them_did(self):
        course = Course(
            active={"first": 100, "second": 10},
            entered={"first": 150, "second": 30, "over": 40},
            passed={"on": 30, "buy": 20, "end": 20},
        )
        # Of 50 who left the first state, 30 went on and 20 bought; 20 of 20 left the second.
        runs = expected_runs(self.plan, course)
        self.assertAlmostEqual(runs["reminder"], 60)
        self.assertAlmostEqual(runs["thanks"], 40)
        self.assertAlmostEqual(runs["farewell"], 110)
        self.assertNotIn("mail", runs)  # theirs is scheduled already, or has run

    def test_who_left_by_other_ways_is_not_expected_further_on(self):
        course = Course(active={"first": 10}, entered={"first": 20}, passed={"on": 5})
        self.assertAlmostEqual(expected_runs(self.plan, course)["reminder"], 5)

    def test_before_anybody_has_left_all_ways_are_as_likely(self):
        runs = expected_runs(self.plan, Course(active={"first": 10}, entered={"first": 10}))
        self.assertAlmostEqual(runs["reminder"], 5)
        self.assertAlmostEqual(runs["thanks"], 5)

    def test_who_waits_at_a_door_is_still_to_begin_there(self):
        runs = expected_runs(self.plan, Course(held={"second": 7}))
        self.assertAlmostEqual(runs["reminder"], 7)
        self.assertAlmostEqual(runs["farewell"], 7)

    def test_split_has_its_shares(self):
        split = workflow(
            {"start": "start", "a": "normal", "b": "normal"},
            [("1", "start", "a", "split", 30), ("2", "start", "b", "split", 70)],
            {"in a": "a", "in b": "b"},
        )
        runs = expected_runs(split, Course(active={"start": 10}, entered={"start": 10}))
        self.assertAlmostEqual(runs["in a"], 3)
        self.assertAlmostEqual(runs["in b"], 7)

    def test_circles_come_to_an_end(self):
        circle = workflow(
            {"start": "start", "again": "normal"},
            [("1", "start", "again", "timeout", 0), ("2", "again", "start", "timeout", 0)],
            {"mail": "start"},
        )
        runs = expected_runs(circle, Course(active={"start": 4}, entered={"start": 4}))
        self.assertEqual(runs["mail"], 4 * ROUNDS / 2)

    @given(workflows(), st.lists(st.integers(0, 5), min_size=6, max_size=6))
    @settings(max_examples=100, deadline=None)
    def test_nobody_is_made_out_of_nothing(self, rows, counts):
        built = plan.build(*rows)
        active = {
            state.key: number for state, number in zip(built.states.values(), counts, strict=False)
        }
        runs = expected_runs(built, Course(active=active, entered=active))
        self.assertTrue(all(number >= 0 for number in runs.values()))
        if not sum(active.values()):
            self.assertEqual(runs, {})
        self.assertLessEqual(max(runs.values(), default=0), sum(active.values()) * (ROUNDS + 1))
