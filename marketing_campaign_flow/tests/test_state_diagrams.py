"""The life of a participant and of a step, as docs/architecture.md draws them.

A trigger of the database notes every change of status while a story is told. Each story walks one
edge, and nothing may happen that the diagrams do not show; so the diagrams and the code cannot
drift apart.
"""

import functools
import re
from pathlib import Path
from unittest.mock import patch

from odoo.tests import tagged

from ..engine import letter
from ..engine.execute import MAX_ATTEMPTS
from ..engine.handover import Receipt
from .common import FlowCase

BORN = "[*]"
DIAGRAMS = {
    "flow_participant": "Life of a participant",
    "flow_step": "Life of a step",
    "flow_delivery": "Life of an attempt to deliver",
}

# Whoever moves to another state, or is tried again, may keep its status.
NOTE_WALKS = """
    CREATE TEMP TABLE walked (tbl text, source text, target text);
    CREATE FUNCTION pg_temp.note_walk() RETURNS trigger AS $$
    DECLARE
        before jsonb := CASE WHEN TG_OP = 'UPDATE' THEN to_jsonb(OLD) END;
        after jsonb := to_jsonb(NEW);
    BEGIN
        IF before IS NULL OR before->'status' <> after->'status'
           OR before->'visit' <> after->'visit' OR before->'state_id' <> after->'state_id'
           OR before->'attempts' < after->'attempts' THEN
            INSERT INTO walked VALUES
                (TG_TABLE_NAME, COALESCE(before->>'status', '[*]'), after->>'status');
        END IF;
        RETURN NULL;
    END $$ LANGUAGE plpgsql;
    CREATE TRIGGER note_walk AFTER INSERT OR UPDATE ON flow_participant
        FOR EACH ROW EXECUTE FUNCTION pg_temp.note_walk();
    CREATE TRIGGER note_walk AFTER INSERT OR UPDATE ON flow_step
        FOR EACH ROW EXECUTE FUNCTION pg_temp.note_walk();
    CREATE TRIGGER note_walk AFTER INSERT OR UPDATE ON flow_delivery
        FOR EACH ROW EXECUTE FUNCTION pg_temp.note_walk();
"""

STORIES = {table: set() for table in DIAGRAMS}


def walks(table, source, target):
    """Mark a story that takes a row of `table` along one edge of its diagram."""
    STORIES[table].add((source, target))

    def decorate(story):
        @functools.wraps(story)
        def tell(self):
            story(self)
            walked = self.walked(table)
            self.assertIn((source, target), walked)

        return tell

    return decorate


participant = functools.partial(walks, "flow_participant")
step = functools.partial(walks, "flow_step")
attempt = functools.partial(walks, "flow_delivery")


