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


@dataclass(frozen=True)
class Flag:
    """A yes or no under a system parameter."""

    parameter: str
    default: bool

    def value(self, env) -> bool:
        # sudo: system parameters are readable for administrators only; this is a plain yes or no.
        text = env["ir.config_parameter"].sudo().get_param(self.parameter)
        return text == "1" if text in ("0", "1") else self.default

    def set(self, env, value: bool) -> None:
        """Set it; only for whoever may write system parameters."""
        env["ir.config_parameter"].set_param(self.parameter, str(int(bool(value))))


# How often contacts and figures are looked at that nothing else draws attention to.
SWEEP = Setting("marketing_campaign_flow.sweep_minutes", "minutes", 60, 5, 24 * 60)

# A time-out waits this much longer, so that an event that happened just before the deadline
# but is still on its way (a slow click, a worker in mid-commit) wins as it should.
SETTLE = Setting("marketing_campaign_flow.settle_seconds", "seconds", 60, 1, 60 * 60)


@dataclass(frozen=True)
class Hour:
    """An hour of the day under a system parameter, as a number from 0 to 24."""

    parameter: str
    default: float

    def value(self, env) -> float:
        # sudo: system parameters are readable for administrators only; this is a plain number.
        text = env["ir.config_parameter"].sudo().get_param(self.parameter)
        try:
            return min(max(float(text), 0.0), 24.0) if text else self.default
        except ValueError:
            return self.default

    def set(self, env, value: float) -> None:
        """Set it; only for whoever may write system parameters."""
        env["ir.config_parameter"].set_param(self.parameter, str(value))


# Messages do not leave in quiet hours; they last into the next day when they end before they begin.
QUIET = Flag("marketing_campaign_flow.quiet_hours", False)
QUIET_FROM = Hour("marketing_campaign_flow.quiet_from", 21.0)
QUIET_TO = Hour("marketing_campaign_flow.quiet_to", 8.0)

# Hours and days are those of the campaign's company, wherever contacts are and responsibles.
ZONE_OF_COMPANY = Flag("marketing_campaign_flow.zone_of_company", False)

# The tracker of websites: the hosts that may send it something beside our own.
SITES_PARAMETER = "marketing_campaign_flow.tracker_sites"

# Nothing is stored in the browser before the visitor agreed.
CONSENT = Flag("marketing_campaign_flow.tracker_consent", False)

# Who asks not to be tracked (Do Not Track, Global Privacy Control) is not.
PRIVACY = Flag("marketing_campaign_flow.tracker_honour_dnt", True)

# Unknown people who fill in a form become contacts.
NEW_CONTACTS = Flag("marketing_campaign_flow.tracker_new_contacts", True)

# How long page views are kept.
KEEP_VIEWS = Setting("marketing_campaign_flow.tracker_keep_days", "days", 365, 1, 3650)

# Hosts and networks that webhooks may reach although they are not public.
WEBHOOKS_ALLOWED = "marketing_campaign_flow.webhooks_allowed"
