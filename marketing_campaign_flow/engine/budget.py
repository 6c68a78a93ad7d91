"""Budget: what costs money is paid for before it happens, so that nothing is sold twice.

Before a step whose action has a price runs, its price is reserved. Who reserves holds a lock of the
campaign, reads the limit and all that counts against it, gives as many steps as the money allows
their price, in the order in which they are due, and commits at once: whatever the next one reads
under the lock is complete. Nothing is rendered, sent or waited for meanwhile. Giving money back
needs no lock, since it only makes more room, nor does spending what is reserved.

Steps without money wait outside the queues of due work, in an index of their own, so that a million
of them costs nobody anything. When there is money again as many of them as it pays for go back into
the queue; whether they really get it is decided when they are claimed.

All of this runs at READ COMMITTED: a snapshot that is older than the lock would not see what others
have reserved.
"""

from decimal import Decimal

from odoo.tools import SQL

from . import claim, database_clock, failpoints, spending

BATCH = 10_000
SIXTH = Decimal("0.000001")  # the smallest part of a unit of currency that a price may have

# Of one campaign; so two campaigns never wait for each other.
HOLD = "SELECT pg_advisory_xact_lock('flow_spending'::regclass::oid::int, %s)"

# Only what this worker has claimed. `room` is how many there is money for, NULL for all.
RESERVE = """
    WITH queued AS (
        SELECT id, row_number() OVER (ORDER BY due_at, id) <= COALESCE(%(room)s, 2147483647) AS paid
          FROM flow_step
         WHERE id = ANY(%(ids)s) AND status = 'scheduled' AND +claimed_by = %(worker)s
    )
    UPDATE flow_step s
       SET cost = CASE WHEN q.paid THEN %(price)s END,
           claimed_by = CASE WHEN q.paid THEN s.claimed_by END,
           wait_reason = CASE WHEN q.paid THEN s.wait_reason ELSE 'budget' END
      FROM queued q WHERE s.id = q.id
    RETURNING s.id, q.paid
"""

# When a batch has found no money, those behind it are not claimed and prepared first, to find none
# either.
PARK = """
    UPDATE flow_step SET wait_reason = 'budget'
     WHERE id IN (SELECT id FROM flow_step
                   WHERE campaign_id = %(campaign)s AND status = 'scheduled'
                     AND wait_reason IS DISTINCT FROM 'budget' AND action_id = %(action)s
                     AND is_message = %(is_message)s AND is_call = %(is_call)s
                     AND due_at <= %(now)s AND claimed_by IS NULL
                   ORDER BY due_at, id LIMIT %(limit)s FOR NO KEY UPDATE SKIP LOCKED)
    RETURNING id
"""

# Said on the campaign while anybody waits: for the engine, which looks for them then only, and for
# people. Changed under the lock.
SAY_WAITING = "UPDATE flow_campaign SET awaits_budget = TRUE WHERE id = %s AND NOT awaits_budget"
ANYBODY_WAITS = """
    SELECT EXISTS (SELECT FROM flow_step
                    WHERE campaign_id = %s AND status = 'scheduled' AND wait_reason = 'budget')
"""

# For each action the first that wait, but for actions of which some are in the queue already: those
# have their turn first. What is cheap does not wait for money for what is dear. Who is paused would
# stand at the front of the queue for ever. An array, so that the planner, which cannot know how
# many they are, looks them up instead of reading the whole ledger.
WAKE = """
    WITH priced AS (
        SELECT a.id, a.unit_cost::numeric FROM flow_action a
          JOIN flow_workflow w ON w.id = a.workflow_id
         WHERE w.campaign_id = %(campaign)s AND COALESCE(a.unit_cost, 0) <= %(left)s
           AND NOT %(queued)s
    ),
    most AS (
        SELECT COALESCE(LEAST(%(limit)s, floor(%(left)s / min(unit_cost))), %(limit)s)::bigint AS n
          FROM priced WHERE unit_cost > 0
    ),
    waiting AS (
        SELECT s.id, s.due_at, a.unit_cost FROM priced a
         CROSS JOIN LATERAL (
               SELECT id, due_at FROM flow_step
                WHERE campaign_id = %(campaign)s AND action_id = a.id AND status = 'scheduled'
                  AND wait_reason = 'budget'
                ORDER BY due_at, id LIMIT (SELECT n FROM most)) s
         ORDER BY s.due_at, s.id LIMIT (SELECT n FROM most)
    ),
    paid AS (
        SELECT id FROM (SELECT id, sum(COALESCE(unit_cost, 0)) OVER (ORDER BY due_at, id) AS total
                          FROM waiting) w
         WHERE total <= %(left)s
    )
    UPDATE flow_step s SET wait_reason = NULL
     WHERE s.id = ANY(ARRAY(SELECT id FROM paid)) AND s.status = 'scheduled'
       AND s.wait_reason = 'budget'
    RETURNING s.id
"""
# Whether any of the first thousand in a queue is of the action.
QUEUED = """
    EXISTS (SELECT FROM (
            SELECT action_id FROM flow_step
             WHERE campaign_id = %(campaign)s AND status = 'scheduled'
               AND wait_reason IS DISTINCT FROM 'budget' AND claimed_by IS NULL
               AND is_message = %(is_message)s AND is_call = %(is_call)s
               AND due_at <= %(now)s AND %(not_paused)s
             ORDER BY due_at, id LIMIT 1000) first WHERE first.action_id = a.id)
"""
QUEUES = ((True, False), (False, True), (False, False))

