"""Budgets and costs, each figure against a case computed by hand, and against its rows."""

from datetime import date

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, new_test_user, tagged
from odoo.tools import mute_logger
from psycopg2 import IntegrityError

from ..engine import spread
from .budget_case import BudgetCase


@tagged("post_install", "-at_install")
class TestBudget(BudgetCase):
    def test_lines_make_the_budget_and_without_lines_it_is_what_was_entered(self):
        self.campaign.budget_amount = 500
        self.assertEqual(self.campaign.budget_amount, 500)
        flyers = self.line(300, name="Flyers")
        self.line(150.5, name="Stamps")
        self.assertEqual(self.campaign.budget_amount, 450.5)
        with self.assertRaises(UserError):
            self.campaign.budget_amount = 1000
        flyers.amount = 400
        self.assertEqual(self.campaign.budget_amount, 550.5)
        self.campaign.budget_line_ids.unlink()
        self.campaign.budget_amount = 80
        self.assertEqual(self.campaign.budget_amount, 80)

    def test_amount_beside_lines_counts_where_no_line_is_left(self):
        lines = [Command.create({"name": "Line", "amount": amount}) for amount in (40, 2)]
        both = {"name": "Both", "budget_amount": 7, "budget_line_ids": lines}
        campaign = self.env["flow.campaign"].create(both)
        self.assertEqual(campaign.budget_amount, 42)
        rename = [Command.update(campaign.budget_line_ids[0].id, {"name": "Flyers"})]
        campaign.write({"budget_line_ids": rename, "budget_amount": 7})
        self.assertEqual(campaign.budget_amount, 42)
        campaign.write({"budget_line_ids": [Command.clear()], "budget_amount": 7})
        self.assertEqual(campaign.budget_amount, 7)
        self.assertEqual(campaign.copy().budget_amount, 7)

    def test_each_figure_is_what_a_person_would_compute(self):
        self.line(600, category_id=self.design.id)
        self.line(400, category_id=self.print.id)
        self.cost(250, confirmed=True, category_id=self.design.id)
        self.cost(120.5, confirmed=True)
        self.cost(70, is_credit=True, confirmed=True)
        self.cost(999)  # a draft counts nowhere
        self.assert_figures(planned=1000, actual=300.5, committed=0, available=699.5)
        self.assertEqual(self.campaign.cost_forecast, 300.5)
        self.assertEqual(self.campaign.budget_used, 30)

    def test_user_without_technical_rights_works_with_the_form(self):
        campaign = self.campaign.with_user(self.user)
        with Form(campaign) as form:
            form.budget_amount = 900
        self.assertEqual(campaign.budget_amount, 900)
        with Form(campaign) as form:
            with form.budget_line_ids.new() as line:
                line.name, line.amount = "Flyers", 120
            with form.cost_ids.new() as cost:
                cost.name, cost.amount = "Paper", 20
        campaign.cost_ids.action_confirm()
        self.assertEqual(campaign.budget_amount, 120)
        self.assertEqual(campaign.budget_available, 100)
        words = campaign.budget_figures
        self.assertEqual(words["cards"][0]["figure"], "planned")
        self.assertEqual(words["parts"][0]["share"], 16.67)
        self.assertFalse(words["over"])
        rows = self.rows("actual", campaign)
        self.assertEqual(rows.action_open()["res_id"], campaign.cost_ids.id)

    def test_line_is_spread_over_its_months_to_the_cent(self):
        line = self.line(100, date_from=date(2026, 1, 15), date_to=date(2026, 3, 10))
        self.assertTrue(line.is_spreadable)
        line.action_spread()
        lines = self.campaign.budget_line_ids.sorted("date_from")
        self.assertEqual(lines.mapped("amount"), [33.34, 33.33, 33.33])
        self.assertEqual(
            [(one.date_from, one.date_to) for one in lines],
            [
                (date(2026, 1, 15), date(2026, 1, 31)),
                (date(2026, 2, 1), date(2026, 2, 28)),
                (date(2026, 3, 1), date(2026, 3, 10)),
            ],
        )
        self.assertEqual(self.campaign.budget_amount, 100)
        self.assertFalse(lines[0].is_spreadable)
        with self.assertRaises(UserError):
            lines[0].action_spread()
        for amount, count in ((0, 3), (0.02, 12), (1234.56, 7)):
            parts = spread.even_parts(amount, count, 2)
            self.assertEqual((len(parts), round(sum(parts), 2)), (count, amount))

    def test_spent_budget_can_be_spread_as_well(self):
        line = self.line(100, date_from=date(2026, 1, 1), date_to=date(2026, 2, 28))
        self.cost(90, confirmed=True)
        line.action_spread()
        self.assertEqual(self.campaign.budget_amount, 100)

    def test_budget_is_not_lowered_below_what_is_spent(self):
        first, second = self.line(100), self.line(50)
        self.cost(120, confirmed=True)
        with self.refused("cannot be lowered", ValidationError):
            first.amount = 60
        with self.refused("cannot be lowered", ValidationError):
            second.unlink()
        # One line less and another more, saved together.
        self.campaign.write(
            {
                "budget_line_ids": [
                    Command.update(first.id, {"amount": 10}),
                    Command.update(second.id, {"amount": 140}),
                ]
            }
        )
        self.assertEqual(self.campaign.budget_amount, 150)
        # Who is over budget already may come nearer.
        self.cost(100, confirmed=True)
        second.amount = 150
        self.assertEqual(self.campaign.budget_available, -60)

    def test_negative_amounts_and_periods_are_refused(self):
        for values in (
            {"amount": -1},
            {"amount": 1, "date_from": date(2026, 2, 1), "date_to": date(2026, 1, 1)},
        ):
            with self.refused("violates check", IntegrityError), mute_logger("odoo.sql_db"):
                self.line(**values)
        with self.refused("violates check", IntegrityError), mute_logger("odoo.sql_db"):
            self.cost(-5)

    def test_closed_books_stay_as_they_are(self):
        line, cost = self.line(100), self.cost(10)
        with self.assertRaises(AccessError):
            self.campaign.with_user(self.user).action_close_books()
        with self.assertRaises(AccessError):
            self.campaign.with_user(self.user).books_closed_at = "2026-01-01"
        self.campaign.with_user(self.manager).action_close_books()
        for refused in (
            lambda: self.cost(5),
            lambda: self.line(5),
            cost.action_confirm,
            cost.unlink,
            lambda: line.write({"amount": 5}),
            line.unlink,
            lambda: self.campaign.write({"budget_amount": 5}),
        ):
            with self.refused("Reopen the books"):
                refused()
        self.campaign.with_user(self.manager).action_reopen_books()
        cost.action_confirm()
        self.assertEqual(self.campaign.cost_total, 10)

    def test_category_in_use_is_archived_instead_of_deleted(self):
        self.cost(5, category_id=self.design.id)
        self.line(5, category_id=self.print.id)
        for category in (self.design, self.print):
            with self.refused("Archive it instead"):
                category.with_user(self.manager).unlink()
        self.design.active = False
        self.assertEqual(self.campaign.cost_ids.category_id, self.design)
        self.env["flow.cost.category"].create({"name": "Unused"}).unlink()

    def test_costs_and_plans_of_an_activity_stand_side_by_side(self):
        start, over = self.state("Start", "start"), self.state("Over", "done")
        email = self.email(start)
        self.transition(start, over, "done")
        self.line(100, action_id=email.id)
        self.line(30, state_id=start.id)
        self.cost(40, confirmed=True, action_id=email.id)
        self.launch()
        self.campaign.action_edit_workflow()
        draft = self.campaign.draft_workflow_id
        draft.state_ids.filtered(lambda state: state.key == start.key).name = "Beginning"
        self.campaign._publish_draft({})
        self.env.invalidate_all()
        newest = self.campaign.workflow_id.action_ids.filtered(lambda own: own.key == email.key)
        self.assertNotEqual(newest, email)
        self.assertEqual(self.campaign.cost_ids.action_id, newest)
        rows = self.env["flow.money"]._read_group(
            [("campaign_id", "=", self.campaign.id)],
            ["state_id", "action_id", "kind"],
            ["amount:sum"],
        )
        beginning = newest.state_id
        none = self.env["flow.action"]
        self.assertEqual(
            set(rows),
            {
                (beginning, none, "planned", 30),
                (beginning, newest, "actual", 40),
                (beginning, newest, "planned", 100),
            },
        )

    def test_balance_is_what_is_left(self):
        self.line(100)
        self.cost(40, confirmed=True)
        self.cost(15, confirmed=True, is_credit=True)
        [(total, in_company)] = self.env["flow.money"]._read_group(
            [("campaign_id", "=", self.campaign.id)], [], ["balance:sum", "balance_company:sum"]
        )
        self.assertEqual((total, in_company), (75, 75))

    def test_activity_of_another_campaign_is_refused(self):
        other = self.env["flow.campaign"].create({"name": "Other"})
        with self.refused("no part of the campaign", ValidationError):
            self.line(1, state_id=other.workflow_id.state_ids[0].id)

    def test_a_copy_has_the_plan_and_none_of_the_costs(self):
        self.line(100, date_from=date(2026, 1, 1), category_id=self.design.id)
        self.cost(10, confirmed=True)
        twin = self.campaign.copy()
        self.assertEqual(twin.budget_amount, 100)
        self.assertEqual(twin.cost_total, 0)
        self.assertFalse(twin.budget_line_ids.date_from)

    def test_figures_of_many_campaigns_take_one_statement(self):
        twins = self.campaign | self.campaign.copy() | self.campaign.copy()
        for campaign in twins:
            self.line(10, campaign_id=campaign.id)
            self.cost(1, confirmed=True, campaign_id=campaign.id)
        twins.mapped("budget_available")  # what is the same for all is cached
        self.env.flush_all()
        self.env.invalidate_all()
        twins.mapped("name"), twins.mapped("currency_id.decimal_places")
        with self.assertQueryCount(1):
            self.assertEqual(sum(twins.mapped("budget_available")), 27)

    def test_costs_go_along_with_a_campaign_that_is_deleted(self):
        self.line(10)
        self.cost(1, confirmed=True)
        self.campaign.unlink()
        self.assertFalse(self.env["flow.money"].search([("campaign_id", "=", self.campaign.id)]))


