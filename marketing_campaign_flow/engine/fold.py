"""Fold: the facts that were appended since the last time become one row per key and day.

The sum over the rows is the same before, while and after; folding only keeps it cheap.
"""

from . import failpoints

BATCH = 20_000

# One worker folds a table at a time, so that only one writes the rows that are folded. Appending
# takes no lock and is never in the way: what is not committed yet is folded the next time.
LOCK = "SELECT pg_try_advisory_xact_lock(%s::regclass::oid::int, 0)"

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
    """Fold facts of all campaigns, see `fold_rows`."""
    return fold_rows(env["flow.fact"], FOLD, limit, "fold.folded")


def fold_rows(model, statement: str, limit: int, failpoint: str) -> int:
    """Fold the rows of a model that were appended.

    Runs at READ COMMITTED (see `tick`): a row that another worker has folded a moment ago is seen.

    :param statement: folds at most so many rows as its parameter says, and returns their number
    :param limit: how many rows at most
    :return: how many there were; 0 also when another worker is at it
    """
    cr = model.env.cr
    cr.execute(LOCK, [model._table])
    if not cr.fetchone()[0]:
        return 0
    cr.execute(statement, [limit])
    count = cr.fetchone()[0]
    if count:
        failpoints.reach(failpoint)
        model.invalidate_model()
    return count
