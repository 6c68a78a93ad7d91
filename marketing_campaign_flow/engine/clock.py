"""The engine's time: the database's clock, moved by an offset when someone asks for it.

All times are UTC without a time zone, as Odoo stores them. The offset is the system
parameter ``marketing_campaign_flow.clock_offset`` (seconds, 0 when missing): the one way
in which the demo and the tests let three days pass at once. Only administrators can set
system parameters.
"""

from datetime import datetime

from odoo.tools import SQL

OFFSET_PARAMETER = "marketing_campaign_flow.clock_offset"

# Units of a delay, and what PostgreSQL's make_interval() calls them.
UNITS = {"minutes": "mins", "hours": "hours", "days": "days", "weeks": "weeks", "months": "months"}

# Days and longer keep the local time of day when the clocks change; shorter ones do not.
CALENDAR_UNITS = ("days", "weeks", "months")


def now(env) -> datetime:
    """Return the engine's current time (UTC, naive): start of the transaction plus the offset."""
    env.cr.execute("SELECT (now() AT TIME ZONE 'UTC') + make_interval(secs => %s)", [offset(env)])
    return env.cr.fetchone()[0]


def offset(env) -> float:
    """Return by how many seconds the engine's clock runs ahead of the database's."""
    # sudo: system parameters are readable for administrators only; this one is a plain number.
    return float(env["ir.config_parameter"].sudo().get_param(OFFSET_PARAMETER) or 0)


def move(env, seconds: float) -> None:
    """Move the engine's clock forward by `seconds`, for demonstrations and tests."""
    env["ir.config_parameter"].set_param(OFFSET_PARAMETER, str(offset(env) + seconds))


def later(moment: SQL, value: int, unit: str, tz: str) -> SQL:
    """Return SQL for `moment` (a UTC timestamp) plus `value` `unit`.

    :param moment: SQL expression of type ``timestamp``, in UTC
    :param value: how many units, 0 or more
    :param unit: one of `UNITS`
    :param tz: IANA time zone in which days, weeks and months are counted
    :return: SQL expression of type ``timestamp``, in UTC
    """
    if unit not in UNITS:
        raise ValueError(f"unknown unit of time: {unit}")
    interval = SQL("make_interval(%s => %s)", SQL.identifier(UNITS[unit]), value)
    if unit not in CALENDAR_UNITS:
        return SQL("(%s + %s)", moment, interval)
    return SQL(
        "(((%s AT TIME ZONE 'UTC' AT TIME ZONE %s) + %s) AT TIME ZONE %s AT TIME ZONE 'UTC')",
        moment,
        tz,
        interval,
        tz,
    )