@tagged("post_install", "-at_install")
class TestBudgetRights(BudgetCase):
    def test_nobody_sees_the_money_of_another_company(self):
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        stranger = new_test_user(
            self.env,
            "money_stranger",
            groups="marketing_campaign_flow.group_flow_manager",
            company_id=elsewhere.id,
            company_ids=[Command.set(elsewhere.ids)],
        )
        self.env.company.flow_approval_amount = 10
        line, cost = self.line(100), self.cost(1, confirmed=True)
        self.campaign.with_user(self.manager).action_approve_budget()
        rows = self.rows("available")
        self.assertEqual(len(rows), 2)
        for record in (line, cost, self.campaign.approval_ids, rows[0], rows[1]):
            self.assertTrue(record.with_user(self.user).has_access("read"), record)
            with self.assertRaises(AccessError, msg=record):
                record.with_user(stranger).check_access("read")
            self.assertFalse(record.with_user(stranger).search([("id", "=", record.id)]))

    def test_people_without_the_group_see_nothing(self):
        outsider = new_test_user(self.env, "money_outsider", groups="base.group_user")
        for model in ("flow.money", "flow.budget.line", "flow.budget.approval"):
            with self.assertRaises(AccessError):
                self.env[model].with_user(outsider).search([])

    def test_approvals_and_money_are_written_by_nobody(self):
        self.env.company.flow_approval_amount = 10
        self.line(100)
        values = {
            "campaign_id": self.campaign.id,
            "currency_id": self.campaign.currency_id.id,
            "amount": 1000,
            "user_id": self.user.id,
            "moment": "2026-01-01",
        }
        for user in (self.user, self.manager):
            with self.assertRaises(AccessError):
                self.env["flow.budget.approval"].with_user(user).create(values)
            with self.assertRaises(AccessError):
                self.campaign.with_user(user).approval_ids = [Command.create(values)]
