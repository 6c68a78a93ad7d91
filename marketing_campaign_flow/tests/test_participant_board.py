from datetime import timedelta
from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.tests import tagged

from ..engine import database_clock, undo
from .common import FlowCase


class BoardCase(FlowCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.start = cls.state("Invited", "start", sequence=1)
        cls.talk = cls.state("Talk", sequence=2)
        cls.closed = cls.state("Visit", sequence=3, phase=cls.phases[-1])
        cls.won = cls.state("Won", "goal", sequence=4)
        cls.letter = cls.email(cls.start, "Invitation")
        cls.reminder = cls.email(cls.start, "Reminder", timing="delay", delay_value=3)
        cls.offer = cls.email(cls.talk, "Offer")
        cls.transition(cls.start, cls.talk, "event", event_kind="clicked")
        cls.transition(cls.start, cls.closed, "event", event_kind="replied")
        cls.transition(cls.talk, cls.won, "manual")
        cls.transition(cls.closed, cls.won, "manual")

    def run_of(self, contact):
        return self.participant(contact).with_user(self.user)

    def drag(self, contact, state):
        """Do what the web client does when a card is dropped."""
        return self.run_of(contact).web_save({"state_id": state.id}, {"state_id": {}})

    def board(self, **search):
        """Return the columns of the board as the web client asks for them."""
        view = self.campaign.with_user(self.user).action_view_participants()
        domain = [*view["domain"], *search.get("domain", [])]
        participants = self.env["flow.participant"].with_user(self.user)
        participants = participants.with_context(**view["context"], read_group_expand=True)
        found = participants.web_read_group(
            domain,
            ["state_id"],
            auto_unfold=True,
            unfold_read_specification={"name": {}},
            unfold_read_default_limit=20,
        )
        bars = participants.read_progress_bar(
            domain, "state_id", {"field": "status", "colors": {"active": "", "ended": ""}}
        )
        return found["groups"], bars


TAKES_PART = [("end_kind", "not in", ["guest", "held_out"])]


@tagged("post_install", "-at_install")
class TestParticipantBoard(BoardCase):
    def columns(self, **search):
        groups, _bars = self.board(**search)
        return [(group["state_id"][1], group["__count"]) for group in groups]

    def test_states_are_columns_in_the_order_of_the_workflow(self):
        self.launch()
        self.assertEqual(self.columns(), [("Invited", 3), ("Talk", 0), ("Visit", 0), ("Won", 0)])
        self.run_of(self.ann).action_move(self.won.id)
        self.run_of(self.bob).action_move(self.talk.id)
        self.assertEqual(self.columns(), [("Invited", 1), ("Talk", 1), ("Visit", 0), ("Won", 1)])
        groups, bars = self.board()
        self.assertEqual([r["name"] for r in groups[3]["__records"]], ["Ann"])
        self.assertEqual(bars[str(self.won.id)], {"active": 0, "ended": 1})
        self.assertEqual(bars[str(self.talk.id)], {"active": 1, "ended": 0})

    def test_columns_are_counted_without_reading_the_participants(self):
        """Facts say what the rows say, whatever happened to them."""
        self.launch()
        self.run_of(self.ann).action_move(self.closed.id)
        self.run_of(self.bob).action_take_out()
        self.campaign.action_edit_workflow()
        self.campaign._publish_draft({})
        self.run_engine()
        model = type(self.env["flow.participant"])
        groups = ["state_id", "status"]
        domain = [("campaign_id", "=", self.campaign.id), *TAKES_PART]
        participants = self.env["flow.participant"].with_user(self.user)
        by_facts = participants._read_group(domain, groups, ["__count"])
        with patch.object(model, "_count_by_facts", lambda *_args: None):
            by_rows = participants._read_group(domain, groups, ["__count"])
        self.assertEqual(sorted(by_facts, key=str), sorted(by_rows, key=str))
        self.assertEqual(len(by_facts), 3)
        with patch.object(model, "_search", side_effect=AssertionError("rows are read")):
            participants._read_group(domain, ["state_id"], ["__count"])

    def test_other_questions_are_answered_by_the_rows(self):
        self.launch()
        self.run_of(self.ann).action_move(self.won.id)
        search = [("name", "ilike", "ann")]
        self.assertEqual(self.columns(domain=search)[3], ("Won", 1))
        self.assertEqual(self.columns(domain=search)[0], ("Invited", 0))
        self.env["ir.rule"].create(
            {
                "name": "Only Bob",
                "model_id": self.env["ir.model"]._get_id("flow.participant"),
                "domain_force": "[('name', '=', 'Bob')]",
            }
        )
        self.assertEqual(self.columns(), [("Invited", 1), ("Talk", 0), ("Visit", 0), ("Won", 0)])

    def test_nobody_counts_the_campaign_of_another_company(self):
        self.launch()
        other = self.env["res.company"].create({"name": "Elsewhere"})
        self.user.write({"company_ids": other.ids, "company_id": other.id})
        participants = self.env["flow.participant"].with_user(self.user)
        domain = [("campaign_id", "=", self.campaign.id), *TAKES_PART]
        self.assertEqual(participants._read_group(domain, ["state_id"], ["__count"]), [])

    def test_who_is_held_out_is_hidden_until_somebody_asks(self):
        self.campaign.holdout_share = 90
        many = self.env["res.partner"].create(
            [{"name": f"P{n}", "email": f"p{n}@example.com"} for n in range(30)]
        )
        self.audience.partner_ids = many
        self.launch()
        rows = self.env["flow.participant"].search([("campaign_id", "=", self.campaign.id)])
        held_out = rows.filtered(lambda run: run.end_kind == "held_out")
        self.assertTrue(0 < len(held_out) < len(rows))
        runs_on = (rows - held_out)[0]
        self.assertEqual(self.columns()[0][1], len(rows) - len(held_out))
        for action in ("flow_participant_action", "flow_event_action"):
            context = self.env.ref(f"marketing_campaign_flow.{action}").context
            self.assertIn("search_default_takes_part", context)
        self.env["flow.event"]._record("response", held_out[0].partner_id | runs_on.partner_id)
        events = self.env["flow.event"].with_user(self.user)
        domain = [("campaign_id", "=", self.campaign.id)]
        by_mark = {
            mark: events.search([*domain, ("is_of_held_out", "=", mark)]).participant_id
            for mark in (True, False)
        }
        self.assertEqual(by_mark[True], held_out[0])
        self.assertEqual(by_mark[False], runs_on)
        self.assertEqual(by_mark[True].event_ids.mapped("is_of_held_out"), [True])
        of_contact = held_out[0].partner_id.with_user(self.user)
        self.assertFalse(of_contact.flow_participant_ids)

    def test_a_page_of_cards_takes_a_fixed_number_of_statements(self):
        fields = ("time_in_state", "next_in_words", "last_reaction", "points", "waits_for")
        many = self.env["res.partner"].create(
            [{"name": f"P{n}", "email": f"p{n}@example.com"} for n in range(60)]
        )
        self.audience.partner_ids = many
        self.launch()
        runs = self.env["flow.participant"].with_user(self.user)
        runs = runs.search([("campaign_id", "=", self.campaign.id)])

        def statements(some):
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            some.read(fields)
            return self.env.cr.sql_log_count - before

        statements(runs)  # what is kept in memory afterwards
        self.assertEqual(statements(runs[:60]), statements(runs[:6]))

    def test_a_card_tells_what_comes_next_and_what_happened_last(self):
        self.launch()
        run = self.run_of(self.ann)
        self.assertIn("Send email: Reminder", run.next_in_words)
        self.assertFalse(run.last_reaction)
        self.trace(self.ann).set_opened()
        self.pass_time(hours=2)
        run = self.run_of(self.ann)
        self.assertEqual(run.last_reaction_icon, "fa-envelope-open-o")
        self.assertIn("Email opened", run.last_reaction)
        self.assertEqual(run.time_in_state, "2 hours")
        self.env["flow.point"].create({"partner_id": self.ann.id, "amount": 7})
        self.env.invalidate_all()
        self.assertEqual(self.run_of(self.ann).points, 7)
        run.action_pause()
        self.assertIn("paused", self.run_of(self.ann).next_in_words)


@tagged("post_install", "-at_install")
class TestUndo(BoardCase):
    def test_undone_it_is_as_if_nobody_had_moved(self):
        self.launch()
        run = self.run_of(self.ann)
        before = (run.state_id, run.status, run.visit, run.entered_at)
        planned = run.step_ids.filtered(lambda step: step.status == "scheduled")
        self.pass_time(hours=1)
        self.drag(self.ann, self.talk)
        self.run_engine()
        self.assertEqual(self.sent, [], "what the move brings waits a moment")
        self.assertEqual(planned.status, "cancelled")
        self.assertEqual(self.state_of(self.ann), "Talk")

        self.run_of(self.ann).action_undo_move()
        run = self.run_of(self.ann)
        self.assertEqual((run.state_id, run.status, run.visit, run.entered_at), before)
        self.assertEqual(planned.status, "scheduled")
        self.assertFalse(run.step_ids.filtered(lambda step: step.action_id == self.offer))
        self.assertEqual(run.visit_ids.mapped("state_key"), ["invited"])
        texts = [(entry.text, entry.reason) for entry in run._timeline()]
        self.assertIn((f"Move undone by {self.user.name}", "Talk"), texts)
        self.pass_time(days=3)
        self.assertIn("Reminder", [mail["subject"] for mail in self.sent])

    def test_moved_once_more_the_actions_run(self):
        self.launch()
        self.drag(self.ann, self.talk)
        self.run_of(self.ann).action_undo_move()
        self.drag(self.ann, self.talk)
        self.pass_time(seconds=undo.GRACE.total_seconds())
        self.assertEqual([mail["subject"] for mail in self.sent], ["Offer"])

    def test_too_late_once_something_has_come_of_it(self):
        self.launch()
        self.drag(self.ann, self.talk)
        self.pass_time(seconds=undo.GRACE.total_seconds())
        self.assertEqual([mail["subject"] for mail in self.sent], ["Offer"])
        with self.assertRaises(UserError):
            self.run_of(self.ann).action_undo_move()
        self.assertEqual(self.state_of(self.ann), "Talk")

    def test_a_goal_is_undone(self):
        self.launch()
        self.drag(self.ann, self.won)
        self.assertEqual(self.run_of(self.ann).status, "ended")
        self.run_of(self.ann).action_undo_move()
        run = self.run_of(self.ann)
        self.assertEqual((run.status, run.end_kind, run.ended_at), ("active", False, False))
        self.assertEqual(run.state_id, self.start)

    def test_from_a_door_back_into_the_state(self):
        self.launch()
        self.drag(self.ann, self.closed)
        self.assertEqual(self.run_of(self.ann).status, "held")
        self.run_of(self.ann).action_undo_move()
        run = self.run_of(self.ann)
        self.assertEqual((run.state_id, run.status, run.visit), (self.start, "active", 1))

    def test_back_to_a_door(self):
        self.launch()
        self.drag(self.ann, self.closed)
        visit = self.run_of(self.ann).visit
        self.drag(self.ann, self.talk)
        self.run_of(self.ann).action_undo_move()
        run = self.run_of(self.ann)
        self.assertEqual((run.state_id, run.status, run.visit), (self.closed, "held", visit))

    def test_actions_of_the_way_are_undone(self):
        way = self.transition(self.start, self.won, "manual", sequence=9)
        self.action(way, "subscription", mailing_list_id=self.hot_list.id)
        self.launch()
        self.drag(self.ann, self.won)
        self.run_of(self.ann).action_undo_move()
        self.pass_time(minutes=1)
        self.assertFalse(self.hot_list.contact_ids)

    def test_only_ones_own_last_move(self):
        self.launch()
        with self.assertRaises(UserError):
            self.run_of(self.ann).action_undo_move()
        self.participant(self.ann).action_move(self.talk.id)  # by somebody else
        with self.assertRaises(UserError):
            self.run_of(self.ann).action_undo_move()
        self.drag(self.bob, self.talk)
        self.campaign.action_stop()
        with self.assertRaises(UserError):
            self.run_of(self.bob).action_undo_move()

    def test_after_a_new_version_one_is_back_in_the_state_of_it(self):
        self.launch()
        self.drag(self.ann, self.closed)
        self.campaign.action_edit_workflow()
        self.campaign._publish_draft({})
        self.run_of(self.ann).action_undo_move()
        run = self.run_of(self.ann)
        self.assertEqual(run.state_id.key, "invited")
        self.assertEqual(run.state_id.workflow_id, self.campaign.workflow_id)

    def test_refused_moves_say_why(self):
        self.launch()
        self.run_of(self.ann).action_take_out()
        with self.assertRaisesRegex(UserError, "“Ann” has left the campaign"):
            self.drag(self.ann, self.talk)
        self.campaign.action_stop()
        with self.assertRaisesRegex(UserError, "is not running"):
            self.drag(self.bob, self.talk)

    def test_the_wait_is_over_by_itself(self):
        self.launch()
        self.drag(self.ann, self.talk)
        offer = self.run_of(self.ann).step_ids.filtered(lambda s: s.action_id == self.offer)
        self.assertAlmostEqual(
            offer.due_at, database_clock.now(self.env) + undo.GRACE, delta=timedelta(seconds=60)
        )


@tagged("post_install", "-at_install")
class TestSentLetter(BoardCase):
    def test_the_timeline_leads_to_the_email_as_it_was_sent(self):
        self.launch()
        run = self.run_of(self.ann)
        lines = {line["text"]: line for line in run.timeline}
        sent = lines["Send email: Invitation: Done"]
        self.assertTrue(sent["letter"])
        self.assertFalse(lines["Send email: Reminder: Scheduled"]["letter"])
        step = self.env["flow.step"].with_user(self.user).browse(sent["step_id"])
        letter = self.env["flow.sent.letter"].with_user(self.user)
        letter = letter.browse(step.action_read_letter()["res_id"])
        self.assertEqual(letter.subject, "Invitation")
        self.assertIn("Dear Ann", letter.body)
        self.assertFalse(letter.error)

    def test_later_versions_do_not_change_what_was_sent(self):
        self.launch()
        step = self.steps(self.ann).filtered(lambda step: step.status == "done")
        self.campaign.action_edit_workflow()
        draft = self.campaign.draft_workflow_id
        mailing = draft.action_ids.filtered(lambda action: action.key == self.letter.key).mailing_id
        mailing.write({"subject": "Another text"})
        self.campaign._publish_draft({})
        self.assertEqual(step.with_user(self.user)._sent_letter().subject, "Invitation")

    def test_without_its_contact_it_says_so(self):
        self.launch()
        step = self.steps(self.ann).filtered(lambda step: step.status == "done")
        self.ann.unlink()
        letter = self.env["flow.sent.letter"].with_user(self.user).create({"step_id": step.id})
        self.assertIn("deleted", letter.error)
        self.assertFalse(letter.body)
