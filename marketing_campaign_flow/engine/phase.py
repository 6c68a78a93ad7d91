"""Phases that open by themselves: on a date, when people's tasks are done, or on a figure."""

from . import database_clock, result
from .settings import SWEEP


def open_due(env, campaign) -> int:
    """Move a campaign on to its next phase when the moment has come and nothing is in the way.

    Mandatory tasks and a missing approval are in the way silently: the campaign's form says so.

    :param campaign: one running `flow.campaign`
    :return: 1 when a phase was opened, so that the pass goes round once more, else 0
    """
    row = campaign._next_phase_row()
    if not row or not _is_due(env, campaign, row) or campaign._phase_problems(row.phase_id):
        return 0
    campaign._open_phase(row)
    return 1


def _is_due(env, campaign, row) -> bool:
    now = database_clock.now(env)
    match row.opening:
        case "date":
            return row.date_planned <= now
        case "tasks":
            return campaign._tasks_are_done()
        case "result":
            return _is_reached(env, campaign, row, now)
    return False


def _is_reached(env, campaign, row, now) -> bool:
    """Look at the figure, at most once per sweep."""
    if row.look_at and row.look_at > now:
        return False
    row.look_at = now + SWEEP.value(env)
    return result.holds(env, campaign, row._result())
