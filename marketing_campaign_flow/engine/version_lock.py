"""Who may work on a campaign while its workflow is replaced: nobody.

Everything that acts on the plan of a campaign shares a lock until its transaction ends; publishing
a new version takes that lock for itself alone. So a batch that is under way is finished first, and
one that begins later acts on the new version. Two locks are needed for that, and each has its
reason:

* An advisory lock, because it is fair: once publishing waits for it, nobody else gets in before,
  so workers that hand the campaign to each other without a gap cannot keep a person waiting. A
  worker does not wait: it leaves the campaign alone and goes on with the next.
* The row of the published version, because a lock alone does not help a transaction whose
  snapshot is older than the lock. Odoo's transactions are REPEATABLE READ: the snapshot is taken
  with the first statement, be it the one that waits for the lock. Publishing changes that row (it
  becomes *archived*), so such a transaction gets a serialization failure here and starts again,
  and can neither act on an old plan nor put someone into a state that is no longer there. At READ
  COMMITTED the row found is simply the new version's.
"""

from odoo.tools import SQL

from . import transaction

SHARE = "SELECT pg_advisory_xact_lock_shared('flow_workflow'::regclass::oid::int, %s)"
TRY_SHARE = "SELECT pg_try_advisory_xact_lock_shared('flow_workflow'::regclass::oid::int, %s)"
EXCLUDE = "SELECT pg_advisory_xact_lock('flow_workflow'::regclass::oid::int, %s)"

PIN = """
    SELECT id FROM flow_workflow WHERE campaign_id = %s AND status = 'published' FOR SHARE
"""

# The campaign, so that it is not stopped or paused meanwhile; its versions, so that nobody edits
# the draft meanwhile: whoever does changes its row (`flow.workflow.part`).
HOLD = """
    SELECT 1 FROM flow_campaign WHERE id = %s FOR NO KEY UPDATE
"""
HOLD_VERSIONS = """
    SELECT 1 FROM flow_workflow WHERE campaign_id = %s AND status <> 'archived'
     ORDER BY id FOR UPDATE
"""


def share(env, campaign, wait: bool = False) -> bool:
    """Keep the version that a campaign runs in place until the transaction ends.

    :param campaign: one `flow.campaign`
    :param wait: wait for a new version that is being published, instead of giving up
    :return: False when a new version is being published
    :raises psycopg2.errors.SerializationFailure: when one was, since the transaction began
    """
    if transaction.is_trial(env):
        return True  # nobody else knows this campaign
    env["flow.workflow"].flush_model(["campaign_id", "status"])
    env.cr.execute(SHARE if wait else TRY_SHARE, [campaign.id])
    if not wait and not env.cr.fetchone()[0]:
        return False
    # a conflict is no error: the caller's transaction runs again
    env.cr.execute(SQL(PIN, campaign.id), log_exceptions=False)
    pinned = env.cr.fetchone()
    if pinned and pinned[0] != campaign.workflow_id.id:
        campaign.invalidate_recordset(["workflow_id"])
    return True


def exclude(env, campaign) -> None:
    """Wait until nobody works on a campaign, then keep everybody out until the transaction ends.

    What the caller has changed so far is committed: it takes a transaction of its own, at READ
    COMMITTED, to see what those have written for whom it waited.

    :param campaign: one `flow.campaign`
    """
    env.flush_all()
    transaction.begin(env)
    env.cr.execute(EXCLUDE, [campaign.id])
    env.cr.execute(HOLD, [campaign.id])
    env.cr.execute(HOLD_VERSIONS, [campaign.id])
    env.invalidate_all()
