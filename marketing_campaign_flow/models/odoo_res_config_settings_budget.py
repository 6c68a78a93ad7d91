"""What is set for budgets, company by company."""

from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    flow_company_currency_id = fields.Many2one(
        related="company_id.currency_id", string="Currency of budgets"
    )
    flow_approval_amount = fields.Monetary(
        related="company_id.flow_approval_amount",
        readonly=False,
        currency_field="flow_company_currency_id",
    )
