"""A pause between the actions of a state."""

from datetime import date, datetime, time, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st
from odoo.exceptions import UserError, ValidationError
from odoo.tests import BaseCase, Form, tagged

from ..engine import advance, database_clock, moments
from ..engine.clock import AT_ENTRY, Delay, Timing, Window
from ..engine.moments import Surroundings
from .common import FlowCase
from .test_versions import VersionsCase

ROME = Surroundings("Europe/Rome", "Europe/Rome")
OFFICE = Window(frozenset(range(5)), time(9), time(17))


def utc(text):
    return datetime.fromisoformat(text)


def after(value, unit="days", window=None):
    return Timing("delay", Delay(value, unit), window=window)


def due(*timings, now="2026-03-27 08:00", around=ROME):
    return moments.of(timings, utc(now), around)[1]


@tagged("post_install", "-at_install")
class TestMoments(BaseCase):
    """Friday, 27 March 2026, 9:00 in Rome; summer time begins on Sunday."""

    def test_without_a_pause_it_is_the_timing_alone(self):
        self.assertEqual(due(after(1)), utc("2026-03-28 08:00"))
        self.assertEqual(due(AT_ENTRY), utc("2026-03-27 08:00"))

    def test_pauses_add_up(self):
        self.assertEqual(due(after(1), after(2, "hours"), AT_ENTRY), utc("2026-03-28 10:00"))
        self.assertEqual(due(after(1), after(1), after(1, "hours")), utc("2026-03-29 08:00"))

    def test_days_of_a_pause_keep_the_local_time_when_the_clocks_change(self):
        self.assertEqual(due(after(3), AT_ENTRY), utc("2026-03-30 07:00"))
        self.assertEqual(due(after(1), after(48, "hours"), AT_ENTRY), utc("2026-03-30 08:00"))

    def test_hours_of_a_pause_hold_up_what_is_below_it(self):
        in_office = after(1, window=OFFICE)  # Saturday, so Monday at nine
        self.assertEqual(due(in_office, after(2, "hours")), utc("2026-03-30 09:00"))

    def test_hours_are_those_of_the_contact_and_plain_delays_those_of_the_campaign(self):
        tokyo = Surroundings("Europe/Rome", "Asia/Tokyo")
        self.assertEqual(due(after(3), AT_ENTRY, around=tokyo), utc("2026-03-30 07:00"))
        in_office = after(1, window=OFFICE)
        self.assertEqual(due(in_office, AT_ENTRY, around=tokyo), utc("2026-03-30 00:00"))

    def test_date_before_the_end_of_the_pause_waits_for_it(self):
        early = Timing("date", at=utc("2026-03-28 00:00"))
        self.assertEqual(due(after(3), early), utc("2026-03-30 07:00"))
        late = Timing("date", at=utc("2026-04-28 00:00"))
        self.assertEqual(due(after(3), late), utc("2026-04-28 00:00"))

    def test_pause_until_a_date_that_the_contact_does_not_have_holds_up_nobody(self):
        birthday = Timing("field", date_field="birthday", yearly=True)
        around = Surroundings("UTC", "UTC", days=[None, None])
        self.assertEqual(due(birthday, AT_ENTRY, around=around), utc("2026-03-27 08:00"))
        around = Surroundings("UTC", "UTC", days=[date(1990, 4, 1), None])
        self.assertEqual(due(birthday, after(1), around=around), utc("2026-04-02 00:00"))

    def test_time_served_is_credited(self):
        for served, expected in ((1, "2026-03-29 08:00"), (10, "2026-04-06 08:00")):
            now = utc("2026-03-27 08:00") + timedelta(days=served)
            utc_zone = Surroundings("UTC", "UTC")
            _wanted, found = moments.since(
                (after(1), after(1)), utc("2026-03-27 08:00"), now, utc_zone
            )
            self.assertEqual(found, utc(expected))

    @settings(max_examples=200, deadline=None)
    @given(
        pauses=st.lists(
            st.builds(
                after,
                st.integers(0, 40),
                st.sampled_from(["minutes", "hours", "days", "weeks"]),
                st.sampled_from([None, OFFICE]),
            ),
            max_size=4,
        ),
        now=st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1)),
    )
    def test_each_pause_begins_where_the_last_one_ended(self, pauses, now):
        begins = now
        for pause in pauses:
            begins = moments.of((pause,), begins, ROME)[1]
        self.assertEqual(moments.of((*pauses, AT_ENTRY), now, ROME), (begins, begins))
        # somebody who has just entered has nothing to be credited
        self.assertEqual(
            moments.since((*pauses, after(2)), now, now, ROME),
            moments.of((*pauses, after(2)), now, ROME),
        )


