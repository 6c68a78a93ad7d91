"""Execute: run the due steps, a batch of one action at a time."""

import logging
from dataclasses import dataclass
from functools import reduce

from odoo.tools import SQL

from . import breaker, cap, claim, database_clock, failpoints, windows
from .time_limit import TooSlowError

_logger = logging.getLogger(__name__)

BATCH = 1000
MAX_ATTEMPTS = 3
RETRY_MINUTES = 5
MOST_STOPPED = 10  # of a batch; when so many were too slow, the rest is left for the next attempt

# Steps that another worker holds are skipped: they are that worker's to run. NO KEY, because an
# event that is recorded refers to its step, and must not wait for the batch.
CLAIM = """
    WITH first AS MATERIALIZED (
        SELECT due_at, id, action_id FROM flow_step
         WHERE campaign_id = %(campaign)s AND status = 'scheduled'
           AND NOT is_message AND NOT is_call
           AND wait_reason IS DISTINCT FROM 'budget' AND %(unpriced)s
           AND due_at <= %(now)s AND %(not_paused)s
           AND (due_at, id) >= (%(front_moment)s, %(front_id)s)
         ORDER BY due_at, id LIMIT 1
    )
    SELECT (SELECT due_at FROM first) AS first_due_at, (SELECT id FROM first) AS first_id,
           id, action_id
      FROM flow_step
     WHERE campaign_id = %(campaign)s AND status = 'scheduled' AND NOT is_message AND NOT is_call
       AND wait_reason IS DISTINCT FROM 'budget' AND due_at <= %(now)s AND %(not_paused)s
       AND (due_at, id) >= ((SELECT due_at FROM first), (SELECT id FROM first))
       AND action_id = (SELECT action_id FROM first)
       AND EXISTS (SELECT FROM flow_campaign WHERE id = %(campaign)s AND status = 'running')
     ORDER BY due_at, id LIMIT %(limit)s
       FOR NO KEY UPDATE SKIP LOCKED
"""

# A failed step is tried again later, and parked as failed after its last attempt. Only steps that
# are still scheduled are written. Their participants are woken where something waits for the step.
WRITE_OUTCOMES = """
    WITH outcome(step_id, status, reason) AS (
        SELECT * FROM unnest(%(ids)s::int[], %(statuses)s::text[], %(reasons)s::text[])
    ),
    written AS (
        UPDATE flow_step s
           SET status = CASE WHEN o.status = 'failed' AND s.attempts + 1 < %(max)s
                             THEN 'scheduled' ELSE o.status END,
               due_at = CASE WHEN o.status = 'failed' AND s.attempts + 1 < %(max)s
                             THEN %(now)s + make_interval(mins => %(wait)s * (1 << s.attempts))
                             ELSE s.due_at END,
               reason = o.reason, attempts = s.attempts + 1, done_at = %(now)s,
               claimed_by = NULL, wait_reason = NULL,
               cost = CASE WHEN o.status = 'done' THEN s.cost END
          FROM outcome o
         WHERE s.id = o.step_id AND s.status = 'scheduled'
        RETURNING s.participant_id
    )
    UPDATE flow_participant SET next_at = %(now)s
     WHERE %(wake)s AND status = 'active' AND id IN (SELECT participant_id FROM written)
"""


@dataclass(frozen=True)
class Outcome:
    """What became of a step: ``done``, ``skipped`` (the flow goes on) or ``failed``."""

    status: str
    reason: str | None = None


DONE = Outcome("done")


def execute(env, campaign, limit: int = BATCH, *, front: claim.Front | None = None) -> int:
    """Run due steps of one action of the campaign.

    The effect of these actions commits with the outcome of their steps, so a worker that dies
    leaves either both or nothing. What leaves the database is for `call` and `deliver`, what costs
    money for `spend`.

    :param campaign: one running `flow.campaign`
    :param limit: how many steps at most
    :param front: where the queue of the campaign's steps begins, as far as the pass knows
    :return: how many steps were run
    """
    now = database_clock.now(env)
    front = front or claim.Front()
    priced = campaign.workflow_id._plan().priced_ids
    unpriced = SQL("action_id <> ALL(%s)", list(priced)) if priced else SQL("TRUE")
    claimed = front.claim(env, CLAIM, campaign=campaign.id, now=now, limit=limit, unpriced=unpriced)
    if not claimed:
        return 0
    failpoints.reach("execute.claimed")
    run_claimed(env, campaign, claimed[0][3], [row[2] for row in claimed], now)
    return len(claimed)


