"""The reckoning of what is to be expected, held against cases worked out by hand."""

from datetime import datetime

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from odoo.tests import BaseCase, tagged

from ..engine import plan
from ..engine.clock import Delay, Timing, Window, time_of_day
from ..engine.event_rule import EventRule
from ..engine.simulate import Arrivals, simulate
from ..engine.simulate_state import Assumptions, Reaction
from .test_plan import workflows

MONDAY = datetime(2030, 1, 7, 9, 0)
OPENED = EventRule("opened")


def days(number):
    return Timing("delay", Delay(number, "days"))


class Builder:
    """Compiles a workflow from states by key and kind, ways and actions."""

    def __init__(self, **states):
        self.numbers = {key: number for number, key in enumerate(states, 1)}
        self.states = [
            {"id": self.numbers[key], "key": key, "name": key, "kind": kind}
            for key, kind in states.items()
        ]
        self.ways, self.actions = [], []

    def way(self, source, target, trigger, **values):
        self.ways.append(
            {
                "id": len(self.ways) + 1,
                "key": f"{source}>{target}",
                "state_id": self.numbers.get(source),
                "target_id": self.numbers.get(target),
                "trigger": trigger,
                **values,
            }
        )
        return self

    def mail(self, key, owner, timing=Timing(), cost=0.0, **values):  # noqa: B008 (frozen)
        self.actions.append(
            {
                "id": len(self.actions) + 1,
                "key": key,
                "kind": "email",
                "contract": "at_most_once",
                "timing": timing,
                "unit_cost": cost,
                "state_id": self.numbers.get(owner),
                "transition_id": next((w["id"] for w in self.ways if w["key"] == owner), None),
                **values,
            }
        )
        return self

    def outlook(self, people=1000, per_day=0, days=30, begins=MONDAY, **assumed):
        built = plan.build(self.states, self.ways, self.actions)
        messages = frozenset(action["key"] for action in self.actions)
        assumptions = Assumptions(messages=messages, **assumed)
        return simulate(built, Arrivals(people, per_day), assumptions, begins, days)


