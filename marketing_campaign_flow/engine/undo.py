"""Undo: take back a move by hand of which nothing has come yet.

A move begins a visit; taken back, that visit has never been: its row of the log and its steps go,
and what the move had cancelled is planned again. That is allowed while the move is the last thing
that happened to the participant and none of the steps that came with it has run, or is in a
worker's hands; what was sent cannot be called back. Those steps wait a moment (`hold_back`).
"""

from datetime import timedelta

from odoo.tools import SQL

# How long what a dragged card brings about waits for a change of mind.
GRACE = timedelta(seconds=10)

# What came with the move of participant ``p``: the steps of the visit, and those of the way taken,
# which belong to the visit before.
CAME_WITH_IT = """
    s.participant_id = p.id AND (
        (s.visit = last.visit AND last.kind = 'entered' AND s.transition_id IS NULL)
        OR (s.visit = last.visit - 1 AND last.transition_key IS NOT NULL
            AND s.transition_id IN (SELECT t.id FROM flow_transition t
                                     WHERE t.key = last.transition_key)))
"""

HOLD_BACK = """
    WITH moved AS (
        UPDATE flow_participant
           SET next_at = GREATEST(next_at, %(until)s)
         WHERE id = ANY(%(ids)s) AND next_at IS NOT NULL
    )
    UPDATE flow_step s SET due_at = %(until)s
      FROM flow_participant p
      JOIN LATERAL (SELECT * FROM flow_visit v WHERE v.participant_id = p.id
                     ORDER BY v.id DESC LIMIT 1) last ON TRUE
     WHERE p.id = ANY(%(ids)s) AND %(came)s
       AND s.status = 'scheduled' AND s.attempts = 0 AND s.due_at < %(until)s
"""

# Whose last move was made by this user, with where they were before. Who stood at no door yet when
# they were moved came from the start. The row of the participant keeps the engine away.
UNDOABLE = """
    SELECT p.id, last.id AS visit_id, last.moment, last.state_key AS moved_to,
           COALESCE(before.state_key, %(start)s) AS state_key,
           COALESCE(before.kind, 'held') AS kind,
           CASE before.kind WHEN 'entered' THEN before.visit ELSE last.visit - 1 END AS visit,
           COALESCE(before.moment, p.started_at) AS entered_at
      FROM flow_participant p
      JOIN LATERAL (SELECT * FROM flow_visit v WHERE v.participant_id = p.id
                     ORDER BY v.id DESC LIMIT 1) last ON TRUE
      LEFT JOIN LATERAL (SELECT * FROM flow_visit v
                          WHERE v.participant_id = p.id AND v.id < last.id
                          ORDER BY v.id DESC LIMIT 1) before ON TRUE
     WHERE p.id = ANY(%(ids)s) AND p.campaign_id = %(campaign)s
       AND last.user_id = %(user)s AND last.moment = p.entered_at
       AND COALESCE(p.end_kind, '') IN ('', 'goal', 'exit', 'done')
       AND NOT EXISTS (
           SELECT FROM flow_step s
            WHERE %(came)s
              AND NOT (s.status IN ('scheduled', 'skipped') AND s.attempts = 0
                       AND s.claimed_by IS NULL AND (s.status = 'scheduled' OR s.done_at IS NULL)))
       AND NOT EXISTS (
           SELECT FROM flow_participant other
            WHERE other.campaign_id = p.campaign_id AND other.res_id = p.res_id
              AND other.id <> p.id AND other.status <> 'ended')
"""

FORGET_STEPS = """
    DELETE FROM flow_step s
     USING flow_participant p
      JOIN LATERAL (SELECT * FROM flow_visit v WHERE v.participant_id = p.id
                     ORDER BY v.id DESC LIMIT 1) last ON TRUE
     WHERE p.id = ANY(%(ids)s) AND %(came)s
"""

# The move has cancelled what the state had planned, in its own moment.
PLAN_AGAIN = """
    UPDATE flow_step s SET status = 'scheduled', reason = NULL, done_at = NULL, claimed_by = NULL
      FROM unnest(%(ids)s::int[], %(visits)s::int[], %(moments)s::timestamp[])
           undone(id, visit, moment)
     WHERE s.participant_id = undone.id AND s.visit = undone.visit
       AND s.status = 'cancelled' AND s.reason = 'left' AND s.done_at = undone.moment
"""

PUT_BACK = """
    UPDATE flow_participant p
       SET state_id = undone.state, status = undone.status, visit = undone.visit,
           entered_at = undone.entered_at, end_kind = NULL, ended_at = NULL, next_at = %(now)s
      FROM unnest(%(ids)s::int[], %(states)s::int[], %(statuses)s::text[], %(visits)s::int[],
                  %(entered)s::timestamp[]) undone(id, state, status, visit, entered_at)
     WHERE p.id = undone.id
"""

FORGET_VISITS = "DELETE FROM flow_visit WHERE id = ANY(%(visits)s)"


def hold_back(env, ids, now) -> None:
    """Let what a move has brought about wait until it is too late to undo it."""
    came = SQL(CAME_WITH_IT)
    env.cr.execute(SQL(HOLD_BACK, ids=list(ids), until=now + GRACE, came=came))
    env["flow.step"].invalidate_model()
    env["flow.participant"].invalidate_model()


def undo(env, campaign, ids, now) -> list[int]:
    """Take back the last move by hand of the current user; return whose could be taken back.

    The rows of the participants must be locked, and the campaign's version shared.

    :param campaign: one `flow.campaign`
    """
    plan = campaign.workflow_id._plan()
    states = {state.key: state for state in plan.states.values()}
    came = SQL(CAME_WITH_IT)
    found = env.execute_query_dict(
        SQL(
            UNDOABLE,
            ids=list(ids),
            campaign=campaign.id,
            user=env.uid,
            start=plan.start.key,
            came=came,
        )
    )
    # A state that a new version has taken away cannot be gone back to.
    undone = [row for row in found if row["state_key"] in states]
    if not undone:
        return []
    ids = [row["id"] for row in undone]
    visits = [row["visit"] for row in undone]
    moments = [row["moment"] for row in undone]
    env.cr.execute(SQL(FORGET_STEPS, ids=ids, came=came))
    env.cr.execute(SQL(PLAN_AGAIN, ids=ids, visits=visits, moments=moments))
    env.cr.execute(
        SQL(
            PUT_BACK,
            ids=ids,
            states=[states[row["state_key"]].id for row in undone],
            statuses=["active" if row["kind"] == "entered" else "held" for row in undone],
            visits=visits,
            entered=[row["entered_at"] for row in undone],
            now=now,
        )
    )
    env.cr.execute(SQL(FORGET_VISITS, visits=[row["visit_id"] for row in undone]))
    return ids
