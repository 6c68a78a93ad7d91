"""Helpers of the tests about money: lines, costs, and figures with their rows."""

from contextlib import contextmanager

from odoo.exceptions import UserError
from odoo.tests import new_test_user

from .common import FlowCase


class BudgetCase(FlowCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.design = cls.env.ref("marketing_campaign_flow.cost_category_design")
        cls.print = cls.env.ref("marketing_campaign_flow.cost_category_print")
        cls.manager = new_test_user(
            cls.env,
            "flow_manager",
            groups="marketing_campaign_flow.group_flow_manager",
            email="flow.manager@example.com",
        )

    @contextmanager
    def refused(self, words, error=UserError):
        """What is done here is refused with these words, and leaves nothing behind."""
        with self.assertRaisesRegex(error, words), self.cr.savepoint():
            yield
            self.env.flush_all()

    def line(self, amount, **values):
        return self.env["flow.budget.line"].create(
            {"campaign_id": self.campaign.id, "name": "Line", "amount": amount, **values}
        )

    def cost(self, amount, confirmed=False, **values):
        cost = self.env["flow.cost"].create(
            {"campaign_id": self.campaign.id, "name": "Cost", "amount": amount, **values}
        )
        if confirmed:
            cost.action_confirm()
        return cost

    def rows(self, figure, campaign=None):
        """Return the rows that open from a figure."""
        self.env["flow.money"].invalidate_model()  # a screen reads them anew
        action = (campaign or self.campaign).action_view_money(figure)
        return (
            self.env[action["res_model"]].with_context(**action["context"]).search(action["domain"])
        )

    def assert_figures(self, campaign=None, **expected):
        """Figures are what was computed by hand, and the sum of the rows that they open."""
        campaign = campaign or self.campaign
        campaign.invalidate_recordset()
        shown = campaign._figures()
        for figure, amount in expected.items():
            self.assertAlmostEqual(shown[figure], amount, 6, figure)
        for figure, amount in shown.items():
            measure = "available" if figure == "available" else "amount"
            opened = sum(self.rows(figure, campaign).mapped(measure))
            self.assertAlmostEqual(opened, amount, 6, f"rows of {figure}")
