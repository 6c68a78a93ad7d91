"""The pure clock, held against PostgreSQL and against what people expect of a calendar."""

from datetime import date, datetime, time, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st
from odoo.tests import BaseCase, TransactionCase, tagged
from odoo.tools import SQL

from ..engine import clock, database_clock
from ..engine.clock import Delay, Timing, Window

# Half-hour change (Lord Howe), a day left out (Apia, 30 December 2011), quarter hours (Kathmandu),
# no change at all (Tokyo, Phoenix), both hemispheres, change at midnight (Beirut, Santiago).
ZONES = (
    "UTC",
    "Europe/Rome",
    "Europe/London",
    "America/New_York",
    "America/Phoenix",
    "America/St_Johns",
    "America/Santiago",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "Asia/Kathmandu",
    "Asia/Tokyo",
    "Asia/Beirut",
    "Pacific/Chatham",
    "Africa/Casablanca",
)

zones = st.sampled_from(ZONES)
moments = st.datetimes(datetime(2008, 1, 1), datetime(2035, 1, 1)).map(
    lambda moment: moment.replace(microsecond=0)
)
windows = st.builds(
    Window,
    weekdays=st.frozensets(st.integers(0, 6)),
    opens=st.times().map(lambda t: t.replace(second=0, microsecond=0)),
    closes=st.times().map(lambda t: t.replace(second=0, microsecond=0)),
)
delays = st.builds(
    Delay, value=st.integers(0, 400), unit=st.sampled_from(("minutes", "hours", "days", "weeks"))
)


def utc(text):
    return datetime.fromisoformat(text)