@tagged("post_install", "-at_install")
class TestStateDiagrams(FlowCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.sending, cls.follow_up = cls.phases[1:3]
        cls.start = cls.state("Invited", "start", phase=cls.sending)
        cls.reading = cls.state("Reading")
        cls.talk = cls.state("Talk", phase=cls.follow_up)
        cls.visit = cls.state("Visit", phase=cls.follow_up)
        cls.won = cls.state("Won", "goal")
        cls.out = cls.state("Out", "exit")
        cls.letter = cls.email(cls.start, "Invitation")
        for target, event in ((cls.reading, "opened"), (cls.talk, "clicked"), (cls.won, "replied")):
            cls.transition(cls.start, target, "event", event_kind=event)
        cls.transition(None, cls.out, "event", event_kind="unsubscribed")
        cls.transition(cls.talk, cls.visit, "manual")
        cls.transition(cls.reading, cls.visit, "manual")
        cls.campaign.phase_id = cls.sending
        cls.env.flush_all()
        cls.env.cr.execute(NOTE_WALKS)

    def tearDown(self):
        for table in DIAGRAMS:
            self.assertLessEqual(self.walked(table), STORIES[table], "the diagram lacks an edge")
        super().tearDown()

    def walked(self, table):
        self.env.flush_all()
        self.env.cr.execute("SELECT DISTINCT source, target FROM walked WHERE tbl = %s", [table])
        return set(self.env.cr.fetchall())

    def react(self, kind, contact=None):
        self.env["flow.event"]._record_for_traces(kind, self.trace(contact or self.ann))
        self.run_engine()

    def opt_out(self, contact):
        self.env["flow.event"]._record_unsubscribed(self.letter.mailing_id, contact.id)
        self.run_engine()

    def test_diagrams_show_what_the_stories_walk(self):
        page = Path(__file__).parents[2] / "docs" / "architecture.md"
        if not page.exists():
            self.skipTest("installed without its documentation")
        text = page.read_text(encoding="utf-8")
        for table, heading in DIAGRAMS.items():
            diagram = text.split(f"## {heading}")[1].split("```mermaid")[1].split("```")[0]
            drawn = set(re.findall(r"^\s*(\S+) --> (\w+)(?::|$)", diagram, re.MULTILINE))
            self.assertEqual(drawn, STORIES[table], heading)

    # -- participant -------------------------------------------------------------------------

    @participant(BORN, "held")
    def test_enrolled(self):
        self.campaign.phase_id = self.phases[0]
        self.launch()
        self.assertEqual(self.participant(self.ann).status, "held")

    @participant(BORN, "held")
    def test_put_back(self):
        self.launch()
        self.participant(self.ann).action_take_out()
        self.env.cr.execute("DELETE FROM walked")
        self.participant(self.ann).action_put_back()

    @participant("held", "active")
    def test_phase_is_open(self):
        self.launch()

    @participant("active", "active")
    def test_transition(self):
        self.launch()
        self.react("opened")

    @participant("active", "held")
    def test_transition_to_a_closed_phase(self):
        self.launch()
        self.react("clicked")

    @participant("active", "ended")
    def test_goal(self):
        self.launch()
        self.react("replied")
        self.assertEqual(self.participant(self.ann).end_kind, "goal")

    @participant("held", "held")
    def test_from_door_to_door(self):
        self.launch()
        self.react("clicked")
        self.participant(self.ann).action_move(self.visit.id)
        self.assertEqual(self.participant(self.ann).state_id, self.visit)

    @participant("held", "ended")
    def test_opted_out_at_the_door(self):
        self.launch()
        self.react("clicked")
        self.opt_out(self.ann)
        self.assertEqual(self.participant(self.ann).end_kind, "exit")

    def test_everything_that_ends_a_run_from_outside(self):
        for end in ("stopped", "deleted", "archived", "merged", "removed", "left"):
            for status in ("held", "active"):
                with self.subTest(end=end, status=status), self.env.cr.savepoint() as savepoint:
                    self.campaign.write({"on_leaving": "exit"})
                    self.launch()
                    if status == "held":
                        self.react("clicked")
                    run = self.participant(self.ann)
                    self.assertEqual(run.status, status)
                    self.end_by(end, run)
                    self.assertEqual((run.status, run.end_kind), ("ended", end))
                    savepoint.rollback()
                    self.env.invalidate_all()

    @participant("ended", "active")
    def test_move_to_a_goal_is_undone(self):
        self.launch()
        self.undo_move(self.won)

    @participant("ended", "held")
    def test_move_from_a_door_to_a_goal_is_undone(self):
        self.launch()
        self.react("clicked")
        self.undo_move(self.won)

    def undo_move(self, target):
        run = self.participant(self.ann).with_user(self.user)
        run.write({"state_id": target.id})
        run.action_undo_move()

    @participant("ended", "ended")
    def test_new_version_takes_those_who_have_ended_along(self):
        self.launch()
        self.react("replied")
        self.publish()
        self.assertEqual(self.participant(self.ann).state_id.workflow_id.version, 2)

    def end_by(self, end, run):
        match end:
            case "stopped":
                self.campaign.action_stop()
            case "deleted":
                self.ann.unlink()
            case "archived":
                self.ann.action_archive()
            case "merged":
                wizard = self.env["base.partner.merge.automatic.wizard"]
                wizard._merge((self.ann | self.bob).ids, self.bob)
            case "removed":
                run.action_take_out()
            case "left":
                self.audience.partner_ids -= self.ann
                self.pass_time(minutes=6)

    @participant(BORN, "ended")
    def test_only_written_to_by_hand(self):
        self.launch()
        stranger = self.env["res.partner"].create({"name": "Dora", "email": "dora@example.com"})
        choice = {"contacts": [("id", "=", stranger.id)]}
        self.by_hand(self.campaign.with_user(self.user)._compose_by_hand(choice))
        self.assertEqual(self.participant(stranger).end_kind, "guest")

    # -- step --------------------------------------------------------------------------------

    @step(BORN, "scheduled")
    def test_state_entered(self):
        self.letter.write({"timing": "delay", "delay_value": 1})
        self.launch()

    @step("scheduled", "done")
    def test_action_ran(self):
        self.action(self.start, "subscription", mailing_list_id=self.hot_list.id)
        self.launch()

    @step(BORN, "skipped")
    def test_date_has_passed(self):
        self.letter.write({"timing": "date", "date_at": "2020-01-01", "skip_past": True})
        self.launch()

    @step("scheduled", "skipped")
    def test_opted_out(self):
        self.env["mail.blacklist"]._add("ann@example.com")
        self.launch()

    @step("scheduled", "scheduled")
    def test_failed_and_tried_again_later(self):
        with self.broken():
            self.launch()

    @step("scheduled", "failed")
    def test_failed_for_good(self):
        self.fail_for_good()

    @step("failed", "scheduled")
    def test_person_tries_again(self):
        self.fail_for_good()
        self.steps(self.ann).with_user(self.user).action_retry()

    @step("failed", "skipped")
    def test_person_leaves_out_what_failed(self):
        self.fail_for_good()
        self.steps(self.ann).with_user(self.user).action_skip()

    @step("failed", "failed")
    def test_new_version_takes_what_failed_along(self):
        self.fail_for_good()
        self.publish()
        self.assertEqual(self.steps(self.ann).action_id.workflow_id.version, 2)

    @step("failed", "cancelled")
    def test_failed_action_is_gone_in_a_new_version(self):
        self.fail_for_good()
        self.publish(lambda draft: draft.action_ids.unlink())

    @step("scheduled", "cancelled")
    def test_state_was_left(self):
        self.email(self.start, "Second", timing="delay", delay_value=5)
        self.launch()
        self.react("opened")

    @step("cancelled", "scheduled")
    def test_move_that_cancelled_it_is_undone(self):
        self.email(self.start, "Second", timing="delay", delay_value=5)
        self.launch()
        self.undo_move(self.reading)

    @step(BORN, "scheduled")
    def test_sent_by_hand(self):
        self.launch()
        self.env.cr.execute("DELETE FROM walked")
        self.send_by_hand()

    # -- message and attempt -----------------------------------------------------------------

    @attempt(BORN, "attempting")
    @step("scheduled", "sending")
    def test_message_leaves(self):
        self.launch()

    @attempt("attempting", "accepted")
    @step("sending", "done")
    def test_server_accepts(self):
        self.launch()

    @attempt("attempting", "retry")
    @step("sending", "scheduled")
    def test_server_puts_off(self):
        self.answer("retry")

    @step("sending", "cancelled")
    def test_server_puts_off_and_the_participant_has_gone(self):
        self.answers["ann@example.com"] = Receipt("retry", 451, "later")
        accept = self._accept

        def leave(consignments):
            ann = self.participant(self.ann)
            if ann.status == "active" and any(
                "ann@example.com" in envelope.recipients for _session, envelope in consignments
            ):
                ann.action_move(self.reading.id)
            return accept(consignments)

        with patch.object(type(self), "_accept", lambda _self, consignments: leave(consignments)):
            self.launch()

    @attempt("attempting", "failed")
    @step("sending", "failed")
    def test_server_refuses(self):
        self.answer("failed")

    @attempt("attempting", "uncertain")
    @step("sending", "uncertain")
    def test_answer_is_lost(self):
        self.answer("uncertain")

    @attempt("uncertain", "resent")
    @step("uncertain", "scheduled")
    def test_person_sends_again(self):
        self.answer("uncertain").action_send_again()

    @attempt("uncertain", "let_be")
    @step("uncertain", "done")
    def test_person_lets_it_be(self):
        self.answer("uncertain").action_let_be()

    @attempt("uncertain", "accepted")
    def test_reaction_proves_the_arrival(self):
        self.answer("uncertain")
        self.env["flow.event"]._record_for_steps("opened", self.steps(self.ann).ids)
        self.run_engine()

    def answer(self, status):
        """Launch; the mail server's answer for Ann has this status. Return her attempts."""
        self.answers["ann@example.com"] = Receipt(status, None, "said so")
        self.launch()
        return self.steps(self.ann).delivery_ids

    def publish(self, change=lambda draft: None):
        self.campaign.action_edit_workflow()
        change(self.campaign.draft_workflow_id)
        self.campaign._publish_draft({})

    def broken(self):
        def fail(*_args):
            raise ValueError("broken")

        return patch.object(letter, "prepare", fail)

    def fail_for_good(self):
        with self.broken():
            self.launch()
            for _attempt in range(MAX_ATTEMPTS):
                self.pass_time(minutes=30)

    def send_by_hand(self):
        self.by_hand(self.participant(self.ann).with_user(self.user).action_send_by_hand())