def run_claimed(env, campaign, action_id: int, step_ids: list[int], now) -> None:
    """Run those of the steps of an action that may run now; let the others wait.

    :param step_ids: steps whose rows this transaction has locked
    """
    responsible = campaign._as_responsible().env
    action = responsible["flow.action"].browse(action_id)
    ready = windows.open_now(env, campaign, action.sudo(), step_ids, now)
    ready, refused = cap.room_for(env, campaign, action.sudo(), ready, now)
    steps = responsible["flow.step"].browse(ready)
    if not (steps or refused):
        return
    wake = campaign.workflow_id._plan().waits_for_steps(action.state_id.id)
    outcomes = skipped(refused) | (_run(action, steps) if steps else {})
    failpoints.reach("execute.ran")
    write_outcomes(env, outcomes, now, wake)
    failpoints.reach("execute.written")
    env["flow.step"].invalidate_model()
    env["flow.participant"].invalidate_model()
    failed = sum(outcome.status == "failed" for outcome in outcomes.values())
    breaker.check(env, campaign, action, failed, len(outcomes))


def skipped(reasons: dict[int, str]) -> dict[int, Outcome]:
    """Return the outcomes of steps that are left out."""
    return {step_id: Outcome("skipped", reason) for step_id, reason in reasons.items()}


def _run(action, steps) -> dict[int, Outcome]:
    """Run the action and return the outcome of each step."""
    outcomes = isolate(
        steps,
        action._run,
        failed=lambda step, outcome: {step.id: outcome},
        join=lambda first, second: first | second,
    )
    return {step_id: outcomes.get(step_id, DONE) for step_id in steps.ids}


def isolate(steps, work, failed, join, stopped=None):
    """Do `work` for a batch; when it breaks, halve the batch until what breaks stands alone.

    What was done for a half that broke is undone by its savepoint, so `work` must not do anything
    outside the database. Where `work` takes too long again and again, all that is left fails at
    once: a template that runs in circles does so for everybody, and would hold up the worker.

    :param work: takes steps and returns a result
    :param failed: takes the step that breaks and its `Outcome`, returns the result for it
    :param join: makes one result of those of two halves
    """
    env = steps.env
    stopped = [] if stopped is None else stopped
    try:
        with env.cr.savepoint():
            result = work(steps)
            env.flush_all()
    except Exception as error:
        env.invalidate_all(flush=False)
        if _must_retry(error):
            raise
        if isinstance(error, TooSlowError):
            stopped.append(error)
        if len(steps) > 1 and len(stopped) < MOST_STOPPED:
            half = len(steps) // 2
            first = isolate(steps[:half], work, failed, join, stopped)
            return join(first, isolate(steps[half:], work, failed, join, stopped))
        _logger.info("Steps %s (%s) failed: %s", steps.ids, steps[:1].action_key, error)
        outcome = Outcome("failed", str(error) or type(error).__name__)
        return reduce(join, [failed(step, outcome) for step in steps])
    return result


def _must_retry(error) -> bool:
    """Whether another transaction stood in the way, so that the whole batch runs again."""
    return getattr(error, "pgcode", None) in ("40001", "40P01")


def write_outcomes(env, outcomes, now, wake) -> None:
    """Write the outcomes of a batch in one statement.

    :param outcomes: ``{step id: Outcome}``
    :param wake: whether participants may go on now that these steps were run
    """
    statement = SQL(
        WRITE_OUTCOMES,
        ids=list(outcomes),
        statuses=[outcome.status for outcome in outcomes.values()],
        reasons=[outcome.reason for outcome in outcomes.values()],
        max=MAX_ATTEMPTS,
        wait=RETRY_MINUTES,
        now=now,
        wake=wake,
    )
    env.cr.execute(statement, log_exceptions=False)  # a conflict is no error: see `claim`