@tagged("post_install", "-at_install")
class TestClock(BaseCase):
    def test_days_keep_the_local_time_of_day_when_the_clocks_change(self):
        # 27 March 2026, 09:00 in Rome; summer time begins on the 29th and ends on 25 October.
        for delay, expected in (
            (Delay(3, "days"), "2026-03-30 07:00"),
            (Delay(1, "weeks"), "2026-04-03 07:00"),
            (Delay(8, "months"), "2026-11-27 08:00"),
            (Delay(72, "hours"), "2026-03-30 08:00"),
        ):
            found = clock.add(utc("2026-03-27 08:00"), delay, "Europe/Rome")
            self.assertEqual(found, utc(expected))

    def test_months_end_with_the_month(self):
        self.assertEqual(
            clock.add(utc("2026-01-31 09:00"), Delay(1, "months"), "UTC"), utc("2026-02-28 09:00")
        )

    def test_names_that_are_no_zones(self):
        self.assertTrue(clock.is_zone("Europe/Rome"))
        for name in (None, "", "Atlantis/Capital", "Europe", "../etc/passwd"):
            self.assertFalse(clock.is_zone(name))

    def test_unknown_unit_is_refused(self):
        with self.assertRaises(ValueError):
            clock.add(utc("2026-01-01"), Delay(1, "fortnights"), "UTC")

    def test_window_opens_on_the_next_working_day(self):
        office = Window(frozenset(range(5)), time(9), time(17))
        for now, expected in (
            ("2026-11-20 07:59", "2026-11-20 08:00"),  # Friday, before nine in Rome
            ("2026-11-20 12:00", "2026-11-20 12:00"),
            ("2026-11-20 16:00", "2026-11-23 08:00"),  # five o'clock: closed until Monday
            ("2026-11-21 10:00", "2026-11-23 08:00"),
        ):
            self.assertEqual(clock.next_opening(utc(now), office, "Europe/Rome"), utc(expected))

    def test_window_over_midnight_belongs_to_the_day_it_opens(self):
        friday_night = Window(frozenset({4}), time(22), time(2))
        for now, expected in (
            ("2026-11-21 00:30", "2026-11-21 00:30"),  # Saturday, still Friday's night
            ("2026-11-21 02:00", "2026-11-27 22:00"),
            ("2026-11-20 00:30", "2026-11-20 22:00"),  # Thursday's night is not open
        ):
            self.assertEqual(clock.next_opening(utc(now), friday_night, "UTC"), utc(expected))

    def test_day_that_a_zone_leaves_out_is_no_opening(self):
        # There was no Friday 30 December 2011 in Apia.
        fridays = Window(frozenset({4}), time(9), time(17))
        found = clock.next_opening(utc("2011-12-29 12:00"), fridays, "Pacific/Apia")
        self.assertEqual(found, utc("2012-01-05 19:00"))

    def test_opening_in_the_hour_that_the_clocks_skip(self):
        # On 29 March 2026 there is no half past two in Rome.
        early = Window(frozenset(), time(2, 30), time(4))
        found = clock.next_opening(utc("2026-03-28 12:00"), early, "Europe/Rome")
        self.assertEqual(found, utc("2026-03-29 01:30"))

    def test_birthday_on_29_february_is_kept_on_the_28th(self):
        born = date(2000, 2, 29)
        timing = Timing("field", yearly=True)
        self.assertEqual(clock.due(timing, utc("2026-01-10"), "UTC", born), utc("2026-02-28"))
        self.assertEqual(clock.due(timing, utc("2028-01-10"), "UTC", born), utc("2028-02-29"))

    def test_distance_before_a_yearly_date_reaches_into_the_next_year(self):
        timing = Timing("field", delay=Delay(10, "days"), before=True, yearly=True)
        self.assertEqual(
            clock.due(timing, utc("2026-12-01"), "UTC", date(1990, 1, 5)), utc("2026-12-26")
        )
        self.assertEqual(
            clock.due(timing, utc("2026-12-28"), "UTC", date(1990, 1, 5)), utc("2027-12-26")
        )

    def test_past_date_runs_now_or_is_skipped(self):
        now, past = utc("2026-06-01"), utc("2026-01-01")
        self.assertEqual(clock.due(Timing("date", at=past), now, "UTC"), now)
        self.assertIsNone(clock.due(Timing("date", at=past, skip_past=True), now, "UTC"))
        self.assertIsNone(clock.due(Timing("field"), now, "UTC", None), "no date, no action")

    @settings(max_examples=300, deadline=None)
    @given(moments, windows, zones)
    def test_opening_is_never_early_and_lies_within_the_hours(self, moment, window, zone):
        found = clock.next_opening(moment, window, zone)
        self.assertGreaterEqual(found, moment)
        self.assertLess(found - moment, timedelta(days=15))
        self.assertEqual(clock.next_opening(found, window, zone), found, "an opening is open")
        if found > moment and window.weekdays:
            self.assertIn(clock.to_local(found, zone).weekday(), window.weekdays)

    @settings(max_examples=300, deadline=None)
    @given(moments, windows, zones, st.integers(0, 20_000))
    def test_opening_is_the_first_one(self, moment, window, zone, minutes):
        found = clock.next_opening(moment, window, zone)
        earlier = moment + timedelta(minutes=minutes)
        if earlier < found:
            self.assertEqual(clock.next_opening(earlier, window, zone), found)

    @settings(max_examples=200, deadline=None)
    @given(moments, delays, zones)
    def test_longer_delays_are_never_due_earlier(self, moment, delay, zone):
        longer = Delay(delay.value + 1, delay.unit)
        self.assertLessEqual(clock.add(moment, delay, zone), clock.add(moment, longer, zone))


@tagged("post_install", "-at_install")
class TestDatabaseClock(TransactionCase):
    def later(self, moment, delay, zone):
        expression = database_clock.later(SQL("%s::timestamp", moment), delay, zone)
        [(result,)] = self.env.execute_query(SQL("SELECT %s", expression))
        return result

    @settings(max_examples=200, deadline=None)
    @given(moments, delays, zones)
    def test_database_counts_as_the_engine_does(self, moment, delay, zone):
        self.assertEqual(self.later(moment, delay, zone), clock.add(moment, delay, zone))

    def test_the_clock_can_be_moved(self):
        before = database_clock.now(self.env)
        database_clock.move(self.env, 90)
        self.assertEqual((database_clock.now(self.env) - before).total_seconds(), 90)
