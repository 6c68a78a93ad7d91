"""What campaigns cost, in the analysis of campaigns: the rows of `flow.money` that were spent."""

from odoo import api, fields, models
from odoo.tools import SQL

ROWS = """
    (%s) m
    LEFT JOIN flow_state state ON state.id = m.state_id
    LEFT JOIN flow_action action ON action.id = m.action_id
"""


class FlowReport(models.Model):
    _inherit = "flow.report"

    cost = fields.Monetary(readonly=True, help="Spent, in the currency of the company.")
    cost_per_participant = fields.Monetary(aggregator="avg", readonly=True)
    cost_per_goal = fields.Monetary("Cost per goal", aggregator="avg", readonly=True)

    @api.model
    def _measures(self):
        return {**super()._measures(), "cost": "0.0"}

    @api.model
    def _shares(self):
        return {
            **super()._shares(),
            "cost_per_participant": ("cost", "participants", 1),
            "cost_per_goal": ("cost", "goals", 1),
        }

    @api.model
    def _sources(self):
        spent = self.env["flow.money"].with_context(flow_money_kinds=("actual",))._table_query
        dimensions = {
            "id": SQL("m.id"),
            "campaign_id": SQL("m.campaign_id"),
            "day": SQL("m.date"),
            "state_key": SQL("state.key"),
            "action_key": SQL("action.key"),
            "category_id": SQL("m.category_id"),
            "metric": SQL("'cost'"),
        }
        measures = {"cost": SQL("m.amount_company")}
        return [*super()._sources(), self._source(1, SQL(ROWS, spent), measures, **dimensions)]
