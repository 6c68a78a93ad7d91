"""Execute: run the due steps, a batch of one action at a time."""

import logging
from dataclasses import dataclass

from odoo.tools import SQL

from . import breaker, database_clock, failpoints, windows

_logger = logging.getLogger(__name__)

BATCH = 1000
MAX_ATTEMPTS = 3
RETRY_MINUTES = 5

# Steps that another worker holds are skipped: they are that worker's to run. NO KEY, because an
# event that is recorded refers to its step, and must not wait for the batch.
CLAIM = """
    SELECT id, action_id FROM flow_step
     WHERE campaign_id = %(campaign)s AND status = 'scheduled' AND due_at <= %(now)s
       AND EXISTS (SELECT FROM flow_campaign WHERE id = %(campaign)s AND status = 'running')
       AND action_id = (
            SELECT action_id FROM flow_step
             WHERE campaign_id = %(campaign)s AND status = 'scheduled' AND due_at <= %(now)s
             ORDER BY due_at, id LIMIT 1)
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
               reason = o.reason, attempts = s.attempts + 1, done_at = %(now)s
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


def execute(env, campaign, limit: int = BATCH) -> int:
    """Run due steps of one action of the campaign.

    All action kinds of this version are transactional: their effect commits with the step's
    outcome, so a worker that dies leaves either both or nothing.

    :param campaign: one running `flow.campaign`
    :param limit: how many steps at most
    :return: how many steps were run
    """
    now = database_clock.now(env)
    claim = SQL(CLAIM, campaign=campaign.id, now=now, limit=limit)
    env.cr.execute(claim, log_exceptions=False)  # a conflict is no error: the batch runs again
    claimed = env.cr.fetchall()
    if not claimed:
        return 0
    failpoints.reach("execute.claimed")
    responsible = campaign._as_responsible().env
    action = responsible["flow.action"].browse(claimed[0][1])
    ready = windows.open_now(env, campaign, action.sudo(), [row[0] for row in claimed], now)
    steps = responsible["flow.step"].browse(ready)
    if not steps:
        return len(claimed)
    wake = campaign.workflow_id._plan().waits_for_steps(action.state_id.id)
    outcomes = _run(action, steps)
    failpoints.reach("execute.ran")
    _write_outcomes(env, outcomes, now, wake)
    failpoints.reach("execute.written")
    env["flow.step"].invalidate_model()
    env["flow.participant"].invalidate_model()
    failed = sum(outcome.status == "failed" for outcome in outcomes.values())
    breaker.check(env, campaign, action, failed, len(outcomes))
    return len(claimed)


def _run(action, steps) -> dict[int, Outcome]:
    """Run the action; when it breaks, halve the batch until the step that breaks stands alone."""
    try:
        with action.env.cr.savepoint():
            outcomes = action._run(steps)
            action.env.flush_all()
    except Exception as error:
        action.env.invalidate_all(flush=False)
        if _must_retry(error):
            raise
        if len(steps) > 1:
            half = len(steps) // 2
            return _run(action, steps[:half]) | _run(action, steps[half:])
        _logger.info("Step %s of action %s failed: %s", steps.id, action.key, error)
        return {steps.id: Outcome("failed", str(error) or type(error).__name__)}
    return {step_id: outcomes.get(step_id, DONE) for step_id in steps.ids}


def _must_retry(error) -> bool:
    """Whether another transaction stood in the way, so that the whole batch runs again."""
    return getattr(error, "pgcode", None) in ("40001", "40P01")


def _write_outcomes(env, outcomes, now, wake) -> None:
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
    env.cr.execute(statement, log_exceptions=False)  # see the claim
