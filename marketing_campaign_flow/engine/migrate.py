"""Migrate: take those who are under way from one version of a workflow to the next.

Everything goes by the keys that parts keep from version to version. The number of statements
depends on the number of states and actions that changed, never on the number of participants. It
runs while nobody else works on the campaign (`version_lock.exclude`), so that what one statement
has found holds for the next.

Nothing is sent twice: an action that ran in this visit of a state is in the ledger under its key,
and the ledger takes a key once per visit.
"""

import json
from dataclasses import replace

from odoo.tools import SQL

from . import advance, clock, database_clock, moments
from .moments import Surroundings

# Steps that may still run: scheduled ones, and failed ones that a person may try again.
LIVE = ("scheduled", "failed")

CANCEL_REMOVED = """
    UPDATE flow_step SET status = 'cancelled', reason = %(reason)s, done_at = %(now)s
     WHERE campaign_id = %(campaign)s AND status = ANY(%(live)s) AND action_key = ANY(%(keys)s)
"""

# The new version's state of a step.
SAME_STATE = """
    COALESCE((SELECT new_id FROM unnest(%(old)s::int[], %(new)s::int[]) same(old_id, new_id)
               WHERE old_id = s.state_id), s.state_id)
"""

# Steps that may still run, run as the new version says. What has run keeps pointing at the version
# that it ran in: the text that was sent is part of the history. Those that were retimed point there
# already.
REPOINT_STEPS = """
    WITH same_action(key, action_id, transition_id, is_message, is_call) AS (
        SELECT * FROM unnest(%(keys)s::text[], %(actions)s::int[], %(transitions)s::int[],
                             %(messages)s::bool[], %(calls)s::bool[])
    )
    UPDATE flow_step s
       SET action_id = a.action_id, transition_id = a.transition_id, state_id = %(state)s,
           is_message = a.is_message, is_call = a.is_call
      FROM same_action a
     WHERE s.campaign_id = %(campaign)s AND s.status = ANY(%(live)s) AND s.action_key = a.key
       AND s.action_id IS DISTINCT FROM a.action_id
"""

# Also those who have ended, so that a state is one column of the board. Where something is
# different, everybody is looked at again: time-outs count from the entry, which stays as it is.
REPOINT_PARTICIPANTS = """
    WITH same_state(old_id, new_id, touched) AS (
        SELECT * FROM unnest(%(old)s::int[], %(new)s::int[], %(touched)s::bool[])
    )
    UPDATE flow_participant p
       SET state_id = t.new_id,
           next_at = CASE WHEN t.touched AND p.status = 'active' THEN %(now)s::timestamp
                          ELSE p.next_at END
      FROM same_state t
     WHERE p.campaign_id = %(campaign)s AND p.state_id = t.old_id
"""

# People come in by the batch: a moment is worked out once for all who have it in common. The entry
# is NULL where it is not known.
MOMENTS = """
    SELECT DISTINCT %(entered)s, %(zone)s, %(days)s, %(moment)s
      FROM flow_participant p
      %(steps)s
      LEFT JOIN %(table)s c ON c.id = p.res_id
     WHERE %(concerned)s AND %(entered)s IS NOT NULL
"""

MOMENT = "concat_ws(' ', %(entered)s, %(zone)s, %(days)s)"

# When something is due, and why it waits. Looked up, not joined: a plan made from old statistics
# may join each row with each moment.
DUE = """
    SELECT (looked_up.due ->> 'at')::timestamp, looked_up.due ->> 'waits'
      FROM (SELECT %(dues)s::jsonb -> %(moment)s) looked_up(due)
"""

# The steps of an action whose moment is another now. What waits for another attempt was due
# already.
RETIMED = """
    p.id = s.participant_id AND s.campaign_id = %(campaign)s AND s.action_key = %(key)s
        AND s.status = 'scheduled' AND s.attempts = 0
"""

# The entry that a delay counts from. Of a step that was kept after its participant left, it is
# reckoned back from the moment the step was due; NULL where that cannot be done.
ENTERED_FOR_STEP = "CASE WHEN s.visit = p.visit THEN p.entered_at ELSE %s END"

# Repoints them as well: when a row is changed for the second time in a transaction, PostgreSQL
# checks all of its foreign keys, which costs more than the change.
RETIME = """
    UPDATE flow_step s
       SET action_id = %(action)s, transition_id = %(transition)s, state_id = %(state)s,
           is_message = %(is_message)s, is_call = %(is_call)s,
           (due_at, status, reason, wait_reason) = (
               SELECT d.due,
                      CASE WHEN d.due IS NULL THEN 'skipped' ELSE s.status END,
                      CASE WHEN d.due IS NULL THEN %(undated)s ELSE s.reason END,
                      d.waits
                 FROM (%(due)s) d(due, waits))
      FROM flow_participant p
      LEFT JOIN %(table)s c ON c.id = p.res_id
     WHERE %(concerned)s AND %(entered)s IS NOT NULL
"""

