"""Campaigns with an analytic account, and bills that are charged to it."""

from odoo.addons.marketing_campaign_flow.tests.budget_case import BudgetCase


class MoneyCase(BudgetCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        company = cls.env.company
        if not company.chart_template:
            chart = cls.env["account.chart.template"]
            chart.try_loading("generic_coa", company, install_demo=False)
        cls.campaign.with_user(cls.user).action_create_analytic_account()
        cls.account = cls.campaign.analytic_account_id
        cls.expense, cls.income, cls.asset = (
            cls.env["account.account"].search(
                [("account_type", "=", kind), ("company_ids", "in", company.id)], limit=1
            )
            for kind in ("expense", "income", "asset_current")
        )
        cls.printer = cls.env["res.partner"].create({"name": "Printer"})

    def move(self, kind, amount, share=100, **values):
        """Return a draft bill or invoice of one line that is charged to the campaign."""
        account = self.income if kind.startswith("out") else self.expense
        line = {
            "name": "Flyers",
            "quantity": 1,
            "price_unit": amount,
            "tax_ids": False,
            "account_id": account.id,
            "analytic_distribution": {str(self.account.id): share},
            **values.pop("line", {}),
        }
        return self.env["account.move"].create(
            {
                "move_type": kind,
                "partner_id": self.printer.id,
                "invoice_date": "2026-05-04",
                "date": "2026-05-04",
                "invoice_line_ids": [(0, 0, line)],
                **values,
            }
        )

    def posted(self, kind, amount, share=100, **values):
        move = self.move(kind, amount, share, **values)
        move.action_post()
        return move
