"""Objectives about what was invoiced to people whom a campaign had reached."""

from odoo import api, fields, models
from odoo.addons.marketing_campaign_flow.engine import objective

METRICS = {
    "invoiced": "Revenue invoiced",
    "roi_invoiced": "Return on costs, of invoices (ROI, %)",
    "roas_invoiced": "Revenue for each unit spent (ROAS), of invoices",
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
            "invoiced": objective.MONEY,
            "roi_invoiced": objective.PERCENT,
            "roas_invoiced": objective.RATIO,
        }

    @api.model
    def _document_kinds(self):
        return {**super()._document_kinds(), **dict.fromkeys(METRICS, "invoice")}

    def _measure_invoiced(self):
        return self._measure_amounts("invoice")

    def _measure_roi_invoiced(self):
        return self._returns("invoice", net=True)

    def _measure_roas_invoiced(self):
        return self._returns("invoice", net=False)
