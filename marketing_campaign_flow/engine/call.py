"""Call: what reaches beyond the database and may be repeated, a few calls at a time.

The contract is *idempotent*: at least once, with a key by which the receiver knows a repetition.
The step is the outbox, as for messages (`deliver`). A worker claims a batch by its name, prepares
the calls, and makes them window by window (as many as may be in flight): the window's steps are
*sending* before the first call is made, and what became of them is written together with the
beginning of the next. No transaction is open while a receiver is waited for. A worker that dies
leaves one window whose outcome nobody knows; those are called again.
"""

import logging
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from odoo.tools import split_every

from . import (
    breaker,
    budget,
    claim,
    database_clock,
    deliver,
    execute,
    failpoints,
    transaction,
    version_lock,
    windows,
)
from .call_log import Answer, CallLog
from .courier import Courier

_logger = logging.getLogger(__name__)

BATCH = 100
SLICE_SECONDS = 5  # after which no further window of a batch begins: other campaigns have work too

# Steps of one action. Those that another worker claims at this moment are skipped.
CLAIM = """
    WITH first AS MATERIALIZED (
        SELECT due_at, id, action_id FROM flow_step
         WHERE campaign_id = %(campaign)s AND status = 'scheduled' AND NOT is_message AND is_call
           AND wait_reason IS DISTINCT FROM 'budget' AND due_at <= %(now)s AND %(not_paused)s
           AND (due_at, id) >= (%(front_moment)s, %(front_id)s)
           AND claimed_by IS NULL
         ORDER BY due_at, id LIMIT 1
    ),
    due AS (
        SELECT id FROM flow_step
         WHERE campaign_id = %(campaign)s AND status = 'scheduled' AND NOT is_message AND is_call
           AND wait_reason IS DISTINCT FROM 'budget' AND due_at <= %(now)s AND %(not_paused)s
           AND (due_at, id) >= ((SELECT due_at FROM first), (SELECT id FROM first))
           AND claimed_by IS NULL AND action_id = (SELECT action_id FROM first)
           AND EXISTS (SELECT FROM flow_campaign WHERE id = %(campaign)s AND status = 'running')
         ORDER BY due_at, id LIMIT %(limit)s
           FOR NO KEY UPDATE SKIP LOCKED
    )
    UPDATE flow_step s SET claimed_by = %(worker)s, cost = NULL
      FROM due WHERE s.id = due.id
    RETURNING (SELECT due_at FROM first), (SELECT id FROM first), s.id, s.action_id
"""

Call = Callable[[], Answer]


def call(
    env,
    campaign,
    courier: Courier,
    limit: int = BATCH,
    *,
    front: claim.Front | None = None,
) -> int | None:
    """Make due calls of one action of the campaign.

    :param campaign: one running `flow.campaign`
    :param limit: how many calls at most
    :param front: where the queue of the campaign's calls begins, as far as the pass knows
    :return: how many were claimed; None when a new version is being published
    """
    transaction.begin(env)
    if not version_lock.share(env, campaign):
        return None
    now = database_clock.now(env)
    claimed = (front or claim.Front()).claim(
        env, CLAIM, campaign=campaign.id, now=now, limit=limit, worker=courier.name
    )
    if not claimed:
        return 0
    failpoints.reach("call.claimed")
    responsible = campaign._as_responsible().env
    action = responsible["flow.action"].browse(claimed[0][3])
    # sudo: when an action may run does not depend on who reads it
    ready = windows.open_now(env, campaign, action.sudo(), sorted(row[2] for row in claimed), now)
    log = CallLog(env, campaign, action, courier.name)
    calls = _prepare(env, campaign, action, responsible["flow.step"].browse(ready), log)
    # sudo: what an action costs does not depend on who reads it
    paid = budget.reserve(env, campaign, action.sudo(), list(calls), courier.name)
    calls = {step_id: calls[step_id] for step_id in paid}
    transaction.commit(env)
    failpoints.reach("call.prepared")
    end = time.monotonic() + SLICE_SECONDS
    try:
        with transaction.each_at_once(env), ThreadPoolExecutor(courier.calls_in_flight) as pool:
            for window in split_every(courier.calls_in_flight, calls.items(), dict):
                begun = log.settle(begin=list(window))
                failpoints.reach("call.begun")
                made = pool.map(_make if courier.is_real else _left_out, map(window.get, begun))
                log.keep(dict(zip(begun, made, strict=True)))
                failpoints.reach("call.made")
                if time.monotonic() > end:
                    break
    finally:
        if not env.cr._cnx.closed:
            transaction.rollback(env)
            log.settle()
            env.cr.execute(deliver.GIVE_BACK, [courier.name])
            env["flow.step"].invalidate_model()
            env["flow.participant"].invalidate_model()
            breaker.check(env, campaign, action, log.failed, log.made)
            transaction.commit(env)
    return len(claimed)


def _prepare(env, campaign, action, steps, log) -> dict[int, Call | Answer]:
    """Return what is to be called for each step; one that breaks never stops the others."""
    if not steps:
        return {}
    calls, outcomes = execute.isolate(
        steps,
        lambda batch: (action._calls(batch), {}),
        failed=lambda step, outcome: ({}, {step.id: outcome}),
        join=lambda first, second: (first[0] | second[0], first[1] | second[1]),
    )
    if outcomes:
        wake = campaign.workflow_id._plan().waits_for_steps(action.state_id.id)
        execute.write_outcomes(env, outcomes, database_clock.now(env), wake)
        log.count_broken(len(outcomes))
    env.flush_all()
    return {
        step.id: calls.get(step.id, Answer("done")) for step in steps if step.id not in outcomes
    }


def _left_out(prepared: Call | Answer) -> Answer:
    """Return what becomes of a call in a trial, which reaches nobody."""
    return prepared if isinstance(prepared, Answer) else Answer("done")


def _make(prepared: Call | Answer) -> Answer:
    """Make a call, in a thread of its own; it must not break the others."""
    if isinstance(prepared, Answer):
        return prepared
    try:
        return prepared()
    except Exception as error:
        _logger.warning("A call has failed unexpectedly", exc_info=True)
        return Answer("retry", str(error) or type(error).__name__)
