"""When jobs are asked for, by whom they are run, and what a scheduled lane still does."""

from datetime import timedelta
from unittest.mock import patch

from odoo import SUPERUSER_ID, fields
from odoo.addons.marketing_campaign_flow.engine import tick
from odoo.tests import TransactionCase, new_test_user, tagged
from odoo.tools import config, mute_logger

from .. import uninstall_hook
from ..models import flow_campaign


@tagged("post_install", "-at_install")
class TestJobs(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.campaigns = cls.env["flow.campaign"]
        cls.lanes = cls.campaigns._lanes()
        cls.campaigns._jobs([]).unlink()

    def jobs(self, *states):
        return self.campaigns._jobs([("state", "in", states)] if states else [])

    def start(self, job):
        self.env.cr.execute("UPDATE queue_job SET state = 'started' WHERE id = %s", [job.id])
        self.env.invalidate_all()

    def waits(self, **interval):
        """Let the jobs have waited for so long."""
        self.jobs().flush_recordset()
        created = fields.Datetime.now() - timedelta(**interval)
        self.env.cr.execute("UPDATE queue_job SET date_created = %s", [created])
        self.env.invalidate_all()

    def test_a_hint_becomes_one_job_on_its_own_channel(self):
        self.campaigns._wake_engine()
        self.campaigns._wake_engine()
        job = self.jobs("pending")
        self.assertEqual(len(job), 1)
        self.assertEqual(job.channel, "root.campaign_flow")
        self.assertFalse(job.eta)
        hints = self.env["ir.cron.trigger"].search([("cron_id", "in", self.lanes.ids)])
        self.assertFalse(hints.filtered(lambda hint: hint.create_date >= job.create_date))

    def test_a_hint_during_a_pass_becomes_one_job_a_moment_later(self):
        self.campaigns._wake_engine()
        self.start(self.jobs())
        self.campaigns._wake_engine()
        self.campaigns._wake_engine()
        self.assertEqual(len(self.jobs("pending")), 1)
        self.assertTrue(self.jobs("pending").eta)

    def test_the_engine_acts_as_itself_whoever_wakes_it(self):
        user = new_test_user(
            self.env, "queue_user", groups="marketing_campaign_flow.group_flow_user"
        )
        self.campaigns.with_user(user).with_context(active_test=False)._wake_engine()
        engine = self.jobs().records.env
        self.assertEqual((engine.uid, engine.su), (SUPERUSER_ID, True))
        self.assertNotIn("active_test", engine.context)

    def test_much_work_gives_every_other_lane_a_job(self):
        self.campaigns._set_lane_count(4)
        lanes = self.campaigns._lanes()
        self.assertEqual(len(lanes), 4, "however many threads the scheduler has")
        self.campaigns.with_context(flow_lane=lanes[0].id)._call_other_lanes()
        self.assertEqual(
            set(self.jobs().mapped("identity_key")),
            {f"campaign_flow.lane.{lane.id}" for lane in lanes[1:]},
        )

    def test_a_pass_that_has_no_time_left_asks_for_another(self):
        with (
            patch.object(flow_campaign, "SLICE", 0),
            patch.object(tick, "run", return_value=7) as run,
        ):
            self.assertEqual(self.campaigns._run_lane(self.lanes[-1].id), 7)
        self.assertIn("cron_end_time", run.call_args[0][0].context)
        self.assertEqual(
            self.jobs().mapped("identity_key"), [f"campaign_flow.lane.{self.lanes[-1].id}"]
        )

    def test_a_pass_that_is_done_asks_for_nothing(self):
        with patch.object(tick, "run", return_value=7):
            self.campaigns._run_lane(self.lanes[0].id)
        self.assertFalse(self.jobs())

    def test_a_lane_that_was_switched_off_asks_for_nothing(self):
        last = self.lanes[-1]
        self.campaigns._set_lane_count(1)
        with patch.object(flow_campaign, "SLICE", 0), patch.object(tick, "run", return_value=7):
            self.campaigns._run_lane(last.id)
        self.assertFalse(self.jobs())

    def test_the_scheduler_only_asks_for_a_job(self):
        with patch.object(tick, "run") as run:
            self.campaigns.with_context(cron_id=self.lanes[0].id)._cron_engine()
        run.assert_not_called()
        self.assertEqual(len(self.jobs("pending")), 1)

    def test_the_scheduler_does_the_work_where_no_runner_is(self):
        self.campaigns._wake_engine()
        self.waits(minutes=4)
        lane = self.campaigns.with_context(cron_id=self.lanes[0].id)
        with patch.object(tick, "run", return_value=7) as run:
            lane._cron_engine()
            run.assert_not_called()
            self.waits(minutes=6)
            with (
                mute_logger(flow_campaign.__name__),
                patch.dict(config.options, {"max_cron_threads": 2}),
            ):
                self.assertEqual(lane._cron_engine(), 7)

    def test_uninstalling_leaves_no_job_that_nobody_can_run(self):
        self.campaigns._call_other_lanes()
        uninstall_hook(self.env)
        self.assertFalse(self.jobs())
