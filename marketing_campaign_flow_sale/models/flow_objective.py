"""Objectives about orders that a campaign brought."""

from odoo import api, fields, models
from odoo.addons.marketing_campaign_flow.engine import objective

METRICS = {
    "orders": "Orders",
    "revenue": "Revenue ordered",
    "roi": "Return on costs, of orders (ROI, %)",
    "roas": "Revenue for each unit spent (ROAS), of orders",
    "cost_per_order": "Cost per order",
}


class FlowObjective(models.Model):
    _inherit = "flow.objective"

    metric = fields.Selection(
        selection_add=list(METRICS.items()), ondelete=dict.fromkeys(METRICS, "cascade")
    )

    @api.model
    def _units(self):
        return {
            **super()._units(),
            "revenue": objective.MONEY,
            "roi": objective.PERCENT,
            "roas": objective.RATIO,
            "cost_per_order": objective.PRICE,
        }

    @api.model
    def _document_kinds(self):
        return {**super()._document_kinds(), **dict.fromkeys(METRICS, "order")}

    def _measure_orders(self):
        return self._measure_documents("order")

    def _measure_revenue(self):
        return self._measure_amounts("order")

    def _measure_roi(self):
        return self._returns("order", net=True)

    def _measure_roas(self):
        return self._returns("order", net=False)

    def _measure_cost_per_order(self):
        return self._cost_per("order", self.env._("Nobody has ordered yet."))
