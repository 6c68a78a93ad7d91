import base64
from datetime import timedelta

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, new_test_user, tagged
from odoo.tools import SQL, mute_logger
from psycopg2.errors import UniqueViolation

from ..engine import advance, database_clock
from ..engine.handover import Receipt
from .common import FlowCase


class VersionsCase(FlowCase):
    """An invitation, a reminder after three days, and a week later it is over."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.invited = cls.state("Invited", "start", sequence=1)
        cls.reminded = cls.state("Reminded", sequence=2)
        cls.interested = cls.state("Interested", "goal", sequence=3)
        cls.over = cls.state("Over", "done", sequence=4)
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
        cls.expiry = cls.transition(
            cls.reminded, cls.over, "timeout", delay_value=1, delay_unit="weeks"
        )

    def edit(self):
        self.campaign.with_user(self.user).action_edit_workflow()
        return self.campaign.draft_workflow_id

    def new(self, part):
        """Return a part of the draft by the one it was copied from."""
        parts = {
            "flow.state": "state_ids",
            "flow.transition": "transition_ids",
            "flow.action": "action_ids",
        }
        draft = self.campaign.draft_workflow_id or self.campaign.workflow_id
        return draft[parts[part._name]].filtered(lambda twin: twin.key == part.key)

    def publish(self, targets=None):
        """Publish the draft through the dialog, as Marta does."""
        wizard = self.dialog()
        for line in wizard.line_ids.filtered("needs_target"):
            if targets:
                line.target_id = targets[line.state_id]
        wizard.action_publish()
        self.env.invalidate_all()

    def dialog(self):
        action = self.campaign.with_user(self.user).action_publish_workflow()
        return self.env[action["res_model"]].with_user(self.user).browse(action["res_id"])

    def told(self, wizard=None):
        """Return what the dialog tells, line by line."""
        return [
            (line.change, line.place, line.name, line.details or "", line.people)
            for line in (wizard or self.dialog()).line_ids
        ]

    def due(self, contact, action):
        step = self.steps(contact).filtered(lambda step: step.action_key == action.key)[-1:]
        return step.due_at

    def now(self):
        return database_clock.now(self.env)

    def assert_near(self, moment, other):
        self.assertLess(abs(moment - other), timedelta(seconds=5))


@tagged("post_install", "-at_install")
class TestVersions(VersionsCase):
    def test_editing_makes_a_draft_and_the_old_version_runs_on(self):
        self.launch()
        draft = self.edit()
        self.assertEqual((draft.version, draft.status), (2, "draft"))
        self.assertEqual(self.campaign.workflow_id, self.workflow)
        self.assertEqual(self.campaign.edited_workflow_id, draft)
        self.assertEqual(self.campaign.state_ids, draft.state_ids)
        self.assertEqual(draft.state_ids.mapped("key"), self.workflow.state_ids.mapped("key"))
        self.assertNotEqual(self.new(self.invitation).mailing_id, self.invitation.mailing_id)
        self.pass_time(days=4)
        self.assertEqual(self.participant(self.ann).state_id, self.reminded)

    def test_form_of_the_campaign_edits_the_draft(self):
        self.launch()
        draft = self.edit()
        form = Form(self.campaign.with_user(self.user))
        with form, form.state_ids.edit(1) as state:
            state.name = "Reminded once"
        self.assertEqual(draft.state_ids[1].name, "Reminded once")
        self.assertEqual(self.reminded.name, "Reminded")
        self.campaign.with_user(self.user).write({"state_ids": [(2, self.new(self.over).id)]})
        self.assertEqual(len(draft.state_ids), 3)
        self.assertEqual(len(self.workflow.state_ids), 4)

    def test_states_of_the_draft_show_who_is_there_now(self):
        self.launch()
        self.edit()
        self.assertEqual(self.new(self.invited).participant_count, 3)
        self.assertEqual(self.new(self.reminded).participant_count, 0)

    def test_second_draft_is_refused(self):
        self.launch()
        self.edit()
        with self.assertRaises(UserError):
            self.campaign.action_edit_workflow()
        with mute_logger("odoo.sql_db"), self.assertRaises(UniqueViolation):
            self.workflow.copy({"campaign_id": self.campaign.id, "version": 3})

    def test_only_a_launched_campaign_has_versions(self):
        with self.assertRaises(UserError):
            self.campaign.action_edit_workflow()
        self.launch()
        with self.assertRaises(UserError):
            self.campaign.action_publish_workflow()
        self.edit()
        self.campaign.action_stop()
        with self.assertRaises(UserError):
            self.publish()
        self.campaign.action_discard_draft()
        with self.assertRaises(UserError):
            self.campaign.action_edit_workflow()

    def test_published_and_archived_versions_stay_as_they_are(self):
        self.launch()
        self.edit()
        self.publish()
        self.assertEqual(self.workflow.status, "archived")
        new_state = self.campaign.workflow_id.state_ids[0]
        for change in (
            lambda: self.invited.write({"kind": "normal"}),
            lambda: self.silence.write({"sequence": 0}),
            lambda: new_state.write({"kind": "normal"}),
            lambda: self.campaign.workflow_id.write({"status": "draft"}),
            lambda: self.workflow.write({"status": "draft"}),
        ):
            with self.assertRaises(UserError):
                change()
        with self.assertRaisesRegex(UserError, "Edit workflow"):
            self.reminder.unlink()

    def test_versions_are_told_with_who_published_them(self):
        self.launch()
        self.edit()
        self.new(self.silence).delay_value = 5
        self.publish()
        new, old = self.campaign.workflow_ids
        self.assertEqual((old.version, old.status), (1, "archived"))
        self.assertEqual((new.version, new.status), (2, "published"))
        self.assertEqual(new.published_by, self.user)
        self.assert_near(new.published_on, self.now())
        body = self.campaign.message_ids[0].body
        self.assertIn("Version 2 of the workflow replaced version 1", body)
        self.assertIn("3 → 5", body)

    def test_discarded_draft_leaves_nothing_behind(self):
        self.launch()
        emails = self.env["mailing.mailing"].search_count([])
        draft = self.edit()
        self.new(self.reminder).mailing_id.subject = "Better"
        self.new(self.reminded).unlink()
        self.campaign.with_user(self.user).action_discard_draft()
        self.assertFalse(draft.exists())
        self.assertFalse(self.campaign.draft_workflow_id)
        self.assertEqual(self.campaign.state_ids, self.workflow.state_ids)
        self.assertEqual(self.env["mailing.mailing"].search_count([]), emails)
        self.assertEqual(self.edit().version, 2, "the number is free again")

    def test_discarding_keeps_the_files_of_the_version_that_runs(self):
        file = self.env["ir.attachment"].create(
            {"name": "map.txt", "datas": base64.b64encode(b"map")}
        )
        self.invitation.mailing_id.attachment_ids = file
        self.launch()
        self.edit()
        twin = self.new(self.invitation).mailing_id
        self.assertEqual(twin.attachment_ids.mapped("name"), ["map.txt"])
        self.assertNotEqual(twin.attachment_ids, file)
        self.assertFalse(self.told(), "a copy of a file is the same file")
        self.campaign.action_discard_draft()
        self.assertEqual(self.invitation.mailing_id.attachment_ids.exists(), file)

    def test_copy_of_the_campaign_takes_the_version_that_runs(self):
        self.launch()
        self.edit()
        self.new(self.silence).delay_value = 5
        duplicate = self.campaign.copy()
        self.assertEqual(duplicate.workflow_ids.mapped("version"), [1])
        self.assertIn(3, duplicate.workflow_id.transition_ids.mapped("delay_value"))

    def test_campaign_with_several_versions_can_be_deleted(self):
        self.launch()
        self.edit()
        self.publish()
        self.campaign.action_stop()
        self.campaign.unlink()
        self.assertFalse(self.workflow.exists())


# What a table of many rows refers to; where Odoo only notes who created a row is Odoo's matter.
REFERENCES = """
    SELECT c.conrelid::regclass::text, a.attname
      FROM pg_constraint c
      JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
     WHERE c.contype = 'f' AND c.conrelid::regclass::text = ANY(%s)
       AND a.attname NOT IN ('create_uid', 'write_uid')
