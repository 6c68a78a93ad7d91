"""Invoices, in the analysis of campaigns."""

from odoo import api, fields, models


class FlowReport(models.Model):
    _inherit = "flow.report"

    invoiced = fields.Monetary(
        readonly=True, help="Untaxed, less credit notes, in the currency of the company."
    )

    @api.model
    def _brought(self):
        return {
            **super()._brought(),
            "invoiced": ("invoice", "amount"),
        }
