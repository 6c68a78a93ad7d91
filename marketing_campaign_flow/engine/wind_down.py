"""Wind down: end the runs of a campaign that was stopped, however many there are, in batches."""

from odoo.tools import SQL

from . import claim, database_clock

BATCH = 5000

# Whoever another worker holds is moved by it for the last time and ended by the next batch. In the
# order of the unique index of those under way.
END_RUNS = """
    WITH ending AS (
        SELECT id FROM flow_participant
         WHERE campaign_id = %(campaign)s AND status <> 'ended'
         ORDER BY res_id LIMIT %(limit)s
           FOR NO KEY UPDATE SKIP LOCKED
    )
    UPDATE flow_participant
       SET status = 'ended', end_kind = 'stopped', ended_at = %(now)s, next_at = NULL
     WHERE id IN (SELECT id FROM ending)
 RETURNING id
"""

# First those in the queues of due work, then those that wait for money: either in the order of its
# index.
CANCEL_STEPS = """
    WITH cancelled AS (
        SELECT id FROM flow_step
         WHERE campaign_id = %(campaign)s AND status = 'scheduled'
           AND wait_reason IS DISTINCT FROM 'budget'
         ORDER BY is_message, is_call, due_at, id LIMIT %(limit)s
           FOR NO KEY UPDATE SKIP LOCKED
    )
    UPDATE flow_step SET status = 'cancelled', reason = 'stopped', done_at = %(now)s
     WHERE id IN (SELECT id FROM cancelled)
 RETURNING id
"""

CANCEL_UNPAID = """
    WITH cancelled AS (
        SELECT id FROM flow_step
         WHERE campaign_id = %(campaign)s AND status = 'scheduled' AND wait_reason = 'budget'
         ORDER BY action_id, due_at, id LIMIT %(limit)s
           FOR NO KEY UPDATE SKIP LOCKED
    )
    UPDATE flow_step SET status = 'cancelled', reason = 'stopped', done_at = %(now)s
     WHERE id IN (SELECT id FROM cancelled)
 RETURNING id
"""

ANYTHING_LEFT = """
    SELECT EXISTS (SELECT FROM flow_participant
                    WHERE campaign_id = %(campaign)s AND status <> 'ended')
        OR EXISTS (SELECT FROM flow_step
                    WHERE campaign_id = %(campaign)s AND status = 'scheduled'
                      AND wait_reason IS DISTINCT FROM 'budget')
        OR EXISTS (SELECT FROM flow_step
                    WHERE campaign_id = %(campaign)s AND status = 'scheduled'
                      AND wait_reason = 'budget')
"""


def wind_down(env, campaign, limit: int = BATCH) -> int:
    """End the runs of those who are still under way and cancel what was scheduled.

    Runs at READ COMMITTED (see `tick`). The last batch takes the mark off the campaign.

    :param campaign: one `flow.campaign` that is stopped
    :param limit: how many runs and how many steps at most
    :return: how many rows were changed
    """
    values = {"campaign": campaign.id, "now": database_clock.now(env), "limit": limit}
    count = 0
    for statement in (END_RUNS, CANCEL_STEPS, CANCEL_UNPAID):
        count += len(claim.in_order(env, SQL(statement, **values)))
    env["flow.participant"].invalidate_model()
    env["flow.step"].invalidate_model()
    if not count:
        _finish(env, campaign)
    return count


def _finish(env, campaign) -> None:
    # An audience that is being enrolled right now is not seen yet, but holds this lock.
    if not campaign._lock_enrolling():
        return
    env.cr.execute(SQL(ANYTHING_LEFT, campaign=campaign.id))
    if not env.cr.fetchone()[0]:
        campaign.is_winding_down = False
