"""What an administrator may set for the engine, within bounds.

System parameters are kept in Odoo's cache, so that reading them costs no statement; a change
counts from the next batch on.
"""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True)
class Setting:
    """A whole number of `unit` under a system parameter; what is no number, or lies beyond the
    bounds, is the default or the bound."""

    parameter: str
    unit: str
    default: int
    lowest: int
    highest: int

    def value(self, env) -> timedelta:
        # sudo: system parameters are readable for administrators only; these are plain numbers.
        text = env["ir.config_parameter"].sudo().get_param(self.parameter)
        try:
            number = int(text or self.default)
        except ValueError:
            number = self.default
        return timedelta(**{self.unit: min(max(number, self.lowest), self.highest)})


# How often contacts and figures are looked at that nothing else draws attention to.
SWEEP = Setting("marketing_campaign_flow.sweep_minutes", "minutes", 60, 5, 24 * 60)

# A time-out waits this much longer, so that an event that happened just before the deadline
# but is still on its way (a slow click, a worker in mid-commit) wins as it should.
SETTLE = Setting("marketing_campaign_flow.settle_seconds", "seconds", 60, 1, 60 * 60)

# Hosts and networks that webhooks may reach although they are not public.
WEBHOOKS_ALLOWED = "marketing_campaign_flow.webhooks_allowed"
