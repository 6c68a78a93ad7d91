"""Spending: what messages and other priced actions have cost, and what is reserved for them.

The money is a column of the step, `cost`, and its status says what it is: *reserved* while a worker
has the step in hand, *spent* once it was done, nothing in any other case. So whoever changes a
step, in whichever way, changes the sums with it: they are appended by the database as facts are
(`fact_triggers`) and folded like them, and no step is ever read to know a sum.
"""

from decimal import Decimal

from odoo.tools import SQL

from .fold import BATCH, fold_rows

# An answer that was lost counts as sent: the message may have arrived.
COLUMNS = """
    campaign_id, action_key, cost,
    CASE WHEN status IN ('done', 'uncertain') THEN 'spent'
         WHEN status = 'sending' OR (status = 'scheduled' AND claimed_by IS NOT NULL)
         THEN 'reserved' END AS kind,
    CASE WHEN status IN ('done', 'uncertain') THEN done_at::date END AS day
"""

# A campaign that is being deleted takes its sums along.
APPEND = """
    INSERT INTO flow_spending (campaign_id, action_key, kind, day, amount, count, is_delta)
    SELECT campaign_id, action_key, kind, day, sum(sign * cost), sum(sign), TRUE
      FROM (%(rows)s) r
     WHERE cost IS NOT NULL AND kind IS NOT NULL
       AND EXISTS (SELECT FROM flow_campaign c WHERE c.id = r.campaign_id)
     GROUP BY 1, 2, 3, 4 HAVING sum(sign * cost) <> 0 OR sum(sign) <> 0
"""

# Most statements change steps that cost nothing; they pay for this look.
ANYTHING_PRICED = """
    IF NOT EXISTS (SELECT FROM %(first)s WHERE cost IS NOT NULL)
       AND NOT EXISTS (SELECT FROM %(second)s WHERE cost IS NOT NULL) THEN
        RETURN NULL;
    END IF
"""

LOCK = "LOCK TABLE flow_step IN SHARE MODE"

FOLD = """
    WITH appended AS (
        DELETE FROM flow_spending
         WHERE id IN (SELECT id FROM flow_spending WHERE is_delta ORDER BY id LIMIT %s)
        RETURNING campaign_id, action_key, kind, day, amount, count
    ),
    folded AS (
        INSERT INTO flow_spending (campaign_id, action_key, kind, day, amount, count, is_delta)
        SELECT campaign_id, action_key, kind, day, sum(amount), sum(count), FALSE
          FROM appended GROUP BY 1, 2, 3, 4 HAVING sum(amount) <> 0 OR sum(count) <> 0
            ON CONFLICT (campaign_id, action_key, kind, COALESCE(day, '-infinity'))
                         WHERE NOT is_delta
            DO UPDATE SET amount = flow_spending.amount + EXCLUDED.amount,
                          count = flow_spending.count + EXCLUDED.count
    )
    SELECT count(*) FROM appended
"""

# As text, because Odoo reads numbers of PostgreSQL as floats.
SUMS = """
    SELECT campaign_id, COALESCE(sum(amount) FILTER (WHERE kind = 'spent'), 0)::text,
           COALESCE(sum(amount) FILTER (WHERE kind = 'reserved'), 0)::text
      FROM flow_spending WHERE campaign_id = ANY(%s) GROUP BY 1
"""


def append(*rows: tuple[int, SQL]) -> SQL:
    """Return a statement that appends what some steps cost.

    :param rows: pairs of sign (1 counts for, -1 against) and a ``FROM`` clause
    """
    signed = [SQL("SELECT %s AS sign, %s FROM %s", sign, SQL(COLUMNS), of) for sign, of in rows]
    return SQL(APPEND, rows=SQL(" UNION ALL ").join(signed))


def appending(*rows: tuple[int, SQL]) -> list[SQL]:
    """Return the statements of a trigger that appends, where anything is priced."""
    tables = [of for _sign, of in rows]
    guard = SQL(ANYTHING_PRICED, first=tables[0], second=tables[-1])
    return [guard, append(*rows)]


def recount(cr) -> None:
    """Forget all sums and add up the whole ledger, which takes as long as reading all of it."""
    cr.execute(LOCK)
    cr.execute("DELETE FROM flow_spending")
    cr.execute(append((1, SQL("flow_step"))))


def fold(env, limit: int = BATCH) -> int:
    """Sum up what was appended, see `fold_rows`."""
    return fold_rows(env["flow.spending"], FOLD, limit, "fold.spending_folded")


def sums(env, campaign_ids: list[int]) -> dict:
    """Return what was spent and what is reserved as exact decimals, by campaign."""
    env.cr.execute(SUMS, [list(campaign_ids)])
    return {
        campaign: (Decimal(spent), Decimal(reserved))
        for campaign, spent, reserved in env.cr.fetchall()
    }
