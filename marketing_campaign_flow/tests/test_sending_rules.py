"""Rules for all sending: the frequency cap, quiet hours, and whose clock goes."""

from datetime import timedelta

from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged

from ..engine import database_clock
from ..engine.handover import Receipt
from .common import FlowCase


class RulesCase(FlowCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.start = cls.state("Start", "start")
        cls.over = cls.state("Over", "done")
        cls.transition(cls.start, cls.over, "event", event_kind="replied")

    def set(self, **values):
        self.env["res.config.settings"].create(values).execute()

    def last_step(self, contact):
        return self.steps(contact)[-1:]


@tagged("post_install", "-at_install")
class TestFrequencyCap(RulesCase):
    def test_enough_emails_within_the_days_and_the_next_is_left_out_with_the_reason(self):
        self.set(flow_cap_email=2, flow_cap_email_days=7)
        for day in range(4):
            self.email(self.start, f"Day {day}", timing="delay", delay_value=day)
        self.launch()
        for _day in range(3):
            self.pass_time(days=1)
        statuses = self.steps(self.ann).sorted("due_at").mapped("status")
        self.assertEqual(statuses, ["done", "done", "skipped", "skipped"])
        self.assertIn("2 in 7 days", self.steps(self.ann).sorted("due_at")[-1].reason)

    def test_the_days_roll(self):
        self.set(flow_cap_email=1, flow_cap_email_days=2)
        for day in (0, 1, 3):
            self.email(self.start, f"Day {day}", timing="delay", delay_value=day)
        self.launch()
        for _day in range(3):
            self.pass_time(days=1)
        statuses = self.steps(self.ann).sorted("due_at").mapped("status")
        self.assertEqual(statuses, ["done", "skipped", "done"])

    def test_an_action_may_wait_until_there_is_room(self):
        self.set(flow_cap_email=1, flow_cap_email_days=2)
        self.email(self.start, "First")
        second = self.email(self.start, "Second", timing="delay", cap_policy="wait")
        self.launch()
        self.pass_time(days=1)
        step = self.steps(self.ann).filtered(lambda step: step.action_id == second)
        self.assertEqual((step.status, step.wait_reason), ("scheduled", "cap"))
        self.assertIn("enough messages", step._reason_in_words())
        first = self.steps(self.ann).filtered(lambda step: step.action_id != second)
        self.assertEqual(step.due_at, first.done_at + timedelta(days=2))
        self.pass_time(days=1, minutes=1)
        self.assertEqual(step.status, "done")
        self.assertEqual(len(self.sent), 3)

    def test_what_is_no_advertising_is_sent_all_the_same(self):
        self.set(flow_cap_email=1, flow_cap_email_days=2)
        self.email(self.start, "First")
        self.email(self.start, "Your ticket", cap_policy="ignore")
        self.launch()
        self.assertEqual(self.steps(self.ann).mapped("status"), ["done", "done"])

    def test_mailings_of_odoo_and_other_campaigns_count_and_tests_do_not(self):
        self.set(flow_cap_email=1, flow_cap_email_days=7)
        mailing = self.email(self.start, "Invitation").mailing_id.copy({"flow_campaign_id": False})
        now = database_clock.now(self.env)
        trace = {"mass_mailing_id": mailing.id, "model": "res.partner", "trace_status": "sent"}
        self.env["mailing.trace"].create(
            [
                {**trace, "res_id": self.ann.id, "email": "ann@example.com", "sent_datetime": now},
                {
                    **trace,
                    "res_id": self.bob.id,
                    "email": "bob@example.com",
                    "sent_datetime": now,
                    "is_test_trace": True,
                },
                {
                    **trace,
                    "res_id": self.cleo.id,
                    "email": "cleo@example.com",
                    "sent_datetime": now - timedelta(days=8),
                },
            ]
        )
        self.launch()
        self.assertEqual(self.steps(self.ann).status, "skipped")
        self.assertEqual(self.steps(self.bob).status, "done")
        self.assertEqual(self.steps(self.cleo).status, "done")

    def test_what_was_refused_does_not_count_and_what_is_uncertain_does(self):
        self.set(flow_cap_email=1, flow_cap_email_days=7)
        self.email(self.start, "First")
        self.email(self.start, "Second", timing="delay", delay_value=1)
        self.answers["ann@example.com"] = self.receipt("failed")
        self.answers["bob@example.com"] = self.receipt("uncertain")
        self.launch()
        self.answers.clear()
        self.pass_time(days=1)
        self.assertEqual(self.last_step(self.ann).status, "done")
        self.assertEqual(self.last_step(self.bob).status, "skipped")

    def test_two_steps_of_one_batch_for_one_address(self):
        self.set(flow_cap_email=1, flow_cap_email_days=7)
        self.launch()
        action = self.env["flow.action"].create(
            {
                "workflow_id": self.workflow.id,
                "kind": "email",
                "is_manual": True,
                "mailing_id": self.mailing().id,
            }
        )
        runs = self.participant(self.ann) | self.participant(self.ann).copy(
            {"status": "ended", "end_kind": "done", "run_number": 7}
        )
        runs.step_ids.create(
            [
                {
                    "participant_id": run.id,
                    "campaign_id": self.campaign.id,
                    "action_id": action.id,
                    "action_key": action.key,
                    "visit": 1,
                    "status": "scheduled",
                    "is_message": True,
                    "due_at": database_clock.now(self.env),
                }
                for run in runs
            ]
        )
        self.run_engine()
        self.assertEqual(len(self.sent), 1)
        self.assertEqual(sorted(runs.step_ids.mapped("status")), ["done", "skipped"])

    def test_without_a_cap_it_costs_no_statement_and_with_one_a_constant_number(self):
        self.email(self.start, "First")
        self.email(self.start, "Second", timing="delay", delay_value=1)
        self.campaign.action_launch()
        self.run_engine()
        counts = {}
        for people in (1, 3):
            with self.env.cr.savepoint() as savepoint:
                steps = self.steps(self.ann + self.bob + self.cleo)
                late = steps.filtered(lambda s: s.status == "scheduled")[people:]
                late.write({"due_at": database_clock.now(self.env) + timedelta(days=9)})
                for cap in (0, 5):
                    with self.env.cr.savepoint() as inner:
                        self.set(flow_cap_email=cap, flow_cap_email_days=7)
                        self.pass_time(days=0)
                        before = self.env.cr.sql_log_count
                        self.pass_time(days=1)
                        counts[people, cap] = self.env.cr.sql_log_count - before
                        self.assertEqual(len(self.sent), people)
                        inner.rollback()
                        self.env.invalidate_all()
                savepoint.rollback()
                self.env.invalidate_all()
        self.assertLessEqual(counts[1, 5] - counts[1, 0], 3)
        self.assertEqual(counts[3, 5] - counts[3, 0], counts[1, 5] - counts[1, 0])

    def test_settings_refuse_what_is_no_cap(self):
        for values in ({"flow_cap_email": -1}, {"flow_cap_email": 3, "flow_cap_email_days": 0}):
            with self.subTest(values=values), self.assertRaises(ValidationError):
                self.set(**values)

    def receipt(self, status):
        return Receipt(status, None, "said so")

    def mailing(self):
        return self.env["mailing.mailing"].create(
            {
                "subject": "By hand",
                "body_html": "<p>Hello</p>",
                "mailing_model_id": self.env["ir.model"]._get_id("res.partner"),
                "flow_campaign_id": self.campaign.id,
                "user_id": self.user.id,
            }
        )

    def steps(self, contacts):
        return (
            super().steps(contacts)
            if len(contacts) == 1
            else self.env["flow.step"].search(
                [("participant_id.res_id", "in", contacts.ids)], order="id"
            )
        )


@tagged("post_install", "-at_install")
class TestQuietHours(RulesCase):
    def setUp(self):
        super().setUp()
        self.ann.tz, self.bob.tz = "Asia/Tokyo", "America/New_York"

    def at(self, hour):
        """Let the engine's clock show an hour of the day, UTC."""
        now = database_clock.now(self.env)
        wanted = now.replace(hour=hour, minute=0, second=0, microsecond=0) + timedelta(days=1)
        database_clock.move(self.env, (wanted - now).total_seconds())

    def test_a_message_waits_for_the_end_of_the_quiet_hours_where_the_contact_is(self):
        self.set(flow_quiet=True, flow_quiet_from=21, flow_quiet_to=8)
        self.email(self.start, "Good morning")
        self.at(
            13
        )  # 22:00 in Tokyo; morning in New York, and in the afternoon with the responsible
        self.launch()
        step = self.steps(self.ann)
        self.assertEqual((step.status, step.wait_reason), ("scheduled", "quiet"))
        self.assertEqual(step.due_at.hour, 23)
        self.assertEqual(step._reason_in_words(), "Quiet hours")
        self.assertEqual(self.steps(self.bob).status, "done")
        self.assertEqual(self.steps(self.cleo).status, "done")
        self.pass_time(hours=10)
        self.assertEqual(step.status, "done")
        self.assertFalse(step.wait_reason)

    def test_other_actions_do_not_wait(self):
        self.set(flow_quiet=True, flow_quiet_from=21, flow_quiet_to=8)
        self.action(self.start, "subscription", mailing_list_id=self.hot_list.id)
        self.at(13)
        self.launch()
        self.assertEqual(self.steps(self.ann).status, "done")

    def test_hours_that_lie_within_the_quiet_ones_keep_a_campaign_from_being_launched(self):
        self.set(flow_quiet=True, flow_quiet_from=21, flow_quiet_to=8)
        late = self.email(self.start, "Night", use_window=True, hour_from=22, hour_to=23)
        with self.assertRaisesRegex(UserError, "quiet hours"):
            self.campaign.action_launch()
        late.hour_to = 9
        self.campaign.action_launch()

    def test_settings_keep_midnight_and_refuse_no_hours(self):
        self.set(flow_quiet=True, flow_quiet_from=0, flow_quiet_to=6)
        shown = self.env["res.config.settings"].create({})
        self.assertEqual((shown.flow_quiet_from, shown.flow_quiet_to), (0, 6))
        with self.assertRaises(ValidationError):
            self.set(flow_quiet=True, flow_quiet_from=8, flow_quiet_to=8)


@tagged("post_install", "-at_install")
class TestSendingZone(RulesCase):
    def test_opening_hours_go_by_the_clock_that_is_set(self):
        self.ann.tz = "Asia/Tokyo"
        self.campaign.company_id.partner_id.tz = "America/New_York"
        self.assertEqual(self.campaign._timezone(), "Europe/Rome")
        self.email(self.start, "Ten", use_window=True, hour_from=10, hour_to=11,
                   timing="delay", delay_value=1)  # fmt: skip
        dues = {}
        for zone in ("contact", "company"):
            with self.env.cr.savepoint() as savepoint:
                self.set(flow_zone=zone)
                self.launch()
                dues[zone] = self.steps(self.ann).due_at
                savepoint.rollback()
                self.env.invalidate_all()
        offsets = {zone: due.hour for zone, due in dues.items()}
        self.assertEqual(offsets["contact"], 1)
        self.assertIn(offsets["company"], (14, 15))

    def test_new_actions_keep_to_the_working_calendar_of_the_company(self):
        calendar = self.env["resource.calendar"].create({"name": "Office"})
        self.set(flow_calendar_id=calendar.id)
        actions = self.env["flow.action"].with_context(default_workflow_id=self.workflow.id)
        on_screen = actions.with_context(flow_hours_of_company=True)
        shown = on_screen.default_get(["workflow_id", "use_window", "calendar_id"])
        self.assertEqual((shown["use_window"], shown["calendar_id"]), (True, calendar.id))
        self.assertFalse(self.email(self.start, "By a program").use_window)