@tagged("post_install", "-at_install")
class TestSimulate(BaseCase):
    def invitation(self):
        """An email; who opens it is interested, who does not in three days gets a reminder."""
        return (
            Builder(invited="start", interested="goal", reminded="normal", over="done")
            .way("invited", "interested", "event", event=OPENED, action_key="invitation")
            .way("invited", "reminded", "timeout", delay=Delay(3, "days"))
            .way("reminded", "over", "timeout", delay=Delay(1, "weeks"))
            .mail("invitation", "invited", cost=0.01)
            .mail("reminder", "reminded", cost=0.01)
        )

    def test_time_outs_are_exact_to_the_day(self):
        outlook = self.invitation().outlook()
        self.assertEqual(outlook.people["invited"][:4], [1000, 1000, 1000, 0])
        self.assertEqual(outlook.people["reminded"][2:5], [0, 1000, 1000])
        self.assertEqual(outlook.runs["reminder"][3], 1000)
        self.assertEqual(outlook.people["over"][9:11], [0, 1000])
        self.assertEqual(outlook.ends_on, 10)

    def test_those_who_react_in_time_do_not_get_the_reminder(self):
        opens = {"invited>interested": Reaction(0.4, 2.0, of_message=True)}
        outlook = self.invitation().outlook(reactions=opens)
        self.assertAlmostEqual(outlook.people["interested"][-1], 400, places=3)
        self.assertAlmostEqual(sum(outlook.runs["reminder"]), 600, places=3)

    def test_who_would_react_later_is_gone_by_then(self):
        opens = {"invited>interested": Reaction(0.4, 72.0, of_message=True)}
        outlook = self.invitation().outlook(reactions=opens)
        self.assertAlmostEqual(outlook.people["interested"][-1], 200, delta=5)

    def test_what_it_costs_day_by_day(self):
        outlook = self.invitation().outlook()
        self.assertAlmostEqual(outlook.costs[0], 10)
        self.assertAlmostEqual(outlook.costs[3], 10)
        self.assertAlmostEqual(sum(outlook.costs), 20)

    def test_shares_of_a_split(self):
        outlook = (
            Builder(start="start", a="done", b="done", c="done")
            .way("start", "a", "split", weight=50)
            .way("start", "b", "split", weight=30)
            .way("start", "c", "split", weight=20)
            .outlook()
        )
        found = {key: round(numbers[-1], 6) for key, numbers in outlook.people.items()}
        self.assertEqual(found, {"start": 0, "a": 500, "b": 300, "c": 200})

    def test_a_filter_lets_its_share_pass(self):
        outlook = (
            Builder(start="start", rich="done", rest="done")
            .way("start", "rich", "timeout", delay=Delay(1, "days"), guard="[...]")
            .way("start", "rest", "timeout", delay=Delay(2, "days"))
            .outlook(guards={"start>rich": 0.25})
        )
        self.assertAlmostEqual(outlook.people["rich"][-1], 250)
        self.assertAlmostEqual(outlook.people["rest"][-1], 750)

    def test_when_all_is_done_people_go_on(self):
        outlook = (
            Builder(series="start", over="done")
            .mail("first", "series")
            .mail("second", "series", days(2))
            .way("series", "over", "done")
            .outlook()
        )
        self.assertEqual(outlook.people["series"][:3], [1000, 1000, 0])
        self.assertEqual(outlook.runs["second"][2], 1000)

    def test_opening_hours_put_emails_off(self):
        hours = Window(frozenset({1, 2}), time_of_day(9), time_of_day(17))
        outlook = (
            Builder(start="start", over="done")
            .mail("letter", "start", Timing(window=hours))
            .way("start", "over", "done")
            .outlook()
        )
        self.assertEqual(outlook.runs["letter"][:2], [0, 1000], "on Tuesday")

    def test_nothing_leaves_in_quiet_hours(self):
        loud = Window(opens=time_of_day(8), closes=time_of_day(21))
        late = datetime(2030, 1, 7, 22, 0)
        outlook = self.invitation().outlook(loud=loud, begins=late)
        self.assertEqual(outlook.runs["invitation"][:2], [0, 1000])

    def test_the_sending_rate_spreads_emails_over_days(self):
        outlook = self.invitation().outlook(people=1000, sending_rate=10)
        self.assertAlmostEqual(outlook.runs["invitation"][0], 150, msg="nine to midnight")
        self.assertAlmostEqual(outlook.runs["invitation"][1], 240)
        self.assertLess(max(outlook.runs["invitation"]), 241)

    def test_no_day_brings_more_than_the_sending_rate_allows(self):
        """Of what arrives in trickles, too, where each trickle fits into an hour."""
        opens = {"invited>interested": Reaction(1.0, 30.0, of_message=True)}
        outlook = (
            self.invitation()
            .mail("welcome", "interested")
            .outlook(people=1000, reactions=opens, sending_rate=20)
        )
        by_day = [sum(day) for day in zip(*outlook.runs.values(), strict=True)]
        self.assertLess(max(by_day), 20 * 24 + 20)
        self.assertAlmostEqual(sum(outlook.runs["welcome"]), outlook.people["interested"][-1], 3)

    def test_emails_that_are_too_slow_never_leave(self):
        """After three days people are gone, whether the email had its turn or not."""
        outlook = self.invitation().outlook(people=10_000, sending_rate=10)
        self.assertAlmostEqual(sum(outlook.runs["invitation"]), 720, delta=20)

    def test_newcomers_come_in_every_day(self):
        outlook = self.invitation().outlook(people=0, per_day=10, days=20)
        self.assertEqual(outlook.arrived[:3], [0, 10, 20])
        self.assertIsNone(outlook.ends_on)

    def test_a_closed_door_holds_people_until_it_opens(self):
        builder = (
            Builder(start="start", later="normal", over="done")
            .way("start", "later", "timeout", delay=Delay(1, "days"))
            .way("later", "over", "timeout", delay=Delay(1, "days"))
            .mail("letter", "later")
        )
        builder.states[1]["phase_id"] = 7
        outlook = builder.outlook(doors={7: datetime(2030, 1, 12, 9, 0)})
        self.assertEqual(outlook.people["later"][:6], [0, 1000, 1000, 1000, 1000, 1000])
        self.assertEqual(outlook.runs["letter"][5], 1000)
        self.assertEqual(outlook.people["over"][5:7], [0, 1000])

    def test_what_happens_inside_a_state_keeps_people_there(self):
        inside = (
            Builder(start="start", over="done")
            .mail("letter", "start")
            .way("start", None, "event", event=OPENED)
            .way("start", "over", "timeout", delay=Delay(5, "days"))
            .mail("thanks", "start>None")
        )
        opens = {"start>None": Reaction(0.5, 1.0, of_message=True)}
        outlook = inside.outlook(reactions=opens)
        self.assertAlmostEqual(sum(outlook.runs["thanks"]), 500, places=3)
        self.assertEqual(outlook.people["over"][-1], 1000)

    def test_what_may_happen_anywhere_is_assumed_of_the_whole_way(self):
        builder = (
            Builder(one="start", two="normal", bought="goal", over="done")
            .way(None, "bought", "event", event=EventRule("won"))
            .way("one", "two", "timeout", delay=Delay(9, "days"))
            .way("two", "over", "timeout", delay=Delay(9, "days"))
        )
        outlook = builder.outlook(reactions={"None>bought": Reaction(0.2, 1.0)})
        self.assertAlmostEqual(outlook.people["bought"][-1], 200, delta=2)

    def test_who_cannot_be_reached_gets_no_email_and_opens_none(self):
        opens = {"invited>interested": Reaction(0.5, 1.0, of_message=True)}
        outlook = self.invitation().outlook(reactions=opens, reach=0.8)
        self.assertAlmostEqual(sum(outlook.runs["invitation"]), 800)
        self.assertAlmostEqual(outlook.people["interested"][-1], 400, delta=1)

    def test_running_in_circles_is_told(self):
        outlook = (
            Builder(a="start", b="normal")
            .way("a", "b", "split", weight=100)
            .way("b", "a", "split", weight=100)
            .outlook()
        )
        self.assertEqual(outlook.circling, [1000, 1000])

    def test_who_runs_in_circles_later_is_where_they_are_until_then(self):
        """Who comes to the circle a day later, or never, has not been taken out on the first."""
        outlook = (
            Builder(waits="start", circles="normal")
            .way("waits", "circles", "timeout", delay=Delay(2, "days"))
            .way("circles", "circles", "timeout", delay=Delay(0, "days"))
            .outlook()
        )
        self.assertEqual(outlook.people["waits"][:3], [1000, 1000, 0])
        self.assertEqual(outlook.circling[:3], [0, 0, 1000])

    def test_a_million_people_are_ten_people_many_times(self):
        opens = {"invited>interested": Reaction(0.3, 5.0, of_message=True)}
        few = self.invitation().outlook(people=10, reactions=opens)
        many = self.invitation().outlook(people=1_000_000, reactions=opens)
        for key, numbers in few.people.items():
            self.assertAlmostEqual(numbers[9] * 100_000, many.people[key][9], delta=1)

    @settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(workflows(), st.floats(0, 1))
    def test_nobody_is_lost_and_nobody_is_made(self, rows, share):
        states, transitions, actions = rows
        for way in transitions:
            way["date_at"] = MONDAY if way["trigger"] == "date" else None
        built = plan.build(states, transitions, actions)
        assumed = Assumptions(reactions={t["key"]: Reaction(share, 5.0) for t in transitions})
        outlook = simulate(built, Arrivals(100), assumed, MONDAY, 10)
        for number in map(sum, zip(outlook.circling, *outlook.people.values(), strict=True)):
            self.assertAlmostEqual(number, 100, delta=0.01)