"""
LARGE = ["flow_participant", "flow_visit", "flow_step", "flow_event", "flow_delivery",
         "mailing_trace"]  # fmt: skip


@tagged("post_install", "-at_install")
class TestDeleting(VersionsCase):
    def test_deleting_a_part_of_a_draft_reads_no_table_of_millions(self):
        """Each reference can be looked up; here the tables are small, and read as a whole."""
        self.env.cr.execute("SET LOCAL enable_seqscan = off")
        self.env.cr.execute(REFERENCES, [LARGE])
        references = self.env.cr.fetchall()
        self.assertIn(("flow_step", "state_id"), references)
        for table, column in references:
            names = {"table": SQL.identifier(table), "column": SQL.identifier(column)}
            deleted = SQL("EXPLAIN SELECT FROM %(table)s WHERE %(column)s = 1", **names)
            plan = "\n".join(line for (line,) in self.env.execute_query(deleted))
            self.assertNotIn("Seq Scan", plan, f"{table}.{column}")


@tagged("post_install", "-at_install")
class TestPublishDialog(VersionsCase):
    def test_difference_is_told_in_plain_words(self):
        self.launch()
        draft = self.edit()
        self.new(self.silence).write({"delay_value": 5})
        self.new(self.reminded).action_ids.mailing_id.body_html = "<p>Another text</p>"
        more = self.state("More", workflow_id=draft.id, sequence=9)
        self.transition(self.new(self.invited), more, "manual", workflow_id=draft.id, sequence=9)
        self.transition(more, self.new(self.over), "manual", workflow_id=draft.id)
        self.email(more, "Extra")
        out = self.transition(
            None, self.new(self.over), "event", event_kind="unsubscribed", workflow_id=draft.id
        )
        self.assertEqual(
            self.told(),
            [
                ("changed", "Invited", "Way out: After 3 days → Reminded", "After: 3 → 5", 3),
                ("changed", "Reminded", "Action: Send email: Reminder", "Text: changed", 0),
                ("added", "More", "State: More", "", 0),
                ("added", "Invited", "Way out: By hand → More", "", 3),
                ("added", "More", "Way out: By hand → Over", "", 0),
                ("added", "Any state", f"Way out: {out.display_name}", "", 3),
                ("added", "More", "Action: Send email: Extra", "", 0),
            ],
        )

    def test_rule_on_a_figure_follows_the_email_and_is_a_change_when_it_is_another(self):
        way = self.transition(
            self.invited,
            self.over,
            "result",
            result_metric="open_rate",
            result_action_id=self.invitation.id,
        )
        rows = self.campaign.phase_row_ids
        rows[-1].write(
            {
                "opening": "result",
                "result_metric": "click_rate",
                "result_action_id": self.reminder.id,
            }
        )
        self.launch()
        self.edit()
        self.assertEqual(self.new(way).result_action_id, self.new(self.invitation))
        self.assertFalse(self.told(), "a copy is no change")
        self.new(way).result_action_id = self.new(self.reminder)
        [(change, *_place, details, _people)] = self.told()
        self.assertEqual(change, "changed")
        self.assertIn("Of which email: ", details)
        self.publish()
        plan = self.campaign.workflow_id._plan()
        [rule] = [t.result for t in plan.transitions if t.trigger == "result"]
        self.assertEqual(rule.action_key, self.reminder.key)
        self.assertEqual(rows[-1].result_action_id.workflow_id, self.campaign.workflow_id)
        self.assertEqual(rows[-1].result_action_id.key, self.reminder.key)

    def test_untouched_draft_has_nothing_to_tell(self):
        self.launch()
        self.edit()
        self.assertEqual(self.told(), [])
        self.new(self.invited).write({"color": 4, "sequence": 7})
        self.assertEqual(self.told(), [])

    def test_removed_state_asks_where_its_people_go(self):
        self.launch()
        self.pass_time(days=4)
        self.edit()
        self.new(self.reminded).unlink()
        wizard = self.dialog()
        [line] = wizard.line_ids.filtered("needs_target")
        self.assertEqual((line.state_id, line.people), (self.reminded, 3))
        self.assertEqual(line.target_id, self.new(self.over), "where its only way out led")
        line.target_id = False
        self.transition(
            self.new(self.invited),
            self.new(self.over),
            "timeout",
            workflow_id=self.campaign.draft_workflow_id.id,
        )
        with self.assertRaisesRegex(UserError, "“Reminded” is removed"):
            wizard.action_publish()
        self.assertEqual(self.workflow.status, "published")

    def test_removed_state_that_is_empty_asks_nothing(self):
        self.launch()
        self.edit()
        self.new(self.silence).target_id = self.new(self.over)
        self.new(self.reminded).unlink()
        self.assertFalse(self.dialog().line_ids.filtered("needs_target"))
        self.publish()
        self.assertEqual(self.reminder.mailing_id.exists().flow_versions, "1")
        copies = self.env["mailing.mailing"].search([("flow_draft_of_id", "!=", False)])
        self.assertFalse(copies, "the email of the removed state was copied for nothing")
        self.pass_time(days=4)
        self.assertEqual(self.state_of(self.ann), "Over")

    def test_draft_with_problems_is_not_published(self):
        self.launch()
        self.edit()
        self.new(self.expiry).unlink()
        wizard = self.dialog()
        self.assertIn("“Reminded” has no way out", wizard.problems)
        with self.assertRaisesRegex(UserError, "“Reminded” has no way out"):
            wizard.action_publish()
        self.assertEqual(self.campaign.workflow_id, self.workflow)
        self.assertEqual(self.workflow.status, "published")

    def test_dialog_of_a_draft_that_is_gone_publishes_nothing(self):
        self.launch()
        self.edit()
        wizard = self.dialog()
        self.publish()
        with self.assertRaises(UserError):
            wizard.exists().action_publish()


@tagged("post_install", "-at_install")
class TestUnderWay(VersionsCase):
    """What a new version means for those who are under way."""

    def test_participants_stay_in_their_state_and_keep_its_time(self):
        self.launch()
        self.pass_time(days=2)
        entered = self.participant(self.ann).entered_at
        self.edit()
        new_state = self.new(self.invited)
        self.publish()
        participant = self.participant(self.ann)
        self.assertEqual(participant.state_id, new_state)
        self.assertEqual((participant.status, participant.visit), ("active", 1))
        self.assertEqual(participant.entered_at, entered)
        self.pass_time(days=1, minutes=2)
        self.assertEqual(self.state_of(self.ann), "Reminded")

    def test_those_who_have_ended_stay_in_the_same_column(self):
        self.launch()
        self.trace(self.ann).set_opened()
        self.run_engine()
        self.edit()
        new_state = self.new(self.interested)
        self.publish()
        participant = self.participant(self.ann)
        self.assertEqual((participant.state_id, participant.status), (new_state, "ended"))
        self.assertEqual(self.campaign.goal_count, 1)

    def test_longer_time_out_waits_for_the_rest_only(self):
        self.launch()
        self.pass_time(days=2)
        self.edit()
        self.new(self.silence).delay_value = 5
        self.publish()
        self.pass_time(days=1, minutes=2)
        self.assertEqual(self.state_of(self.ann), "Invited")
        self.pass_time(days=2)
        self.assertEqual(self.state_of(self.ann), "Reminded")

    def test_shorter_time_out_that_has_passed_fires_at_once(self):
        self.launch()
        self.pass_time(days=2)
        self.edit()
        self.new(self.silence).delay_value = 1
        self.publish()
        self.run_engine()
        self.assertEqual(self.state_of(self.ann), "Reminded")
        self.assertEqual([mail["subject"] for mail in self.sent], ["Reminder"] * 3)

    def test_longer_delay_of_an_action_counts_from_the_entry(self):
        second = self.email(self.invited, "Second", timing="delay", delay_value=1)
        self.silence.delay_value = 9
        self.launch()
        entered = self.participant(self.ann).entered_at
        database_clock.move(self.env, timedelta(days=1, hours=1).total_seconds())
        self.edit()  # due an hour ago, but not run yet
        self.new(second).delay_value = 3
        self.publish()
        self.assertEqual(self.due(self.ann, second), entered + timedelta(days=3))
        self.run_engine()
        self.assertFalse(self.sent)
        self.pass_time(days=2)
        self.assertEqual([mail["subject"] for mail in self.sent], ["Second"] * 3)

    def test_a_step_with_another_moment_is_changed_once(self):
        second = self.email(self.invited, "Second", timing="delay", delay_value=1)
        self.launch()
        self.edit()
        self.new(second).delay_value = 3
        state, action = self.new(self.invited), self.new(second)
        before = self.count_changed_steps()
        self.publish()
        self.assertEqual(self.count_changed_steps() - before, len(self.partners))
        step = self.steps(self.ann).filtered(lambda step: step.action_key == second.key)
        self.assertEqual((step.action_id, step.state_id), (action, state))

    def count_changed_steps(self):
        self.env.cr.execute(
            "SELECT n_tup_upd FROM pg_stat_xact_user_tables WHERE relname = 'flow_step'"
        )
        return self.env.cr.fetchone()[0]

    def test_shorter_delay_that_has_passed_is_due_now(self):
        second = self.email(self.invited, "Second", timing="delay", delay_value=9)
        self.silence.delay_value = 30
        self.launch()
        self.pass_time(days=2)
        self.edit()
        self.new(second).delay_value = 1
        self.publish()
        self.assert_near(self.due(self.ann, second), self.now())
        self.run_engine()
        self.assertEqual([mail["subject"] for mail in self.sent], ["Second"] * 3)

    def test_delay_keeps_to_opening_hours_of_the_contact(self):
        second = self.email(self.invited, "Second", timing="delay", delay_value=20)
        self.silence.delay_value = 60
        self.ann.tz, self.bob.tz = "Asia/Tokyo", "America/New_York"
        self.launch()
        self.edit()
        self.new(second).write({"use_window": True, "hour_from": 9, "hour_to": 10})
        self.publish()
        ann, bob = self.due(self.ann, second), self.due(self.bob, second)
        self.assertTrue(0 <= ann.hour < 1 or (ann.hour == 1 and not ann.minute), ann)
        self.assertIn(bob.hour, (13, 14))
        self.assertGreaterEqual(ann, self.participant(self.ann).entered_at + timedelta(days=19))

    def test_working_calendar_of_a_new_version_puts_off_with_reason(self):
        calendar = self.env["resource.calendar"].create({"name": "Office", "tz": "Europe/Rome"})
        self.invitation.write({"timing": "delay", "delay_value": 1, "delay_unit": "hours"})
        self.launch()
        self.edit()
        keeps_it = {"use_window": True, "calendar_id": calendar.id}
        self.new(self.invitation).write(keeps_it)
        # Off today and for a year: whatever day it is, nobody gets anything soon.
        self.env["resource.calendar.leaves"].create(
            {
                "name": "Closed",
                "calendar_id": calendar.id,
                "date_from": self.now() - timedelta(days=1),
                "date_to": self.now() + timedelta(days=100),
            }
        )
        added = self.email(self.new(self.invited), "Second", **keeps_it)
        self.publish()
        for action in (self.invitation, added):
            self.assertGreaterEqual(self.due(self.ann, action), self.now() + timedelta(days=100))
        self.assertEqual(set(self.steps(self.ann).mapped("wait_reason")), {"hours"})

    def test_what_waits_for_another_attempt_keeps_its_moment(self):
        second = self.email(self.invited, "Second", timing="delay", delay_value=1)
        self.silence.delay_value = 9
        self.launch()
        step = self.steps(self.ann).filtered(lambda step: step.action_id == second)
        moment = self.now().replace(microsecond=0)
        step.write({"attempts": 1, "due_at": moment})
        self.edit()
        self.new(second).delay_value = 5
        self.publish()
        self.assertEqual(step.due_at, moment)

    def test_step_that_was_kept_is_credited_too(self):
        survey = self.email(
            self.invited, "Survey", timing="delay", delay_value=10, keep_after_leaving=True
        )
        self.launch()
        entered = self.participant(self.ann).entered_at
        self.trace(self.ann).set_opened()
        self.pass_time(days=4)
        self.assertEqual(self.participant(self.ann).status, "ended")
        self.edit()
        self.new(survey).delay_value = 6
        self.publish()
        for contact in (self.ann, self.bob):
            self.assert_near(self.due(contact, survey), entered + timedelta(days=6))
        self.pass_time(days=2, minutes=1)
        self.assertEqual(sorted(m["subject"] for m in self.sent), ["Survey"] * 3)
        self.pass_time(days=10)
        self.assertFalse([mail for mail in self.sent if mail["subject"] == "Survey"])

    def test_action_that_loses_its_date_is_skipped_with_reason(self):
        second = self.email(self.invited, "Second", timing="delay", delay_value=1)
        self.silence.delay_value = 9
        self.launch()
        self.edit()
        past = self.now() - timedelta(days=1)
        self.new(second).write({"timing": "date", "date_at": past, "skip_past": True})
        self.publish()
        step = self.steps(self.ann).filtered(lambda step: step.action_key == second.key)
        self.assertEqual((step.status, step.reason), ("skipped", "No date, or it has passed"))

    def test_step_that_is_due_but_not_run_runs_in_the_new_version(self):
        second = self.email(self.invited, "Second", timing="delay", delay_value=1)
        self.silence.delay_value = 9
        self.launch()
        database_clock.move(self.env, timedelta(days=2).total_seconds())
        self.edit()
        self.new(second).mailing_id.subject = "Second, better"
        self.publish()
        self.run_engine()
        self.assertEqual([mail["subject"] for mail in self.sent], ["Second, better"] * 3)

    def test_removed_action_is_cancelled_with_reason(self):
        second = self.email(self.invited, "Second", timing="delay", delay_value=1)
        self.silence.delay_value = 9
        self.launch()
        self.edit()
        self.new(second).unlink()
        self.publish()
        step = self.steps(self.ann).filtered(lambda step: step.action_key == second.key)
        self.assertEqual((step.status, step.reason), ("cancelled", "Removed in version 2"))
        self.assertEqual(step.action_id, second, "what it was can still be read")
        self.pass_time(days=2)
        self.assertFalse(self.sent)

    def test_removing_the_last_action_lets_done_fire(self):
        second = self.email(self.invited, "Second", timing="delay", delay_value=5)
        self.silence.write({"trigger": "done"})
        self.launch()
        self.edit()
        self.new(second).unlink()
        self.publish()
        self.run_engine()
        self.assertEqual(self.state_of(self.ann), "Reminded")

    def test_added_action_reaches_who_is_there_and_counts_from_the_entry(self):
        self.silence.delay_value = 9
        self.launch()
        entered = self.participant(self.ann).entered_at
        self.trace(self.bob).set_opened()
        self.pass_time(days=2)
        self.edit()
        second = self.email(self.new(self.invited), "Second", timing="delay", delay_value=3)
        at_once = self.email(self.new(self.invited), "At once")
        late = self.email(self.new(self.interested), "Thanks")
        self.publish()
        self.assertEqual(self.due(self.ann, second), entered + timedelta(days=3))
        self.assert_near(self.due(self.ann, at_once), self.now())
        self.assertFalse(self.due(self.bob, late), "who has ended gets nothing any more")
        self.run_engine()
        self.assertEqual([mail["subject"] for mail in self.sent], ["At once"] * 2)
        self.pass_time(days=1, minutes=1)
        self.assertEqual([mail["subject"] for mail in self.sent], ["Second"] * 2)

    def test_birthday_added_later_is_the_next_one(self):
        field = self.env["ir.model.fields"]._get("res.partner", "create_date")
        self.silence.delay_value = 900
        self.launch()
        self.pass_time(days=30)
        self.edit()
        birthday = self.email(
            self.new(self.invited),
            "Birthday",
            timing="field",
            date_field_id=field.id,
            delay_value=0,
            date_yearly=True,
        )
        self.publish()
        self.assertGreater(self.due(self.ann, birthday), self.now() + timedelta(days=300))

    def test_nothing_that_was_sent_is_sent_again(self):
        self.launch()
        self.edit()
        self.new(self.invitation).write({"timing": "delay", "delay_value": 1})
        self.new(self.invitation).mailing_id.subject = "Invitation, better"
        self.publish()
        self.run_engine()
        self.assertFalse(self.sent)
        self.pass_time(days=2)
        self.assertFalse(self.sent)
        self.assertEqual(self.campaign.sent_count, 3)
        self.assertEqual(self.steps(self.ann).action_id, self.invitation, "what was sent")

    def test_reaction_to_an_email_of_the_old_version_counts(self):
        self.launch()
        trace = self.trace(self.ann)
        self.edit()
        self.new(self.invitation).mailing_id.subject = "Invitation, better"
        self.publish()
        trace.set_opened()
        self.run_engine()
        self.assertEqual(self.state_of(self.ann), "Interested")
        self.assertEqual(self.campaign.opened_count, 1)

    def test_event_before_publishing_fires_a_new_way_out(self):
        self.launch()
        self.env["flow.event"]._record_for_traces("clicked", self.trace(self.ann))
        self.run_engine()
        draft = self.edit()
        self.transition(
            self.new(self.invited),
            self.new(self.interested),
            "event",
            event_kind="clicked",
            workflow_id=draft.id,
        )
        self.publish()
        self.run_engine()
        self.assertEqual(self.state_of(self.ann), "Interested")
        self.assertEqual(self.state_of(self.bob), "Invited")

    def test_next_visit_of_a_cycle_sends_in_the_new_version(self):
        self.expiry.write({"target_id": self.invited.id, "delay_value": 1, "delay_unit": "days"})
        self.over.unlink()
        self.launch()
        self.pass_time(days=3, minutes=2)
        self.edit()
        self.publish()
        self.pass_time(days=1, minutes=2)
        self.assertEqual(self.state_of(self.ann), "Invited")
        self.assertEqual([mail["subject"] for mail in self.sent], ["Invitation"] * 3)
        self.assertEqual(self.participant(self.ann).visit, 3)
        self.assertEqual(self.steps(self.ann).mapped("visit"), [1, 2, 3])

    def test_people_of_a_removed_state_begin_anew_in_another(self):
        self.email(self.reminded, "Later", timing="delay", delay_value=2)
        self.launch()
        self.pass_time(days=3, minutes=2)
        draft = self.edit()
        called = self.state("Called", workflow_id=draft.id)
        self.email(called, "We call you")
        self.transition(self.new(self.invited), called, "timeout", workflow_id=draft.id)
        self.transition(called, self.new(self.over), "timeout", workflow_id=draft.id)
        self.new(self.reminded).unlink()
        self.publish({self.reminded: called})
        participant = self.participant(self.ann)
        self.assertEqual((participant.state_id, participant.visit), (called, 3))
        self.assert_near(participant.entered_at, self.now())
        self.run_engine()
        self.assertEqual([mail["subject"] for mail in self.sent], ["We call you"] * 3)
        self.assertEqual(
            self.steps(self.ann).mapped("status"), ["done", "done", "cancelled", "done"]
        )
        self.pass_time(days=3, minutes=2)
        self.assertEqual(self.participant(self.ann).end_kind, "done")

    def test_timeline_tells_of_removed_states_and_not_of_drafts(self):
        self.launch()
        self.edit()
        (self.new(self.invited) | self.new(self.interested)).unlink()
        self.new(self.reminded).kind = "start"
        self.publish({self.invited: self.new(self.reminded)})
        self.edit()
        self.new(self.reminded).name = "Draft only"
        told = [entry.text for entry in self.participant(self.ann)._timeline()]
        self.assertIn("Entered “Invited”", told)
        self.assertIn("Entered “Reminded”", told)

    def test_people_of_a_removed_state_may_end(self):
        self.launch()
        self.pass_time(days=3, minutes=2)
        self.edit()
        self.new(self.silence).target_id = self.new(self.over)
        self.new(self.reminded).unlink()
        self.publish({self.reminded: self.new(self.over)})
        participant = self.participant(self.ann)
        self.assertEqual((participant.status, participant.end_kind), ("ended", "done"))
        self.assertFalse(participant.next_at)

    def test_state_that_becomes_a_goal_ends_the_run_of_who_is_there(self):
        self.launch()
        self.pass_time(days=3, minutes=2)
        self.edit()
        self.new(self.reminded).kind = "goal"
        self.new(self.over).unlink()
        self.publish()
        self.run_engine()
        participant = self.participant(self.ann)
        self.assertEqual((participant.status, participant.end_kind), ("ended", "goal"))

    def test_dragging_a_card_onto_a_column_of_the_new_version(self):
        self.launch()
        self.edit()
        self.publish()
        over = self.new(self.over)
        self.participant(self.ann).with_user(self.user).action_move(over.id)
        self.assertEqual(self.participant(self.ann).state_id, over)
        with self.assertRaises(UserError):
            self.participant(self.bob).with_user(self.user).action_move(self.over.id)
        self.participant(self.ann).with_user(self.user).action_put_back()
        self.run_engine()
        self.assertEqual(self.participant(self.ann)[:1].state_id, self.new(self.invited))

    def test_newcomers_start_in_the_new_version(self):
        self.launch()
        self.edit()
        self.publish()
        dan = self.env["res.partner"].create({"name": "Dan", "email": "dan@example.com"})
        self.audience.partner_ids += dan
        self.pass_time(minutes=6)
        self.assertEqual(self.participant(dan).state_id, self.new(self.invited))
        self.assertEqual(len(self.sent), 1)

    def test_message_sent_by_hand_stays_readable(self):
        self.launch()
        self.by_hand(self.participant(self.ann).with_user(self.user).action_send_by_hand())
        by_hand = self.workflow.action_ids.filtered("is_manual")
        self.edit()
        self.assertFalse(self.campaign.draft_workflow_id.action_ids.filtered("is_manual"))
        self.assertEqual(self.told(), [])
        self.publish()
        self.run_engine()
        step = self.steps(self.ann)[-1]
        self.assertEqual((step.action_id, step.status), (by_hand, "done"))
        self.assertEqual(len(self.sent), 1)
        self.assertEqual(self.campaign.sent_count, 4)

    def test_failed_step_is_tried_again_in_the_new_version(self):
        self.answers["ann@example.com"] = Receipt("failed", 550, "no")
        self.launch()
        self.answers.clear()
        step = self.steps(self.ann)
        self.edit()
        new_action = self.new(self.invitation)
        self.publish()
        self.assertEqual(step.action_id, new_action)
        step.with_user(self.user).action_retry()
        self.run_engine()
        self.assertEqual(step.status, "done")
        self.assertEqual(len(self.sent), 1)

    def test_paused_campaign_is_edited_and_goes_on_in_the_new_version(self):
        self.launch()
        self.campaign.action_pause()
        self.edit()
        self.new(self.silence).delay_value = 1
        self.publish()
        self.pass_time(days=2)
        self.assertEqual(self.state_of(self.ann), "Invited")
        self.campaign.action_resume()
        self.run_engine()
        self.assertEqual(self.state_of(self.ann), "Reminded")

    def test_one_version_after_the_other(self):
        self.launch()
        for days in (5, 7, 4):
            self.edit()
            self.new(self.silence).delay_value = days
            self.publish()
        self.assertEqual(self.campaign.workflow_id.version, 4)
        self.pass_time(days=4, minutes=2)
        self.assertEqual(self.state_of(self.ann), "Reminded")

    def test_statements_do_not_grow_with_the_participants(self):
        second = self.email(self.invited, "Second", timing="delay", delay_value=2)
        self.reminded.action_ids.unlink()
        self.audience.partner_ids += self.env["res.partner"].create(
            [{"name": f"P{n}", "email": f"p{n}@example.com"} for n in range(200)]
        )
        self.campaign.keep_in_sync = False
        self.opened.event_action_id = False
        self.invitation.unlink()
        self.launch()
        counts = []
        few = self.participant(self.ann) | self.participant(self.bob)
        for days in (20, 30, 40):
            if days == 40:
                (self.campaign.participant_ids - few)._end("removed", self.now())
            self.edit()
            self.new(second).delay_value = days
            self.action(self.new(self.invited), "subscription", mailing_list_id=self.hot_list.id)
            wizard = self.dialog()
            self.env.flush_all()
            before = self.env.cr.sql_log_count
            wizard.action_publish()
            self.env.flush_all()
            counts.append(self.env.cr.sql_log_count - before)
        _first, many, fewer = counts
        self.assertLess(many - fewer, 5, "203 participants against 2")


@tagged("post_install", "-at_install")
class TestHeld(VersionsCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.preparation, cls.sending, cls.follow_up = cls.phases[:3]
        cls.invited.phase_id = cls.sending

    def test_who_waits_at_a_door_waits_at_the_new_one(self):
        self.launch()
        self.edit()
        extra = self.email(self.new(self.invited), "Extra")
        self.publish()
        participant = self.participant(self.ann)
        self.assertEqual(
            (participant.status, participant.state_id), ("held", self.new(self.invited))
        )
        self.assertFalse(self.due(self.ann, extra), "nothing of the state has begun")
        self.run_engine()
        self.assertFalse(self.sent)
        self.campaign.action_next_phase()
        self.run_engine()
        self.assertEqual(len(self.sent), 6)

    def test_door_that_a_new_version_opens(self):
        self.launch()
        self.edit()
        self.new(self.invited).phase_id = False
        self.publish()
        self.run_engine()
        self.assertEqual(self.participant(self.ann).status, "active")
        self.assertEqual(len(self.sent), 3)

    def test_who_waits_at_the_door_of_a_removed_state_goes_on(self):
        self.reminded.phase_id = self.follow_up
        self.campaign.phase_id = self.sending
        self.launch()
        self.pass_time(days=3, minutes=2)
        self.assertEqual(self.participant(self.ann).status, "held")
        draft = self.edit()
        wait = self.state("Wait", workflow_id=draft.id, phase_id=self.follow_up.id)
        self.transition(wait, self.new(self.over), "manual", workflow_id=draft.id)
        self.new(self.silence).target_id = wait
        self.new(self.reminded).unlink()
        self.publish({self.reminded: wait})
        participant = self.participant(self.ann)
        self.assertEqual((participant.status, participant.state_id), ("held", wait))
        self.campaign.phase_id = self.follow_up
        self.run_engine()
        self.assertEqual(participant.status, "active")
        self.assertEqual(participant.visit, 2)


@tagged("post_install", "-at_install")
class TestTexts(VersionsCase):
    def test_text_of_a_launched_version_is_frozen(self):
        email = self.invitation.mailing_id
        email.subject = "Still a draft"
        self.launch()
        self.assertTrue(email.flow_is_frozen)
        for values in (
            {"subject": "New"},
            {"body_html": "<p>New</p>"},
            {"body_arch": "<p>New</p>"},
            {"preview": "New"},
            {"email_from": "new@example.com"},
            {"reply_to": "new@example.com"},
            {"attachment_ids": [(0, 0, {"name": "new.txt"})]},
        ):
            with self.assertRaisesRegex(UserError, "Edit the text"), self.env.cr.savepoint():
                email.write(values)
        email.write(
            {"user_id": self.env.uid, "subject": email.subject, "body_html": email.body_html}
        )
        self.edit()
        self.new(self.invitation).mailing_id.subject = "Better"
        self.publish()
        with self.assertRaises(UserError):
            email.subject = "History"

    def test_templates_and_drafts_are_free(self):
        template = self.workflow.copy({"campaign_id": False, "name": "Template"})
        self.launch()
        template.action_ids.mailing_id[0].subject = "Free"

    def test_email_that_nobody_touched_stays_one_email(self):
        self.launch()
        invitation, reminder = self.invitation.mailing_id, self.reminder.mailing_id
        self.edit()
        copies = self.campaign.draft_workflow_id.action_ids.mailing_id
        self.new(self.reminder).mailing_id.body_html = "<p>Better</p>"
        better = self.new(self.reminder).mailing_id
        self.publish()
        self.assertEqual(self.new(self.invitation).mailing_id, invitation)
        self.assertEqual(self.new(self.reminder).mailing_id, better)
        self.assertEqual(copies.exists(), better)
        self.assertEqual(invitation.flow_versions, "1, 2")
        self.assertEqual((reminder.flow_versions, better.flow_versions), ("1", "2"))

    def test_text_alone_is_published_and_noted(self):
        email = self.reminder.mailing_id
        self.launch()
        action = email.with_user(self.user).action_flow_edit_text()
        draft = self.env["mailing.mailing"].with_user(self.user).browse(action["res_id"])
        self.assertEqual(draft.flow_published_id, email)
        draft.write({"subject": "Better", "body_html": "<p>Better text</p>", "preview": "See"})
        self.new(self.silence).delay_value = 1
        draft.action_flow_publish_text()
        self.assertEqual((email.subject, email.preview), ("Better", "See"))
        self.assertIn("Better text", email.body_html)
        self.assertEqual(self.campaign.workflow_id, self.workflow, "the version stays")
        self.assertIn("“Better” was replaced in version 1", self.campaign.message_ids[0].body)
        self.assertEqual(len(self.told()), 1, "the time-out is still to be published")
        self.pass_time(days=3, minutes=2)
        self.assertEqual([mail["subject"] for mail in self.sent], ["Better"] * 3)

    def test_draft_that_was_made_for_a_text_alone_is_gone_afterwards(self):
        email = self.reminder.mailing_id
        email.attachment_ids = self.env["ir.attachment"].create(
            {"name": "old.txt", "datas": base64.b64encode(b"old")}
        )
        self.launch()
        draft = self.env["mailing.mailing"].browse(email.action_flow_edit_text()["res_id"])
        picture = base64.b64encode(
            base64.b64decode(
                "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
            )
        ).decode()
        draft.body_html = f'<p>Look: <img src="data:image/png;base64,{picture}"></p>'
        draft.attachment_ids = [
            (5, 0, 0),
            (0, 0, {"name": "new.txt", "datas": base64.b64encode(b"new")}),
        ]
        pictures = self.env["ir.attachment"].search(
            [("res_model", "=", "mailing.mailing"), ("res_id", "=", draft.id)]
        )
        self.assertTrue(pictures - draft.attachment_ids)
        action = draft.action_flow_publish_text()
        self.assertEqual(action["res_id"], email.id)
        self.assertFalse(self.campaign.draft_workflow_id)
        self.assertFalse(draft.exists())
        self.assertEqual(email.attachment_ids.mapped("name"), ["new.txt"])
        self.assertTrue((pictures - email.attachment_ids).exists(), "the picture in the text")

    def test_text_of_an_email_that_is_new_is_not_published_alone(self):
        self.launch()
        self.edit()
        extra = self.email(self.new(self.invited), "Extra").mailing_id
        self.assertFalse(extra.flow_published_id)
        with self.assertRaises(UserError):
            extra.action_flow_publish_text()

    def test_text_of_a_version_that_is_gone_is_not_edited(self):
        email = self.reminder.mailing_id
        self.launch()
        self.edit()
        self.new(self.reminder).mailing_id.subject = "Better"
        self.publish()
        with self.assertRaises(UserError):
            email.action_flow_edit_text()


@tagged("post_install", "-at_install")
class TestVersionRights(VersionsCase):
    def test_outsiders_and_strangers_neither_edit_nor_publish(self):
        self.launch()
        self.edit()
        wizard = self.dialog()
        draft_email = self.new(self.reminder).mailing_id
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        outsider = new_test_user(self.env, "mailer", groups="mass_mailing.group_mass_mailing_user")
        stranger = new_test_user(
            self.env,
            "stranger",
            groups="marketing_campaign_flow.group_flow_manager",
            company_id=elsewhere.id,
            company_ids=[(6, 0, elsewhere.ids)],
        )
        for user in (outsider, stranger):
            for act in (
                lambda campaign: campaign.action_edit_workflow(),
                lambda campaign: campaign.action_discard_draft(),
                lambda campaign: campaign.action_publish_workflow(),
                lambda campaign: campaign._publish_draft({}),
                lambda campaign: wizard.with_user(campaign.env.user).action_publish(),
                lambda campaign: draft_email.with_user(
                    campaign.env.user
                ).action_flow_publish_text(),
            ):
                with self.assertRaises(AccessError, msg=user.login):
                    act(self.campaign.with_user(user))

    def test_mailing_user_may_open_an_email_of_a_campaign(self):
        outsider = new_test_user(self.env, "mailer", groups="mass_mailing.group_mass_mailing_user")
        self.launch()
        email = self.invitation.mailing_id.with_user(outsider)
        self.assertTrue(email.flow_is_frozen)
        self.assertFalse(email.flow_published_id)
        with self.assertRaises(UserError):
            email.subject = "New"

    def test_where_a_version_stands_cannot_just_be_written(self):
        self.launch()
        draft = self.edit().with_user(self.user)
        with self.assertRaises(AccessError):
            draft.status = "published"
        with self.assertRaises(AccessError):
            self.workflow.with_user(self.user).status = "archived"
        with self.assertRaises(AccessError):
            draft.create({"name": "Mine", "campaign_id": self.campaign.id, "status": "archived"})


@tagged("post_install", "-at_install")
class TestEngineAndVersions(VersionsCase):
    def test_pass_that_read_the_campaign_before_acts_on_the_new_version(self):
        self.launch()
        self.edit()
        self.new(self.silence).delay_value = 1
        campaign = self.campaign.with_context(other=True)
        self.assertEqual(campaign.workflow_id, self.workflow)
        self.publish()
        database_clock.move(self.env, timedelta(days=1, minutes=2).total_seconds())
        advance.advance(self.env, campaign)
        self.assertEqual(self.participant(self.ann).state_id, self.new(self.reminded))
