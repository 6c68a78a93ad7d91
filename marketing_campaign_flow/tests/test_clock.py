from datetime import datetime

from odoo.tests import TransactionCase, tagged
from odoo.tools import SQL

from ..engine import clock


@tagged("post_install", "-at_install")
class TestClock(TransactionCase):
    def later(self, moment, value, unit, tz="Europe/Rome"):
        expression = clock.later(
            SQL("%s::timestamp", datetime.fromisoformat(moment)), value, unit, tz
        )
        [(result,)] = self.env.execute_query(SQL("SELECT %s", expression))
        return result.isoformat(" ", "minutes")

    def test_days_keep_the_local_time_of_day_when_the_clocks_change(self):
        # 27 March 2026, 09:00 in Rome; summer time begins on the 29th.
        self.assertEqual(self.later("2026-03-27 08:00", 3, "days"), "2026-03-30 07:00")
        self.assertEqual(self.later("2026-03-27 08:00", 1, "weeks"), "2026-04-03 07:00")

    def test_hours_are_hours(self):
        self.assertEqual(self.later("2026-03-28 08:00", 24, "hours"), "2026-03-29 08:00")

    def test_months_end_with_the_month(self):
        self.assertEqual(self.later("2026-01-31 09:00", 1, "months", "UTC"), "2026-02-28 09:00")

    def test_the_clock_can_be_moved(self):
        before = clock.now(self.env)
        clock.move(self.env, 90)
        self.assertEqual((clock.now(self.env) - before).total_seconds(), 90)

    def test_unknown_unit_is_refused(self):
        with self.assertRaises(ValueError):
            clock.later(SQL("now()"), 1, "fortnights", "UTC")
