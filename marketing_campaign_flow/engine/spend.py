"""Spend: run due steps of actions that commit with their steps and cost money, such as an SMS.

Money is reserved in a transaction of its own (`budget`), and what was reserved is held by the name
of the worker, as messages are. The batch then runs as any other does. What does not run after all,
because it is outside its hours or the worker dies, is given back with the claim.
"""

from odoo.tools import SQL

from . import budget, claim, database_clock, deliver, execute, failpoints, transaction, version_lock

# Steps of one action. Those that another worker claims at this moment are skipped.
CLAIM = """
    WITH first AS MATERIALIZED (
        SELECT due_at, id, action_id FROM flow_step
         WHERE campaign_id = %(campaign)s AND status = 'scheduled'
           AND NOT is_message AND NOT is_call
           AND wait_reason IS DISTINCT FROM 'budget' AND action_id = ANY(%(priced)s)
           AND due_at <= %(now)s AND %(not_paused)s AND claimed_by IS NULL
           AND (due_at, id) >= (%(front_moment)s, %(front_id)s)
         ORDER BY due_at, id LIMIT 1
    ),
    due AS (
        SELECT id FROM flow_step
         WHERE campaign_id = %(campaign)s AND status = 'scheduled'
           AND NOT is_message AND NOT is_call
           AND wait_reason IS DISTINCT FROM 'budget'
           AND due_at <= %(now)s AND %(not_paused)s AND claimed_by IS NULL
           AND (due_at, id) >= ((SELECT due_at FROM first), (SELECT id FROM first))
           AND action_id = (SELECT action_id FROM first)
           AND EXISTS (SELECT FROM flow_campaign WHERE id = %(campaign)s AND status = 'running')
         ORDER BY due_at, id LIMIT %(limit)s
           FOR NO KEY UPDATE SKIP LOCKED
    )
    UPDATE flow_step s SET claimed_by = %(worker)s, cost = NULL
      FROM due WHERE s.id = due.id
    RETURNING (SELECT due_at FROM first), (SELECT id FROM first), s.id, s.action_id
"""

# The last look: still ours and wanted, and the campaign still runs.
HOLD = """
    SELECT id FROM flow_step
     WHERE id = ANY(%(ids)s) AND status = 'scheduled' AND +claimed_by = %(worker)s
       AND EXISTS (SELECT FROM flow_campaign WHERE id = %(campaign)s AND status = 'running')
     ORDER BY due_at, id
       FOR NO KEY UPDATE SKIP LOCKED
"""


def spend(
    env,
    campaign,
    worker: int,
    limit: int = execute.BATCH,
    *,
    front: claim.Front | None = None,
) -> int | None:
    """Run due steps of one priced action of the campaign, as many as the money allows.

    :param campaign: one running `flow.campaign`
    :param worker: the name by which this worker claims
    :param limit: how many steps at most
    :param front: where the queue of the campaign's steps begins, as far as the pass knows
    :return: how many were claimed; None when a new version is being published
    """
    transaction.begin(env)
    if not version_lock.share(env, campaign):
        return None
    now = database_clock.now(env)
    priced = list(campaign.workflow_id._plan().priced_ids)
    claimed = (front or claim.Front()).claim(
        env, CLAIM, campaign=campaign.id, now=now, limit=limit, worker=worker, priced=priced
    )
    if not claimed:
        return 0
    failpoints.reach("spend.claimed")
    # sudo: what an action costs does not depend on who reads it
    action = env["flow.action"].sudo().browse(claimed[0][3])
    paid = budget.reserve(env, campaign, action, sorted(row[2] for row in claimed), worker)
    transaction.commit(env)
    failpoints.reach("spend.reserved")
    try:
        if paid and version_lock.share(env, campaign):
            _run(env, campaign, action, paid, worker, now)
    except Exception:
        if not transaction.is_confined(env):
            transaction.rollback(env)
            env.cr.execute(deliver.GIVE_BACK, [worker])
            transaction.commit(env)
        raise
    env.cr.execute(deliver.GIVE_BACK, [worker], log_exceptions=False)
    return len(claimed)


def _run(env, campaign, action, step_ids, worker, now) -> None:
    """Run what is paid for, in a transaction that began after it was."""
    statement = SQL(HOLD, ids=step_ids, worker=worker, campaign=campaign.id)
    env.cr.execute(statement, log_exceptions=False)  # a conflict is no error: see `claim`
    held = [row[0] for row in env.cr.fetchall()]
    if held:
        execute.run_claimed(env, campaign, action.id, held, now)
        failpoints.reach("spend.ran")
