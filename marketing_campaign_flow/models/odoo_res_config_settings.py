from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..engine import webhook_target
from ..engine.courier import CALLS, CALLS_PARAMETER, IN_FLIGHT_PARAMETER, MOST_IN_FLIGHT
from ..engine.settings import SETTLE, SWEEP, WEBHOOKS_ALLOWED
from ..engine.webhook_error import WebhookError


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    flow_lane_count = fields.Integer(
        string="Lanes of the engine",
        help="How many passes of the engine may run side by side. One thread of Odoo's scheduler"
        " (--max-cron-threads) is always left to other jobs.",
    )
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

    flow_messages_in_flight = fields.Integer(
        string="Messages in flight",
        config_parameter=IN_FLIGHT_PARAMETER,
        default=1,
        help="How many messages a lane hands over at the same time, each over a connection of its"
        " own. When a lane dies, as many may be uncertain.",
    )

    flow_calls_in_flight = fields.Integer(
        string="Calls in flight",
        config_parameter=CALLS_PARAMETER,
        default=CALLS,
        help="How many webhooks a lane calls at the same time.",
    )
    flow_webhooks_allowed = fields.Char(
        string="Allowed for webhooks",
        config_parameter=WEBHOOKS_ALLOWED,
        groups="base.group_system",
        help="Webhooks reach public addresses only. Here are the exceptions, parted by spaces:"
        " names and addresses, with or without a port, and networks.",
    )

    _flow_calls_in_flight_bounds = models.Constraint(
        f"CHECK(flow_calls_in_flight IS NULL OR flow_calls_in_flight BETWEEN 0 AND"
        f" {MOST_IN_FLIGHT})",
        f"A lane has 1 to {MOST_IN_FLIGHT} calls in flight.",
    )
    _flow_messages_in_flight_bounds = models.Constraint(
        f"CHECK(flow_messages_in_flight IS NULL OR flow_messages_in_flight BETWEEN 0 AND"
        f" {MOST_IN_FLIGHT})",
        f"A lane has 1 to {MOST_IN_FLIGHT} messages in flight.",
    )
    _flow_lane_count_positive = models.Constraint(
        "CHECK(flow_lane_count IS NULL OR flow_lane_count BETWEEN 0 AND 32)",
        "The engine has 1 to 32 lanes.",
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

    @api.constrains("flow_webhooks_allowed")
    def _check_flow_webhooks_allowed(self):
        for wizard in self:
            try:
                webhook_target.parse_allowed(wizard.flow_webhooks_allowed or "")
            except WebhookError as error:
                raise ValidationError(
                    self.env._("“%s” is no host, address or network.", error.value)
                ) from None

    @api.model
    def get_values(self):
        lanes = self.env["flow.campaign"]._all_lanes().filtered("active")
        return {**super().get_values(), "flow_lane_count": len(lanes)}

    def set_values(self):
        result = super().set_values()
        if self.flow_lane_count != self.get_values()["flow_lane_count"]:
            self.env["flow.campaign"]._set_lane_count(max(1, self.flow_lane_count))
        return result
