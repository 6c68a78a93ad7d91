"""What people do by hand beside the workflow: steps, pauses, moves, releases, responses."""

from datetime import timedelta
from unittest.mock import patch

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, new_test_user, tagged

from ..engine import database_clock, letter
from ..engine.execute import MAX_ATTEMPTS
from .common import FlowCase


class ByHandCase(FlowCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.preparation, cls.sending = cls.phases[:2]
        cls.start = cls.state("Start", "start")
        cls.ready = cls.state("Ready")
        cls.later = cls.state("Later", phase=cls.phases[3])
        cls.over = cls.state("Over", "done")
        cls.way = cls.transition(cls.start, cls.ready, "manual")
        cls.transition(cls.ready, cls.later, "manual")
        cls.transition(cls.later, cls.over, "timeout", delay_value=9)
        cls.transition(None, cls.over, "event", event_kind="response", event_detail="*offer*")

    def mine(self, records):
        return records.with_user(self.user)

    def timeline(self, contact):
        return [(one.text, one.reason) for one in self.participant(contact)._timeline()]

    def open(self, action):
        return self.mine(self.env[action["res_model"]]).browse(action["res_id"])

    def runs(self, *contacts):
        runs = self.env["flow.participant"]
        for contact in contacts:
            runs |= self.participant(contact)
        return self.mine(runs)


@tagged("post_install", "-at_install")
class TestStepsByHand(ByHandCase):
    def test_run_now_does_not_wait_for_the_moment_nor_for_the_hours_of_the_action(self):
        now = database_clock.now(self.env)
        hour = (now.hour + 6) % 23
        self.email(self.start, "Later", timing="delay", delay_value=3, use_window=True,
                   hour_from=hour, hour_to=hour + 0.5)  # fmt: skip
        self.launch()
        self.mine(self.steps(self.ann)).action_run_now()
        self.run_engine()
        self.assertEqual(self.steps(self.ann).status, "done")
        self.assertEqual(self.steps(self.bob).status, "scheduled")
        self.assertIn(
            (f"Run now by {self.user.name}: Send email: Later", ""), self.timeline(self.ann)
        )

    def test_run_now_keeps_to_the_quiet_hours(self):
        self.email(self.start, "Later", timing="delay", delay_value=3)
        self.launch()
        now = database_clock.now(self.env)
        self.ann.tz = "UTC"
        self.env["res.config.settings"].create(
            {"flow_quiet": True, "flow_quiet_from": now.hour, "flow_quiet_to": (now.hour + 2) % 24}
        ).execute()
        self.mine(self.steps(self.ann)).action_run_now()
        self.run_engine()
        self.assertEqual(self.steps(self.ann).wait_reason, "quiet")

    def test_run_now_says_when_it_has_run_meanwhile(self):
        self.email(self.start, "Now")
        self.launch()
        with self.assertRaisesRegex(UserError, "has run meanwhile"):
            self.mine(self.steps(self.ann)).action_run_now()

    def test_some_of_several_have_run_meanwhile(self):
        self.email(self.start, "Now")
        self.email(self.start, "Later", timing="delay", delay_value=3)
        self.launch()
        told = self.mine(self.steps(self.ann)).action_run_now()
        self.assertIn("1 of 2", told["params"]["message"])

    def test_left_out_and_the_flow_goes_on(self):
        self.email(self.start, "Later", timing="delay", delay_value=3)
        self.transition(self.start, self.over, "done")
        self.launch()
        self.assertEqual(self.state_of(self.ann), "Start")
        self.mine(self.steps(self.ann)).action_skip()
        self.run_engine()
        step = self.steps(self.ann)
        self.assertEqual((step.status, step.reason), ("skipped", f"Left out by {self.user.name}"))
        self.assertEqual(self.state_of(self.ann), "Over")
        self.assertEqual(self.state_of(self.bob), "Start")

    def test_left_out_while_a_worker_has_it_in_hand_is_not_sent(self):
        self.email(self.start, "Hello")
        self.campaign.action_launch()
        prepare = letter.prepare

        def skip(action, steps):
            prepared = prepare(action, steps)
            ann = steps.sudo().filtered(lambda s: s.participant_id.res_id == self.ann.id)
            if ann.status == "scheduled":
                self.mine(ann.with_env(self.env)).action_skip()
            return prepared

        with patch.object(letter, "prepare", skip):
            self.run_engine()
        self.assertEqual(len(self.sent), 2)
        self.assertEqual(self.steps(self.ann).status, "skipped")
        self.assertFalse(self.steps(self.ann).delivery_ids)

    def test_failed_is_tried_again_once(self):
        self.email(self.start, "Hello")
        with patch.object(letter, "prepare", side_effect=ValueError("broken")):
            self.launch()
            for _attempt in range(MAX_ATTEMPTS):
                self.pass_time(minutes=30)
        self.assertEqual(self.steps(self.ann).status, "failed")
        self.mine(self.steps(self.ann)).action_retry()
        with self.assertRaises(UserError):
            self.mine(self.steps(self.ann)).action_retry()
        self.run_engine()
        self.assertEqual(self.steps(self.ann).status, "done")
        self.assertIn(
            (f"Tried again by {self.user.name}: Send email: Hello", ""), self.timeline(self.ann)
        )

    def test_what_may_have_been_sent_is_not_run_again(self):
        self.email(self.start, "Hello")
        self.launch()
        step = self.mine(self.steps(self.ann))
        for status in ("sending", "uncertain", "done", "cancelled"):
            step.sudo().status = status
            for act in (step.action_run_now, step.action_skip, step.action_retry):
                with self.subTest(status=status, act=act.__name__), self.assertRaises(UserError):
                    act()
        step.sudo().status = "done"

    def test_those_of_other_companies_may_not(self):
        self.email(self.start, "Later", timing="delay", delay_value=3)
        self.launch()
        abroad = self.env["res.company"].create({"name": "Abroad"})
        foreigner = new_test_user(
            self.env, "foreigner", groups="marketing_campaign_flow.group_flow_user",
            company_id=abroad.id, company_ids=[(6, 0, abroad.ids)],
        )  # fmt: skip
        run, step = self.participant(self.ann), self.steps(self.ann)
        for act in (
            step.with_user(foreigner).action_run_now,
            step.with_user(foreigner).action_skip,
            run.with_user(foreigner).action_pause,
            run.with_user(foreigner).action_move_by_hand,
            run.with_user(foreigner).action_respond,
        ):
            with self.subTest(act=act.__name__), self.assertRaises(AccessError):
                act()


@tagged("post_install", "-at_install")
class TestPauseOne(ByHandCase):
    def test_nothing_happens_to_who_is_paused_and_time_goes_on(self):
        self.email(self.start, "Tomorrow", timing="delay", delay_value=1)
        self.transition(self.start, self.over, "timeout", delay_value=2)
        self.launch()
        self.runs(self.ann).action_pause()
        self.assertIn("paused", self.participant(self.ann).waits_for)
        self.pass_time(days=1, minutes=5)
        self.assertEqual(len(self.sent), 2)
        self.assertEqual(self.steps(self.ann).status, "scheduled")
        self.assertEqual(self.steps(self.ann)._reason_in_words(), "The participant is paused")
        self.pass_time(days=1, minutes=5)
        self.assertEqual((self.state_of(self.ann), self.state_of(self.bob)), ("Start", "Over"))
        self.runs(self.ann).action_resume()
        self.run_engine()
        self.assertEqual(self.state_of(self.ann), "Over")
        texts = [text for text, _reason in self.timeline(self.ann)]
        self.assertIn(f"Paused by {self.user.name}", texts)
        self.assertIn(f"Resumed by {self.user.name}", texts)

    def test_what_somebody_does_while_paused_counts_when_it_is_resumed(self):
        self.launch()
        self.runs(self.ann).action_pause()
        self.env["flow.event"]._record("response", self.ann, detail="wants an offer")
        self.run_engine()
        self.assertEqual(self.state_of(self.ann), "Start")
        self.runs(self.ann).action_resume()
        self.run_engine()
        self.assertEqual(self.state_of(self.ann), "Over")

    def test_a_message_in_hand_does_not_leave(self):
        self.email(self.start, "Hello")
        self.campaign.action_launch()
        prepare = letter.prepare

        def pause(action, steps):
            prepared = prepare(action, steps)
            if not self.participant(self.ann).is_paused:
                self.runs(self.ann).action_pause()
            return prepared

        with patch.object(letter, "prepare", pause):
            self.run_engine()
        self.assertEqual(len(self.sent), 2)
        self.assertEqual(self.steps(self.ann).status, "scheduled")

    def test_pausing_twice_says_so(self):
        self.launch()
        self.runs(self.ann).action_pause()
        for act in (self.runs(self.ann).action_pause, self.runs(self.bob).action_resume):
            with self.assertRaises(UserError):
                act()

    def test_other_work_waits_as_well(self):
        self.action(self.start, "subscription", mailing_list_id=self.hot_list.id,
                    timing="delay", delay_value=1)  # fmt: skip
        self.launch()
        self.runs(self.ann).action_pause()
        self.pass_time(days=1, minutes=1)
        self.assertEqual(self.steps(self.ann).status, "scheduled")
        self.assertEqual(self.steps(self.bob).status, "done")


@tagged("post_install", "-at_install")
class TestMoveAndRelease(ByHandCase):
    def move(self, runs, target, **values):
        wizard = self.open(runs.action_move_by_hand())
        wizard.write({"target_id": target.id, **values})
        return wizard

    def test_many_are_moved_with_the_reason(self):
        self.launch()
        wizard = self.move(self.runs(self.ann, self.bob), self.ready, reason="Met at the fair")
        self.assertEqual((wizard.participant_count, wizard.state_id), (2, self.start))
        wizard.action_apply()
        self.assertEqual((self.state_of(self.ann), self.state_of(self.cleo)), ("Ready", "Start"))
        self.assertIn((f"Moved by {self.user.name}", "Met at the fair"), self.timeline(self.ann))

    def test_who_has_gone_on_meanwhile_is_left_there(self):
        self.launch()
        wizard = self.move(self.runs(self.ann, self.bob), self.ready)
        database_clock.move(self.env, 60)
        self.runs(self.ann).action_move(self.over.id)
        told = wizard.action_apply()
        self.assertEqual((self.state_of(self.ann), self.state_of(self.bob)), ("Over", "Ready"))
        self.assertEqual(told["params"]["message"], "One participant was moved.")
        wizard = self.move(self.runs(self.cleo), self.ready)
        database_clock.move(self.env, 60)
        self.runs(self.cleo).action_move(self.ready.id)
        with self.assertRaisesRegex(UserError, "meanwhile"):
            wizard.action_apply()

    def test_a_waiting_state_is_released(self):
        self.launch()
        self.assertEqual(self.mine(self.start).release_label, "Release 3 contacts")
        self.assertFalse(self.mine(self.ready).release_label)
        wizard = self.open(self.mine(self.start).action_release())
        self.assertEqual((wizard.waiting_count, wizard.transition_id), (3, self.way))
        self.assertEqual(wizard.in_words, "Release 3 contacts")
        wizard.reason = "Approved"
        self.assertIn("3 contacts", wizard.action_apply()["params"]["message"])
        self.assertEqual(self.state_of(self.ann), "Start")
        self.run_engine()
        self.assertEqual({self.state_of(one) for one in self.partners}, {"Ready"})
        self.assertIn((f"Released by {self.user.name}", "Approved"), self.timeline(self.ann))
        self.assertFalse(self.participant(self.ann).release_key)
        with self.assertRaisesRegex(UserError, "Nobody waits"):
            wizard.action_apply()

    def test_some_of_those_who_wait_are_released(self):
        self.launch()
        self.open(self.runs(self.ann).action_release()).action_apply()
        self.run_engine()
        self.assertEqual((self.state_of(self.ann), self.state_of(self.bob)), ("Ready", "Start"))

    def test_those_at_the_door_of_a_phase_are_let_in(self):
        self.launch()
        self.runs(*self.partners).action_move(self.later.id)
        self.assertEqual(self.participant(self.ann).status, "held")
        wizard = self.open(self.runs(self.ann).action_release())
        self.assertEqual((wizard.door_count, wizard.waiting_count), (1, 0))
        self.assertEqual(wizard.in_words, "Release 1 contact")
        wizard.action_apply()
        self.run_engine()
        self.assertEqual(self.participant(self.ann).status, "active")
        self.assertEqual(self.participant(self.bob).status, "held")
        self.assertEqual(self.campaign.phase_id, self.phases[0])

    def test_released_while_paused_goes_on_afterwards(self):
        self.launch()
        self.campaign.action_pause()
        self.open(self.mine(self.start).action_release()).action_apply()
        self.run_engine()
        self.assertEqual(self.state_of(self.ann), "Start")
        self.campaign.action_resume()
        self.run_engine()
        self.assertEqual(self.state_of(self.ann), "Ready")

    def test_a_state_without_a_way_by_hand_says_so(self):
        self.campaign.phase_id = self.phases[3]
        self.launch()
        self.runs(self.ann).action_move(self.later.id)
        wizard = self.open(self.runs(self.ann).action_release())
        self.assertEqual(wizard.in_words, "Release 0 contacts")
        with self.assertRaisesRegex(UserError, "Nobody waits"):
            wizard.action_apply()

    def test_releasing_costs_the_same_however_many_there_are(self):
        self.launch()
        counts = []
        for runs in (self.runs(self.ann), self.runs(self.bob, self.cleo)):
            wizard = self.open(runs.action_release())
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            wizard._release("active", self.way.key)
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(counts[1], counts[0])


@tagged("post_install", "-at_install")
class TestResponsesByHand(ByHandCase):
    def record(self, records, **values):
        wizard = Form(
            self.mine(self.env["flow.response"]).with_context(
                active_model=records._name, active_ids=records.ids
            )
        )
        for name, value in values.items():
            wizard[name] = value
        return wizard.save().action_record()

    def test_of_participants_it_moves_people(self):
        self.launch()
        self.record(self.runs(self.ann, self.bob), kind="call", text="wants an offer", value=250)
        event = self.participant(self.ann).event_ids
        self.assertEqual((event.detail, event.value), ("Call: wants an offer", 250))
        self.assertEqual(event.user_id, self.user)
        self.run_engine()
        self.assertEqual((self.state_of(self.ann), self.state_of(self.cleo)), ("Over", "Start"))
        self.assertIn(
            ("Response recorded", f"Call: wants an offer, noted by {self.user.name}"),
            self.timeline(self.ann),
        )

    def test_of_a_contact_it_counts_in_each_of_its_campaigns(self):
        self.launch()
        self.record(self.ann, kind="letter", text="an offer, please")
        self.assertEqual(self.participant(self.ann).event_ids.user_id, self.user)
        self.run_engine()
        self.assertEqual(self.state_of(self.ann), "Over")

    def test_what_happened_before_the_state_was_entered_moves_nobody(self):
        self.launch()
        yesterday = database_clock.now(self.env) - timedelta(days=1)
        self.record(self.runs(self.ann), text="offer", occurred_at=yesterday)
        self.run_engine()
        self.assertEqual(self.state_of(self.ann), "Start")
        self.assertEqual(len(self.participant(self.ann).event_ids), 1)

    def test_the_future_and_strangers_are_refused(self):
        self.launch()
        tomorrow = database_clock.now(self.env) + timedelta(days=1)
        with self.assertRaises(ValidationError):
            self.record(self.runs(self.ann), occurred_at=tomorrow)
        stranger = self.env["res.partner"].create({"name": "Dora", "email": "dora@example.com"})
        with self.assertRaisesRegex(UserError, "no campaign"):
            self.record(stranger)
