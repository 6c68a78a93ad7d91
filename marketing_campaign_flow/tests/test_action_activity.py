from collections import Counter
from datetime import timedelta

from odoo.tests import BaseCase, tagged

from ..engine import database_clock
from ..engine.turns import deal
from .action_case import ActionCase


@tagged("post_install", "-at_install")
class TestTurns(BaseCase):
    def test_who_had_fewest_is_next_and_equals_keep_their_order(self):
        self.assertEqual(deal({"a": 0, "b": 0}, 3), ["a", "b", "a"])
        self.assertEqual(deal({"a": 2, "b": 0, "c": 1}, 4), ["b", "b", "c", "a"])
        self.assertEqual(deal({"a": 0}, 0), [])
        self.assertEqual(deal({}, 0), [])


@tagged("post_install", "-at_install")
class TestActionActivity(ActionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.sue, cls.tom = cls.colleague("Sue"), cls.colleague("Tom")

    def todo(self, **values):
        return self.action(self.start, "activity", activity_summary="Call", **values)

    def todos(self, contacts=None):
        contacts = self.partners if contacts is None else contacts
        return self.env["mail.activity"].search(
            [("res_model", "=", contacts._name), ("res_id", "in", contacts.ids)]
        )

    def per_user(self, contacts=None):
        return Counter(todo.user_id.name for todo in self.todos(contacts))

    def test_todo_for_the_responsible(self):
        kind = self.env.ref("mail.mail_activity_data_call")
        self.todo(activity_type_id=kind.id, activity_note="<p>Be nice</p>", activity_days=3)
        self.launch()
        todo = self.todos(self.ann)
        today = database_clock.now(self.env).date()
        self.assertEqual((todo.summary, todo.activity_type_id, todo.user_id),
                         ("Call", kind, self.user))  # fmt: skip
        self.assertIn("Be nice", todo.note)
        self.assertLessEqual(abs(todo.date_deadline - today - timedelta(days=3)).days, 1)
        self.assertEqual(len(self.todos()), 3)

    def test_day_counts_in_the_time_zone_of_the_campaign_and_by_its_clock(self):
        action = self.todo(activity_days=1)
        now = database_clock.now(self.env)
        database_clock.move(self.env, (now.replace(hour=23, minute=30) - now).total_seconds())
        self.assertEqual(action._activity_deadline(), (now + timedelta(days=2)).date())  # in Rome

    def test_todo_for_the_salesperson_else_for_the_responsible(self):
        self.ann.user_id, self.bob.user_id = self.sue, self.tom
        self.tom.active = False
        self.todo(activity_for="salesperson")
        self.launch()
        self.assertEqual(self.todos(self.ann).user_id, self.sue)
        self.assertEqual(self.todos(self.bob).user_id, self.user, "Tom has left")
        self.assertEqual(self.todos(self.cleo).user_id, self.user)

    def test_todo_for_a_chosen_colleague_who_gets_no_email_about_each(self):
        self.todo(activity_for="user", activity_user_id=self.sue.id)
        mails = self.env["mail.mail"].search_count([("model", "!=", "flow.campaign")])
        self.launch()
        self.assertEqual(self.per_user(), {"Sue": 3})
        self.assertEqual(
            self.env["mail.mail"].search_count([("model", "!=", "flow.campaign")]), mails
        )

    def test_todo_for_a_colleague_who_has_left_is_for_the_responsible(self):
        later = {"timing": "delay", "delay_value": 1}
        self.todo(activity_for="user", activity_user_id=self.sue.id, **later)
        self.todo(activity_for="turns", activity_user_ids=self.sue.ids, **later)
        self.launch()
        self.sue.active = False
        self.pass_time(days=1)
        self.assertEqual(self.per_user(), {self.user.name: 6})

    def test_in_turn_each_gets_as_many_batch_after_batch(self):
        self.todo(activity_for="turns", activity_user_ids=(self.sue | self.tom).ids)
        self.launch()
        self.assertEqual(sorted(self.per_user().values()), [1, 2])
        more = self.take_partners(3)
        self.pass_time(minutes=10)
        self.assertEqual(self.per_user(self.partners | more), {"Sue": 3, "Tom": 3})

    def test_turns_that_workers_did_not_see_of_each_other_even_out(self):
        action = self.todo(activity_for="turns", activity_user_ids=(self.sue | self.tom).ids)
        for _worker in range(2):  # both began when nobody had had a turn
            self.env["flow.turn"].create(
                {"action_id": action.id, "user_id": self.sue.id, "turns": 1}
            )
        self.assertEqual(
            action._take_turns(self.sue | self.tom, 4), [self.tom, self.tom, self.sue, self.tom]
        )

    def test_turn_of_a_contact_that_breaks_is_given_back(self):
        action = self.todo(activity_for="turns", activity_user_ids=(self.sue | self.tom).ids)
        self.env["ir.rule"].create(
            {
                "name": "Nobody writes Ann",
                "model_id": self.env["ir.model"]._get_id("res.partner"),
                "domain_force": f"[('id', '!=', {self.ann.id})]",
                "perm_read": False,
            }
        )
        self.launch()
        self.assertEqual(self.reasons()["Ann"][0], "scheduled", "it is tried again")
        self.assertEqual(self.per_user(), {"Sue": 1, "Tom": 1})
        turns = self.env["flow.turn"].search([("action_id", "=", action.id)])
        self.assertEqual(sum(turns.mapped("turns")), 2)

    def test_contact_that_is_gone_is_skipped(self):
        self.todo(timing="delay", delay_value=1)
        self.launch_and_lose(self.ann)
        self.assertEqual(self.reasons()["Ann"], ("skipped", "The contact was deleted"))
        self.assertEqual(len(self.todos()), 2)

    def test_mailing_contacts_have_no_todos(self):
        contacts = self.take_mailing_contacts("Dora")
        self.todo()
        self.launch()
        self.assertEqual(self.reasons()["Dora"], ("skipped", "Such contacts have no to-dos"))
        self.assertFalse(self.todos(contacts))

    def test_it_takes_as_many_statements_for_many_contacts_as_for_few(self):
        many = self.take_partners(40)
        action = self.todo(
            timing="delay",
            delay_value=1,
            activity_for="turns",
            activity_user_ids=(self.sue | self.tom).ids,
        )
        self.launch()
        few = self.statements(action, self.partners)
        self.assertLessEqual(self.statements(action, many), few + 2)

    def test_words_copy_and_difference_of_versions(self):
        action = self.todo(activity_for="turns", activity_user_ids=self.sue.ids)
        self.assertEqual(action.display_name, "Plan a to-do: Call")
        copied = self.campaign.copy().workflow_id.action_ids
        self.assertEqual(copied.activity_user_ids, self.sue)
        self.assertEqual(
            self.new_version(activity_user_ids=(self.sue | self.tom).ids),
            ["Colleagues: Sue → Sue, Tom"],
        )

    def test_colleague_that_is_not_named_keeps_the_campaign_from_being_launched(self):
        action = self.todo(activity_for="user")
        problem = "The action “Plan a to-do: Call” is not complete."
        self.assertIn(problem, self.campaign._problems())
        action.activity_for = "turns"
        self.assertIn(problem, self.campaign._problems())
        action.activity_for = "salesperson"
        self.assertNotIn(problem, self.campaign._problems())

    def test_form_asks_for_what_is_needed(self):
        form = self.form("activity")
        with self.assertRaises(AssertionError):
            form.save()
        form.activity_summary = "Call"
        form.activity_for = "turns"
        form.activity_user_ids.add(self.sue)
        self.assertEqual(form.save().activity_user_ids, self.sue)
