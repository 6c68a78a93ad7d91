"""What campaigns brought, in the analysis of campaigns: shares of orders, invoices and leads."""

from odoo import api, models
from odoo.tools import SQL

# By the method of the company, so that nothing is counted twice.
ROWS = """
    flow_attribution b
    JOIN res_company brought_to ON brought_to.id = b.company_id
     AND brought_to.flow_attribution_method = b.method
    LEFT JOIN flow_participant p ON p.id = b.participant_id
"""


class FlowReport(models.Model):
    _inherit = "flow.report"

    @api.model
    def _brought(self):
        """Return measures of what campaigns brought: ``{measure: (kind of document, column)}``.

        The column is ``share`` for how many, ``amount`` for how much.
        """
        return {}

    @api.model
    def _measures(self):
        return {**super()._measures(), **dict.fromkeys(self._brought(), "0.0")}

    @api.model
    def _sources(self):
        dimensions = {
            "id": SQL("b.id"),
            "campaign_id": SQL("b.campaign_id"),
            "day": SQL("b.day"),
            "state_key": SQL("b.state_key"),
            "action_key": SQL("b.action_key"),
            "arm": SQL("b.arm"),
            "country_ref": SQL("p.country_ref"),
            "salesperson_ref": SQL("p.salesperson_ref"),
            "metric": SQL("b.kind"),
        }
        measures = {
            name: SQL("CASE b.kind WHEN %s THEN %s ELSE 0 END", kind, SQL.identifier("b", column))
            for name, (kind, column) in self._brought().items()
        }
        return [*super()._sources(), self._source(2, SQL(ROWS), measures, **dimensions)]
