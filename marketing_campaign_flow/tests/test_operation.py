"""Operating the engine: lanes, fairness, what breaks and who is told, pause, stop, archive."""

import time
from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import UserError, ValidationError
from odoo.tests import BaseCase, tagged
from odoo.tools import config

from ..engine import advance, database_clock, execute, failpoints, pace, tick
from .common import FlowCase

TICK_LOG = "odoo.addons.marketing_campaign_flow.engine.tick"


@tagged("post_install", "-at_install")
class TestFailpoints(BaseCase):
    def test_points_are_inert_without_the_environment_variable(self):
        self.assertIsNone(failpoints._armed)
        self.assertIsNone(failpoints.parse(""))
        failpoints.reach("advance.claimed")

    def test_a_point_acts_when_it_is_reached_for_the_nth_time(self):
        armed = failpoints.parse("execute.claimed=raise:2;advance.claimed=kill:1")
        self.assertEqual(set(armed), {"execute.claimed", "advance.claimed"})
        armed["execute.claimed"]()
        with self.assertRaises(failpoints.FailpointError):
            armed["execute.claimed"]()
        armed["execute.claimed"]()

    def test_a_mistake_in_the_variable_is_told_at_once(self):
        for text in ("advance.claimed", "advance.claimed=explode:1", "advance.claimed=kill"):
            with self.assertRaises(ValueError):
                failpoints.parse(text)


@tagged("post_install", "-at_install")
class TestPace(BaseCase):
    def setUp(self):
        super().setUp()
        self.clock = 100.0
        self.enterContext(patch.object(pace.time, "monotonic", lambda: self.clock))
        self.pace = pace.Pace(gathers=True)

    def round(self, after=0.0, **counts):
        """Let a round begin a while later and handle something; return how long to wait then."""
        self.clock += after
        self.pace.begin_round()
        for work, count in counts.items():
            self.pace.note(work, count)
        return self.pace.end_round()

    def test_events_gather_longer_and_longer(self):
        waits = [self.round(after=10, ingest=3, advance=3) for _round in range(6)]
        self.assertEqual(waits, [0.25, 0.5, 1, 2, 2, 2])

    def test_other_work_does_not_wait_for_events(self):
        self.assertEqual(self.round(ingest=3, execute=1), 0)
        self.assertEqual(self.round(deliver=200), 0)
        self.assertFalse(self.pace.is_due)
        self.assertEqual(self.round(), 0.25, "nothing else is left to do")

    def test_where_no_event_or_plenty_has_come_there_is_no_wait(self):
        self.assertEqual(self.round(advance=3), 0)
        self.assertEqual(self.round(ingest=1000), 0)
        self.assertTrue(self.pace.is_due)

    def test_only_scheduled_jobs_let_events_gather(self):
        self.pace = pace.Pace(gathers=False)
        self.assertEqual(self.round(ingest=3), 0)


