"""Which participants does a transition's trigger hold for? One statement per transition."""

from odoo.tools import SQL

from . import clock

# A time-out waits this much longer, so that an event that happened just before the deadline
# but is still on its way (a slow click, a worker in mid-commit) wins as it should.
SETTLE_SECONDS = 60

HAPPENED = """
    EXISTS (SELECT 1 FROM flow_event e
             WHERE e.participant_id = p.id AND e.kind = %(kind)s
               AND %(of_action)s AND %(on_link)s AND e.occurred_at >= %(since)s)
"""

# NULL, and so no event counts, while the action is still to come in this visit.
LAST_RUN = """
    (SELECT CASE WHEN bool_or(s.status = 'scheduled' AND s.visit = p.visit) THEN NULL
                 ELSE max(s.done_at) FILTER (WHERE s.status = 'done') END
       FROM flow_step s
      WHERE s.participant_id = p.id AND s.action_key = %s)
"""

RAN_IN_THIS_VISIT = """
    (SELECT max(s.done_at) FROM flow_step s
      WHERE s.participant_id = p.id AND s.visit = p.visit
        AND s.status = 'done' AND s.action_key = %s)
"""

NOTHING_LEFT_TO_DO = """
    NOT EXISTS (SELECT 1 FROM flow_step s
                 WHERE s.participant_id = p.id AND s.visit = p.visit
                   AND s.state_id = p.state_id AND s.status = 'scheduled')
"""


def matching(env, campaign, transition, ids, now) -> list[int]:
    """Return those participants for whom the trigger of `transition` holds now.

    :param transition: a plan's `Transition`
    :param ids: ids of active participants, locked by this transaction
    """
    condition = _CONDITIONS.get(transition.trigger)
    if condition is None:  # a person fires it
        return []
    holds = condition(campaign, transition, now)
    env.cr.execute(
        SQL(
            "SELECT p.id FROM flow_participant p WHERE p.id = ANY(%s) AND %s ORDER BY p.id",
            list(ids),
            holds,
        )
    )
    return [row[0] for row in env.cr.fetchall()]


def deadline(campaign, transition) -> SQL:
    """Return SQL for the moment a time-out of participant ``p`` fires (NULL = not running yet)."""
    delay = transition.delay
    start = SQL("p.entered_at")
    if transition.action_key:
        start = SQL(RAN_IN_THIS_VISIT, transition.action_key)
    end = clock.later(start, delay.value, delay.unit, campaign._timezone())
    return SQL("(%s + make_interval(secs => %s))", end, SETTLE_SECONDS) if delay.value else end


def _timeout(campaign, transition, now) -> SQL:
    return SQL("%s <= %s", deadline(campaign, transition), now)


def _event(_campaign, transition, _now) -> SQL:
    """An event that names an action counts since that action last ran for the participant, in
    whichever state; any other event counts since the state was entered."""
    since, of_action, on_link = SQL("p.entered_at"), SQL("TRUE"), SQL("TRUE")
    if transition.action_key:
        since = SQL(LAST_RUN, transition.action_key)
        of_action = SQL("e.action_key = %s", transition.action_key)
    if transition.link_pattern:
        on_link = SQL("e.url LIKE %s", _like(transition.link_pattern))
    return SQL(
        HAPPENED, kind=transition.event_kind, of_action=of_action, on_link=on_link, since=since
    )


def _done(_campaign, _transition, _now) -> SQL:
    return SQL(NOTHING_LEFT_TO_DO)


def _like(pattern: str) -> str:
    """Turn an address in which ``*`` stands for anything into a pattern for LIKE."""
    for special in ("\\", "%", "_"):
        pattern = pattern.replace(special, "\\" + special)
    return pattern.replace("*", "%")


_CONDITIONS = {"event": _event, "timeout": _timeout, "done": _done}
