"""Orders and revenue, in the analysis of campaigns."""

from odoo import api, fields, models


class FlowReport(models.Model):
    _inherit = "flow.report"

    orders = fields.Float(readonly=True, help="Shares of orders; three thirds are one order.")
    revenue = fields.Monetary(readonly=True, help="Untaxed, in the currency of the company.")
    revenue_per_participant = fields.Monetary(aggregator="avg", readonly=True)
    return_on_spend = fields.Float(
        "Return on spend", aggregator="avg", readonly=True, help="Revenue for one unit of cost."
    )

    @api.model
    def _brought(self):
        return {
            **super()._brought(),
            "orders": ("order", "share"),
            "revenue": ("order", "amount"),
        }

    @api.model
    def _shares(self):
        return {
            **super()._shares(),
            "revenue_per_participant": ("revenue", "participants", 1),
            "return_on_spend": ("revenue", "cost", 1),
        }
