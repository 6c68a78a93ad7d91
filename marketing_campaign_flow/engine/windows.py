"""Opening hours at the moment of acting: what is late does not run outside its hours.

A step is planned into its hours. When it is late, because the campaign was paused, the server stood
still or there was more to do than the hours held, it waits for the next opening like any other.
Messages also keep out of the quiet hours that an administrator has set, whoever sends them.
"""

from odoo.tools import SQL

from . import clock, settings, working_time

ZONES = """
    SELECT s.id, %(zone)s
      FROM flow_step s JOIN flow_participant p ON p.id = s.participant_id
      LEFT JOIN %(table)s c ON c.id = p.res_id
     WHERE s.id = ANY(%(ids)s)
     ORDER BY s.id
"""

# Claimed by this transaction; still, the state that is expected is named. What a person wants now
# does not wait for the hours of its action.
PUT_OFF = """
    UPDATE flow_step s SET due_at = d.due, wait_reason = %(reason)s
      FROM unnest(%(ids)s::int[], %(dues)s::timestamp[]) d(id, due)
     WHERE s.id = d.id AND s.status = 'scheduled'
       AND (%(reason)s <> 'hours' OR s.wait_reason IS DISTINCT FROM 'now')
    RETURNING s.id
"""


def open_now(env, campaign, action, step_ids: list[int], now) -> list[int]:
    """Return the steps that may run now; let the others wait for their next opening.

    Two statements at most for the hours of the action, and two for quiet hours, however many steps
    there are.

    :param action: the `flow.action` of the steps
    :param step_ids: steps that this transaction has claimed
    """
    timing = action._plan_timing()
    if step_ids and timing.calendar_id:  # the same for everybody, whatever its time zone
        calendar = campaign._working_time(timing.calendar_id, now)
        openings = dict.fromkeys(sorted(step_ids), working_time.next_opening(now, calendar))
        step_ids = _let_wait(env, openings, now, "hours")
    elif step_ids and timing.window:
        openings = _openings(env, campaign, timing.window, step_ids, now)
        step_ids = _let_wait(env, openings, now, "hours")
    loud = loud_hours(env) if step_ids and action._channel() else None
    if loud:
        step_ids = _let_wait(env, _openings(env, campaign, loud, step_ids, now), now, "quiet")
    return step_ids


def loud_hours(env) -> clock.Window | None:
    """Return the hours in which messages may leave; None where there are no quiet ones."""
    quiet_from, quiet_to = settings.QUIET_FROM.value(env), settings.QUIET_TO.value(env)
    if not settings.QUIET.value(env) or quiet_from % 24 == quiet_to % 24:
        return None
    return clock.Window(opens=clock.time_of_day(quiet_to), closes=clock.time_of_day(quiet_from))


def put_off(env, moments: dict, reason: str) -> set[int]:
    """Let steps that this transaction has claimed wait; return those that do.

    :param moments: when each is due again, by step id
    :param reason: a `flow.step.wait_reason`
    """
    if not moments:
        return set()
    statement = SQL(PUT_OFF, ids=list(moments), dues=list(moments.values()), reason=reason)
    env.cr.execute(statement, log_exceptions=False)  # see `claim`
    return {step_id for (step_id,) in env.cr.fetchall()}


def _let_wait(env, openings, now, reason) -> list[int]:
    late = {step_id: opening for step_id, opening in openings.items() if opening > now}
    waiting = put_off(env, late, reason)
    return [step_id for step_id in openings if step_id not in waiting]


def _openings(env, campaign, window, step_ids, now) -> dict:
    """Return the next opening for each step, now where it is open; in the order of the steps."""
    target, zone = env[campaign.target_model], campaign._contact_zone()
    env.cr.execute(SQL(ZONES, zone=zone, table=SQL.identifier(target._table), ids=step_ids))
    known, openings = {}, {}
    for step_id, name in env.cr.fetchall():
        if name not in known:
            zone_name = name if clock.is_zone(name) else campaign._timezone()
            known[name] = clock.next_opening(now, window, zone_name)
        openings[step_id] = known[name]
    return openings
