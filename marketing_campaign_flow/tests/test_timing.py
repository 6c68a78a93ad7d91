from datetime import timedelta

from odoo.exceptions import ValidationError
from odoo.tests import tagged

from ..engine import database_clock
from .common import FlowCase


@tagged("post_install", "-at_install")
class TestTiming(FlowCase):
    """Actions wait for their date and for the opening hours of each contact."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.start = cls.state("Start", "start")
        cls.over = cls.state("Over", "done")
        cls.transition(cls.start, cls.over, "manual")

    def go_to(self, moment):
        """Set the engine's clock to `moment` (UTC), which lies in the future."""
        distance = database_clock.datetime.fromisoformat(moment) - database_clock.now(self.env)
        database_clock.move(self.env, distance.total_seconds())

    def due(self, contact):
        return self.steps(contact).due_at.isoformat(" ", "minutes")

    def test_hours_are_those_of_the_contact_else_of_the_responsible(self):
        self.ann.tz, self.bob.tz, self.cleo.tz = "America/New_York", "Asia/Tokyo", False
        self.email(self.start, use_window=True, hour_from=9, hour_to=18)
        self.go_to("2031-01-04 12:00")  # a Saturday
        self.launch()
        self.assertFalse(self.sent)
        self.assertEqual(self.due(self.ann), "2031-01-06 14:00")
        self.assertEqual(self.due(self.bob), "2031-01-06 00:00")
        self.assertEqual(self.due(self.cleo), "2031-01-06 08:00", "Rome, the responsible's")
        self.go_to("2031-01-06 08:01")
        self.run_engine()
        self.assertEqual(len(self.sent), 2)

    def test_action_before_the_birthday(self):
        field = self.env["ir.model.fields"].create(
            {
                "name": "x_birthday",
                "ttype": "date",
                "model_id": self.env["ir.model"]._get_id("res.partner"),
                "field_description": "Birthday",
            }
        )
        self.ann["x_birthday"], self.bob["x_birthday"] = "1990-01-20", "1992-02-29"
        action = self.email(
            self.start,
            "Soon",
            timing="field",
            date_field_id=field.id,
            date_yearly=True,
            delay_value=3,
            delay_unit="days",
        )
        self.assertEqual(action.display_name, "Send email: Soon (3 days before “Birthday”)")
        self.go_to("2031-01-04 12:00")
        self.launch()
        self.assertEqual(self.due(self.ann), "2031-01-16 23:00")
        self.assertEqual(self.due(self.bob), "2031-02-24 23:00")
        self.assertEqual(self.steps(self.cleo).status, "skipped")
        self.assertEqual(self.steps(self.cleo).reason, "No date, or it has passed")

    def test_date_that_has_passed_runs_at_once_or_is_skipped(self):
        now = self.email(self.start, "Now", timing="date", date_at="2020-01-01 09:00:00")
        never = self.email(
            self.start, "Never", timing="date", date_at="2020-01-01 09:00:00", skip_past=True
        )
        self.launch()
        status = {step.action_id: step.status for step in self.steps(self.ann)}
        self.assertEqual(status, {now: "done", never: "skipped"})

    def test_fixed_date_waits(self):
        date = database_clock.now(self.env) + timedelta(days=2)
        self.email(self.start, timing="date", date_at=date.replace(microsecond=0))
        self.launch()
        self.assertFalse(self.sent)
        self.pass_time(days=2, minutes=1)
        self.assertEqual(len(self.sent), 3)

    def test_words_of_the_hours(self):
        for values, words in (
            ({}, "Mon–Fri 9:00–17:00"),
            ({"wednesday": False}, "Mon, Tue, Thu, Fri 9:00–17:00"),
            ({"saturday": True, "sunday": True}, "9:00–17:00"),
            ({"hour_from": 22, "hour_to": 2.5}, "Mon–Fri 22:00–2:30"),
        ):
            action = self.email(self.start, "Hi", use_window=True, **values)
            self.assertEqual(action.display_name, f"Send email: Hi ({words})")

    def test_words_of_one_day_and_of_several(self):
        for number, words in ((1, "1 day later"), (2, "2 days later")):
            action = self.email(self.start, "Hi", timing="delay", delay_value=number)
            self.assertEqual(action.display_name, f"Send email: Hi ({words})")

    def test_timing_without_its_date_is_refused(self):
        for timing in ("date", "field"):
            with self.assertRaises(ValidationError):
                self.email(self.start, timing=timing)
