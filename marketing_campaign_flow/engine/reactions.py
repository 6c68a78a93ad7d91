"""Reactions added up: by quarter of an hour, and by link.

When people react is a question of the reader's time zone and its summer time, so what is kept is
neither an hour nor a weekday but a quarter of an hour in UTC: every time zone there is differs from
UTC by whole quarters. Which hour of which weekday it was is worked out when it is read.

The rows are appended by the triggers on events (`fact_triggers`) and folded like facts, so they say
what the events say in every snapshot, and no screen reads five million events.
"""

from odoo.tools import SQL

BATCH = 20_000

# What people do with an email. None of these grows or changes once it is written down, so that
# there is nothing to do when the engine takes the mark *new* off an event.
KINDS = ("opened", "clicked", "replied", "unsubscribed")

# A click counts at its time and for its link. Nobody counts for a campaign that is being deleted.
APPEND = """
    INSERT INTO flow_reaction_count (campaign_id, kind, moment, url, amount, is_delta)
    SELECT e.campaign_id, e.kind, v.moment, v.url, %(sign)s * count(*), TRUE
      FROM %(rows)s e
     CROSS JOIN LATERAL (VALUES
           (date_trunc('hour', e.occurred_at)
            + date_part('minute', e.occurred_at)::int / 15 * interval '15 minutes', NULL),
           (NULL, CASE e.kind WHEN 'clicked' THEN e.url END)) v(moment, url)
     WHERE e.kind IN %(kinds)s AND NOT e.is_machine AND COALESCE(v.moment::text, v.url) <> ''
       AND EXISTS (SELECT FROM flow_campaign c WHERE c.id = e.campaign_id)
     GROUP BY e.campaign_id, e.kind, v.moment, v.url
"""

# As for facts: one worker folds at a time, and nobody who appends is in the way.
LOCK_FOLD = "SELECT pg_try_advisory_xact_lock('flow_reaction_count'::regclass::oid::int, 0)"
FOLD = """
    WITH appended AS (
        DELETE FROM flow_reaction_count
         WHERE id IN (SELECT id FROM flow_reaction_count WHERE is_delta ORDER BY id LIMIT %s)
        RETURNING campaign_id, kind, moment, url, amount
    ),
    folded AS (
        INSERT INTO flow_reaction_count (campaign_id, kind, moment, url, amount, is_delta)
        SELECT campaign_id, kind, moment, url, sum(amount), FALSE
          FROM appended GROUP BY 1, 2, 3, 4 HAVING sum(amount) <> 0
            ON CONFLICT (campaign_id, kind, COALESCE(moment, '-infinity'),
                         COALESCE(md5(url), '')) WHERE NOT is_delta
            DO UPDATE SET amount = flow_reaction_count.amount + EXCLUDED.amount
    )
    SELECT count(*) FROM appended
"""

# A database that was there before has events and no counts.
IS_EMPTY = """
    SELECT NOT EXISTS (SELECT FROM flow_reaction_count) AND EXISTS (SELECT FROM flow_event)
"""
LOCK = "LOCK TABLE flow_event IN SHARE MODE"

# Moments are added up before their time zone is looked at: they are few, however many campaigns.
BY_HOUR = """
    SELECT kind, date_part('dow', moment AT TIME ZONE 'UTC' AT TIME ZONE %(zone)s)::int,
           date_part('hour', moment AT TIME ZONE 'UTC' AT TIME ZONE %(zone)s)::int, sum(amount)
      FROM (SELECT kind, moment, sum(amount) AS amount
              FROM flow_reaction_count
             WHERE campaign_id = ANY(%(campaigns)s) AND kind = ANY(%(kinds)s)
               AND moment IS NOT NULL AND (%(since)s::timestamp IS NULL OR moment >= %(since)s)
             GROUP BY kind, moment) r
     GROUP BY 1, 2, 3 HAVING sum(amount) > 0
"""

BY_LINK = """
    SELECT url, sum(amount)
      FROM flow_reaction_count
     WHERE campaign_id = ANY(%(campaigns)s) AND kind = 'clicked' AND url IS NOT NULL
     GROUP BY url HAVING sum(amount) > 0
     ORDER BY 2 DESC, url LIMIT %(limit)s
"""


def append(rows: SQL, sign: int = 1) -> SQL:
    """Return a statement that counts events, or no longer counts them.

    :param rows: the table of events that came, or went
    """
    return SQL(APPEND, rows=rows, sign=sign, kinds=KINDS)


def recount(cr) -> None:
    """Forget all counts and count the events anew, which takes as long as reading all of them."""
    cr.execute(LOCK)
    cr.execute("DELETE FROM flow_reaction_count")
    cr.execute(append(SQL("flow_event")))


def count_first(cr) -> None:
    """Count the events of a database in which nobody has counted them yet."""
    cr.execute(IS_EMPTY)
    if cr.fetchone()[0]:
        recount(cr)


def fold(env, limit: int = BATCH) -> int:
    """Sum up what was appended; see `fold.fold`.

    :return: how many rows there were; 0 also when another worker is at it
    """
    env.cr.execute(LOCK_FOLD)
    if not env.cr.fetchone()[0]:
        return 0
    env.cr.execute(FOLD, [limit])
    count = env.cr.fetchone()[0]
    if count:
        env["flow.reaction.count"].invalidate_model()
    return count


def by_hour(env, campaign_ids, kinds, zone: str, since=None) -> dict[str, dict]:
    """Return when people reacted, in one statement: ``{kind: {(weekday, hour): number}}``.

    :param zone: IANA name of the time zone in which weekday (0 is Sunday) and hour count
    :param since: naive UTC moment at a full quarter of an hour; None is from the beginning
    """
    env.flush_all()
    statement = SQL(
        BY_HOUR, campaigns=list(campaign_ids), kinds=list(kinds), zone=zone, since=since
    )
    found = {kind: {} for kind in kinds}
    for kind, weekday, hour, number in env.execute_query(statement):
        found[kind][weekday, hour] = number
    return found


def by_link(env, campaign_ids, limit: int) -> list[tuple[str, int]]:
    """Return the links that were clicked most, with how often, in one statement."""
    env.flush_all()
    return env.execute_query(SQL(BY_LINK, campaigns=list(campaign_ids), limit=limit))
