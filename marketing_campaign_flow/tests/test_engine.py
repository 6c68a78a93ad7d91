from datetime import timedelta
from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.tests import tagged

from ..engine import advance, database_clock
from ..engine.execute import MAX_ATTEMPTS
from ..engine.handover import Receipt
from .common import FlowCase


@tagged("post_install", "-at_install")
class TestEngine(FlowCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.invited = cls.state("Invited", "start")
        cls.reminded = cls.state("Reminded")
        cls.interested = cls.state("Interested", "goal")
        cls.over = cls.state("Over", "done")
        cls.invitation = cls.email(cls.invited, "Invitation")
        cls.reminder = cls.email(cls.reminded, "Reminder")
        cls.opened = cls.transition(
            cls.invited,
            cls.interested,
            "event",
            sequence=1,
            event_kind="opened",
            event_action_id=cls.invitation.id,
        )
        cls.silence = cls.transition(cls.invited, cls.reminded, "timeout", sequence=2)
        cls.transition(cls.reminded, cls.over, "timeout", delay_value=1, delay_unit="weeks")

    def test_everybody_in_the_audience_gets_the_first_email_once(self):
        self.launch()
        self.assertEqual(
            sorted(mail["email_to"][0] for mail in self.sent),
            ["ann@example.com", "bob@example.com", "cleo@example.com"],
        )
        self.run_engine()
        self.assertFalse(self.sent)
        self.assertEqual(self.campaign.sent_count, 3)
        self.assertEqual(self.steps(self.ann).status, "done")

    def test_open_moves_participant_and_ends_run_as_goal(self):
        self.launch()
        self.trace(self.ann).set_opened()
        self.run_engine()
        participant = self.participant(self.ann)
        self.assertEqual(participant.state_id, self.interested)
        self.assertEqual((participant.status, participant.end_kind), ("ended", "goal"))
        self.assertEqual(self.state_of(self.bob), "Invited")
        self.assertEqual(self.campaign.goal_count, 1)

    def test_silence_for_three_days_brings_the_reminder(self):
        self.launch()
        self.trace(self.ann).set_opened()
        self.pass_time(days=2, hours=23)
        self.assertEqual(self.state_of(self.bob), "Invited")
        self.pass_time(hours=1, minutes=2)
        self.assertEqual(self.state_of(self.bob), "Reminded")
        self.assertEqual(sorted(mail["subject"] for mail in self.sent), ["Reminder"] * 2)
        self.assertEqual(self.state_of(self.ann), "Interested")

    def test_open_before_deadline_beats_reminder(self):
        self.launch()
        self.pass_time(days=2)
        self.trace(self.ann).set_opened()
        self.pass_time(days=2)
        self.assertEqual(self.state_of(self.ann), "Interested")
        self.assertEqual(self.state_of(self.bob), "Reminded")

    def test_timeout_does_not_fire_over_an_event_nobody_has_looked_at(self):
        self.launch()
        database_clock.move(self.env, timedelta(days=4).total_seconds())
        self.env["flow.event"]._record_for_traces("clicked", self.trace(self.ann))
        advance.advance(self.env, self.campaign)
        self.assertEqual(self.state_of(self.ann), "Invited", "the click is looked at first")
        self.assertEqual(self.state_of(self.bob), "Reminded")
        self.run_engine()
        self.assertEqual(self.state_of(self.ann), "Reminded", "a click leads nowhere here")

    def test_timeout_waits_for_the_settle_time(self):
        self.launch()
        self.pass_time(days=3, seconds=30)
        self.assertEqual(self.state_of(self.ann), "Invited")
        self.pass_time(seconds=31)
        self.assertEqual(self.state_of(self.ann), "Reminded")

    def test_open_of_another_email_does_not_count(self):
        self.opened.event_action_id = self.reminder
        self.launch()
        self.trace(self.ann).set_opened()
        self.run_engine()
        self.assertEqual(self.state_of(self.ann), "Invited")

    def test_everybody_ends_by_time_alone(self):
        self.launch()
        self.pass_time(days=4)
        self.pass_time(days=8)
        self.assertEqual(self.campaign.participant_ids.mapped("status"), ["ended"] * 3)
        self.assertEqual(self.campaign.participant_ids.mapped("end_kind"), ["done"] * 3)

    def test_leaving_a_state_cancels_what_is_still_scheduled(self):
        self.email(self.invited, "Second letter", timing="delay", delay_value=2)
        self.launch()
        self.trace(self.ann).set_opened()
        self.run_engine()
        self.assertEqual(self.steps(self.ann).mapped("status"), ["done", "cancelled"])
        self.pass_time(days=2, hours=1)
        self.assertEqual([mail["subject"] for mail in self.sent], ["Second letter"] * 2)

    def test_transition_without_target_runs_its_actions_and_stays(self):
        thanks = self.transition(
            self.invited,
            None,
            "event",
            sequence=0,
            event_kind="clicked",
            event_action_id=self.invitation.id,
        )
        self.action(thanks, "subscription", mailing_list_id=self.hot_list.id)
        self.launch()
        self.env["flow.event"]._record_for_traces("clicked", self.trace(self.ann))
        self.run_engine()
        self.assertEqual(self.state_of(self.ann), "Invited")
        self.assertEqual(self.hot_list.contact_ids.mapped("email"), ["ann@example.com"])
        self.env["flow.event"]._record_for_traces("clicked", self.trace(self.ann))
        self.run_engine()
        self.assertEqual(len(self.steps(self.ann)), 2, "once per visit")
        self.pass_time(days=4)
        self.assertEqual(self.state_of(self.ann), "Reminded")

    def test_transition_from_any_state_is_looked_at_first(self):
        out = self.state("Out", "exit")
        self.transition(None, out, "event", event_kind="unsubscribed")
        self.launch()
        trace = self.trace(self.ann)
        trace.set_opened()
        self.env["flow.event"]._record_unsubscribed(trace.mass_mailing_id, self.ann.id)
        self.run_engine()
        self.assertEqual(self.state_of(self.ann), "Out")
        self.assertEqual(self.participant(self.ann).end_kind, "exit")

    def test_guard_lets_only_matching_contacts_pass(self):
        self.opened.guard = "[('name', '=', 'Ann')]"
        self.launch()
        for contact in (self.ann, self.bob):
            self.trace(contact).set_opened()
        self.run_engine()
        self.assertEqual(self.state_of(self.ann), "Interested")
        self.assertEqual(self.state_of(self.bob), "Invited")

    def test_done_fires_when_the_last_action_has_run(self):
        self.email(self.invited, "Second letter", timing="delay", delay_value=1)
        self.transition(self.invited, self.over, "done", sequence=3)
        self.launch()
        self.assertEqual(self.state_of(self.ann), "Invited")
        self.pass_time(days=1, minutes=1)
        self.assertEqual(self.state_of(self.ann), "Over")

    def test_manual_transition_fires_by_hand_only(self):
        called = self.transition(self.invited, self.over, "manual", sequence=9)
        self.action(called, "subscription", mailing_list_id=self.hot_list.id)
        self.launch()
        self.assertEqual(self.state_of(self.ann), "Invited")
        self.participant(self.ann).with_user(self.user).write({"state_id": self.over.id})
        self.pass_time(minutes=1)
        self.assertEqual(self.state_of(self.ann), "Over")
        self.assertEqual(self.hot_list.contact_ids.mapped("email"), ["ann@example.com"])
        with self.assertRaises(UserError):
            self.participant(self.ann).with_user(self.user).action_move(self.invited.id)

    def test_timeout_can_count_from_an_action(self):
        second = self.email(self.invited, "Second letter", timing="delay", delay_value=2)
        self.silence.after_action_id = second
        self.launch()
        self.pass_time(days=4)
        self.assertEqual(self.state_of(self.ann), "Invited", "the second letter left just now")
        self.pass_time(days=3, minutes=2)
        self.assertEqual(self.state_of(self.ann), "Reminded")

    def test_newcomers_to_the_audience_come_in_while_it_runs(self):
        self.launch()
        dan = self.env["res.partner"].create({"name": "Dan", "email": "dan@example.com"})
        self.audience.partner_ids += dan
        self.pass_time(minutes=6)
        self.assertEqual(self.state_of(dan), "Invited")
        self.assertEqual(len(self.sent), 1)

    def test_a_frozen_audience_takes_nobody_in(self):
        self.campaign.keep_in_sync = False
        self.launch()
        dan = self.env["res.partner"].create({"name": "Dan", "email": "dan@example.com"})
        self.audience.partner_ids += dan
        self.pass_time(minutes=6)
        self.assertFalse(self.participant(dan))

    def test_contact_without_valid_address_is_taken_in_and_skipped_with_reason(self):
        nobody, broken = self.env["res.partner"].create(
            [
                {"name": "Nobody"},
                {"name": "Broken", "email": "not an address"},
            ]
        )
        self.audience.partner_ids += nobody + broken
        self.launch()
        self.assertEqual(len(self.sent), 3)
        self.assertEqual(self.steps(nobody).status, "skipped")
        self.assertEqual(self.steps(nobody).reason, "Missing email address")
        self.assertEqual(self.steps(broken).reason, "Invalid email address")

    def test_two_contacts_with_one_address_take_part_once(self):
        twin = self.env["res.partner"].create({"name": "Twin", "email": "ANN@example.com "})
        self.audience.partner_ids += twin
        self.launch()
        self.assertEqual(len(self.sent), 3)
        self.assertFalse(self.participant(twin))
        self.pass_time(minutes=6)
        self.assertFalse(self.participant(twin))

    def test_blacklisted_address_is_skipped_with_reason(self):
        self.env["mail.blacklist"]._add("ann@example.com")
        self.launch()
        self.assertEqual(len(self.sent), 2)
        self.assertEqual(self.steps(self.ann).reason, "Blacklisted Address")

    def test_same_email_is_sent_again_on_another_visit(self):
        self.transition(self.interested, self.invited, "timeout", delay_value=1)
        self.interested.kind = "normal"
        self.launch()
        self.trace(self.ann).set_opened()
        self.run_engine()
        self.assertEqual(self.state_of(self.ann), "Interested")
        self.pass_time(days=1, minutes=2)
        self.assertEqual(self.state_of(self.ann), "Invited", "the old open does not count again")
        self.assertEqual(self.steps(self.ann).mapped("status"), ["done", "done"])
        self.assertEqual(len(self.sent), 1)

    def test_paused_campaign_stands_still_and_goes_on_where_it_was(self):
        self.launch()
        self.campaign.action_pause()
        self.pass_time(days=4)
        self.assertEqual(self.state_of(self.ann), "Invited")
        self.campaign.action_resume()
        self.run_engine()
        self.assertEqual(self.state_of(self.ann), "Reminded")

    def test_what_people_do_in_a_pause_is_counted_and_moves_them_afterwards(self):
        self.launch()
        self.campaign.action_pause()
        self.env["flow.event"]._record_for_steps("opened", self.steps(self.ann).ids)
        self.run_engine()
        self.assertEqual(self.trace(self.ann).trace_status, "open")
        self.assertEqual(self.state_of(self.ann), "Invited")
        self.campaign.action_resume()
        self.run_engine()
        self.assertEqual(self.state_of(self.ann), "Interested")

    def test_stopped_campaign_ends_everybody_and_cancels_steps(self):
        self.email(self.invited, "Second letter", timing="delay", delay_value=1)
        self.launch()
        self.campaign.action_stop()
        self.pass_time(days=9)
        self.assertFalse(self.sent)
        self.assertEqual(set(self.campaign.participant_ids.mapped("end_kind")), {"stopped"})
        self.assertEqual(self.steps(self.ann).mapped("status"), ["done", "cancelled"])

    def test_stopping_takes_back_what_waits_in_the_outbox(self):
        self.answers["ann@example.com"] = Receipt("retry", 451, "later")
        self.launch()
        self.campaign.action_stop()
        self.run_engine()
        self.assertFalse(self.sent)
        self.assertEqual(self.steps(self.ann).status, "cancelled")
        self.assertEqual(self.campaign.sent_count, 2)

    def test_broken_contact_does_not_stop_its_neighbours_and_is_parked(self):
        tag = self.action(
            self.invited,
            "field",
            field_id=self.env.ref("base.field_res_partner__comment").id,
            field_value="invited",
        )
        write = type(self.env["res.partner"]).write

        def write_unless_bob(partners, vals):
            if "comment" in vals and self.bob in partners:
                raise ValueError("Bob is broken")
            return write(partners, vals)

        with patch.object(type(self.env["res.partner"]), "write", write_unless_bob):
            self.launch()
            step = self.steps(self.bob).filtered(lambda s: s.action_id == tag)
            self.assertEqual((step.status, step.attempts), ("scheduled", 1))
            for _attempt in range(MAX_ATTEMPTS):
                self.pass_time(minutes=30)
        self.assertIn("invited", self.ann.comment)
        self.assertEqual((step.status, step.reason), ("failed", "Bob is broken"))
        step.with_user(self.user).action_retry()
        self.run_engine()
        self.assertEqual(step.status, "done")

    def test_deleted_contact_ends_its_run_and_keeps_the_history(self):
        self.launch()
        participant = self.participant(self.ann)
        self.ann.unlink()
        self.assertEqual((participant.status, participant.end_kind), ("ended", "deleted"))
        self.assertEqual(participant.email_key, "ann@example.com")
        self.pass_time(days=4)
        self.assertEqual(len(self.sent), 2)

    def test_statements_per_batch_do_not_grow_with_the_batch(self):
        self.opened.write({"event_action_id": False})
        self.invitation.unlink()
        self.launch()
        counts = []
        for number in (3, 300):
            self.audience.partner_ids += self.env["res.partner"].create(
                [{"name": f"P{n}", "email": f"p{number}.{n}@example.com"} for n in range(number)]
            )
            self.env.flush_all()
            before = self.env.cr.sql_log_count
            self.pass_time(minutes=6)
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(self.campaign.participant_count, 306)
        self.assertLessEqual(counts[1], counts[0] + 2)


@tagged("post_install", "-at_install")
class TestPhases(FlowCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        sending, follow_up = cls.phases[1:3]
        cls.sent_state = cls.state("Invited", "start", phase=sending)
        cls.call = cls.state("To call", phase=follow_up)
        cls.over = cls.state("Over", "done", phase=follow_up)
        cls.email(cls.sent_state)
        cls.transition(cls.sent_state, cls.call, "event", event_kind="opened")
        cls.transition(cls.call, cls.over, "timeout", delay_value=1)

    def test_preparation_holds_everybody_until_sending_opens(self):
        self.launch()
        self.assertFalse(self.sent)
        self.assertEqual(self.participant(self.ann).status, "held")
        self.assertIn("Sending", self.participant(self.ann).waits_for)
        self.campaign.action_next_phase()
        self.run_engine()
        self.assertEqual(len(self.sent), 3)
        self.assertEqual(self.participant(self.ann).status, "active")

    def test_transition_into_a_closed_phase_waits_at_the_door(self):
        self.campaign.phase_id = self.phases[1]
        self.launch()
        self.trace(self.ann).set_opened()
        self.run_engine()
        participant = self.participant(self.ann)
        self.assertEqual((participant.state_id, participant.status), (self.call, "held"))
        self.pass_time(days=3)
        self.assertEqual(participant.status, "held")
        self.campaign.phase_id = self.phases[2]
        self.run_engine()
        self.assertEqual(participant.status, "active")
        self.pass_time(days=1, minutes=2)
        self.assertEqual(participant.state_id, self.over)

    def test_who_waits_at_the_door_can_still_leave_by_opting_out(self):
        out = self.state("Out", "exit")
        self.transition(None, out, "event", event_kind="unsubscribed")
        self.campaign.phase_id = self.phases[1]
        self.launch()
        for contact in (self.ann, self.bob):
            self.trace(contact).set_opened()
        self.run_engine()
        self.assertEqual(self.participant(self.ann).status, "held")
        mailing = self.trace(self.ann).mass_mailing_id
        self.env["flow.event"]._record_unsubscribed(mailing, self.ann.id)
        self.run_engine()
        self.assertEqual(self.state_of(self.ann), "Out")
        self.assertEqual(self.participant(self.bob).status, "held")
