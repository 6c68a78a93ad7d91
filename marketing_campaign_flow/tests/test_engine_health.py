"""Engine health tells managers what is wrong, and what to do about it."""

from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import TransactionCase, new_test_user, tagged

from ..engine import database_clock, outage
from ..engine.handover import Receipt
from .monitor_case import MonitorCase


@tagged("post_install", "-at_install")
class TestEngineHealth(MonitorCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.manager = new_test_user(
            cls.env, "flow_health", groups="marketing_campaign_flow.group_flow_manager"
        )
        cls.lanes = cls.env["flow.campaign"]._lanes()
        cls.lanes.write({"nextcall": fields.Datetime.now() + timedelta(minutes=1)})
        cls.env["flow.mail.outage"].search([]).unlink()

    def checks(self, user=None):
        health = self.env["flow.engine.health"].with_user(user or self.manager).get_health()
        return {check["key"]: check for check in health["checks"]}

    def behind(self, check):
        model = self.env[check["action"]["res_model"]].with_user(self.manager)
        return model.search_count(check["action"]["domain"])

    def test_all_is_well(self):
        self.env["ir.mail_server"].create({"name": "Here", "smtp_host": "localhost"})
        self.launch()
        checks = self.checks()
        self.assertEqual({check["state"] for check in checks.values()}, {"good"}, checks)
        self.assertFalse(any("action" in check for check in checks.values()))

    def test_only_managers_see_it(self):
        with self.assertRaises(AccessError):
            self.checks(self.user)

    def test_scheduler_that_does_not_run(self):
        self.lanes.write({"nextcall": fields.Datetime.now() - timedelta(minutes=10)})
        self.assertEqual(self.checks()["scheduler"]["state"], "bad")
        self.assertNotIn("action", self.checks()["scheduler"], "a manager may not go there")
        check = self.checks(self.env.ref("base.user_admin"))["scheduler"]
        self.assertEqual(check["action"]["res_model"], "ir.cron")

    def test_lane_at_work_is_no_reason_to_worry(self):
        self.lanes.write({"nextcall": fields.Datetime.now() - timedelta(minutes=10)})
        self.env["ir.cron.progress"].create({"cron_id": self.lanes[0].id, "done": 12})
        check = self.checks()
        self.assertEqual(check["scheduler"]["state"], "good")
        self.assertEqual(check["throughput"]["value"], "12")

    def test_engine_that_is_switched_off_or_breaks(self):
        self.lanes[0].failure_count = 1
        self.assertEqual(self.checks()["scheduler"]["state"], "warning")
        self.env["flow.campaign"]._all_lanes().active = False
        self.assertEqual(self.checks()["scheduler"]["state"], "bad")

    def test_what_is_late_opens(self):
        self.campaign.action_launch()
        self.run_engine()
        steps = self.campaign.participant_ids.step_ids
        late = fields.Datetime.to_string(database_clock.now(self.env) - timedelta(minutes=11))
        steps.sudo().write({"status": "scheduled", "due_at": late, "done_at": False})
        check = self.checks()["due"]
        self.assertEqual((check["state"], check["value"]), ("warning", "3"))
        self.assertEqual(self.behind(check), 3)
        self.campaign.action_pause()
        self.assertEqual(self.checks()["due"]["state"], "good", "a pause holds on purpose")

    def test_what_people_have_to_decide_opens(self):
        self.answers["ann@example.com"] = Receipt("failed", 550, "no such user", of_recipient=True)
        self.answers["bob@example.com"] = Receipt("uncertain", None, "lost")
        self.launch()
        for key in ("failed", "uncertain"):
            check = self.checks()[key]
            self.assertEqual((check["state"], check["value"]), ("warning", "1"), key)
            self.assertEqual(self.behind(check), 1, key)

    def test_mail_server_that_does_not_answer(self):
        self.launch()
        outage.note(self.env, None, "no route", database_clock.now(self.env))
        check = self.checks()["mail"]
        self.assertEqual(check["state"], "bad")
        self.assertIn("no route", check["text"])
        self.assertEqual(check["value"], "3")

    def test_campaign_in_trouble_opens(self):
        self.launch()
        self.campaign._report_problem("enrol", "The field is gone")
        check = self.checks()["troubled"]
        self.assertEqual(check["state"], "bad")
        self.assertIn("Invitation", check["text"])
        self.assertEqual(self.behind(check), 1)


@tagged("post_install", "-at_install")
class TestSchedulerIsFree(TransactionCase):
    def test_looking_whether_a_lane_is_at_work_holds_up_no_scheduler(self):
        health = self.env["flow.engine.health"]
        lanes = self.env["flow.campaign"]._lanes()
        statement = """
            SELECT id FROM ir_cron WHERE id = ANY(%s)
             ORDER BY id FOR NO KEY UPDATE SKIP LOCKED
        """  # as Odoo's schedulers take a job
        with self.registry.cursor() as scheduler:
            scheduler.execute(statement, [lanes.ids])
            self.assertEqual(scheduler.rowcount, len(lanes))
            self.assertTrue(health._is_at_work(lanes))
        health._is_at_work(lanes)
        with self.registry.cursor() as scheduler:
            scheduler.execute(statement, [lanes.ids])
            self.assertEqual(scheduler.rowcount, len(lanes))