# The highest sum of money that PostgreSQL has to compare with: no limit.
NO_LIMIT = Decimal("1e15")


def exact(amount) -> Decimal:
    """Return an amount of money, be it a float of Odoo's, as an exact decimal."""
    return Decimal(str(amount)).quantize(SIXTH)


def hold(env, campaign_ids) -> None:
    """Let nobody reserve for these campaigns, or change their limits, until this is committed."""
    for campaign_id in sorted(campaign_ids):  # in one order, so that no two wait for each other
        env.cr.execute(HOLD, [campaign_id])


def reserve(env, campaign, action, step_ids: list[int], worker: int) -> list[int]:
    """Reserve what steps cost, as far as the money goes; the others wait.

    The caller commits next, and before anything is handed over. For an action without a price this
    does nothing.

    :param campaign: one `flow.campaign`
    :param action: the `flow.action` of the steps
    :param step_ids: steps that this worker has claimed by its name, in this transaction
    :return: those that are paid for, in their order
    """
    if not step_ids or not action.unit_cost:
        return step_ids
    env.flush_all()
    hold(env, [campaign.id])
    price, left = exact(action.unit_cost), campaign._budget_left()
    room = None if left is None else max(0, int(left // price))
    statement = SQL(RESERVE, ids=list(step_ids), worker=worker, price=price, room=room)
    env.cr.execute(statement, log_exceptions=False)  # a conflict is no error: see `claim`
    paid = dict(env.cr.fetchall())
    failpoints.reach("budget.reserved")
    if not all(paid.values()):
        _park(env, campaign, action)
    env["flow.step"].invalidate_model()
    return [step_id for step_id in step_ids if paid.get(step_id)]


def _park(env, campaign, action) -> None:
    """Let others of an action wait as well, of which some could not be paid for."""
    statement = SQL(
        PARK,
        campaign=campaign.id,
        action=action.id,
        is_message=action._contract() == "at_most_once",
        is_call=action._contract() == "idempotent",
        now=database_clock.now(env),
        limit=BATCH,
    )
    claim.in_order(env, statement)
    env.cr.execute(SAY_WAITING, [campaign.id], log_exceptions=False)
    campaign.invalidate_recordset(["awaits_budget"])


def wake(env, campaign, now, limit: int = BATCH) -> int:
    """Put steps back into the queue that there is money for.

    Runs at READ COMMITTED (see `tick`).

    :param campaign: one `flow.campaign` in which steps wait
    :param limit: how many at most
    :return: how many there were
    """
    env.flush_all()
    hold(env, [campaign.id])
    left = campaign._budget_left()
    queued = [
        SQL(
            QUEUED,
            campaign=campaign.id,
            now=now,
            is_message=is_message,
            is_call=is_call,
            not_paused=SQL(claim.NOT_PAUSED, campaign=campaign.id),
        )
        for is_message, is_call in QUEUES
    ]
    statement = SQL(
        WAKE,
        campaign=campaign.id,
        left=NO_LIMIT if left is None else max(left, Decimal(0)),
        limit=limit,
        queued=SQL("(%s)", SQL(" OR ").join(queued)) if left is not None else SQL("FALSE"),
    )
    count = len(claim.in_order(env, statement))
    env.cr.execute(ANYBODY_WAITS, [campaign.id])
    [waits] = env.cr.fetchone()
    env["flow.step"].invalidate_model()
    campaign._say_awaits_budget(waits, count)
    return count


def message_costs(env, campaign_ids) -> dict:
    """Return what was spent on messages and what is reserved, by campaign, as exact decimals."""
    known = spending.sums(env, list(campaign_ids))
    return {one: known.get(one, (Decimal(0), Decimal(0))) for one in campaign_ids}
