"""Which participants does a transition's trigger hold for? One statement per transition."""

import ast

from odoo.fields import Domain
from odoo.tools import SQL

from . import database_clock, event_rule, plan, result
from .settings import SETTLE, SWEEP

ENTERED = SQL("p.entered_at")

COUNTING_EVENTS = """
    SELECT e.id FROM flow_event e
     WHERE e.participant_id = p.id AND e.kind = %(kind)s AND e.occurred_at >= %(since)s AND %(like)s
"""

# A message that has arrived, as far as anybody can know, is no event of its own: its step says so.
ARRIVED = """
    SELECT s.id FROM flow_step s
     WHERE s.participant_id = p.id AND s.is_message AND s.status = 'done' AND %(of_action)s
       AND s.done_at >= %(since)s
       AND NOT EXISTS (SELECT FROM flow_event e WHERE e.step_id = s.id AND e.kind = 'bounced')
"""

# NULL, and so no event counts, while the action is still to come in this visit.
LAST_RUN = """
    (SELECT CASE WHEN bool_or(s.status = 'scheduled' AND s.visit = p.visit) THEN NULL
                 ELSE max(s.done_at) FILTER (WHERE s.status IN ('sending', 'done', 'uncertain')) END
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
                   AND s.state_id = p.state_id AND s.status IN ('scheduled', 'sending'))
"""


# A number from 0 to total - 1 that is the same whenever it is drawn for this participant.
DRAWN = """
    mod(('x' || substr(md5(p.id || ':' || %(key)s), 1, 8))::bit(32)::bigint, %(total)s)
        BETWEEN %(first)s AND %(last)s - 1
"""


def matching(env, campaign, transition, ids, now) -> list[int]:
    """Return those participants for whom the trigger of `transition` holds now.

    :param transition: a plan's `Transition`
    :param ids: ids of active participants, locked by this transaction
    """
    if transition.trigger == "condition":
        return fulfilling(env, campaign, transition.condition, ids)
    if transition.trigger == "result":  # one question for all of them
        return list(ids) if result.holds(env, campaign, transition.result) else []
    if transition.trigger == "manual":
        return released(env, transition.key, ids)
    condition = _CONDITIONS[transition.trigger]
    if transition.trigger == "event" and transition.event is None:  # its addon is gone
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


def released(env, key: str, ids) -> list[int]:
    """Return those participants whom a person lets go on.

    :param key: of the transition that they take, or of the state whose door they pass
    """
    env.cr.execute(
        "SELECT id FROM flow_participant WHERE id = ANY(%s) AND release_key = %s ORDER BY id",
        [list(ids), key],
    )
    return [row[0] for row in env.cr.fetchall()]


def fulfilling(env, campaign, domain: str | None, ids) -> list[int]:
    """Return those participants whose contact matches a domain.

    It is searched with the rights of the campaign's responsible.

    :param domain: a domain on the campaign's target model, as text; empty matches everybody
    """
    if not (domain and ids):
        return list(ids)
    env.cr.execute("SELECT id, res_id FROM flow_participant WHERE id = ANY(%s)", [list(ids)])
    contact_of = dict(env.cr.fetchall())
    target = campaign._as_responsible().env[campaign.target_model]
    searched = Domain("id", "in", list(contact_of.values())) & Domain(ast.literal_eval(domain))
    found = set(target.search(also_archived(target, searched)).ids)
    return [participant_id for participant_id in ids if contact_of[participant_id] in found]


def also_archived(records, domain: Domain) -> Domain:
    """Return the domain so that it finds archived records as well: a lost lead is one."""
    name = records._active_name
    return domain & Domain(name, "in", [True, False]) if name else domain


def next_look(campaign, transitions, now, entered: SQL = ENTERED) -> SQL:
    """Return SQL for the moment at which time alone may make one of the transitions of participant
    ``p`` hold; NULL where something else has to happen first.

    :param entered: SQL for when the participant entered its state
    """
    looks = [_look(campaign, transition, now, entered) for transition in transitions]
    looks = [look for look in looks if look is not None]
    return SQL("LEAST(%s)", SQL(", ").join(looks)) if looks else SQL("NULL::timestamp")


def _look(campaign, transition, now, entered) -> SQL | None:
    match transition.trigger:
        case "timeout":
            return deadline(campaign, transition, entered)
        case "date" if transition.date_at > now:
            return SQL("%s::timestamp", transition.date_at)
        case "condition" | "result":
            return SQL("%s::timestamp", now + SWEEP.value(campaign.env))
    return None


def counting_events(campaign, transition) -> SQL:
    """Return SQL for the ids of the events of participant ``p`` that a transition waits for.

    An event that names an action counts since that action last ran for the participant, in
    whichever state; any other event counts since the state was entered.
    """
    rule, since = transition.event, ENTERED
    if transition.action_key:
        since = SQL(LAST_RUN, transition.action_key)
    if rule.kind == plan.DELIVERED:
        of_action = SQL("s.action_key = %s", transition.action_key)
        return SQL(
            ARRIVED, since=since, of_action=of_action if transition.action_key else SQL("TRUE")
        )
    like = alike(campaign, rule)
    if transition.action_key:
        like.append(SQL("e.action_key = %s", transition.action_key))
    return SQL(COUNTING_EVENTS, kind=rule.kind, since=since, like=SQL(" AND ").join(like))


def alike(campaign, rule) -> list[SQL]:
    """Return SQL for what events ``e`` of its kind have to be like to be meant by a rule.

    :param rule: an `EventRule`
    """
    like = [SQL("TRUE") if rule.machines else SQL("NOT e.is_machine")]
    if rule.url is not None:
        like.append(SQL("e.url LIKE %s", event_rule.like(rule.url)))
    if rule.detail is not None:
        like.append(SQL("e.detail ILIKE %s", event_rule.like(rule.detail)))
    if rule.least is not None:
        like.append(SQL("e.value >= %s", rule.least))
    if rule.domain:
        records = campaign._as_responsible().env[rule.model]
        records = records._search(also_archived(records, Domain(ast.literal_eval(rule.domain))))
        like.append(SQL("e.record_id IN %s", records.subselect()))
    return like


def deadline(campaign, transition, entered: SQL = ENTERED) -> SQL:
    """Return SQL for the moment a time-out of participant ``p`` fires (NULL = not running yet)."""
    delay = transition.delay
    start = entered
    if transition.action_key:
        start = SQL(RAN_IN_THIS_VISIT, transition.action_key)
    end = database_clock.later(start, delay, campaign._timezone())
    if not delay.value:
        return end
    return SQL("(%s + %s)", end, SETTLE.value(campaign.env))


def _timeout(campaign, transition, now) -> SQL:
    return SQL("%s <= %s", deadline(campaign, transition), now)


def _event(campaign, transition, _now) -> SQL:
    events, times = counting_events(campaign, transition), transition.event.times
    if times <= 1:
        return SQL("EXISTS (%s)", events)
    return SQL("%s <= (SELECT count(*) FROM (%s LIMIT %s) e)", times, events, times)


def _date(_campaign, transition, now) -> SQL:
    return SQL("%s::timestamp <= %s", transition.date_at, now)


def _split(_campaign, transition, _now) -> SQL:
    share = transition.share
    return SQL(DRAWN, key=share.key, first=share.first, last=share.last, total=share.total)


def _done(_campaign, _transition, _now) -> SQL:
    return SQL(NOTHING_LEFT_TO_DO)


_CONDITIONS = {
    "event": _event,
    "timeout": _timeout,
    "date": _date,
    "split": _split,
    "done": _done,
}
