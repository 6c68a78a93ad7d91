"""Opening hours at the moment of acting: what is late does not run outside its hours.

A step is planned into its hours. When it is late, because the campaign was paused, the server stood
still or there was more to do than the hours held, it waits for the next opening like any other.
"""

from odoo.tools import SQL

from . import clock

ZONES = """
    SELECT s.id, %(zone)s
      FROM flow_step s JOIN flow_participant p ON p.id = s.participant_id
      LEFT JOIN %(table)s c ON c.id = p.res_id
     WHERE s.id = ANY(%(ids)s)
     ORDER BY s.id
"""

# Claimed by this transaction; still, the state that is expected is named.
PUT_OFF = """
    UPDATE flow_step s SET due_at = d.due, reason = %(reason)s
      FROM unnest(%(ids)s::int[], %(dues)s::timestamp[]) d(id, due)
     WHERE s.id = d.id AND s.status = 'scheduled'
"""


def open_now(env, campaign, action, step_ids: list[int], now) -> list[int]:
    """Return the steps that may run now; let the others wait for their next opening.

    Two statements at most, however many steps there are.

    :param action: the `flow.action` of the steps
    :param step_ids: steps that this transaction has claimed
    """
    window = action._plan_window()
    if not (window and step_ids):
        return step_ids
    target = env[campaign.target_model]
    zone = SQL.identifier("c", "tz") if "tz" in target._fields else SQL("NULL")
    env.cr.execute(SQL(ZONES, zone=zone, table=SQL.identifier(target._table), ids=step_ids))
    openings, late, ready = {}, {}, []
    for step_id, name in env.cr.fetchall():
        if name not in openings:
            known = name if clock.is_zone(name) else campaign._timezone()
            openings[name] = clock.next_opening(now, window, known)
        if openings[name] > now:
            late[step_id] = openings[name]
        else:
            ready.append(step_id)
    if late:
        reason = env._("Outside its hours")
        env.cr.execute(
            SQL(PUT_OFF, ids=list(late), dues=list(late.values()), reason=reason),
            log_exceptions=False,  # see `execute`
        )
    return ready
