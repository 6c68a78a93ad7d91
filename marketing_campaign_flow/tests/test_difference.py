from odoo.tests import BaseCase, tagged

from ..engine import plan
from ..engine.clock import AT_ENTRY, Delay, Timing
from ..engine.difference import Part, Value, between_parts, between_plans, suggested_target
from ..engine.event_rule import EventRule


def after(value, unit="days"):
    return Timing(kind="delay", delay=Delay(value, unit))


class Draft:
    """A workflow in rows, with ids of its own as every version has."""

    def __init__(self, first_id):
        self.next_id = first_id
        self.states, self.transitions, self.actions = {}, [], []

    def _id(self):
        self.next_id += 1
        return self.next_id

    def state(self, key, kind="normal", name=None):
        self.states[key] = {"id": self._id(), "key": key, "name": name or key, "kind": kind}
        return self

    def action(self, key, state=None, timing=AT_ENTRY, transition=None):
        owner = next((t["id"] for t in self.transitions if t["key"] == transition), None)
        self.actions.append(
            {
                "id": self._id(),
                "key": key,
                "kind": "email",
                "timing": timing,
                "state_id": state and self.states[state]["id"],
                "transition_id": owner,
            }
        )
        return self

    def transition(self, key, source, target, trigger="event", **values):
        self.transitions.append(
            {
                "id": self._id(),
                "key": key,
                "state_id": source and self.states[source]["id"],
                "target_id": target and self.states[target]["id"],
                "trigger": trigger,
                **values,
            }
        )
        return self

    def plan(self):
        return plan.build(self.states.values(), self.transitions, self.actions)


def version(first_id):
    draft = Draft(first_id).state("start", "start").state("wait").state("end", "done")
    draft.action("hello", "start").action("again", "wait", after(3))
    draft.transition("go", "start", "wait", event=EventRule("opened"), action_key="hello")
    return draft.transition("over", "wait", "end", "timeout", delay=Delay(7))


@tagged("post_install", "-at_install")
class TestDifferenceOfPlans(BaseCase):
    def test_a_copy_differs_in_nothing(self):
        before, new = version(0).plan(), version(100).plan()
        difference = between_plans(before, new)
        self.assertEqual(len(difference.states), 3)
        self.assertEqual(len(difference.actions), 2)
        for nothing in (
            difference.touched,
            difference.removed,
            difference.ended,
            difference.removed_actions,
            difference.added_actions,
            difference.retimed,
        ):
            self.assertFalse(nothing)
        for old_id, new_id in difference.states.items():
            self.assertEqual(before.states[old_id].key, new.states[new_id].key)

    def test_another_delay_retimes_an_action_and_touches_its_state(self):
        new = Draft(100).state("start", "start").state("wait").state("end", "done")
        new.action("hello", "start").action("again", "wait", after(5))
        new.transition("go", "start", "wait", event=EventRule("opened"), action_key="hello")
        new.transition("over", "wait", "end", "timeout", delay=Delay(7))
        difference = between_plans(version(0).plan(), new.plan())
        [(old, retimed)] = difference.retimed
        self.assertEqual((old.timing, retimed.timing), (after(3), after(5)))
        self.assertEqual(difference.touched, {"wait"})

    def test_removed_state_takes_its_actions_along(self):
        new = Draft(100).state("start", "start").state("end", "done").action("hello", "start")
        new.transition("go", "start", "end", event=EventRule("opened"), action_key="hello")
        difference = between_plans(version(0).plan(), new.plan())
        self.assertEqual([state.key for state in difference.removed], ["wait"])
        self.assertEqual(difference.removed_actions, ("again",))
        self.assertEqual(difference.touched, {"start"}, "its way out leads elsewhere")

    def test_action_of_a_new_state_concerns_nobody_yet(self):
        new = version(100).state("late").action("more", "late").action("extra", "wait")
        difference = between_plans(version(0).plan(), new.plan())
        [(state, action)] = difference.added_actions
        self.assertEqual((state.key, action.key), ("wait", "extra"))

    def test_action_that_moved_is_gone_here_and_new_there(self):
        new = Draft(100).state("start", "start").state("wait").state("end", "done")
        new.action("hello", "wait").action("again", "wait", after(3))
        difference = between_plans(version(0).plan(), new.plan())
        self.assertEqual(difference.removed_actions, ("hello",))
        self.assertEqual([action.key for _state, action in difference.added_actions], ["hello"])

    def test_transition_from_any_state_touches_every_other_state(self):
        new = version(100).transition("out", None, "end", event=EventRule("unsubscribed"))
        difference = between_plans(version(0).plan(), new.plan())
        self.assertEqual(difference.touched, {"start", "wait"})

    def test_state_that_becomes_an_end(self):
        new = version(100)
        new.states["wait"]["kind"] = "goal"
        difference = between_plans(version(0).plan(), new.plan())
        self.assertEqual([state.key for state in difference.ended], ["wait"])

    def test_target_is_suggested_where_it_is_obvious(self):
        before = version(0).plan()
        wait = next(state for state in before.states.values() if state.key == "wait")
        new = Draft(100).state("start", "start").state("end", "done").plan()
        self.assertEqual(suggested_target(before, new, wait).key, "end")
        again = Draft(100).state("start", "start").state("other", name="wait").state("end", "done")
        self.assertEqual(suggested_target(before, again.plan(), wait).key, "other")
        nowhere = Draft(100).state("start", "start").plan()
        self.assertIsNone(suggested_target(before, nowhere, wait))


