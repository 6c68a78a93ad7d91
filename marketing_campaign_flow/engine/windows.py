"""Opening hours at the moment of acting: what is late does not run outside its hours.

A step is planned into its hours. When it is late, because the campaign was paused, the server stood
still or there was more to do than the hours held, it waits for the next opening like any other.
"""

from odoo.tools import SQL

from . import clock, working_time

ZONES = """
    SELECT s.id, %(zone)s
      FROM flow_step s JOIN flow_participant p ON p.id = s.participant_id
      LEFT JOIN %(table)s c ON c.id = p.res_id
     WHERE s.id = ANY(%(ids)s)
     ORDER BY s.id
"""

# Claimed by this transaction; still, the state that is expected is named.
PUT_OFF = """
    UPDATE flow_step s SET due_at = d.due, wait_reason = 'hours'
      FROM unnest(%(ids)s::int[], %(dues)s::timestamp[]) d(id, due)
     WHERE s.id = d.id AND s.status = 'scheduled'
"""


def open_now(env, campaign, action, step_ids: list[int], now) -> list[int]:
    """Return the steps that may run now; let the others wait for their next opening.

    Two statements at most, however many steps there are.

    :param action: the `flow.action` of the steps
    :param step_ids: steps that this transaction has claimed
    """
    timing = action._plan_timing()
    if not step_ids or not (timing.window or timing.calendar_id):
        return step_ids
    openings = _openings(env, campaign, timing, step_ids, now)
    late = {step_id: opening for step_id, opening in openings.items() if opening > now}
    if late:
        env.cr.execute(
            SQL(PUT_OFF, ids=list(late), dues=list(late.values())),
            log_exceptions=False,  # see `claim`
        )
    return [step_id for step_id in openings if step_id not in late]


def _openings(env, campaign, timing, step_ids, now) -> dict:
    """Return the next opening for each step, now where it is open; in the order of the steps."""
    if timing.calendar_id:  # the same for everybody, whatever its time zone
        calendar = campaign._working_time(timing.calendar_id, now)
        return dict.fromkeys(sorted(step_ids), working_time.next_opening(now, calendar))
    target = env[campaign.target_model]
    zone = campaign._target_columns()["zone"]
    env.cr.execute(SQL(ZONES, zone=zone, table=SQL.identifier(target._table), ids=step_ids))
    known, openings = {}, {}
    for step_id, name in env.cr.fetchall():
        if name not in known:
            zone_name = name if clock.is_zone(name) else campaign._timezone()
            known[name] = clock.next_opening(now, timing.window, zone_name)
        openings[step_id] = known[name]
    return openings
