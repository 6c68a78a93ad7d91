"""Advance: move participants along the transitions that hold for them.

The unit of work is a batch of participants of one campaign; per state of the batch the number
of statements depends on the number of its transitions, never on the number of participants.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta

import psycopg2
from odoo.tools import SQL

from . import claim, clock, database_clock, failpoints, match, moments
from .moments import Surroundings

BATCH = 1000

# Participants that another worker holds are skipped: they are that worker's to move. NO KEY,
# because an event being recorded refers to its participant, and a claim must not hold it up.
CLAIM = """
    SELECT next_at, id, state_id, status, release_key FROM flow_participant
     WHERE campaign_id = %(campaign)s AND next_at <= %(now)s AND status IN ('held', 'active')
       AND is_paused IS NOT TRUE
       AND (next_at, id) >= (%(front_moment)s, %(front_id)s)
       AND EXISTS (SELECT FROM flow_campaign WHERE id = %(campaign)s AND status = 'running')
     ORDER BY next_at, id LIMIT %(limit)s
       FOR NO KEY UPDATE SKIP LOCKED
"""

# A new visit begins and is written down; whoever enters an end has finished.
ENTER = """
    WITH entered AS (
        UPDATE flow_participant p
           SET state_id = %(state)s, visit = visit + 1, entered_at = %(now)s, status = %(status)s,
               end_kind = %(end_kind)s, next_at = %(next)s, ended_at = %(ended_at)s,
               release_key = NULL
         WHERE id = ANY(%(ids)s) AND status IN ('held', 'active')
        RETURNING id, visit
    )
    INSERT INTO flow_visit
           (participant_id, visit, kind, state_key, transition_key, user_id, moment)
    SELECT id, visit, 'entered', %(key)s, %(transition)s, %(user)s, %(now)s FROM entered
"""

# Someone who has entered this many states goes in circles and is taken out, where a person sees it.
MAX_VISITS = 50

RUNAWAYS = """
    SELECT id FROM flow_participant
     WHERE id = ANY(%(ids)s) AND visit >= %(max)s AND status IN ('held', 'active')
"""

# The state that participants go to has not opened: they wait at its door, where its visit begins.
HOLD = """
    WITH held AS (
        UPDATE flow_participant
           SET state_id = %(state)s, status = 'held', entered_at = %(now)s, next_at = NULL,
               release_key = NULL
         WHERE id = ANY(%(ids)s) AND status IN ('held', 'active')
        RETURNING id, visit
    )
    INSERT INTO flow_visit
           (participant_id, visit, kind, state_key, transition_key, user_id, moment)
    SELECT id, visit + 1, 'held', %(key)s, %(transition)s, %(user)s, %(now)s FROM held
"""

# What the state that participants leave had still planned for them, unless an action says that it
# is kept.
CANCEL = """
    UPDATE flow_step s SET status = 'cancelled', reason = 'left', done_at = %(now)s
      FROM flow_participant p
     WHERE p.id = s.participant_id AND p.id = ANY(%(ids)s)
       AND s.status = 'scheduled' AND s.state_id = p.state_id AND s.transition_id IS NULL
       AND NOT s.action_id = ANY(%(kept)s)
"""

# UNIQUE(participant_id, action_key, visit, occurrence) makes the insert the right to act: an action
# that is in the ledger already is not scheduled again, by whichever worker. The occurrence is 0, or
# the event for which an action runs each time.
SCHEDULE = """
    INSERT INTO flow_step
           (participant_id, campaign_id, state_id, visit, occurrence, action_id, action_key,
            transition_id, status, reason, wait_reason, due_at, attempts, is_message, is_call)
    SELECT p.id, p.campaign_id, p.state_id, p.visit, o.id, %(action)s, %(key)s, %(transition)s,
           CASE WHEN d.due IS NULL THEN 'skipped' ELSE 'scheduled' END,
           CASE WHEN d.due IS NULL THEN %(undated)s END,
           CASE WHEN d.due > d.wanted THEN 'hours' END, d.due, 0, %(is_message)s, %(is_call)s
      FROM unnest(%(ids)s::int[], %(wanted)s::timestamp[], %(dues)s::timestamp[])
           d(participant_id, wanted, due)
      JOIN flow_participant p ON p.id = d.participant_id
     CROSS JOIN LATERAL (%(occurrences)s) o(id)
     ORDER BY p.id, o.id
        ON CONFLICT DO NOTHING
