"""Working calendars: the pure reckoning held against a plain one and against Odoo's own."""

from datetime import datetime, time, timedelta, timezone

from hypothesis import given, settings
from hypothesis import strategies as st
from odoo.exceptions import ValidationError
from odoo.tests import BaseCase, tagged

from ..engine import clock, database_clock, working_time
from ..engine.working_time import HORIZON_DAYS, Calendar, Shift
from .common import FlowCase
from .test_clock import moments, utc, zones

quarters = st.integers(0, 95).map(lambda n: time(n // 4, n % 4 * 15))


@st.composite
def shifts(draw):
    opens = draw(quarters)
    closes = draw(quarters.filter(lambda closes: closes == time() or closes > opens))
    return Shift(draw(st.integers(0, 6)), opens, closes, draw(st.sampled_from((None, 0, 1))))


@st.composite
def times_off(draw):
    begins = draw(moments)
    return (begins, begins + timedelta(hours=draw(st.integers(1, 24 * 30))))


calendars = st.builds(
    Calendar,
    zone=zones,
    shifts=st.lists(shifts(), min_size=1, max_size=8).map(tuple),
    leaves=st.lists(times_off(), max_size=5).map(sorted).map(tuple),
)


def is_open(moment, calendar):
    """Say it the long way: does a shift cover this moment, and no time off?"""
    local = clock.to_local(moment, calendar.zone)
    covered = any(
        shift.weekday == local.weekday()
        and shift.week in (None, working_time.week_of(local.date()))
        and shift.opens <= local.time()
        and (shift.closes == time() or local.time() < shift.closes)
        for shift in calendar.shifts
    )
    return covered and not any(begins <= moment < ends for begins, ends in calendar.leaves)


OFFICE = tuple(
    Shift(day, *hours)
    for day in range(5)
    for hours in ((time(8), time(12)), (time(13), time(17)))
)  # fmt: skip


@tagged("post_install", "-at_install")
class TestWorkingTime(BaseCase):
    def test_next_opening_of_an_office(self):
        christmas = (utc("2026-12-24 23:00"), utc("2026-12-26 23:00"))
        office = Calendar("Europe/Rome", OFFICE, (christmas,))
        for now, expected in (
            ("2026-11-20 06:59", "2026-11-20 07:00"),
            ("2026-11-20 09:00", "2026-11-20 09:00"),
            ("2026-11-20 11:00", "2026-11-20 12:00"),  # noon in Rome: the break
            ("2026-11-20 16:00", "2026-11-23 07:00"),  # five o'clock on a Friday
            ("2026-12-24 16:30", "2026-12-28 07:00"),  # Christmas, then a weekend
        ):
            self.assertEqual(working_time.next_opening(utc(now), office), utc(expected))

    def test_time_off_may_begin_and_end_within_a_shift(self):
        meeting = (utc("2026-11-20 09:00"), utc("2026-11-20 10:30"))
        office = Calendar("UTC", OFFICE, (meeting,))
        found = working_time.next_opening(utc("2026-11-20 09:30"), office)
        self.assertEqual(found, utc("2026-11-20 10:30"))

    def test_two_weeks_in_turn(self):
        monday = utc("2026-11-23")
        week = working_time.week_of(monday.date())
        turn = Calendar("UTC", (Shift(0, time(9), time(17), 1 - week),))
        self.assertEqual(working_time.next_opening(monday, turn), utc("2026-11-30 09:00"))

    def test_calendar_without_hours_gives_the_end_of_the_horizon(self):
        now = utc("2026-11-20")
        expected = now + timedelta(days=HORIZON_DAYS)
        self.assertEqual(working_time.next_opening(now, Calendar("UTC")), expected)
        closed = Calendar("UTC", OFFICE, ((utc("2020-01-01"), utc("2040-01-01")),))
        self.assertEqual(working_time.next_opening(now, closed), expected)

    @settings(max_examples=300, deadline=None)
    @given(moments, calendars)
    def test_opening_is_open_and_never_early(self, moment, calendar):
        found = working_time.next_opening(moment, calendar)
        self.assertGreaterEqual(found, moment)
        if found < moment + timedelta(days=HORIZON_DAYS) and not self.clocks_change(
            found, calendar
        ):
            self.assertTrue(is_open(found, calendar))
            self.assertEqual(working_time.next_opening(found, calendar), found)

    @settings(max_examples=300, deadline=None)
    @given(moments, calendars, st.integers(0, 20_000))
    def test_opening_is_the_first_one(self, moment, calendar, minutes):
        found = working_time.next_opening(moment, calendar)
        earlier = moment + timedelta(minutes=minutes)
        if earlier < found and not self.clocks_change(earlier, calendar):
            self.assertFalse(is_open(earlier, calendar))

    def clocks_change(self, moment, calendar):
        """Whether local times are skipped or occur twice about then, where the long way errs."""
        offsets = {
            clock.to_local(moment + timedelta(hours=h), calendar.zone)
            - (moment + timedelta(hours=h))
            for h in (-26, -2, 0, 2, 26)
        }
        return len(offsets) > 1


@tagged("post_install", "-at_install")
class TestWorkingCalendar(FlowCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.start = cls.state("Start", "start")
        cls.over = cls.state("Over", "done")
        cls.transition(cls.start, cls.over, "manual")
        cls.calendar = cls.env["resource.calendar"].create(
            {"name": "Office", "tz": "Europe/Rome", "company_id": cls.env.company.id}
        )

    def go_to(self, moment):
        distance = datetime.fromisoformat(moment) - database_clock.now(self.env)
        database_clock.move(self.env, distance.total_seconds())

    def off(self, begins, ends, **values):
        return self.env["resource.calendar.leaves"].create(
            {
                "name": "Holiday",
                "calendar_id": self.calendar.id,
                "date_from": begins,
                "date_to": ends,
                **values,
            }
        )

    def letter(self, **values):
        return self.email(self.start, "Hi", use_window=True, calendar_id=self.calendar.id, **values)

    def due(self, contact):
        return self.steps(contact).due_at.isoformat(" ", "minutes")

    def test_action_waits_for_working_time_and_past_the_holidays(self):
        self.letter()
        self.off("2031-01-05 23:00:00", "2031-01-06 22:59:59")
        self.ann.tz = "Asia/Tokyo"
        self.go_to("2031-01-04 12:00")  # a Saturday
        self.launch()
        self.assertFalse(self.sent)
        self.assertEqual(self.due(self.ann), "2031-01-07 07:00", "the calendar's time zone")
        self.assertEqual(self.steps(self.ann).wait_reason, "hours")
        self.go_to("2031-01-07 07:01")
        self.run_engine()
        self.assertEqual(len(self.sent), 3)

    def test_holiday_that_is_added_while_it_runs_counts(self):
        self.letter(timing="delay", delay_value=1)
        again = self.state("Again")
        self.transition(self.start, again, "timeout", delay_value=3)
        self.transition(again, self.over, "manual")
        second = self.email(again, "Second", use_window=True, calendar_id=self.calendar.id)
        self.go_to("2031-01-03 09:00")  # a Friday
        self.launch()
        self.assertEqual(self.due(self.ann), "2031-01-06 07:00")
        self.off("2031-01-05 23:00:00", "2031-01-07 22:59:59")
        self.go_to("2031-01-06 09:02")
        self.run_engine()
        step = self.steps(self.ann).filtered(lambda step: step.action_id == second)
        self.assertEqual(step.due_at.isoformat(" ", "minutes"), "2031-01-08 07:00")

    def test_times_off_that_do_not_count(self):
        person = self.env["resource.resource"].create(
            {"name": "Paul", "calendar_id": self.calendar.id}
        )
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        monday = ("2031-01-05 23:00:00", "2031-01-06 22:59:59")
        self.off(*monday, resource_id=person.id)
        self.off(*monday, time_type="other")
        self.off(*monday, calendar_id=False).company_id = elsewhere
        self.letter()
        self.go_to("2031-01-04 12:00")
        self.launch()
        self.assertEqual(self.due(self.ann), "2031-01-06 07:00")

    def test_same_openings_as_odoo_reckons(self):
        self.calendar.switch_calendar_type()
        lines = self.calendar.attendance_ids.filtered(lambda line: line.week_type == "1")
        lines.filtered(lambda line: line.dayofweek in ("0", "2")).unlink()
        self.off("2031-01-08 10:00:00", "2031-01-10 11:00:00")
        self.off("2031-03-29 23:00:00", "2031-03-31 21:59:59")
        now = utc("2031-01-01 00:00")
        ours = self.calendar._flow_working_time(self.env.company, now)
        for days in range(100):
            moment = now + timedelta(days=days, hours=days % 24)
            begins = moment.replace(tzinfo=timezone.utc)
            theirs = self.calendar._work_intervals_batch(begins, begins + timedelta(days=30))
            first = next(iter(theirs[False]))[0].astimezone(timezone.utc).replace(tzinfo=None)
            self.assertEqual(working_time.next_opening(moment, ours), first)

    def test_words_and_refusals(self):
        self.assertEqual(self.letter().display_name, "Send email: Hi (Office)")
        self.calendar.attendance_ids.unlink()
        with self.assertRaisesRegex(ValidationError, "no working hours"):
            self.letter()
