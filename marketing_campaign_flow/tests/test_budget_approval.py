"""Budgets above an amount need a campaign manager, before launch and whenever they are raised."""

from odoo.exceptions import AccessError
from odoo.tests import tagged

from .budget_case import BudgetCase


@tagged("post_install", "-at_install")
class TestBudgetApproval(BudgetCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        start, over = cls.state("Start", "start"), cls.state("Over", "done")
        cls.email(start)
        cls.transition(start, over, "done")
        cls.env.company.flow_approval_amount = 1000
        cls.mine = cls.campaign.with_user(cls.user)

    def test_large_budget_waits_for_a_manager(self):
        self.line(1000)
        self.assertFalse(self.mine.approval_problem)
        self.line(0.01)
        self.assertIn("approval", self.mine.approval_problem)
        self.assertIn(self.mine.approval_problem, self.mine.action_check()["params"]["message"])
        with self.refused("needs the approval"):
            self.mine.action_launch()
        self.assertFalse(self.mine.may_approve_budget)
        with self.assertRaises(AccessError):
            self.mine.action_approve_budget()
        approver = self.campaign.with_user(self.manager)
        self.assertTrue(approver.may_approve_budget)
        approver.action_approve_budget()
        self.mine.action_launch()
        approval = self.campaign.approval_ids
        self.assertEqual((approval.amount, approval.user_id), (1000.01, self.manager))
        self.assertTrue(approval.moment)
        self.assertIn("approved", self.campaign.message_ids[0].body)
        with self.refused("needs no approval"):
            approver.action_approve_budget()

    def test_raised_budget_is_held_to_what_was_approved_until_it_is_again(self):
        self.line(500)
        self.launch()
        self.assertEqual(self.limit(), 500)
        line = self.line(4500)
        self.assertEqual(self.limit(), 1000)  # as much needs no approval
        self.campaign.with_user(self.manager).action_approve_budget()
        self.assertEqual(self.limit(), 5000)
        line.amount = 9500
        self.assertEqual(self.limit(), 5000)
        self.assertRegex(self.mine.approval_problem, "5,000.00.*was approved")
        self.campaign.with_user(self.manager).action_approve_budget()
        self.assertEqual(self.limit(), 10000)
        self.env.invalidate_all()
        self.assertEqual(self.campaign.approval_ids.sorted("id").mapped("amount"), [5000, 10000])
        line.amount = 500
        self.assertFalse(self.mine.approval_problem)
        self.assertEqual(self.limit(), 1000)

    def limit(self):
        return self.mine._budget_limit()[self.mine]

    def test_no_budget_is_no_limit_and_needs_no_approval(self):
        self.assertIsNone(self.limit())
        self.assertFalse(self.mine.approval_problem)
        self.line(0)
        self.assertEqual(self.limit(), 0)

    def test_managers_are_asked_once_and_are_done_when_one_of_them_has_approved(self):
        self.line(2000)
        self.mine.action_ask_for_approval()
        self.mine.action_ask_for_approval()
        asked = self.campaign.activity_ids.filtered("active")
        self.assertIn(self.manager, asked.user_id)
        self.assertNotIn(self.user, asked.user_id)
        self.assertEqual(len(asked), len(asked.user_id))
        self.campaign.with_user(self.manager).action_approve_budget()
        self.assertFalse(self.campaign.activity_ids.filtered("active"))

    def test_the_amount_is_compared_in_the_campaign_s_currency(self):
        company = self.env.company
        coin = self.env["res.currency"].create({"name": "CON", "symbol": "c"})
        coin.rate_ids.create(
            {"name": "2020-01-01", "rate": 10, "currency_id": coin.id, "company_id": company.id}
        )
        self.campaign.currency_id = coin
        self.line(10000)
        self.assertFalse(self.mine.approval_problem)
        self.line(1)
        self.assertTrue(self.mine.approval_problem)

    def test_amount_is_a_setting_of_the_company(self):
        settings = self.env["res.config.settings"].create({"flow_approval_amount": 0})
        settings.execute()
        self.assertEqual(self.env.company.flow_approval_amount, 0)
        self.line(10**6)
        self.assertFalse(self.mine.approval_problem)