@tagged("post_install", "-at_install")
class TestActionWait(FlowCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.start = cls.state("Start", "start")
        cls.over = cls.state("Over", "done")
        cls.transition(cls.start, cls.over, "done")

    def wait(self, days=2, **values):
        return self.action(self.start, "wait", timing="delay", delay_value=days, **values)

    def series(self):
        first = self.email(self.start, "First")
        self.wait(2)
        second = self.email(self.start, "Second")
        third = self.email(self.start, "Third", timing="delay", delay_value=1)
        return first, second, third

    def subjects(self):
        return sorted({mail["subject"] for mail in self.sent})

    def test_actions_below_a_pause_go_on_when_it_is_over(self):
        self.series()
        self.launch()
        self.assertEqual(self.subjects(), ["First"])
        self.pass_time(days=1, hours=23)
        self.assertFalse(self.sent)
        self.pass_time(hours=2)
        self.assertEqual(self.subjects(), ["Second"])
        self.assertEqual(self.state_of(self.ann), "Start")
        self.pass_time(days=1)
        self.assertEqual(self.subjects(), ["Third"])
        self.assertEqual(self.state_of(self.ann), "Over")

    def test_done_waits_for_the_pause_too(self):
        self.wait(2)
        self.launch()
        self.assertEqual(self.state_of(self.ann), "Start")
        self.pass_time(days=2, minutes=1)
        self.assertEqual(self.state_of(self.ann), "Over")
        self.assertEqual(self.steps(self.ann).status, "done")

    def test_hours_of_each_contact_hold_up_what_is_below(self):
        self.ann.tz, self.bob.tz = "America/New_York", "Asia/Tokyo"
        self.wait(1, use_window=True, hour_from=9, hour_to=17)
        self.email(self.start, "Second", timing="delay", delay_value=2, delay_unit="hours")
        self.launch()
        for contact in (self.ann, self.bob):
            pause, letter = self.steps(contact)
            self.assertEqual(letter.due_at - pause.due_at, timedelta(hours=2))
        self.assertNotEqual(self.steps(self.ann)[0].due_at, self.steps(self.bob)[0].due_at)

    def test_pauses_cost_no_statements(self):
        """Planning takes two statements per action, whatever stands above it."""
        for _number in range(3):
            self.wait(1, use_window=True)
        self.email(self.start, "Second")
        self.launch()
        state = self.workflow._plan().start
        runs = self.campaign.participant_ids
        self.assertEqual(len(runs.step_ids), 12)
        now, _zone = database_clock.now(self.env), self.campaign._timezone()
        with self.assertQueryCount(2 * len(state.actions)):
            advance.schedule(self.env, self.campaign, state.actions, runs.ids, now)
        self.assertEqual(len(runs.step_ids), 12)

    def test_pause_without_length_is_not_complete(self):
        self.action(self.start, "wait")
        with self.assertRaisesRegex(UserError, "not complete"):
            self.launch()

    def test_pause_on_a_way_out_is_refused(self):
        way = self.start.transition_ids
        with self.assertRaises(ValidationError):
            self.action(way, "wait", timing="delay")

    def test_form_proposes_a_length(self):
        action = self.env["flow.action"].with_context(
            default_state_id=self.start.id, default_workflow_id=self.workflow.id
        )
        with Form(action) as form:
            form.kind = "wait"
            self.assertEqual(form.timing, "delay")
            form.delay_value = 3
        self.assertEqual(self.start.action_ids.display_name, "Wait (3 days)")

    def test_order_of_what_runs_is_frozen(self):
        self.series()
        self.launch()
        with self.assertRaises(UserError):
            self.start.action_ids[0].sequence = 99


@tagged("post_install", "-at_install")
class TestWaitInVersions(VersionsCase):
    def test_pause_put_in_holds_up_who_is_on_the_way(self):
        self.action(self.invited, "points", sequence=20, timing="delay", delay_value=2)
        self.silence.delay_value = 30
        self.launch()
        points = self.invited.action_ids[-1]
        before = self.due(self.ann, points)
        self.pass_time(days=1)
        self.edit()
        pause = self.action(
            self.new(self.invited), "wait", sequence=15, timing="delay", delay_value=3
        )
        told = "\n".join(line[3] for line in self.told())
        self.assertIn("After the pauses", told)
        self.publish()
        self.assertEqual(self.due(self.ann, pause), before + timedelta(days=1))
        self.assertEqual(self.due(self.ann, points), before + timedelta(days=3))

    def test_moving_an_action_below_a_pause_is_a_difference_and_takes_effect(self):
        self.action(self.invited, "wait", sequence=20, timing="delay", delay_value=3)
        points = self.action(self.invited, "points", sequence=15, timing="delay", delay_value=1)
        self.silence.delay_value = 30
        self.launch()
        before = self.due(self.ann, points)
        self.edit()
        self.new(points).sequence = 25
        self.assertEqual([line[0] for line in self.told()], ["changed"])
        self.publish()
        self.assertEqual(self.due(self.ann, points), before + timedelta(days=3))
