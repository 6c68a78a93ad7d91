from datetime import timedelta

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import new_test_user, tagged

from ..engine import database_clock
from .common import FlowCase


@tagged("post_install", "-at_install")
class TestCampaignPhases(FlowCase):
    """A campaign goes from phase to phase: by hand, on a date, when tasks are done, on results."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.preparation, cls.sending, cls.follow_up, cls.analysis = cls.phases[:4]
        cls.start = cls.state("Start", "start", phase=cls.sending)
        cls.call = cls.state("Call", "done", phase=cls.follow_up)
        cls.letter = cls.email(cls.start, "Invitation")
        cls.transition(cls.start, cls.call, "event", event_kind="opened")
        cls.manager = new_test_user(
            cls.env,
            "flow_boss",
            groups="marketing_campaign_flow.group_flow_manager,base.group_partner_manager",
            email="boss@example.com",
        )

    def row(self, phase):
        return self.campaign.phase_row_ids.filtered(lambda row: row.phase_id == phase)

    def task(self, phase, name, **values):
        return (
            self.env["flow.phase.task"]
            .with_user(self.user)
            .create({"campaign_id": self.campaign.id, "phase_id": phase.id, "name": name, **values})
        )

    def activities(self):
        return self.campaign.activity_ids.filtered("flow_task_id")

    def next_phase(self):
        self.campaign.with_user(self.user).action_next_phase()

    # -- tasks -----------------------------------------------------------------------------

    def test_tasks_of_a_phase_become_activities_when_the_campaign_enters_it(self):
        self.task(self.sending, "Watch the first bounces", days=2)
        self.sending.task_ids.create(
            {"phase_id": self.sending.id, "name": "Tell sales", "user_id": self.manager.id}
        )
        self.assertFalse(self.activities())
        self.next_phase()
        found = {activity.summary: activity for activity in self.activities()}
        self.assertEqual(set(found), {"Watch the first bounces", "Tell sales"})
        self.assertEqual(found["Tell sales"].user_id, self.manager)
        self.assertEqual(found["Watch the first bounces"].user_id, self.user)
        days = found["Watch the first bounces"].date_deadline - found["Tell sales"].date_deadline
        self.assertEqual(days, timedelta(days=2))

    def test_task_of_the_present_phase_is_given_at_once_and_only_once(self):
        self.task(self.preparation, "Proofread")
        self.assertEqual(self.activities().mapped("summary"), ["Proofread"])
        self.activities().action_feedback()
        self.next_phase()
        self.campaign.phase_id = self.preparation
        self.assertFalse(self.activities(), "it was done before")

    def test_mandatory_task_keeps_the_campaign_from_going_on(self):
        self.task(self.preparation, "Proofread", is_mandatory=True)
        self.task(self.preparation, "Celebrate")
        self.assertIn("Proofread", self.campaign.next_phase_problems)
        with self.assertRaisesRegex(UserError, "“Proofread” is to be done before “Preparation”"):
            self.next_phase()
        with self.assertRaisesRegex(UserError, "Proofread"):
            self.campaign.with_user(self.user).phase_id = self.follow_up
        self.activities().filtered(lambda a: a.summary == "Proofread").action_feedback()
        self.assertFalse(self.campaign.next_phase_problems)
        self.next_phase()
        self.assertEqual(self.campaign.phase_id, self.sending)

    def test_phase_with_a_mandatory_task_is_not_jumped_over(self):
        self.task(self.sending, "Watch the first bounces", is_mandatory=True)
        with self.assertRaisesRegex(UserError, "Watch the first bounces"):
            self.campaign.phase_id = self.follow_up
        self.next_phase()
        self.activities().action_feedback()
        self.campaign.phase_id = self.analysis

    def test_mandatory_task_is_done_not_cancelled(self):
        self.task(self.preparation, "Proofread", is_mandatory=True)
        self.task(self.preparation, "Celebrate")
        must, may = self.activities().sorted("summary", reverse=True).with_user(self.user)
        with self.assertRaisesRegex(UserError, "mark it as done"):
            must.unlink()
        may.unlink()
        self.campaign.unlink()

    def test_task_can_be_given_to_somebody_outside_the_app(self):
        clerk = new_test_user(self.env, "flow_clerk", groups="base.group_user")
        for name, is_mandatory in (("Print", True), ("Fold", False)):
            self.task(self.preparation, name, user_id=clerk.id, is_mandatory=is_mandatory)
        fold, print_ = self.activities().sorted("summary").with_user(clerk)
        with self.assertRaises(UserError):
            print_.unlink()
        fold.unlink()
        print_.action_feedback()
        self.next_phase()

    def test_a_phase_is_awaited_as_long_as_a_state_begins_with_it(self):
        found = []
        for phase in (self.preparation, self.sending, self.follow_up, self.analysis):
            self.campaign.phase_id = phase
            found.append(self.campaign.is_phase_awaited)
        self.assertEqual(found, [True, True, False, False])
        self.workflow.state_ids.phase_id = False
        self.campaign.phase_id = self.preparation
        self.assertFalse(self.campaign.is_phase_awaited)

    def test_back_is_always_free(self):
        self.next_phase()
        self.task(self.sending, "Watch", is_mandatory=True)
        self.campaign.phase_id = self.preparation
        self.assertEqual(self.campaign.phase_id, self.preparation)

    def test_who_is_inside_stays_when_the_campaign_goes_back(self):
        self.next_phase()
        self.launch()
        self.campaign.phase_id = self.preparation
        self.run_engine()
        self.assertEqual(self.participant(self.ann).status, "active")

    # -- approval --------------------------------------------------------------------------

    def test_phase_waits_for_the_approval_of_a_manager(self):
        self.row(self.sending).needs_approval = True
        with self.assertRaisesRegex(UserError, "“Sending” needs the approval"):
            self.next_phase()
        with self.assertRaises(AccessError):
            self.row(self.sending).with_user(self.user).action_approve()
        campaign = self.campaign.with_user(self.manager)
        self.assertTrue(campaign.may_approve_next_phase)
        campaign.action_approve_next_phase()
        self.assertEqual(self.row(self.sending).approved_by_id, self.manager)
        self.assertIn("was approved", self.campaign.message_ids[0].body)
        self.assertEqual(self.campaign.message_ids[0].author_id, self.manager.partner_id)
        self.next_phase()

    def test_approval_can_be_withdrawn_until_the_phase_has_opened(self):
        row = self.row(self.sending).with_user(self.manager)
        row.needs_approval = True
        row.action_approve()
        row.action_withdraw()
        with self.assertRaises(UserError):
            self.next_phase()
        row.action_approve()
        self.next_phase()
        with self.assertRaises(UserError):
            row.action_withdraw()

    def test_only_a_manager_decides_on_approvals(self):
        row = self.row(self.sending).with_user(self.user)
        row.date_planned = "2031-01-01"
        for values in (
            {"needs_approval": False},
            {"approved_by_id": self.user.id, "approved_at": "2031-01-01"},
        ):
            with self.assertRaises(AccessError):
                row.write(values)

    def test_new_campaigns_need_the_approval_that_the_phase_asks_for(self):
        self.sending.needs_approval = True
        campaign = self.env["flow.campaign"].with_user(self.user).create({"name": "Next"})
        needing = campaign.phase_row_ids.filtered("needs_approval")
        self.assertEqual(needing.phase_id, self.sending)
        self.assertFalse(self.row(self.sending).needs_approval, "those that exist stay as they are")
        copy = campaign.copy()
        self.assertEqual(copy.phase_row_ids.phase_id, self.phases)

    # -- by itself ---------------------------------------------------------------------------

    def test_phase_opens_on_its_date(self):
        date = database_clock.now(self.env) + timedelta(days=2)
        self.row(self.sending).write(
            {"opening": "date", "date_planned": date.replace(microsecond=0)}
        )
        self.launch()
        self.pass_time(days=1)
        self.assertEqual(self.campaign.phase_id, self.preparation)
        self.pass_time(days=1, minutes=1)
        self.assertEqual(self.campaign.phase_id, self.sending)
        self.assertEqual(len(self.sent), 3, "those who waited at the door come in")
        self.assertTrue(self.row(self.sending).entered_at)
        bodies = "".join(self.campaign.message_ids.mapped("body"))
        self.assertIn("opened by itself", bodies)

    def test_phases_whose_dates_have_passed_open_one_after_the_other(self):
        now = database_clock.now(self.env).replace(microsecond=0)
        for phase in (self.sending, self.follow_up):
            self.row(phase).write({"opening": "date", "date_planned": now})
        self.launch()
        self.assertEqual(self.campaign.phase_id, self.follow_up)

    def test_date_does_not_overrule_a_task_or_a_missing_approval(self):
        self.row(self.sending).write(
            {"opening": "date", "date_planned": "2020-01-01", "needs_approval": True}
        )
        self.task(self.preparation, "Proofread", is_mandatory=True)
        self.launch()
        self.activities().action_feedback()
        self.run_engine()
        self.assertEqual(self.campaign.phase_id, self.preparation)
        self.row(self.sending).action_approve()
        self.run_engine()
        self.assertEqual(self.campaign.phase_id, self.sending)

    def test_phase_opens_when_the_tasks_before_it_are_done(self):
        self.row(self.sending).opening = "tasks"
        self.launch()
        self.assertEqual(self.campaign.phase_id, self.preparation, "there was nothing to do")
        self.task(self.preparation, "Proofread")
        self.task(self.preparation, "Test mail")
        self.activities()[0].action_feedback()
        self.run_engine()
        self.assertEqual(self.campaign.phase_id, self.preparation)
        self.activities().action_feedback()
        self.run_engine()
        self.assertEqual(self.campaign.phase_id, self.sending)

    def test_phase_opens_on_a_result(self):
        self.next_phase()
        self.row(self.follow_up).write(
            {
                "opening": "result",
                "result_metric": "open_rate",
                "result_action_id": self.letter.id,
                "result_threshold": 60,
                "result_sample": 2,
            }
        )
        self.launch()
        self.trace(self.ann).set_opened()
        self.pass_time(hours=1, minutes=1)
        self.assertEqual(self.campaign.phase_id, self.sending)
        self.trace(self.bob).set_opened()
        self.run_engine()
        self.assertEqual(self.campaign.phase_id, self.sending, "looked at once an hour")
        self.pass_time(hours=1, minutes=1)
        self.assertEqual(self.campaign.phase_id, self.follow_up)
        self.assertEqual(self.participant(self.ann).end_kind, "done")

    def test_paused_campaign_stays_in_its_phase(self):
        self.launch()
        self.campaign.action_pause()
        self.row(self.sending).write({"opening": "date", "date_planned": "2020-01-01"})
        self.run_engine()
        self.assertEqual(self.campaign.phase_id, self.preparation)

    def test_opening_without_its_date_or_figure_is_refused(self):
        for opening in ("date", "result"):
            with self.assertRaises(ValidationError):
                self.row(self.sending).opening = opening

    def test_copy_takes_rules_and_tasks_over_but_neither_dates_nor_approvals(self):
        self.task(self.sending, "Watch", is_mandatory=True)
        self.row(self.sending).write({"opening": "date", "date_planned": "2031-01-01"})
        self.row(self.follow_up).write(
            {
                "opening": "result",
                "result_metric": "open_rate",
                "result_action_id": self.letter.id,
                "needs_approval": True,
            }
        )
        self.row(self.follow_up).with_user(self.manager).action_approve()
        copy = self.campaign.with_user(self.user).copy()
        self.assertEqual(copy.phase_task_ids.mapped("name"), ["Watch"])
        rows = {row.phase_id: row for row in copy.phase_row_ids}
        self.assertEqual(rows[self.sending].opening, "hand")
        self.assertEqual(rows[self.follow_up].result_action_id, copy.workflow_id.action_ids)
        self.assertFalse(rows[self.follow_up].approved_at)

    def test_new_phase_joins_the_campaigns_that_are_not_done(self):
        phase = self.env["flow.phase"].create({"name": "Thanks", "sequence": 25})
        self.assertTrue(self.row(phase))

    def test_words(self):
        row = self.row(self.sending)
        self.assertEqual(row.opening_in_words, "By hand")
        row.write({"opening": "result", "result_metric": "goal_share", "result_threshold": 5})
        self.assertEqual(row.opening_in_words, "Share who reached a goal ≥ 5 %")
