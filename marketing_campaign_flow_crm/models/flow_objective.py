"""Objectives about leads that a campaign brought, and those that it helped to win."""

from odoo import api, fields, models
from odoo.addons.marketing_campaign_flow.engine import objective

METRICS = {
    "leads": ("Leads", "lead"),
    "opportunities": ("Opportunities", "opportunity"),
    "won": ("Leads won", "won"),
    "cost_per_lead": ("Cost per lead", "lead"),
    "cost_per_acquisition": ("Cost per acquisition (lead won)", "won"),
}


class FlowObjective(models.Model):
    _inherit = "flow.objective"

    metric = fields.Selection(
        selection_add=[(metric, label) for metric, (label, _kind) in METRICS.items()],
        ondelete=dict.fromkeys(METRICS, "cascade"),
    )

    @api.model
    def _units(self):
        prices = dict.fromkeys(("cost_per_lead", "cost_per_acquisition"), objective.PRICE)
        return {**super()._units(), **prices}

    @api.model
    def _document_kinds(self):
        kinds = {metric: kind for metric, (_label, kind) in METRICS.items()}
        return {**super()._document_kinds(), **kinds}

    def _measure_leads(self):
        return self._measure_documents("lead")

    def _measure_opportunities(self):
        return self._measure_documents("opportunity")

    def _measure_won(self):
        return self._measure_documents("won")

    def _measure_cost_per_lead(self):
        return self._cost_per("lead", self.env._("There is no lead yet."))

    def _measure_cost_per_acquisition(self):
        return self._cost_per("won", self.env._("No lead has been won yet."))