"""

ONCE = SQL("SELECT 0")

# Those for whom a filter that is broken would have to decide are looked at again after a while.
LOOK_AGAIN = timedelta(minutes=10)

PARK = "UPDATE flow_participant SET next_at = %(later)s WHERE id = ANY(%(ids)s)"

CONTACT_TIMES = """
    SELECT p.id, %(zone)s, %(days)s
      FROM flow_participant p LEFT JOIN %(table)s c ON c.id = p.res_id
     WHERE p.id = ANY(%(ids)s)
"""

# The steps of an action that moves people, of those who are still where it found them. In the order
# of the ids, like whoever else takes several participants.
STILL_THERE = """
    SELECT s.id, p.id FROM flow_step s JOIN flow_participant p ON p.id = s.participant_id
     WHERE s.id = ANY(%(steps)s) AND p.status = 'active'
       AND p.visit = s.visit AND p.state_id = s.state_id
     ORDER BY p.id
       FOR NO KEY UPDATE OF p
"""

# The full lock waits for events that are being recorded right now and makes later ones wait,
# because their foreign key wants the row.
LOCK_OUT_EVENTS = "SELECT 1 FROM flow_participant WHERE id = ANY(%s) ORDER BY id FOR UPDATE"

WITHOUT_NEWS = """
    SELECT p.id FROM flow_participant p
     WHERE p.id = ANY(%s)
       AND NOT EXISTS (SELECT 1 FROM flow_event e WHERE e.participant_id = p.id AND e.is_new)
     ORDER BY p.id