@tagged("post_install", "-at_install")
class TestLanes(FlowCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.campaigns = cls.env["flow.campaign"]
        cls.lanes = cls.campaigns._all_lanes()
        cls.env["ir.cron.trigger"].search([("cron_id", "in", cls.lanes.ids)]).unlink()

    def hints(self):
        return self.env["ir.cron.trigger"].search([("cron_id", "in", self.lanes.ids)]).cron_id

    def test_two_lanes_come_with_the_addon(self):
        self.assertEqual(len(self.lanes.filtered("active")), 2)
        self.assertEqual(len(set(self.lanes.mapped("code"))), 1)

    def test_one_thread_of_the_scheduler_is_left_to_other_jobs(self):
        for threads, lanes in ((0, 1), (1, 1), (2, 1), (3, 2), (9, 2)):
            with patch.dict(config.options, {"max_cron_threads": threads}):
                self.assertEqual(len(self.campaigns._lanes()), lanes, threads)

    def test_a_lane_too_many_does_nothing(self):
        with (
            patch.dict(config.options, {"max_cron_threads": 2}),
            patch.object(tick, "run", return_value=7),
        ):
            first, second = self.lanes
            self.assertEqual(self.campaigns.with_context(cron_id=first.id)._cron_engine(), 7)
            self.assertEqual(self.campaigns.with_context(cron_id=second.id)._cron_engine(), 0)

    def test_settings_add_lanes_and_switch_them_off(self):
        settings = self.env["res.config.settings"]
        settings.create({"flow_lane_count": 4}).execute()
        lanes = self.campaigns._all_lanes()
        self.assertEqual(lanes.mapped("active"), [True] * 4)
        self.assertEqual(len(set(lanes.mapped("code"))), 1)
        self.assertTrue(all(lanes.get_external_id().values()), "uninstalling takes them away")
        settings.create({"flow_lane_count": 1}).execute()
        self.assertEqual(lanes.mapped("active"), [True] + [False] * 3)
        settings.create({"flow_lane_count": 3}).execute()
        self.assertEqual(lanes, self.campaigns._all_lanes())
        self.assertEqual(lanes.mapped("active"), [True] * 3 + [False])

    def test_a_hint_that_waits_is_enough(self):
        with patch.dict(config.options, {"max_cron_threads": 4}):
            self.campaigns._wake_engine()
            self.campaigns._wake_engine()
        self.assertEqual(self.hints(), self.lanes[0])

    def test_the_next_lane_is_woken_when_the_first_is_busy(self):
        with patch.dict(config.options, {"max_cron_threads": 4}):
            self.campaigns._wake_engine()
            hint = self.env["ir.cron.trigger"].search([("cron_id", "in", self.lanes.ids)])
            hint.call_at = fields.Datetime.now() - timedelta(seconds=20)
            self.campaigns._wake_engine()
        self.assertEqual(self.hints(), self.lanes)

    def test_a_hint_follows_when_all_lanes_are_busy_for_a_while(self):
        """Or nobody has heard of the last one, such as while the scheduler was starting."""
        with patch.dict(config.options, {"max_cron_threads": 2}):
            self.campaigns._wake_engine()
            hints = self.env["ir.cron.trigger"].search([("cron_id", "in", self.lanes.ids)])
            hints.call_at = fields.Datetime.now() - timedelta(seconds=20)
            self.campaigns._wake_engine()
            self.campaigns._wake_engine()
        self.assertEqual(self.env["ir.cron.trigger"].search_count([("id", ">", hints.id)]), 1)

    def test_a_pass_whose_time_is_over_does_not_begin_again(self):
        """Odoo calls a job ten times, however long it takes."""
        over = self.campaigns.with_context(cron_end_time=time.monotonic() - 1)
        with patch.object(tick, "_run") as run:
            self.assertEqual(over._cron_engine(), 0)
        run.assert_not_called()

    def test_much_work_calls_the_lanes_that_rest(self):
        with patch.dict(config.options, {"max_cron_threads": 4}):
            busy = self.campaigns.with_context(cron_id=self.lanes[0].id)
            busy._call_other_lanes()
        self.assertEqual(self.hints(), self.lanes[1])


@tagged("post_install", "-at_install")
class TestOperation(FlowCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.start = cls.state("Invited", "start")
        cls.over = cls.state("Over", "done")
        cls.add = cls.action(cls.start, "subscription", mailing_list_id=cls.hot_list.id)
        cls.wait = cls.transition(cls.start, cls.over, "timeout", delay_value=1)

    def activities(self):
        return self.campaign.activity_ids

    def test_campaign_that_calls_nobody_is_asked_for_calls_once_per_pass(self):
        with patch.object(tick.call, "call", return_value=0) as asked:
            self.launch()
        self.assertEqual(asked.call_count, 1)

    def test_a_large_campaign_does_not_starve_a_small_one(self):
        """When the slice ends after the first campaign served, the small one has its turn."""
        people = self.env["res.partner"].create(
            [{"name": f"P{n}", "email": f"p{n}@example.com"} for n in range(60)]
        )
        large = self.campaign
        self.audience.partner_ids |= people
        small = large.copy()
        small.audience_id = self.audience.copy({"partner_ids": self.ann.ids})
        (large | small).action_launch()

        served = []

        def serve(env, campaign, front):
            handled = run_one(env, campaign, 10, front=front)
            if handled:
                served.append(campaign)
            return handled

        run_one = advance.advance
        with (
            patch.object(advance, "advance", serve),
            patch.object(tick, "in_turn", lambda campaigns: campaigns.sorted("id")),
        ):
            tick.run(self.env)
        self.assertLess(served.index(small), 2, "it does not wait for the large one to finish")
        self.assertGreaterEqual(served.count(large), 6)

    def test_a_pass_that_is_cut_short_asks_to_be_called_again(self):
        self.campaign.action_launch()
        with patch.object(tick, "_finish") as finish:
            late = self.env(context={"cron_end_time": time.monotonic() - 1})
            tick.run(late)
            self.assertEqual(finish.call_args.kwargs, {"remaining": 1})
            tick.run(self.env)
            self.assertEqual(finish.call_args.kwargs, {"remaining": 0})

    def test_a_lane_that_has_more_to_do_is_woken_at_once(self):
        lane = self.env["flow.campaign"]._lanes()[0]
        at_work = self.env(context={"cron_id": lane.id})
        with (
            patch.object(tick.modules.module, "current_test", None),
            patch.object(type(self.env["ir.cron"]), "_commit_progress"),
            patch.object(type(self.env["flow.campaign"]), "_hint") as hint,
        ):
            tick._finish(at_work, remaining=0)
            tick._finish(self.env, remaining=1)  # of a job of `queue_job`
            hint.assert_not_called()
            tick._finish(at_work, remaining=1)
            hint.assert_called_once_with(lane.id)

    def test_passes_start_at_different_campaigns(self):
        campaigns = self.campaign | self.campaign.copy() | self.campaign.copy()
        firsts = {tick.in_turn(campaigns)[0] for _turn in range(200)}
        self.assertEqual(len(firsts), 3)
        self.assertEqual(set(tick.in_turn(campaigns).ids), set(campaigns.ids))

    def test_broken_audience_is_told_once_and_those_inside_go_on(self):
        self.launch()
        self.audience.write({"use_criteria": True})
        self.env.cr.execute(
            "UPDATE flow_audience SET domain = %s WHERE id = %s",
            ["[('no_such_field', '=', 1)]", self.audience.id],
        )
        self.env.invalidate_all()
        for _minute in range(3):
            with self.assertLogs(TICK_LOG, "WARNING"):
                self.pass_time(minutes=6)
        self.assertEqual(len(self.activities()), 1)
        self.assertEqual(self.activities().user_id, self.user)
        self.assertIn("no_such_field", self.activities().note)
        self.assertIn("no_such_field", self.campaign.problem)
        with self.assertLogs(TICK_LOG, "WARNING"):
            self.pass_time(days=2)
        self.assertEqual(self.state_of(self.ann), "Over", "only newcomers have to wait")
        self.audience.domain = "[]"
        self.pass_time(minutes=6)
        self.assertFalse(self.activities(), "it goes on by itself, and says so")
        self.assertFalse(self.campaign.problem)
        self.assertGreater(self.campaign.participant_count, 3)

    def test_a_campaign_that_breaks_does_not_stop_its_neighbour(self):
        neighbour = self.campaign.copy()
        neighbour.audience_id = self.audience.copy({"partner_ids": self.bob.ids})
        (self.campaign | neighbour).action_launch()
        enrol = type(self.campaign)._enrol_audience

        def broken(campaign):
            if campaign == self.campaign:
                raise ValueError("no such list")
            return enrol(campaign)

        with (
            patch.object(type(self.campaign), "_enrol_audience", broken),
            self.assertLogs(TICK_LOG, "WARNING"),
        ):
            self.run_engine()
        self.assertEqual(neighbour.participant_ids.mapped("name"), ["Bob"])
        self.assertEqual(self.campaign.problem, "no such list")

    def test_who_cannot_be_told_does_not_stop_the_others(self):
        neighbour = self.campaign.copy()
        neighbour.audience_id = self.audience.copy({"partner_ids": self.bob.ids})
        (self.campaign | neighbour).action_launch()
        enrol = type(self.campaign)._enrol_audience
        with (
            patch.object(
                type(self.campaign),
                "_enrol_audience",
                lambda campaign: enrol(campaign) if campaign == neighbour else 1 / 0,
            ),
            patch.object(type(self.campaign), "_report_problem", side_effect=ValueError("mute")),
            self.assertLogs(TICK_LOG, "WARNING") as logs,
        ):
            self.run_engine()
        self.assertIn("Nobody could be told", "".join(logs.output))
        self.assertEqual(neighbour.participant_ids.mapped("name"), ["Bob"])

    def test_responsible_without_rights_is_told(self):
        self.launch()
        self.user.group_ids -= self.env.ref("base.group_partner_manager")
        self.user.group_ids = self.env.ref("base.group_portal")
        with self.assertLogs(TICK_LOG, "WARNING"):
            self.pass_time(minutes=6)
        self.assertTrue(self.campaign.problem)
        self.assertEqual(self.activities().user_id, self.user)

    def test_paused_between_two_batches_nothing_further_is_claimed(self):
        self.campaign.action_launch()
        tick._enrol(self.env, self.campaign)
        self.campaign.action_pause()
        self.env.flush_all()
        self.assertEqual(advance.advance(self.env, self.campaign), 0)
        self.assertEqual(execute.execute(self.env, self.campaign), 0)
        self.campaign.action_resume()
        self.env.flush_all()
        self.assertEqual(advance.advance(self.env, self.campaign), 3)

    def test_stopping_a_large_campaign_takes_several_batches_and_no_list_of_ids(self):
        self.launch()
        with patch("odoo.addons.marketing_campaign_flow.engine.wind_down.wind_down") as later:
            self.campaign.action_stop()
            self.assertTrue(later.called)
        self.assertEqual(self.campaign.status, "done")
        self.assertTrue(self.campaign.is_winding_down)
        self.pass_time(minutes=1)
        self.assertFalse(self.campaign.is_winding_down)
        self.assertEqual(set(self.campaign.participant_ids.mapped("end_kind")), {"stopped"})

    def test_only_a_campaign_that_does_not_run_is_archived(self):
        self.campaign.action_archive()
        self.campaign.action_unarchive()
        self.campaign.action_launch()
        with self.assertRaises(ValidationError):
            self.campaign.action_archive()
        self.campaign.action_pause()
        with self.assertRaises(ValidationError):
            self.campaign.action_archive()
        self.campaign.action_stop()
        self.campaign.action_archive()
        with self.assertRaises(UserError):
            self.campaign.action_launch()
        self.run_engine()
        self.assertFalse(self.campaign.is_winding_down, "archived or not, it is wound down")

    def break_filter(self, transition, field):
        """Leave behind what a field that was removed leaves behind."""
        self.env.cr.execute(
            f"UPDATE flow_transition SET {field} = %s WHERE id = %s",  # noqa: S608
            ["[('no_such_field', '=', 1)]", transition.id],
        )
        self.env.invalidate_all()
        self.env.registry.clear_cache()

    def test_broken_guard_parks_whom_it_decides_about_and_nobody_else(self):
        vip = self.state("Vip")
        self.transition(vip, self.over, "timeout", delay_value=1)
        guarded = self.transition(
            self.start, vip, "timeout", delay_value=1, sequence=0, guard="[('name', '=', 'Ann')]"
        )
        self.launch()
        self.participant(self.cleo).with_user(self.user).action_move(vip.id)
        self.break_filter(guarded, "guard")
        self.pass_time(days=1, minutes=2)
        self.assertEqual(self.state_of(self.ann), "Invited", "she stays rather than goes wrong")
        self.assertEqual(self.state_of(self.bob), "Invited")
        self.assertEqual(self.state_of(self.cleo), "Over")
        self.assertEqual(len(self.activities()), 1)
        self.pass_time(minutes=11)
        self.assertEqual(len(self.activities()), 1)
        self.env.cr.execute("UPDATE flow_transition SET guard = '[]' WHERE id = %s", [guarded.id])
        self.env.registry.clear_cache()
        self.env.invalidate_all()
        self.pass_time(minutes=11)
        self.assertEqual(self.state_of(self.ann), "Vip")
        self.assertFalse(self.activities())

    def test_broken_condition_parks_the_participants_of_its_state(self):
        condition = self.transition(
            self.start, self.over, "condition", condition="[('name', '=', 'Ann')]"
        )
        self.campaign.action_launch()
        self.break_filter(condition, "condition")
        self.run_engine()
        self.assertEqual(self.campaign.participant_ids.mapped("status"), ["active"] * 3)
        self.assertEqual(self.steps(self.ann).status, "done", "its action is not concerned")
        self.assertIn("no_such_field", self.campaign.problem)

    def test_new_version_without_the_broken_filter_mends_it(self):
        guarded = self.transition(
            self.start, self.over, "timeout", delay_value=1, sequence=0, guard="[('id', '>', 0)]"
        )
        self.launch()
        self.break_filter(guarded, "guard")
        self.pass_time(days=1, minutes=2)
        self.assertEqual(self.state_of(self.ann), "Invited")
        self.assertEqual(len(self.activities()), 1)
        campaign = self.campaign.with_user(self.user)
        campaign.action_edit_workflow()
        draft = campaign.draft_workflow_id
        self.assertIn("no_such_field", draft._problems()[0])
        draft.transition_ids.filtered(lambda way: way.key == guarded.key).guard = False
        campaign._publish_draft({})
        self.run_engine()
        self.assertEqual(self.state_of(self.ann), "Over")
        self.assertFalse(self.activities())
        self.assertFalse(self.campaign.problem)

    def crowd(self, count):
        self.audience.partner_ids |= self.env["res.partner"].create(
            [{"name": f"P{n}", "email": f"p{n}@example.com"} for n in range(count)]
        )

    def failing_for(self, share):
        """Let the action of the start fail for a share of a hundred."""

        def run(_action, steps):
            failing = [step for step in steps if step.participant_id.id % 100 < share]
            return {step.id: execute.Outcome("failed", "No server") for step in failing}

        return patch.object(type(self.env["flow.action"]), "_run_subscription", run)

    def test_breaker_pauses_a_campaign_whose_action_fails_for_many(self):
        self.crowd(197)
        with self.failing_for(50):
            self.launch()
        self.assertEqual(self.campaign.status, "paused")
        self.assertIn("of the last 200", self.activities().note)
        self.assertEqual(self.activities().user_id, self.user)
        self.campaign.action_resume()
        self.assertFalse(self.activities())
        with self.failing_for(0):
            self.pass_time(minutes=30)
        self.assertEqual(self.campaign.status, "running", "old failures do not count again")
        self.assertEqual(
            set(
                self.env["flow.step"]
                .search([("campaign_id", "=", self.campaign.id)])
                .mapped("status")
            ),
            {"done"},
        )

    def test_breaker_leaves_a_campaign_alone_in_which_few_fail(self):
        self.crowd(197)
        with self.failing_for(20):
            self.launch()
        self.assertEqual(self.campaign.status, "running")
        self.assertFalse(self.activities())

    def test_breaker_needs_a_hundred_participants(self):
        self.crowd(90)
        with self.failing_for(100):
            self.launch()
        self.assertEqual(self.campaign.status, "running")

    def test_what_became_due_in_a_pause_waits_for_its_hours(self):
        late = self.action(
            self.start,
            "subscription",
            mailing_list_id=self.env["mailing.list"].create({"name": "Late"}).id,
            timing="delay",
            delay_value=1,
            delay_unit="hours",
            use_window=True,
            hour_from=0,
            hour_to=24,
            saturday=True,
            sunday=True,
        )
        self.launch()
        self.campaign.action_pause()
        now = database_clock.now(self.env)
        # Open for two hours that begin in two to three hours, in Rome where the responsible is.
        local = fields.Datetime.context_timestamp(self.campaign.with_user(self.user), now)
        opening = (local.hour + 3) % 24
        self.env.cr.execute(
            "UPDATE flow_action SET hour_from = %s, hour_to = %s WHERE id = %s",
            [opening, (opening + 2) % 24, late.id],
        )
        self.env.invalidate_all()
        self.pass_time(hours=1, minutes=1)
        self.campaign.action_resume()
        self.run_engine()
        step = self.steps(self.ann).filtered(lambda s: s.action_id == late)
        self.assertEqual((step.status, step.wait_reason), ("scheduled", "hours"))
        self.assertGreater(step.due_at, now)
        self.pass_time(hours=2)
        self.assertEqual(step.status, "done")

    def test_what_is_late_keeps_to_its_working_calendar(self):
        calendar = self.env["resource.calendar"].create({"name": "Office", "tz": "Europe/Rome"})
        late = self.action(
            self.start,
            "subscription",
            mailing_list_id=self.env["mailing.list"].create({"name": "Late"}).id,
            timing="delay",
            use_window=True,
            calendar_id=calendar.id,
        )
        self.launch()
        now = database_clock.now(self.env)
        self.env["resource.calendar.leaves"].create(
            {
                "name": "Closed",
                "calendar_id": calendar.id,
                "date_from": now - timedelta(days=1),
                "date_to": now + timedelta(days=100),
            }
        )
        step = self.steps(self.ann).filtered(lambda s: s.action_id == late)
        self.env.cr.execute("UPDATE flow_step SET due_at = %s WHERE id = %s", [now, step.id])
        self.env.invalidate_all()
        self.run_engine()
        self.assertEqual((step.status, step.wait_reason), ("scheduled", "hours"))
        self.assertGreaterEqual(step.due_at, now + timedelta(days=100))

    def test_nothing_that_needs_the_plan_is_done_while_a_version_is_published(self):
        self.campaign.action_launch()
        with patch.object(tick.version_lock, "share", return_value=False):
            self.run_engine()
        self.assertFalse(self.campaign.participant_ids)
        self.assertFalse(self.campaign.problem)
        self.run_engine()
        self.assertEqual(self.campaign.participant_count, 3)
