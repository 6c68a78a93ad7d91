from odoo import api, fields, models
from odoo.exceptions import ValidationError

from .flow_rfm import PERIOD


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    flow_rfm_days = fields.Integer(
        string="Orders of the last (days)",
        default=PERIOD.default,
        help="Recency, frequency and monetary value count the orders of so many days. 0: all.",
    )

    @api.constrains("flow_rfm_days")
    def _check_flow_rfm_days(self):
        for wizard in self:
            if not PERIOD.lowest <= wizard.flow_rfm_days <= PERIOD.highest:
                raise ValidationError(
                    self.env._(
                        "Orders of %(lowest)s to %(highest)s days can be counted.",
                        lowest=PERIOD.lowest,
                        highest=PERIOD.highest,
                    )
                )

    @api.model
    def get_values(self):
        return {**super().get_values(), "flow_rfm_days": PERIOD.value(self.env).days}

    def set_values(self):
        result = super().set_values()
        if self.flow_rfm_days != PERIOD.value(self.env).days:
            parameters = self.env["ir.config_parameter"]
            parameters.set_param(PERIOD.parameter, str(self.flow_rfm_days))
        return result
