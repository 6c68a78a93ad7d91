"""The engine's time: the database's clock, moved by an offset when someone asks for it.

All times are UTC without a time zone, as Odoo stores them. The offset is the system
parameter ``marketing_campaign_flow.clock_offset`` (seconds, 0 when missing): the one way
in which the demo and the tests let three days pass at once. Only administrators can set
system parameters.
"""

from datetime import datetime
from weakref import WeakKeyDictionary

from odoo.tools import SQL

from . import transaction
from .clock import CALENDAR_UNITS, Delay

OFFSET_PARAMETER = "marketing_campaign_flow.clock_offset"

# Trials have a time of their own, which nobody else goes by: by cursor, in UTC, and by how many
# seconds it runs ahead of the database's.
_of_trials: WeakKeyDictionary = WeakKeyDictionary()


def now(env) -> datetime:
    """Return the engine's current time (UTC, naive): start of the transaction plus the offset."""
    if env.cr in _of_trials:
        return _of_trials[env.cr][0]
    env.cr.execute(SQL("SELECT %s", moment(env)))
    return env.cr.fetchone()[0]


def moment(env) -> SQL:
    """Return SQL for the engine's current time, for a statement that needs it only once."""
    if env.cr in _of_trials:
        return SQL("%s::timestamp", _of_trials[env.cr][0])
    return SQL("((now() AT TIME ZONE 'UTC') + make_interval(secs => %s))", offset(env))


def offset(env) -> float:
    """Return by how many seconds the engine's clock runs ahead of the database's."""
    if env.cr in _of_trials:
        return _of_trials[env.cr][1]
    # sudo: system parameters are readable for administrators only; this one is a plain number.
    return float(env["ir.config_parameter"].sudo().get_param(OFFSET_PARAMETER) or 0)


def move(env, seconds: float) -> None:
    """Move the engine's clock forward by `seconds`, for demonstrations and tests."""
    env["ir.config_parameter"].set_param(OFFSET_PARAMETER, str(offset(env) + seconds))


def set_for_trial(env, moment: datetime) -> None:
    """Set the time of a trial, see `transaction.undone`.

    :param moment: UTC
    """
    if not transaction.is_trial(env):
        raise ValueError("only a trial has a time of its own")
    env.cr.execute("SELECT now() AT TIME ZONE 'UTC'")
    _of_trials[env.cr] = moment, (moment - env.cr.fetchone()[0]).total_seconds()


def later(moment: SQL, delay: Delay, zone: str) -> SQL:
    """Return SQL for a moment plus a delay, as `clock.add` does for one value.

    :param moment: SQL expression of type ``timestamp``, in UTC
    :param zone: IANA time zone in which days, weeks and months are counted
    :return: SQL expression of type ``timestamp``, in UTC
    """
    name = "mins" if delay.unit == "minutes" else delay.unit
    interval = SQL("make_interval(%s => %s)", SQL.identifier(name), delay.value)
    if delay.unit not in CALENDAR_UNITS:
        return SQL("(%s + %s)", moment, interval)
    return SQL(
        "(((%s AT TIME ZONE 'UTC' AT TIME ZONE %s) + %s) AT TIME ZONE %s AT TIME ZONE 'UTC')",
        moment,
        zone,
        interval,
        zone,
    )
