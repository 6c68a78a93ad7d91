"""What accounting posts to the account of a campaign are its costs, and nothing else is."""

from odoo.exceptions import AccessError, ValidationError
from odoo.tests import tagged

from .money_case import MoneyCase


@tagged("post_install", "-at_install")
class TestMoneyOfAccounting(MoneyCase):
    def test_bills_count_once_posted_and_credit_notes_against_them(self):
        self.line(1000)
        self.cost(100, confirmed=True)
        draft = self.move("in_invoice", 500)
        self.assert_figures(actual=100)
        draft.action_post()
        self.posted("in_refund", 80)
        self.posted("in_receipt", 20)
        self.assert_figures(planned=1000, actual=540, available=460)
        row = self.rows("actual").filtered(lambda row: row.res_id == draft.id)
        self.assertEqual((row.source, row.amount, row.partner_id), ("bill", 500, self.printer))
        self.assertEqual(row.action_open()["res_model"], "account.move")
        draft.button_draft()
        self.assert_figures(actual=40)

    def test_share_of_a_bill_and_of_several_accounts(self):
        other = self.env["flow.campaign"].create({"name": "Other"})
        other.action_create_analytic_account()
        self.posted("in_invoice", 200, share=30)
        both = {str(self.account.id): 25, str(other.analytic_account_id.id): 75}
        self.posted("in_invoice", 100, line={"analytic_distribution": both})
        self.assert_figures(actual=85)
        self.assert_figures(other, actual=75)

    def test_accounts_of_two_plans_charge_one_bill_to_two_campaigns(self):
        plan = self.env["account.analytic.plan"].create({"name": "Projects of ours"})
        account = self.env["account.analytic.account"].create({"name": "A", "plan_id": plan.id})
        other = self.env["flow.campaign"].create(
            {"name": "Other", "analytic_account_id": account.id}
        )
        together = {f"{self.account.id},{account.id}": 50}
        self.posted("in_invoice", 100, line={"analytic_distribution": together})
        self.assert_figures(actual=50)
        self.assert_figures(other, actual=50)
        self.assertEqual(len(self.rows("actual") | self.rows("actual", other)), 2)

    def test_revenue_and_balance_sheets_are_no_costs(self):
        self.posted("out_invoice", 700)
        self.posted("out_invoice", 700, line={"account_id": self.expense.id})
        self.posted("out_refund", 50)
        self.posted("in_invoice", 90, line={"account_id": self.asset.id})
        self.assert_figures(actual=0)

    def test_analytic_items_without_an_entry_are_costs_where_they_are_negative(self):
        column = self.account.plan_id._column_name()
        for amount in (-60, 45):
            self.env["account.analytic.line"].create(
                {"name": "Hours", "amount": amount, column: self.account.id, "date": "2026-05-04"}
            )
        self.assert_figures(actual=60)
        self.assertEqual(self.rows("actual").res_model, "account.analytic.line")

    def test_bill_in_another_currency_takes_the_rate_of_its_date(self):
        company = self.env.company
        coin = self.env["res.currency"].create({"name": "CON", "symbol": "c"})
        for day, rate in (("2026-01-01", 2), ("2026-05-04", 4), ("2026-05-05", 8)):
            coin.rate_ids.create(
                {"name": day, "rate": rate, "currency_id": coin.id, "company_id": company.id}
            )
        self.posted("in_invoice", 100, currency_id=coin.id)
        self.assert_figures(actual=25)
        self.assertEqual(self.rows("actual").amount_company, 25)
        twin = self.env["flow.campaign"].create({"name": "Coins", "currency_id": coin.id})
        twin.action_create_analytic_account()
        charged = {"analytic_distribution": {str(twin.analytic_account_id.id): 100}}
        self.posted("in_invoice", 25, line=charged)
        self.assert_figures(twin, actual=100)
        self.assertEqual(self.rows("actual", twin).amount_company, 25)

    def test_vendor_bill_never_carries_the_utm_campaign(self):
        bill = self.posted("in_invoice", 10)
        if "campaign_id" in bill._fields:  # with Sales
            self.assertFalse(bill.campaign_id)

    def test_accounts_are_made_by_everybody_and_chosen_by_who_may_see_them(self):
        self.assertEqual(self.account.company_id, self.campaign.company_id)
        self.campaign.with_user(self.user).action_create_analytic_account()
        self.assertEqual(self.campaign.analytic_account_id, self.account)
        other = self.env["flow.campaign"].create({"name": "Other"})
        other.action_create_analytic_account()
        self.assertEqual(other.analytic_account_id.plan_id, self.account.plan_id)
        salaries = self.env["account.analytic.account"].create(
            {"name": "Salaries", "plan_id": self.account.plan_id.id}
        )
        mine = self.campaign.with_user(self.user)
        with self.assertRaises(AccessError):
            mine.analytic_account_id = salaries
        with self.assertRaises(AccessError):
            mine.create({"name": "Spy", "analytic_account_id": salaries.id})
        self.user.group_ids += self.env.ref("analytic.group_analytic_accounting")
        mine.analytic_account_id = salaries
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        salaries = self.env["account.analytic.account"].create(
            {"name": "S", "plan_id": self.account.plan_id.id, "company_id": elsewhere.id}
        )
        with self.refused("another company", ValidationError):
            self.campaign.analytic_account_id = salaries

    def test_user_without_rights_in_accounting_sees_the_figures(self):
        self.posted("in_invoice", 10)
        mine = self.campaign.with_user(self.user)
        self.assertEqual(mine.cost_total, 10)
        self.assertFalse(mine.may_choose_account)
        action = mine.action_view_money("actual")
        rows = self.env["flow.money"].with_user(self.user).search(action["domain"])
        self.assertEqual(rows.mapped("amount"), [10])

    def test_the_limit_counts_what_accounting_has_posted(self):
        self.posted("in_invoice", 10)
        self.cost(5, confirmed=True)
        mine = self.campaign.with_user(self.user)
        self.assertEqual(mine._actual_apart_from_messages(), {mine: 15})
