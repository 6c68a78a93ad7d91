"""Money in several currencies, and campaigns that are made of campaigns."""

from datetime import date

from odoo import Command
from odoo.exceptions import ValidationError
from odoo.tests import tagged

from .budget_case import BudgetCase


@tagged("post_install", "-at_install")
class TestBudgetCurrency(BudgetCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # 1 of the company's is 2 gold until the end of March, then 4; and always 100 shells.
        company = cls.env.company
        cls.home = company.currency_id
        currencies = cls.env["res.currency"]
        cls.gold = currencies.create(
            {
                "name": "GLD",
                "symbol": "g",
                "rate_ids": [
                    Command.create({"name": day, "rate": rate, "company_id": company.id})
                    for day, rate in (("2026-01-01", 2), ("2026-04-01", 4))
                ],
            }
        )
        cls.shell = currencies.create(
            {
                "name": "SHL",
                "symbol": "s",
                "rounding": 1,
                "rate_ids": [
                    Command.create({"name": "2026-03-01", "rate": 100, "company_id": company.id})
                ],
            }
        )
        cls.unrated = currencies.create({"name": "NON", "symbol": "n"})

    def test_cost_in_another_currency_takes_the_rate_of_its_day(self):
        march, april = (
            self.cost(
                0,
                confirmed=True,
                foreign_currency_id=self.gold.id,
                foreign_amount=10,
                date=date(2026, month, day),
            )
            for month, day in ((3, 31), (4, 1))
        )
        self.assertEqual((march.amount, april.amount), (5, 2.5))
        self.assert_figures(actual=7.5)
        # What was confirmed does not move with rates that are entered later.
        self.gold.rate_ids.create(
            {"name": "2026-03-15", "rate": 5, "currency_id": self.gold.id,
             "company_id": self.env.company.id}
        )  # fmt: skip
        self.assert_figures(actual=7.5)
        with self.refused("Reset a confirmed cost"):
            march.foreign_amount = 20

    def test_cost_without_a_rate_is_refused_with_the_reason(self):
        for currency, day in ((self.unrated, date(2026, 5, 1)), (self.shell, date(2026, 2, 28))):
            with self.refused("no exchange rate", ValidationError):
                self.cost(0, foreign_currency_id=currency.id, foreign_amount=10, date=day)
        self.assertFalse(self.campaign.cost_ids)

    def test_campaign_has_figures_in_its_own_currency_and_in_the_company_s(self):
        self.campaign.currency_id = self.gold
        self.line(400, date_from=date(2026, 2, 1))
        self.cost(100, confirmed=True, date=date(2026, 2, 1))
        self.cost(100, confirmed=True, date=date(2026, 5, 1))
        shells = self.cost(
            0,
            confirmed=True,
            foreign_currency_id=self.shell.id,
            foreign_amount=1000,
            date=date(2026, 5, 1),
        )
        self.assertEqual(shells.amount, 40)  # 1,000 shells are 10 of the company's, 40 gold
        self.assert_figures(planned=400, actual=240, available=160)
        rows = self.rows("actual")
        self.assertEqual(sorted(rows.mapped("amount_company")), [10, 25, 50])
        self.assertEqual(self.rows("planned").amount_company, 200)

    def test_currency_is_free_until_money_is_spent(self):
        draft = self.cost(10)
        self.campaign.currency_id = self.gold
        self.assertEqual(draft.currency_id, self.gold)
        with self.refused("no exchange rate", ValidationError):
            self.campaign.currency_id = self.unrated
        draft.action_confirm()
        with self.refused("cannot be changed"):
            self.campaign.currency_id = self.home

    def test_prices_of_actions_follow_the_currency_until_launch(self):
        start, over = self.state("Start", "start"), self.state("Over", "done")
        email = self.email(start, unit_cost=0.005, timing="delay")
        self.transition(start, over, "timeout", delay_value=1)
        self.campaign.currency_id = self.gold
        self.assertAlmostEqual(email.unit_cost, 0.02)
        self.launch()
        with self.refused("what its actions cost"):
            self.campaign.currency_id = self.home

    def test_parent_adds_up_its_parts_at_the_rates_of_their_dates(self):
        def part(parent, currency, budget, cost, day):
            campaign = self.env["flow.campaign"].create(
                {"name": "Part", "parent_id": parent.id, "currency_id": currency.id}
            )
            self.line(budget, campaign_id=campaign.id, date_from=day)
            self.cost(cost, confirmed=True, campaign_id=campaign.id, date=day)
            return campaign

        self.line(50)
        spring = part(self.campaign, self.home, 100, 30, date(2026, 3, 1))
        gold = part(self.campaign, self.gold, 200, 20, date(2026, 3, 1))  # 100 and 10
        within = part(gold, self.gold, 400, 40, date(2026, 4, 2))  # 100 and 10
        within.active = False
        self.env.invalidate_all()
        for campaign, planned, actual, parts in (
            (self.campaign, 350, 50, 3),
            (spring, 100, 30, 0),
            (gold, 200, 20, 1),
        ):
            self.assertEqual(campaign.family_planned, planned)
            self.assertEqual(campaign.family_actual, actual)
            self.assertEqual(campaign.family_available, planned - actual)
            self.assertEqual(campaign.child_count, parts)
            for figure in ("planned", "actual", "committed"):
                action = campaign.with_context(flow_figure=figure).action_view_family_money()
                rows = self.env["flow.money"].search(action["domain"])
                shown = campaign[f"family_{figure}"]
                self.assertAlmostEqual(sum(rows.mapped("amount_company")), shown)
        # The figures of a campaign itself are its own.
        self.assertEqual(self.campaign.budget_amount, 50)
        self.assertEqual(self.campaign.cost_total, 0)

    def test_campaign_is_no_part_of_itself_nor_of_another_company_s(self):
        child = self.env["flow.campaign"].create({"name": "C", "parent_id": self.campaign.id})
        with self.refused("(?i)recurs|part of itself"):
            self.campaign.parent_id = child
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        with self.refused("different companies", ValidationError):
            child.company_id = elsewhere
        with self.refused("different companies", ValidationError):
            self.campaign.company_id = elsewhere
