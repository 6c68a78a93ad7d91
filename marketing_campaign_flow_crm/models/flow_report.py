"""Leads and what became of them, in the analysis of campaigns."""

from odoo import api, fields, models


class FlowReport(models.Model):
    _inherit = "flow.report"

    leads = fields.Float(readonly=True, help="Shares of leads; three thirds are one lead.")
    opportunities = fields.Float(readonly=True)
    won = fields.Float("Won leads", readonly=True)
    cost_per_lead = fields.Monetary(aggregator="avg", readonly=True)

    @api.model
    def _brought(self):
        return {
            **super()._brought(),
            "leads": ("lead", "share"),
            "opportunities": ("opportunity", "share"),
            "won": ("won", "share"),
        }

    @api.model
    def _shares(self):
        return {
            **super()._shares(),
            "cost_per_lead": ("cost", "leads", 1),
        }