# Those who are in a state that has a new action; who waits at its door gets it on entering.
NEWLY_CONCERNED = """
    p.campaign_id = %(campaign)s AND p.state_id = %(state)s AND p.status = 'active'
"""

# As in `advance.SCHEDULE`, the insert is the right to act.
SCHEDULE_ADDED = """
    INSERT INTO flow_step
           (participant_id, campaign_id, state_id, visit, occurrence, action_id, action_key,
            status, reason, wait_reason, due_at, attempts, is_message, is_call)
    SELECT p.id, p.campaign_id, p.state_id, p.visit, 0, %(action)s, %(key)s,
           CASE WHEN d.due IS NULL THEN 'skipped' ELSE 'scheduled' END,
           CASE WHEN d.due IS NULL THEN %(undated)s END, d.waits, d.due, 0, %(is_message)s,
           %(is_call)s
      FROM flow_participant p
      LEFT JOIN %(table)s c ON c.id = p.res_id
     CROSS JOIN LATERAL (%(due)s) d(due, waits)
     WHERE %(concerned)s
     ORDER BY p.id
        ON CONFLICT DO NOTHING
"""

# A state that has become an end: whoever is in it has arrived.
FINISH = """
    UPDATE flow_participant
       SET status = 'ended', end_kind = %(kind)s, ended_at = %(now)s, next_at = NULL
     WHERE campaign_id = %(campaign)s AND state_id = %(state)s AND status = 'active'
"""

UNDER_WAY_IN = """
    SELECT id FROM flow_participant
     WHERE campaign_id = %s AND state_id = %s AND status IN ('held', 'active')
     ORDER BY id FOR UPDATE
"""


def migrate(env, campaign, difference, after, targets, now, reason: str) -> None:
    """Take the participants and the steps of a campaign to the new version of its workflow.

    :param campaign: one `flow.campaign` whose `workflow_id` is the new version already
    :param difference: the `difference.PlanDifference` of the two versions
    :param after: the new version's `plan.Plan`
    :param targets: ``{id of a removed state: id of the state its participants go to}``
    :param reason: why the steps of removed actions are cancelled
    """
    env.flush_all()
    # Participants before steps: a worker that writes what became of a message has its participant
    # when it goes on with the step of the next, and needs no version lock for that.
    cleared_out = {state.id: _under_way_in(env, campaign, state) for state in difference.removed}
    _repoint_participants(env, campaign, difference, after, now)
    _cancel_removed(env, campaign, difference, now, reason)
    for old, new in difference.retimed:
        _retime(env, campaign, difference, after, old, new, now)
    _repoint_steps(env, campaign, difference, after)
    for state, action in difference.added_actions:
        _schedule_added(env, campaign, state, action, now)
    for state in difference.ended:
        env.cr.execute(SQL(FINISH, campaign=campaign.id, state=state.id, kind=state.kind, now=now))
    for state in difference.removed:
        target = after.states.get(targets.get(state.id))
        _clear_out(env, campaign, cleared_out[state.id], target, now)
    env.invalidate_all()


def _cancel_removed(env, campaign, difference, now, reason):
    env.cr.execute(
        SQL(
            CANCEL_REMOVED,
            campaign=campaign.id,
            keys=list(difference.removed_actions),
            live=list(LIVE),
            now=now,
            reason=reason,
        )
    )


def _retime(env, campaign, difference, after, old, new, now):
    """Give the steps of an action their new moment; the time served is credited."""
    reckoned = SQL("NULL::timestamp")
    if old.timing.kind in ("entry", "delay") and not old.pauses:
        back = replace(old.timing.delay, value=-old.timing.delay.value)
        reckoned = database_clock.later(SQL("s.due_at"), back, campaign._timezone())
    parts = {
        "concerned": SQL(RETIMED, campaign=campaign.id, key=new.key),
        "steps": SQL("JOIN flow_step s ON s.participant_id = p.id"),
        "entered": SQL(ENTERED_FOR_STEP, reckoned),
        **_contact_columns(env, campaign, new.timings),
    }
    env.cr.execute(
        SQL(
            RETIME,
            action=new.id,
            is_message=new.is_message,
            is_call=new.is_call,
            transition=_transition_ids(after).get(new.id),
            state=_same_state(difference),
            due=_due(env, campaign, new.timings, parts, now),
            undated=advance.undated(env),
            **parts,
        )
    )


