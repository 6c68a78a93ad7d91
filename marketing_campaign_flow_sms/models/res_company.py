from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    flow_price_sms = fields.Float(string="Price of an SMS", digits=(16, 6))

    _flow_price_sms_positive = models.Constraint(
        "CHECK(flow_price_sms >= 0)", "A price cannot be negative."
    )
