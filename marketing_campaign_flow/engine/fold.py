"""Fold: the facts that were appended since the last time become one row per key and day.

The sum over the rows is the same before, while and after; folding only keeps it cheap.
"""

from . import failpoints

BATCH = 20_000

# One worker folds at a time, so that only one writes the rows that are folded. Appending takes no
# lock and is never in the way: a fact that is not committed yet is folded the next time.
LOCK = "SELECT pg_try_advisory_xact_lock('flow_fact'::regclass::oid::int, 0)"

# Marks (`facts.APPEND_UNSUBSCRIBED`) stay until no transaction can be as old as they are; from then
# on everybody sees the event itself.
FOLD = """
    WITH appended AS (
        DELETE FROM flow_fact
         WHERE id IN (SELECT id FROM flow_fact
                       WHERE is_delta AND (once IS NULL OR day < CURRENT_DATE - 1)
                       ORDER BY id LIMIT %s)
        RETURNING campaign_id, state_key, action_key, transition_key, arm, country_ref,
                  salesperson_ref, metric, day, amount
    ),
    folded AS (
        INSERT INTO flow_fact
               (campaign_id, state_key, action_key, transition_key, arm, country_ref,
                salesperson_ref, metric, day, amount, is_delta)
        SELECT campaign_id, state_key, action_key, transition_key, arm, country_ref,
               salesperson_ref, metric, day, sum(amount), FALSE
          FROM appended GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9 HAVING sum(amount) <> 0
            ON CONFLICT (campaign_id, metric, COALESCE(day, '-infinity'),
                         COALESCE(state_key, ''), COALESCE(action_key, ''),
                         COALESCE(transition_key, ''), COALESCE(arm, ''),
                         COALESCE(country_ref, 0), COALESCE(salesperson_ref, 0))
                         WHERE NOT is_delta
            DO UPDATE SET amount = flow_fact.amount + EXCLUDED.amount
    )
    SELECT count(*) FROM appended
"""


def fold(env, limit: int = BATCH) -> int:
    """Fold facts of all campaigns.

    Runs at READ COMMITTED (see `tick`): a row that another worker has folded a moment ago is seen.

    :param limit: how many facts at most
    :return: how many there were; 0 also when another worker is at it
    """
    env.cr.execute(LOCK)
    if not env.cr.fetchone()[0]:
        return 0
    env.cr.execute(FOLD, [limit])
    count = env.cr.fetchone()[0]
    if count:
        failpoints.reach("fold.folded")
        env["flow.fact"].invalidate_model()
    return count
