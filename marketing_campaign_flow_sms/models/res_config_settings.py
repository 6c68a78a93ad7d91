from odoo import api, fields, models
from odoo.addons.marketing_campaign_flow.engine.cap import PARAMETERS

MESSAGES, DAYS = PARAMETERS


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    flow_cap_sms = fields.Integer(
        string="SMS to one number",
        config_parameter=MESSAGES % "sms",
        help="Of all campaigns and mailings together. 0: no limit.",
    )
    flow_cap_sms_days = fields.Integer(
        string="Within days (SMS)", config_parameter=DAYS % "sms", default=7
    )

    flow_price_sms = fields.Float(
        related="company_id.flow_price_sms", readonly=False, digits=(16, 6)
    )

    @api.constrains("flow_cap_sms", "flow_cap_sms_days")
    def _check_flow_cap_sms(self):
        for wizard in self:
            wizard._check_cap(wizard.flow_cap_sms, wizard.flow_cap_sms_days)
