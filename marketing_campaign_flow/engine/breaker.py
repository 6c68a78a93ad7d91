"""The circuit breaker: a campaign in which an action fails for many is paused, and a person told.

A batch in which fewer than the given share fail cannot push the share of all above it, so only a
batch that is bad itself is followed by a count, of the last attempts of that action.
"""

from odoo.tools import SQL

from . import database_clock

SHARE = 0.35
AT_LEAST = 100
WINDOW = 1000

# A step that is tried again later has failed so far. What was before the campaign was last launched
# or resumed has been seen by a person.
RECENT = """
    SELECT count(*) FILTER (WHERE status IN ('failed', 'scheduled')), count(*)
      FROM (SELECT status FROM flow_step
             WHERE action_id = %(action)s AND attempts > 0 AND done_at >= %(since)s
             ORDER BY done_at DESC LIMIT %(window)s) recent
"""


def check(env, campaign, action, failed: int, attempted: int) -> bool:
    """Pause the campaign when too many participants fail in an action; return whether it was.

    :param action: the `flow.action` of which a batch was run, the outcomes written
    :param failed: how many of the batch failed
    :param attempted: how many there were
    """
    if not failed or failed < SHARE * attempted:
        return False
    since = campaign.running_since or database_clock.now(env)
    env.cr.execute(SQL(RECENT, action=action.id, since=since, window=WINDOW))
    failed, attempted = env.cr.fetchone()
    if attempted < AT_LEAST or failed < SHARE * attempted:
        return False
    campaign._trip(action, failed, attempted)
    return True
