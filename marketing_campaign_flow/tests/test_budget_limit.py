"""What messages cost, and a budget that nothing is sent beyond."""

from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.tests import tagged

from ..engine import budget, deliver, letter, spending, tick
from ..engine.handover import Receipt
from .common import FlowCase

PRICE = 0.3  # three of them are 0.9, and in floats 0.8999999999999999


class LimitCase(FlowCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.start = cls.state("Start", "start")
        cls.over = cls.state("Over", "done")
        cls.transition(cls.start, cls.over, "event", event_kind="replied")

    def limit(self, amount, policy="stop", **values):
        self.campaign.write({"budget_amount": amount, "budget_policy": policy, **values})

    def statuses(self):
        """Return status and reason to wait of all steps, in the order in which they are due."""
        steps = self.campaign.participant_ids.step_ids.sorted(lambda step: (step.due_at, step.id))
        return [(step.status, step.wait_reason) for step in steps]

    def spent(self):
        return self.campaign._spent_on_messages()[self.campaign]

    def reserved(self):
        return self.campaign._reserved()[self.campaign]

    def answer(self, contact, status):
        self.answers[contact.email] = Receipt(status, 250 if status == "accepted" else 451, "Why")


@tagged("post_install", "-at_install")
class TestSpending(LimitCase):
    def test_what_was_sent_is_spent_by_day_and_action(self):
        invitation = self.email(self.start, unit_cost=PRICE)
        self.launch()
        self.assertEqual(self.spent(), 0.9)
        self.assertEqual(self.reserved(), 0)
        self.env["flow.spending"].invalidate_model()
        spending.fold(self.env)
        [row] = self.env["flow.spending"].search([("campaign_id", "=", self.campaign.id)])
        self.assertEqual((row.action_key, row.kind, row.count), (invitation.key, "spent", 3))
        self.assertAlmostEqual(row.amount, 0.9, 6)
        self.assertEqual(row.day, self.steps(self.ann).done_at.date())
        self.assertEqual(self.campaign.message_cost, 0.9)
        self.assertEqual(self.campaign.cost_total, 0.9)

    def test_what_was_refused_or_put_off_costs_nothing_and_what_is_uncertain_counts(self):
        self.email(self.start, unit_cost=1)
        self.answer(self.ann, "failed")
        self.answer(self.bob, "retry")
        self.answer(self.cleo, "uncertain")
        self.launch()
        self.assertEqual((self.spent(), self.reserved()), (1, 0))
        self.answers.clear()
        self.pass_time(hours=1)
        self.assertEqual((self.spent(), self.reserved()), (2, 0))

    def test_an_uncertain_message_that_is_sent_again_counts_once(self):
        self.email(self.start, unit_cost=1)
        self.answer(self.ann, "uncertain")
        self.launch()
        self.answers.clear()
        self.steps(self.ann).delivery_ids.action_send_again()
        self.assertEqual(self.spent(), 2)
        self.run_engine()
        self.assertEqual(self.spent(), 3)

    def test_who_has_no_address_costs_nothing(self):
        self.ann.email = False
        self.email(self.start, unit_cost=1)
        self.launch()
        self.assertEqual(self.spent(), 2)

    def test_an_action_that_commits_with_its_step_is_paid_for(self):
        self.action(self.start, "subscription", mailing_list_id=self.hot_list.id, unit_cost=2)
        self.launch()
        self.assertEqual((self.spent(), self.reserved()), (6, 0))
        self.assertEqual(self.hot_list.contact_count, 3)

    def test_a_free_action_beside_a_priced_one(self):
        other = self.env["mailing.list"].create({"name": "Free"})
        self.action(self.start, "subscription", mailing_list_id=self.hot_list.id, unit_cost=2)
        self.action(self.start, "subscription", mailing_list_id=other.id)
        self.limit(4)
        self.launch()
        self.assertEqual(
            (self.spent(), other.contact_count, self.hot_list.contact_count), (4, 3, 2)
        )

    def test_recounting_gives_the_same(self):
        self.email(self.start, unit_cost=PRICE)
        self.launch()
        self.env.cr.execute("DELETE FROM flow_spending")
        self.assertEqual(self.spent(), 0)
        self.env["flow.spending"]._recount()
        self.assertEqual(self.spent(), 0.9)

    def test_a_message_by_hand_has_the_price_of_the_company(self):
        self.env["res.config.settings"].create({"flow_price_email": 0.25}).execute()
        self.launch()
        self.by_hand(self.campaign.with_user(self.user).action_send_by_hand())
        self.run_engine()
        self.assertEqual(len(self.sent), 3)
        self.assertEqual(self.spent(), 0.75)

    def test_new_emails_have_the_price_of_the_company_in_the_currency_of_the_campaign(self):
        self.env.company.flow_price_email = 0.25
        self.assertEqual(self.email(self.start).unit_cost, 0.25)
        self.assertEqual(self.action(self.start, "wait").unit_cost, 0)
        other = self.env["res.currency"].with_context(active_test=False).search(
            [("id", "!=", self.env.company.currency_id.id)], limit=1
        )  # fmt: skip
        self.env["res.currency.rate"].create(
            {"currency_id": other.id, "rate": 4, "company_id": self.env.company.id}
        )
        self.campaign.currency_id = other
        self.assertEqual(self.email(self.start).unit_cost, 1)

    def test_a_price_is_part_of_the_version(self):
        invitation = self.email(self.start, unit_cost=1)
        reminder = self.email(self.start, unit_cost=1, timing="delay", delay_value=1)
        self.launch()
        with self.assertRaises(UserError):
            invitation.unit_cost = 2
        self.campaign.action_edit_workflow()
        draft = self.campaign.draft_workflow_id
        changed = draft.action_ids.filtered(lambda action: action.key == reminder.key)
        self.assertEqual(changed.unit_cost, 1)
        changed.unit_cost = 5
        self.campaign._publish_draft({})
        self.pass_time(days=1)
        self.assertEqual(self.spent(), 3 * 1 + 3 * 5)


@tagged("post_install", "-at_install")
class TestHardStop(LimitCase):
    def test_nothing_is_sent_beyond_the_budget_and_the_rest_waits(self):
        self.email(self.start, unit_cost=PRICE)
        self.limit(0.6)
        self.launch()
        self.assertEqual(
            self.statuses(), [("done", False), ("done", False), ("scheduled", "budget")]
        )
        self.assertEqual((len(self.sent), self.spent(), self.reserved()), (2, 0.6, 0))
        self.assertTrue(self.campaign.awaits_budget)
        self.assertIn("budget", self.campaign.problem)
        waiting = self.campaign.participant_ids.step_ids.filtered("wait_reason")
        self.assertIn("The budget is used up", waiting._reason_in_words())

    def test_a_raise_lets_as_many_go_on_as_it_pays_for(self):
        self.email(self.start, unit_cost=PRICE)
        self.limit(0.3)
        self.launch()
        self.limit(0.6)
        self.run_engine()
        self.assertEqual((len(self.sent), self.spent()), (1, 0.6))
        self.assertTrue(self.campaign.awaits_budget)
        self.limit(10)
        self.run_engine()
        self.assertEqual((len(self.sent), self.spent()), (1, 0.9))
        self.assertFalse(self.campaign.awaits_budget)
        self.assertFalse(self.campaign.problem)

    def test_a_raise_wakes_the_engine(self):
        self.email(self.start, unit_cost=1)
        self.limit(1)
        self.launch()
        with patch.object(type(self.campaign), "_wake_engine") as woken:
            self.campaign.name = "Renamed"
            self.assertFalse(woken.called)
            self.limit(2)
            self.assertTrue(woken.called)

    def test_costs_of_people_count_and_going_back_on_them_makes_room(self):
        self.email(self.start, unit_cost=1)
        self.limit(3)
        cost = self.env["flow.cost"].create(
            {"campaign_id": self.campaign.id, "name": "Print", "amount": 2}
        )
        cost.action_confirm()
        self.launch()
        self.assertEqual(self.spent(), 1)
        cost.action_reset()
        self.run_engine()
        self.assertEqual(self.spent(), 3)

    def test_what_is_promised_to_others_counts(self):
        self.email(self.start, unit_cost=1)
        self.limit(3)
        with patch.object(
            type(self.campaign), "_committed", lambda campaigns: dict.fromkeys(campaigns, 1.5)
        ):
            self.launch()
        self.assertEqual(self.spent(), 1)

    def test_without_the_stop_all_goes_on(self):
        self.email(self.start, unit_cost=1)
        self.limit(1)
        self.launch()
        self.campaign.budget_policy = "warn"
        self.run_engine()
        self.assertEqual(self.spent(), 3)
        self.assertFalse(self.campaign.awaits_budget)

    def test_without_a_budget_nothing_is_limited(self):
        self.email(self.start, unit_cost=1)
        self.limit(0)
        self.launch()
        self.assertEqual(self.spent(), 3)

    def test_what_costs_nothing_goes_on(self):
        self.email(self.start, "Dear", unit_cost=1)
        self.email(self.start, "Cheap", unit_cost=0)
        self.limit(1)
        self.launch()
        self.assertEqual(len(self.sent), 1 + 3)

    def test_what_is_cheap_does_not_wait_behind_what_is_dear(self):
        self.email(self.start, "Dear", unit_cost=5)
        self.email(self.start, "Cheap", unit_cost=1)
        self.limit(0.5)
        self.launch()
        self.assertEqual(self.spent(), 0)
        self.limit(2)
        self.run_engine()
        self.assertEqual([mail["subject"] for mail in self.sent], ["Cheap"] * 2)

    def test_money_of_a_message_that_was_refused_pays_for_the_next(self):
        self.email(self.start, unit_cost=1)
        self.limit(1)
        self.answer(self.ann, "failed")
        self.launch()
        self.assertEqual((self.spent(), len(self.sent)), (1, 1))
        self.assertEqual(self.steps(self.ann).status, "failed")

    def test_a_price_that_is_lowered_lets_more_go_on(self):
        email = self.email(self.start, unit_cost=2)
        self.limit(3)
        self.launch()
        self.assertEqual(self.spent(), 2)
        self.campaign.action_edit_workflow()
        draft = self.campaign.draft_workflow_id
        draft.action_ids.filtered(lambda action: action.key == email.key).unit_cost = 0.5
        self.campaign._publish_draft({})
        self.run_engine()
        self.assertEqual(self.spent(), 3)

    def test_actions_that_commit_with_their_steps_stop_too(self):
        self.action(self.start, "subscription", mailing_list_id=self.hot_list.id, unit_cost=2)
        self.limit(5)
        self.launch()
        self.assertEqual((self.spent(), self.hot_list.contact_count), (4, 2))
        self.limit(6)
        self.run_engine()
        self.assertEqual((self.spent(), self.hot_list.contact_count), (6, 3))

    def test_who_leaves_needs_no_money(self):
        self.email(self.start, unit_cost=1)
        self.limit(0.5)
        self.launch()
        self.campaign.action_stop()
        self.run_engine()
        self.assertEqual({status for status, _wait in self.statuses()}, {"cancelled"})
        self.assertFalse(self.campaign.awaits_budget)
        self.assertFalse(self.campaign.is_winding_down)

    def test_a_step_wanted_now_needs_money_as_well(self):
        self.email(self.start, unit_cost=1)
        self.limit(0.5)
        self.launch()
        self.steps(self.ann).with_user(self.user).action_run_now()
        self.run_engine()
        self.assertEqual(self.steps(self.ann).wait_reason, "budget")
        self.assertEqual(self.sent, [])

    def test_somebody_who_is_paused_keeps_nobody_waiting(self):
        self.email(self.start, unit_cost=1)
        self.limit(0.5)
        self.launch()
        self.participant(self.ann).action_pause()
        self.limit(2)
        self.run_engine()
        self.run_engine()
        self.assertEqual(self.steps(self.ann).status, "scheduled")
        self.assertEqual(self.spent(), 2)
        self.participant(self.ann).action_resume()
        self.run_engine()
        self.assertEqual(self.steps(self.ann).wait_reason, "budget")

    def test_what_cannot_be_paid_for_is_not_written_first(self):
        self.email(self.start, unit_cost=1)
        people = self.env["res.partner"].create(
            [{"name": f"P{n}", "email": f"p{n}@example.com"} for n in range(20)]
        )
        self.audience.partner_ids += people
        self.limit(3)
        written = []

        def prepare(action, steps):
            written.extend(steps.ids)
            return letter_prepare(action, steps)

        letter_prepare = letter.prepare
        with (
            patch.object(deliver.deliver, "__defaults__", (2,)),
            patch.object(letter, "prepare", prepare),
        ):
            self.launch()
        self.assertEqual((len(self.sent), len(written)), (3, 4))
        self.assertEqual(self.statuses().count(("scheduled", "budget")), 20)

    def test_statements_do_not_depend_on_how_many_wait(self):
        self.email(self.start, unit_cost=1)
        people = self.env["res.partner"].create(
            [{"name": f"P{n}", "email": f"p{n}@example.com"} for n in range(60)]
        )
        self.audience.partner_ids += people[:10]
        self.limit(1)
        self.launch()
        counts = []
        for more in (people[10:12], people[12:60]):
            self.audience.partner_ids += more
            self.campaign.enrol_at = self.campaign.date_start
            self.run_engine()
            self.env.flush_all()
            before = self.cr.sql_log_count
            tick.run(self.env)
            counts.append(self.cr.sql_log_count - before)
        self.assertEqual(counts[0], counts[1])

    def test_reserving_is_the_same_few_statements_for_any_number(self):
        action = self.email(self.start, unit_cost=1)
        self.limit(1000)
        self.launch()
        steps = self.campaign.participant_ids.step_ids
        counts = []
        for some in (steps[:1], steps):
            self.env.cr.execute(
                "UPDATE flow_step SET status = 'scheduled', claimed_by = 7 WHERE id = ANY(%s)",
                [some.ids],
            )
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            self.assertEqual(budget.reserve(self.env, self.campaign, action, some.ids, 7), some.ids)
            counts.append(self.cr.sql_log_count - before)
            self.env.cr.execute(deliver.GIVE_BACK, [7])
        self.assertEqual(counts[0], counts[1])
        self.assertLess(counts[0], 12)
        self.assertEqual(self.reserved(), 0)


@tagged("post_install", "-at_install")
class TestWarnings(LimitCase):
    def activities(self):
        return self.campaign.activity_ids.filtered(
            lambda activity: "runs short" in (activity.summary or "")
        )

    def test_the_responsible_is_told_once_per_threshold(self):
        self.email(self.start, unit_cost=1)
        self.email(self.start, unit_cost=1, timing="delay", delay_value=1)
        self.limit(4, "warn", budget_warn_percent=50)
        self.launch()
        self.assertEqual(len(self.activities()), 1)
        self.assertEqual(self.activities().user_id, self.user)
        self.assertIn("75 %", self.campaign.budget_notice)
        self.run_engine()
        self.assertEqual(len(self.activities()), 1)
        self.limit(10, "warn")
        self.run_engine()
        self.assertEqual((len(self.activities()), self.campaign.budget_notice), (1, False))
        self.pass_time(days=1)
        self.assertEqual(len(self.activities()), 2)

    def test_who_only_watches_is_not_told(self):
        self.email(self.start, unit_cost=1)
        self.limit(1, "watch")
        self.launch()
        self.assertFalse(self.activities())
        self.assertFalse(self.campaign.budget_notice)
        self.assertEqual(self.spent(), 3)

    def test_the_check_says_that_the_first_emails_cost_more_than_there_is(self):
        self.email(self.start, unit_cost=1)
        self.limit(3)
        self.assertNotIn("Over budget", self.campaign.action_check()["params"]["message"])
        self.limit(2)
        found = self.campaign.action_check()["params"]
        self.assertIn("Over budget", found["message"])
        self.assertEqual((found["type"], found["title"]), ("warning", "Ready to launch"))
        self.limit(0)
        found = self.campaign.action_check()["params"]
        self.assertIn("has no budget", found["message"])

    def test_companies_do_not_see_what_others_spend(self):
        self.email(self.start, unit_cost=1)
        self.launch()
        company = self.env["res.company"].create({"name": "Other"})
        self.user.write({"company_ids": [(4, company.id)], "company_id": company.id})
        rows = self.env["flow.spending"].with_user(self.user)
        self.assertTrue(rows.with_context(allowed_company_ids=self.user.company_ids.ids).search([]))
        self.assertFalse(rows.with_context(allowed_company_ids=company.ids).search([]))