def part(kind, key, owner=None, /, **values):
    values = {name: Value(name, value, str(value)) for name, value in values.items()}
    return Part(kind, key, key.title(), owner, values)


@tagged("post_install", "-at_install")
class TestDifferenceOfParts(BaseCase):
    def test_nothing_is_different(self):
        parts = [part("state", "start", kind="start"), part("action", "hello", ("state", "start"))]
        self.assertEqual(between_parts(parts, parts), [])

    def test_change_names_what_was_and_what_is(self):
        [change] = between_parts([part("action", "a", delay=3)], [part("action", "a", delay=5)])
        [(before, new)] = change.values
        self.assertEqual((change.what, before.words, new.words), ("changed", "3", "5"))

    def test_property_that_comes_or_goes(self):
        [change] = between_parts([part("action", "a", link="x")], [part("action", "a")])
        self.assertEqual(change.values, ((Value("link", "x", "x"), None),))

    def test_parts_of_what_is_removed_are_not_named_one_by_one(self):
        before = [
            part("state", "wait"),
            part("transition", "go", ("state", "wait")),
            part("action", "a", ("transition", "go")),
            part("transition", "out"),
        ]
        changes = between_parts(before, [])
        self.assertEqual(
            [(c.what, c.part.key) for c in changes], [("removed", "wait"), ("removed", "out")]
        )

    def test_order_of_the_ways_out_counts(self):
        start = part("state", "start")
        one, two = (part("transition", key, ("state", "start")) for key in ("one", "two"))
        [change] = between_parts([start, one, two], [start, two, one])
        self.assertEqual((change.part.key, change.reordered), ("start", True))
        self.assertEqual(between_parts([start, one, two], [start, one, two]), [])
        changes = between_parts([start, one, two], [start, two])
        self.assertEqual([change.what for change in changes], ["removed"])
        [change] = between_parts([part("transition", k) for k in "ab"],
                                 [part("transition", k) for k in "ba"])  # fmt: skip
        self.assertTrue(change.reordered)

    def test_part_that_belongs_to_something_else_now(self):
        states = [part("state", "one"), part("state", "two")]
        changes = between_parts(
            [*states, part("action", "a", ("state", "one"))],
            [*states, part("action", "a", ("state", "two"))],
        )
        self.assertEqual([(c.what, c.moved) for c in changes], [("changed", True)])