"""


def advance(env, campaign, limit: int = BATCH, *, front: claim.Front | None = None) -> int:
    """Look at participants whose time has come and move them where they have to go.

    Runs at READ COMMITTED (see `tick`): whatever was committed before a row was claimed is seen
    by the statements that follow.

    :param campaign: one running `flow.campaign`
    :param limit: how many participants at most
    :param front: where the queue of the campaign's participants begins, as far as the pass knows
    :return: how many were looked at
    """
    now = database_clock.now(env)
    front = front or claim.Front()
    claimed = front.claim(env, CLAIM, campaign=campaign.id, now=now, limit=limit)
    groups, released = defaultdict(list), set()
    for _due, participant_id, state_id, status, release_key in claimed:
        groups[state_id, status].append(participant_id)
        if release_key:
            released.add((state_id, status))
    if groups:
        failpoints.reach("advance.claimed")
    plan = campaign.workflow_id._plan()
    for (state_id, status), ids in groups.items():
        state = plan.states[state_id]
        if status == "active":
            _leave_or_stay(env, campaign, plan, state, ids, now, (state_id, status) in released)
        else:
            _wait_at_the_door(env, campaign, plan, state, ids, now, (state_id, status) in released)
    if groups:
        failpoints.reach("advance.moved")
    env["flow.participant"].invalidate_model()
    env["flow.step"].invalidate_model()
    return sum(map(len, groups.values()))


@dataclass(frozen=True)
class Passage:
    """How participants come into a state: through a transition, by hand of a user, or neither."""

    transition_key: str | None = None
    user_id: int | None = None


def enter(env, campaign, state, ids, now, passage=Passage()) -> None:
    """Let participants enter `state`: a new visit with one scheduled step per action."""
    if not ids:
        return
    env.cr.execute(
        SQL(
            ENTER,
            state=state.id,
            now=now,
            status="ended" if state.ends_run else "active",
            end_kind=state.kind if state.ends_run else None,
            next=_first_look(campaign, state, now),
            ended_at=now if state.ends_run else None,
            ids=list(ids),
            **visited(state, passage),
        )
    )
    failpoints.reach("advance.entered")
    schedule(env, campaign, state.actions, ids, now)


def visited(state, passage) -> dict:
    """Return what the row of a visit says beyond the participant."""
    return {
        "key": state.key,
        "transition": passage.transition_key,
        "user": passage.user_id,
    }


def _first_look(campaign, state, now) -> SQL:
    """Return SQL for when those who enter a state are looked at next."""
    if state.ends_run:
        return SQL("NULL::timestamp")
    moment = SQL("%s::timestamp", now)
    plan = campaign.workflow_id._plan()
    if plan.may_leave_at_once(state):
        return moment
    return match.next_look(campaign, plan.transitions_from(state), now, entered=moment)


def rest(env, ids) -> None:
    """Let participants wait at the door of a state until its phase opens."""
    env.cr.execute("UPDATE flow_participant SET next_at = NULL WHERE id = ANY(%s)", [list(ids)])


def still_there(env, step_ids) -> dict[int, int]:
    """Return whose steps are of the state, and the visit of it, that they are in; lock them.

    :return: ``{step id: participant id}``
    """
    env.flush_all()
    env.cr.execute(SQL(STILL_THERE, steps=list(step_ids)), log_exceptions=False)  # see `claim`
    return dict(env.cr.fetchall())


def move(env, campaign, transition, target, ids, now, user_id=None, by_action_id=None) -> None:
    """Take participants out of their state, through `transition`, into `target`.

    The actions of the transition belong to the visit that ends.

    :param transition: a plan's `Transition`, or None when a person moves them freely
    :param user_id: the person who moves them, if any
    :param by_action_id: the action that moves them, whose steps are running now, if any
    """
    passage = Passage(transition and transition.key, user_id)
    kept = (*campaign.workflow_id._plan().kept_action_ids, by_action_id or 0)
    env.cr.execute(SQL(CANCEL, now=now, ids=list(ids), kept=list(kept)))
    failpoints.reach("advance.cancelled")
    if transition:
        schedule(env, campaign, transition.actions, ids, now, transition_id=transition.id)
    ids = stop_runaways(env, target, ids, now)
    if target.phase_id in campaign._open_phase_ids():
        enter(env, campaign, target, ids, now, passage)
    else:
        hold = SQL(HOLD, state=target.id, now=now, ids=list(ids), **visited(target, passage))
        env.cr.execute(hold)


def stop_runaways(env, target, ids, now) -> list[int]:
    """End the runs of those who go in circles; return the others."""
    if target.ends_run:
        return list(ids)
    env.cr.execute(SQL(RUNAWAYS, ids=list(ids), max=MAX_VISITS))
    runaways = {row[0] for row in env.cr.fetchall()}
    if runaways:
        env["flow.participant"].browse(runaways)._end("runaway", now)
    return [participant_id for participant_id in ids if participant_id not in runaways]


def schedule(env, campaign, actions, ids, now, transition_id=None, occurrences=ONCE) -> None:
    """Write one step per action, participant and occurrence into the ledger.

    :param occurrences: SQL for the occurrences of participant ``p``, one number per row
    """
    for action in actions:
        dues = _dues(env, campaign, action.timings, list(ids), now)
        env.cr.execute(
            SQL(
                SCHEDULE,
                action=action.id,
                key=action.key,
                transition=transition_id,
                ids=list(dues),
                wanted=[wanted for wanted, _due in dues.values()],
                dues=[due for _wanted, due in dues.values()],
                occurrences=occurrences,
                is_message=action.is_message,
                is_call=action.is_call,
                undated=undated(env),
            )
        )


def undated(env) -> str:
    """Return why a step that has no moment is skipped."""
    return env._("No date, or it has passed")


def _dues(env, campaign, timings, ids, now) -> dict:
    """Return when an action is wanted and when it is due for each participant, None where it is
    not to run.

    What depends on the contact (its time zone, its dates) is read in one statement, and worked out
    once for all that have the same.

    :param timings: a plan's `Action.timings`
    """
    home, calendars = campaign._timezone(), calendars_of(campaign, timings, now)
    if not any(timing.depends_on_contact for timing in timings):
        around = Surroundings(home, home, calendars=calendars)
        return dict.fromkeys(ids, moments.of(timings, now, around))
    target = env[campaign.target_model]
    zone = campaign._contact_zone()
    if any(timing.date_field for timing in timings):
        env.flush_all()
    days, table = days_of_contact(timings), SQL.identifier(target._table)
    env.cr.execute(SQL(CONTACT_TIMES, zone=zone, days=days, table=table, ids=ids))
    known = {}
    dues = {}
    for participant_id, contact_zone, contact_days in env.cr.fetchall():
        key = contact_zone, tuple(contact_days)
        if key not in known:
            zone_name = contact_zone if clock.is_zone(contact_zone) else home
            around = Surroundings(home, zone_name, contact_days, calendars)
            known[key] = moments.of(timings, now, around)
        dues[participant_id] = known[key]
    return dues


def calendars_of(campaign, timings, now) -> dict:
    """Return the working calendars that timings ask for, as they are now, by id."""
    ids = {timing.calendar_id for timing in timings} - {None}
    return {calendar_id: campaign._working_time(calendar_id, now) for calendar_id in ids}


def days_of_contact(timings) -> SQL:
    """Return SQL for the date of contact ``c`` that each of the timings goes by, as an array."""
    days = [
        SQL("%s::date", SQL.identifier("c", timing.date_field))
        if timing.date_field
        else SQL("NULL")
        for timing in timings
    ]
    return SQL("ARRAY[%s]::date[]", SQL(", ").join(days))


def _wait_at_the_door(env, campaign, plan, state, ids, now, some_released) -> None:
    """Let those who are held in when the phase has opened, or a person lets them; until then they
    may only leave by what happens in any state, such as an opt-out."""
    leaving = [t for t in plan.any_transitions if t.trigger == "event" and t.target_id]
    remaining = _fire(env, campaign, plan, leaving, ids, now)
    if state.phase_id in campaign._open_phase_ids():
        enter(env, campaign, state, remaining, now)
    elif remaining:
        released = match.released(env, state.key, remaining) if some_released else []
        enter(env, campaign, state, released, now)
        rest(env, set(remaining).difference(released))


def _leave_or_stay(env, campaign, plan, state, ids, now, some_released) -> None:
    """Fire the first transition that holds for each participant; the others wait for the next.

    :param some_released: whether a person lets any of them go by a way that nobody else takes
    """
    transitions = plan.transitions_from(state)
    ways = [way for way in transitions if some_released or way.trigger != "manual"]
    remaining = _fire(env, campaign, plan, ways, ids, now)
    if remaining:
        _set_alarm(env, campaign, transitions, remaining, now)


def _fire(env, campaign, plan, transitions, ids, now) -> list[int]:
    """Move those for whom a transition holds, in order; return the others."""
    remaining = set(ids)
    for transition in transitions:
        if not remaining:
            break
        matched, unknown = _for_whom(env, campaign, transition, sorted(remaining), now)
        if unknown:
            env.cr.execute(SQL(PARK, ids=unknown, later=now + LOOK_AGAIN))
            remaining -= set(unknown)
        if not matched:
            continue
        if transition.target_id is None:
            _act_and_stay(env, campaign, transition, matched, now)
        else:
            target = plan.states[transition.target_id]
            move(env, campaign, transition, target, matched, now)
            remaining -= set(matched)
    return sorted(remaining)


def _for_whom(env, campaign, transition, ids, now) -> tuple[list[int], list[int]]:
    """Return for whom a transition holds, and of whom nobody can say while its filter is broken.

    A filter breaks when, say, a field of it is gone or the responsible may not read it any more.
    Those who depend on it stay where they are, rather than take a way that is not theirs.
    """
    has_filter = transition.guard or transition.trigger == "condition"
    if not (has_filter or (transition.event and transition.event.domain)):
        return _triggered(env, campaign, transition, ids, now), []
    asked, part = ids, f"transition {transition.key}"
    try:
        with env.cr.savepoint(flush=False):
            asked = _triggered(env, campaign, transition, ids, now)
            matched = match.fulfilling(env, campaign, transition.guard, asked)
    except psycopg2.OperationalError:  # another transaction, or no connection: nobody's filter
        raise
    except Exception as error:
        name = env["flow.transition"].browse(transition.id).display_name
        text = env._("The filter of “%(name)s” cannot be used: %(error)s", name=name, error=error)
        campaign._report_problem(part, text)
        return [], asked
    if asked:
        campaign._mended(part)
    return matched, []


def _triggered(env, campaign, transition, ids, now) -> list[int]:
    matched = match.matching(env, campaign, transition, ids, now)
    return _without_news(env, matched) if transition.trigger == "timeout" else matched


def _act_and_stay(env, campaign, transition, ids, now) -> None:
    """Run the actions of a transition without a target: once per visit, or for each event."""
    occurrences = match.counting_events(campaign, transition) if transition.each_time else ONCE
    schedule(
        env,
        campaign,
        transition.actions,
        ids,
        now,
        transition_id=transition.id,
        occurrences=occurrences,
    )


def _without_news(env, ids):
    """Return those for whom no event waits, and keep further events out until the commit.

    A time-out means that nothing has happened: an event that was committed before this
    transaction commits is found here and wins, whatever comes later is later.
    """
    if not ids:
        return ids
    env.cr.execute(LOCK_OUT_EVENTS, [list(ids)])
    failpoints.reach("advance.locked")
    env.cr.execute(WITHOUT_NEWS, [list(ids)])
    return [row[0] for row in env.cr.fetchall()]


def _set_alarm(env, campaign, transitions, ids, now) -> None:
    """Note when time may next make a transition hold for those who stay."""
    alarm = match.next_look(campaign, transitions, now)
    env.cr.execute(
        SQL("UPDATE flow_participant p SET next_at = %s WHERE id = ANY(%s)", alarm, list(ids))
    )
