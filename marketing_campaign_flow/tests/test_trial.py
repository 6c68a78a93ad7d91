"""One contact walks through a campaign, and nothing of it stays."""

from datetime import timedelta
from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.fields import Datetime
from odoo.tests import new_test_user, tagged

from ..engine import call, database_clock, transaction
from .common import FlowCase

# What a walk would write; numbers of rows, and the numbers that sequences are at.
WATCHED = (
    "flow.campaign", "flow.workflow", "flow.participant", "flow.step", "flow.event", "flow.fact",
    "flow.visit", "flow.delivery", "flow.spending", "mailing.trace", "mailing.mailing",
    "utm.campaign", "mail.mail", "mail.message", "mail.activity", "mail.blacklist", "link.tracker",
    "bus.bus", "ir.cron.trigger", "flow.point",
)  # fmt: skip


@tagged("post_install", "-at_install")
class TestTrial(FlowCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.user.tz = "UTC"
        cls.start = cls.state("Start", "start")
        cls.warm = cls.state("Warm")
        cls.hot = cls.state("Hot", "goal")
        cls.cold = cls.state("Cold")
        cls.over = cls.state("Over", "done")
        cls.letter = cls.email(cls.start, "Hello {{object.name}}")
        cls.reminder = cls.email(cls.cold, "Reminder")
        cls.transition(cls.start, cls.warm, "event", event_kind="opened")
        cls.transition(cls.start, cls.cold, "timeout", delay_value=3)
        cls.transition(cls.warm, cls.hot, "event", event_kind="clicked")
        cls.transition(cls.warm, cls.cold, "timeout", delay_value=1)
        cls.transition(cls.cold, cls.over, "timeout", delay_value=2)

    def setUp(self):
        super().setUp()
        mode = self.enter_registry_test_mode()
        mode.__enter__()
        self.addCleanup(mode.__exit__, None, None, None)

    def look(self, *orders, contact=None, user=None, **values):
        campaign = self.campaign.with_user(user or self.user)
        return campaign.get_trial((contact or self.ann).id, list(orders), **values)

    def again(self, answer, *orders, **values):
        known = {"began_at": answer["began_at"], "number": answer["number"]}
        return self.look(*orders, **known, **values)

    def snapshot(self):
        self.env.flush_all()
        return {
            model: self.env[model].sudo().with_context(active_test=False).search_count([])
            for model in WATCHED
        }

    def lines(self, answer):
        return [line["text"] for line in answer["lines"]]

    def open_letter(self, place=0):
        return {"do": "react", "kind": "opened", "letter": place}

    def test_the_letter_as_it_would_go_out(self):
        answer = self.look()
        [letter] = answer["letters"]
        self.assertEqual(letter["subject"], "Hello Ann")
        self.assertIn("Dear Ann", letter["body"])
        self.assertIn("ann@example.com", letter["to"])
        self.assertEqual(answer["state"], "Start")

    def test_nothing_is_left_of_it(self):
        before = self.snapshot()
        servers = type(self.env["ir.mail_server"])
        with patch.object(servers, "_connect__", side_effect=AssertionError("connected")):
            self.look(self.open_letter(), {"do": "next"}, {"do": "next"})
        self.assertEqual(self.snapshot(), before)
        self.assertEqual(self.campaign.status, "draft")

    def test_links_lead_where_they_lead_and_count_nowhere(self):
        [letter] = self.look()["letters"]
        self.assertEqual([link["url"] for link in letter["links"]], ["https://shop.example/offer"])
        self.assertIn('href="https://shop.example/offer"', letter["body"])
        self.assertNotIn("/flow/", letter["body"])

    def test_next_step_goes_to_the_time_out(self):
        first = self.look()
        answer = self.again(first, {"do": "next"})
        self.assertEqual(answer["state"], "Cold")
        self.assertEqual(len(answer["letters"]), 2)
        passed = Datetime.to_datetime(answer["now"]) - Datetime.to_datetime(first["now"])
        self.assertEqual(passed, timedelta(days=3, minutes=1))
        answer = self.again(first, {"do": "next"}, {"do": "next"})
        self.assertEqual((answer["state"], answer["status"]), ("Over", "ended"))
        answer = self.again(first, *[{"do": "next"}] * 3)
        self.assertIn("Nothing more happens by time alone.", answer["notes"])

    def test_moving_the_clock_does_everything_on_the_way_in_its_order(self):
        first = self.look()
        at = Datetime.to_datetime(first["now"]) + timedelta(days=30)
        answer = self.again(first, {"do": "until", "at": Datetime.to_string(at)})
        self.assertEqual(answer["state"], "Over")
        self.assertEqual(answer["now"], Datetime.to_string(at))
        self.assertEqual([one["subject"] for one in answer["letters"]], ["Hello Ann", "Reminder"])

    def test_clock_does_not_go_back_nor_far_away(self):
        for at in ("2001-01-01 00:00:00", "9999-01-01 00:00:00", "soon", None, 5, {}):
            with self.subTest(at=at), self.assertRaises(UserError):
                self.look({"do": "until", "at": at})

    def test_what_the_contact_does_moves_it_on(self):
        first = self.look()
        answer = self.again(first, self.open_letter())
        self.assertEqual(answer["state"], "Warm")
        click = {"do": "react", "kind": "clicked", "letter": 0}
        with self.assertRaisesRegex(UserError, "no such link"):
            self.again(first, self.open_letter(), {**click, "url": "https://evil.example"})
        click["url"] = "https://shop.example/offer"
        answer = self.again(first, self.open_letter(), click)
        self.assertEqual((answer["state"], answer["state_kind"]), ("Hot", "goal"))
        self.assertTrue(any("Link clicked" in line for line in self.lines(answer)))

    def test_the_engine_does_the_same_in_earnest(self):
        """What is told of the trial is what is told of the real participant afterwards."""
        first = self.look()
        told = self.again(first, self.open_letter(), {"do": "next"}, {"do": "next"})
        self.launch()
        self.pass_time(minutes=1)
        self.trace(self.ann).set_opened()
        self.run_engine()
        self.pass_time(days=1, minutes=2)
        self.pass_time(days=2, minutes=2)
        real = self.participant(self.ann).with_user(self.user)._timeline()
        self.assertEqual(
            [(line["kind"], line["text"], line["reason"]) for line in told["lines"]],
            [(entry.kind, entry.text, entry.reason) for entry in real],
        )

    def test_replies_bounces_and_unsubscriptions(self):
        self.transition(self.start, self.hot, "event", event_kind="replied")
        self.transition(None, self.over, "event", event_kind="unsubscribed")
        for kind, state in (("replied", "Hot"), ("unsubscribed", "Over"), ("bounced", "Start")):
            with self.subTest(kind=kind):
                answer = self.look({"do": "react", "kind": kind, "letter": 0})
                self.assertEqual(answer["state"], state)
        blacklist = self.env["mail.blacklist"].sudo()
        self.assertFalse(blacklist.search([("email", "=", "ann@example.com")]))

    def test_other_things_that_the_workflow_waits_for(self):
        way = self.transition(
            self.start, self.hot, "event", event_kind="custom", event_detail="trade fair*"
        )
        answer = self.look()
        self.assertIn(way.key, [one["key"] for one in answer["choices"]["happens"]])
        answer = self.again(answer, {"do": "happens", "key": way.key})
        self.assertEqual(answer["state"], "Hot")

    def test_moved_by_hand(self):
        answer = self.look()
        self.assertIn("Cold", [state["label"] for state in answer["choices"]["states"]])
        answer = self.again(answer, {"do": "move", "state": self.cold.key})
        self.assertEqual(answer["state"], "Cold")
        self.assertEqual(answer["letters"][-1]["subject"], "Reminder")

    def test_a_closed_phase_is_opened_by_a_button(self):
        self.cold.phase_id = self.phases[1]
        first = self.look()
        answer = self.again(first, {"do": "next"})
        self.assertEqual(answer["status"], "held")
        self.assertEqual(answer["choices"]["phase"], self.phases[1].name)
        answer = self.again(first, {"do": "next"}, {"do": "phase"})
        self.assertEqual((answer["status"], len(answer["letters"])), ("active", 2))

    def test_the_same_draw_each_time(self):
        self.workflow.transition_ids.unlink()
        (self.warm | self.cold).unlink()
        for target, weight in ((self.hot, 50), (self.over, 50)):
            self.transition(self.start, target, "split", weight=weight)
        first = self.look()
        for _time in range(3):
            self.assertEqual(self.again(first)["state"], first["state"])

    def test_a_number_that_somebody_has_is_refused(self):
        self.launch()
        number = self.participant(self.bob).id
        with self.assertRaisesRegex(UserError, "begin anew"):
            self.look(number=number)

    def test_the_draft_of_a_running_campaign(self):
        self.launch()
        self.campaign.action_edit_workflow()
        draft = self.campaign.draft_workflow_id
        mailing = draft.action_ids.filtered(lambda one: one.key == self.letter.key).mailing_id
        mailing.subject = "Brand new"
        before = self.snapshot()
        self.assertEqual(self.look()["letters"][0]["subject"], "Brand new")
        self.assertEqual(self.snapshot(), before)
        self.assertEqual(self.campaign.workflow_id.version, 1)

    def test_what_is_wrong_with_the_workflow_is_said(self):
        self.state("Island")
        answer = self.look()
        self.assertIn("No way out leads to the state “Island”.", answer["problems"])
        self.assertFalse(answer["letters"])

    def test_without_audience(self):
        self.campaign.audience_id = False
        self.assertEqual(self.look()["state"], "Start")

    def test_webhooks_are_not_called(self):
        self.action(self.start, "webhook", webhook_url="https://example.com/hook")
        with patch.object(call, "_make", side_effect=AssertionError("called")):
            answer = self.look()
        self.assertTrue(any("webhook" in line.lower() for line in self.lines(answer)))
        self.assertFalse(answer["problems"])

    def test_server_actions_are_not_run(self):
        code = self.env["ir.actions.server"].create(
            {
                "name": "Dangerous",
                "model_id": self.env["ir.model"]._get_id("res.partner"),
                "state": "code",
                "code": "env.cr.commit()",
                "flow_released": True,
            }
        )
        self.action(self.start, "server_action", server_action_id=code.id)
        answer = self.look()
        self.assertIn("Not run in a test", [line["reason"] for line in answer["lines"]])

    def test_a_trial_cannot_be_committed(self):
        with transaction.undone(self.env) as env:
            with self.assertRaises(transaction.CommitRefusedError):
                env.cr.commit()
            transaction.commit(env)
            transaction.begin(env)
            env["res.partner"].create({"name": "Nobody"})
            env.flush_all()
        self.assertFalse(self.env["res.partner"].search([("name", "=", "Nobody")]))

    def test_only_a_trial_has_a_time_of_its_own(self):
        with self.assertRaises(ValueError):
            database_clock.set_for_trial(self.env, database_clock.now(self.env))
        before = database_clock.offset(self.env)
        self.look({"do": "next"})
        self.assertEqual(database_clock.offset(self.env), before)

    def test_only_contacts_that_one_may_see(self):
        self.env["ir.rule"].create(
            {
                "name": "Not Bob",
                "model_id": self.env["ir.model"]._get_id("res.partner"),
                "domain_force": f"[('id', '!=', {self.bob.id})]",
            }
        )
        self.look()
        with self.assertRaises(AccessError):
            self.look(contact=self.bob)

    def test_only_who_may_write_the_campaign(self):
        stranger = new_test_user(self.env, "stranger", groups="base.group_user")
        with self.assertRaises(AccessError):
            self.look(user=stranger)

    def test_who_may_not_act_for_the_responsible_sees_it_with_own_rights(self):
        self.campaign.user_id = self.env.ref("base.user_admin")
        answer = self.look()
        self.assertTrue(any("your own rights" in note for note in answer["notes"]))
        self.assertEqual(answer["letters"][0]["subject"], "Hello Ann")

    def test_contacts_are_not_counted_to_copy_an_email(self):
        with patch.object(
            type(self.env["res.partner"]), "search_count", side_effect=AssertionError("counted")
        ):
            self.assertEqual(len(self.look()["letters"]), 1)

    def test_bad_orders_are_refused(self):
        bad = (
            "next", {}, {"do": "told"}, {"do": "__init__"}, {"do": "react"}, {"do": "happens"},
            {"do": "react", "letter": 9, "kind": "opened"}, {"do": "move", "state": "nowhere"},
            {"do": "react", "letter": 0, "kind": "blacklisted"}, {"do": "react", "letter": "x"},
            {"do": "happens", "key": ["x"]},
        )  # fmt: skip
        for order in bad:
            with self.subTest(order=order), self.assertRaises(UserError):
                self.look(order)
        with self.assertRaises(UserError):
            self.look(*[{"do": "next"}] * 1000)
        with self.assertRaises(UserError):
            self.campaign.with_user(self.user).get_trial("x")

    def test_names_are_shown_as_text(self):
        self.ann.name = "<script>alert(1)</script> 🔥"
        [letter] = self.look()["letters"]
        self.assertNotIn("<script>", letter["body"])

    def test_contact_to_begin_with(self):
        found = self.campaign.with_user(self.user).get_trial_contact()
        self.assertEqual(found, {"model": "res.partner", "id": min(self.partners.ids)})