def _same_state(difference) -> SQL:
    return SQL(SAME_STATE, old=list(difference.states), new=list(difference.states.values()))


def _transition_ids(after) -> dict[int, int]:
    """Return the transition of each action that belongs to one."""
    return {
        action.id: transition.id
        for transition in after.transitions
        for action in transition.actions
    }


def _repoint_steps(env, campaign, difference, after):
    of_transition = _transition_ids(after)
    new_actions = [new for _old, new in difference.actions]
    env.cr.execute(
        SQL(
            REPOINT_STEPS,
            campaign=campaign.id,
            keys=[action.key for action in new_actions],
            actions=[action.id for action in new_actions],
            transitions=[of_transition.get(action.id) for action in new_actions],
            messages=[action.is_message for action in new_actions],
            calls=[action.is_call for action in new_actions],
            state=_same_state(difference),
            live=list(LIVE),
        )
    )


def _repoint_participants(env, campaign, difference, after, now):
    new_ids = list(difference.states.values())
    env.cr.execute(
        SQL(
            REPOINT_PARTICIPANTS,
            campaign=campaign.id,
            old=list(difference.states),
            new=new_ids,
            touched=[after.states[new_id].key in difference.touched for new_id in new_ids],
            now=now,
        )
    )


def _schedule_added(env, campaign, state, action, now):
    """Schedule an action that is new in a state for those who are in it."""
    parts = {
        "concerned": SQL(NEWLY_CONCERNED, campaign=campaign.id, state=state.id),
        "steps": SQL(),
        "entered": SQL("p.entered_at"),
        **_contact_columns(env, campaign, action.timings),
    }
    env.cr.execute(
        SQL(
            SCHEDULE_ADDED,
            action=action.id,
            key=action.key,
            is_message=action.is_message,
            is_call=action.is_call,
            due=_due(env, campaign, action.timings, parts, now),
            undated=advance.undated(env),
            **parts,
        )
    )


def _contact_columns(env, campaign, timings) -> dict:
    """Return SQL for what timings ask of the contact ``c``, and for the contact's table."""
    target = env[campaign.target_model]
    by_zone = any(timing.depends_on_contact for timing in timings)
    return {
        "zone": campaign._contact_zone() if by_zone else SQL("NULL::text"),
        "days": advance.days_of_contact(timings),
        "table": SQL.identifier(target._table),
    }


def _due(env, campaign, timings, parts, now) -> SQL:
    """Return a query for when participant ``p``, or its step ``s``, is due, and why it waits.

    :param timings: a plan's `Action.timings`
    :param parts: SQL for who is concerned, and for the entry, the zone and the days of each
    """
    home, calendars = campaign._timezone(), advance.calendars_of(campaign, timings, now)
    moment = SQL(MOMENT, **{name: parts[name] for name in ("entered", "zone", "days")})
    env.cr.execute(SQL(MOMENTS, moment=moment, **parts))
    dues = {}
    for entered, zone, days, name in env.cr.fetchall():
        zone_name = zone if clock.is_zone(zone) else home
        around = Surroundings(home, zone_name, days, calendars)
        wanted, due = moments.since(timings, entered, now, around)
        dues[name] = due and {
            "at": due.isoformat(),
            "waits": "hours" if due > wanted else None,
        }
    return SQL(DUE, dues=json.dumps(dues), moment=moment)


def _under_way_in(env, campaign, state) -> list[int]:
    """Return who is in a state or at its door, and lock them."""
    env.cr.execute(UNDER_WAY_IN, [campaign.id, state.id])
    return [row[0] for row in env.cr.fetchall()]


def _clear_out(env, campaign, ids, target, now):
    """Let those in a removed state begin a new visit in another one, or wait at its door.

    What the removed state had planned for them is cancelled with its actions.
    """
    if not ids:
        return
    ids = advance.stop_runaways(env, target, ids, now)
    visited = advance.visited(target, advance.Passage(user_id=env.uid))
    if target.phase_id not in campaign._open_phase_ids():
        env.cr.execute(SQL(advance.HOLD, state=target.id, now=now, ids=ids, **visited))
        return
    env.cr.execute(
        SQL(
            advance.ENTER,
            state=target.id,
            now=now,
            status="ended" if target.ends_run else "active",
            end_kind=target.kind if target.ends_run else None,
            next=None if target.ends_run else now,
            ended_at=now if target.ends_run else None,
            ids=ids,
            **visited,
        )
    )
    advance.schedule(env, campaign, target.actions, ids, now)
