from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..engine.settings import SETTLE, SWEEP


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    flow_sweep_minutes = fields.Integer(
        string="Look at filters and figures every (minutes)",
        config_parameter=SWEEP.parameter,
        default=SWEEP.default,
        help="How often contacts are looked at that did nothing themselves, and figures of the"
        " campaign that open a phase or move people.",
    )
    flow_settle_seconds = fields.Integer(
        string="Time-outs wait for stragglers (seconds)",
        config_parameter=SETTLE.parameter,
        default=SETTLE.default,
        help="A time-out waits this much longer, so that a reaction in the last second still"
        " counts.",
    )

    @api.constrains("flow_sweep_minutes", "flow_settle_seconds")
    def _check_flow_settings(self):
        for wizard in self:
            for name, setting in (("flow_sweep_minutes", SWEEP), ("flow_settle_seconds", SETTLE)):
                if not setting.lowest <= wizard[name] <= setting.highest:
                    raise ValidationError(
                        self.env._(
                            "“%(setting)s” is between %(lowest)s and %(highest)s.",
                            setting=self._fields[name]._description_string(self.env),
                            lowest=setting.lowest,
                            highest=setting.highest,
                        )
                    )
