"""Attribution: which order, invoice or lead is whose, worked out as sets.

A *document* is an order, an invoice, a lead. A *touch* is a message of a campaign that reached
somebody (or a response that was recorded), and what that person did with it. Documents are joined
to the touches before them, within the window of each touch's campaign, and shared out by the four
methods; one statement works out all of it, whether for one document or for all there are.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from odoo.tools import SQL

from . import exchange

UTM, FIRST, LAST, EQUAL = "utm", "first", "last", "equal"

# Whoever commits later than it began is not overlooked.
OVERLAP = timedelta(hours=1)
# What happened just before a document is sometimes told after it.
RECENT = timedelta(days=2)


@dataclass(frozen=True)
class Source:
    """A kind of document.

    :param kind: what it is called in `flow.attribution`
    :param model: Odoo's model
    :param documents: a query of those that count: id, company_id, partner_id, email (of who has no
        contact; normalised), utm_campaign_id, moment (touches come before it; UTC), day, and amount
        (untaxed, in the company's currency; negative for what was given back)
    :param changed: given a moment (UTC), a query of the ids of what was written since, also of
        what no longer counts
    """

    kind: str
    model: str
    documents: SQL
    changed: Callable[[datetime], SQL]


# One worker at a time: whoever finds it taken leaves it.
LOCK = "SELECT pg_try_advisory_xact_lock('flow_attribution'::regclass::oid::int, 0)"

FORGET = "DROP TABLE IF EXISTS pg_temp.flow_attribution_scope, pg_temp.flow_attribution_fresh"

# What is looked at again: what was written, what is recent, and what is gone.
SCOPE = """
    CREATE TEMPORARY TABLE flow_attribution_scope ON COMMIT DROP AS
        %(changed)s
         UNION
        SELECT d.id FROM (%(documents)s) d WHERE d.moment >= %(now)s - %(recent)s::interval
         UNION
        SELECT a.res_id FROM flow_attribution a
         WHERE a.kind = %(kind)s AND NOT EXISTS (SELECT FROM %(table)s t WHERE t.id = a.res_id)
"""

# So many documents at once are looked at in a few seconds, each slice in a transaction of its own.
SLICE = 50_000
NEXT_SLICE = """
    SELECT id FROM %(table)s WHERE id > %(after)s ORDER BY id OFFSET %(size)s - 1 LIMIT 1
"""

# Whose run it may come from: any contact of the same commercial entity; the same address, where one
# of the two has no contact; and of campaigns about such records, this very one.
# A message that bounced has reached nobody. An order knows its second only.
# The touch that comes last takes what rounding leaves, so that shares add up to the document.
FRESH = """
    CREATE TEMPORARY TABLE flow_attribution_fresh ON COMMIT DROP AS
    WITH document AS MATERIALIZED (
        SELECT d.id, d.company_id, d.partner_id, b.commercial_partner_id AS entity_id,
               COALESCE(b.email_normalized, d.email) AS email, d.utm_campaign_id, d.moment, d.day,
               COALESCE(d.amount, 0)::numeric AS amount
          FROM (%(documents)s) d LEFT JOIN res_partner b ON b.id = d.partner_id
         WHERE %(in_scope)s
    ),
    campaign AS MATERIALIZED (
        SELECT c.id, c.company_id, c.target_model, c.utm_campaign_id, c.currency_id,
               o.currency_id AS company_currency_id,
               split_part(o.parent_path, '/', 1)::int AS root_id,
               make_interval(days => COALESCE(NULLIF(c.attribution_days, 0),
                                              o.flow_attribution_days)) AS length
          FROM flow_campaign c JOIN res_company o ON o.id = c.company_id
    ),
    run AS MATERIALIZED (
        SELECT d.id, p.id AS participant_id, p.campaign_id, d.moment, c.length
          FROM document d
          JOIN res_partner r ON r.commercial_partner_id = d.entity_id
          JOIN flow_participant p ON p.partner_id = r.id
          JOIN campaign c ON c.id = p.campaign_id AND c.target_model <> %(model)s
                         AND (d.company_id IS NULL OR d.company_id = c.company_id)
         UNION
        SELECT d.id, p.id, p.campaign_id, d.moment, c.length
          FROM document d
          JOIN flow_participant p ON p.email_key = d.email AND p.partner_id IS NULL
          JOIN campaign c ON c.id = p.campaign_id AND c.target_model <> %(model)s
                         AND (d.company_id IS NULL OR d.company_id = c.company_id)
         UNION
        SELECT d.id, p.id, p.campaign_id, d.moment, c.length
          FROM document d
          JOIN flow_participant p ON p.email_key = d.email
          JOIN campaign c ON c.id = p.campaign_id AND c.target_model <> %(model)s
                         AND (d.company_id IS NULL OR d.company_id = c.company_id)
         WHERE d.partner_id IS NULL
         UNION
        SELECT d.id, p.id, p.campaign_id, d.moment, c.length
          FROM campaign c
          JOIN flow_participant p ON p.campaign_id = c.id
          JOIN document d ON d.id = p.res_id
         WHERE c.target_model = %(model)s AND (d.company_id IS NULL OR d.company_id = c.company_id)
    ),
    message AS (
        SELECT r.id, r.participant_id, r.campaign_id, s.id AS step_id, s.action_key, s.arm,
               s.state_id,
               CASE WHEN s.done_at >= r.moment - r.length THEN s.done_at END AS sent_at,
               done.first_at, done.last_at
          FROM run r JOIN flow_step s ON s.participant_id = r.participant_id
         CROSS JOIN LATERAL (
               SELECT min(e.occurred_at) FILTER (WHERE %(counts)s) AS first_at,
                      max(e.occurred_at) FILTER (WHERE %(counts)s) AS last_at,
                      COALESCE(bool_or(e.kind IN %(bounced)s), FALSE) AS bounced
                 FROM flow_event e WHERE e.step_id = s.id) done
         WHERE s.is_message AND s.status = 'done' AND date_trunc('second', s.done_at) <= r.moment
           AND NOT done.bounced
    ),
    touch AS (
        SELECT m.id, m.participant_id, m.campaign_id, m.step_id AS touch, m.action_key, m.arm,
               m.state_id, LEAST(m.sent_at, m.first_at) AS first_at,
               GREATEST(m.sent_at, m.last_at) AS last_at
          FROM message m WHERE m.sent_at IS NOT NULL OR m.last_at IS NOT NULL
         UNION ALL
        SELECT r.id, r.participant_id, r.campaign_id, - e.id, NULL, NULL, e.state_id, e.occurred_at,
               e.occurred_at
          FROM run r JOIN flow_event e ON e.participant_id = r.participant_id
          JOIN flow_participant p ON p.id = r.participant_id
         WHERE e.kind = 'response' AND NOT e.is_machine
           AND p.end_kind IS DISTINCT FROM 'held_out'
           AND date_trunc('second', e.occurred_at) <= r.moment
           AND e.occurred_at >= r.moment - r.length
    ),
    ranked AS MATERIALIZED (
        SELECT t.*, count(*) OVER (PARTITION BY t.id) AS touches,
               row_number() OVER (PARTITION BY t.id ORDER BY t.first_at, t.touch) AS place,
               row_number() OVER (PARTITION BY t.id ORDER BY t.last_at DESC, t.touch DESC) AS back
          FROM touch t
    ),
    shared AS (
        SELECT 'first' AS method, 1 AS place, 1 AS parts, t.id, t.campaign_id, t.participant_id,
               t.action_key, t.arm, t.state_id, t.first_at AS touched_at
          FROM ranked t WHERE t.place = 1
         UNION ALL
        SELECT 'last', 1, 1, t.id, t.campaign_id, t.participant_id, t.action_key, t.arm, t.state_id,
               t.last_at
          FROM ranked t WHERE t.back = 1
         UNION ALL
        SELECT 'equal', t.place, t.touches, t.id, t.campaign_id, t.participant_id, t.action_key,
               t.arm, t.state_id, t.last_at
          FROM ranked t
         UNION ALL
        SELECT 'utm', 1, 1, d.id, c.id, NULL, NULL, NULL, NULL, NULL
          FROM document d
          JOIN campaign c ON c.utm_campaign_id = d.utm_campaign_id
                         AND (d.company_id IS NULL OR d.company_id = c.company_id)
    ),
    priced AS (
        SELECT h.*, d.partner_id, d.moment, d.day, c.company_id, c.currency_id,
               c.company_currency_id, c.root_id,
               CASE WHEN h.place < h.parts THEN trunc(1.0 / h.parts, 6)
                    ELSE 1 - (h.parts - 1) * trunc(1.0 / h.parts, 6) END AS share,
               CASE WHEN h.place < h.parts THEN trunc(total.amount / h.parts, y.decimal_places)
                    ELSE total.amount - (h.parts - 1)
                                        * trunc(total.amount / h.parts, y.decimal_places)
               END AS amount
          FROM shared h JOIN document d ON d.id = h.id JOIN campaign c ON c.id = h.campaign_id
          JOIN res_currency y ON y.id = c.company_currency_id
         CROSS JOIN LATERAL (SELECT round(d.amount, y.decimal_places) AS amount) total
    )
    SELECT s.method, s.place, s.parts, s.id AS res_id, s.campaign_id, s.company_id, s.currency_id,
           s.company_currency_id, s.participant_id, s.partner_id, f.key AS state_key, s.action_key,
           s.arm, s.touched_at, s.moment, s.day, s.share, s.amount,
           CASE WHEN s.currency_id = s.company_currency_id THEN s.amount
                ELSE round((s.amount * %(to_campaign)s / %(to_company)s)::numeric, y.decimal_places)
           END AS campaign_amount
      FROM priced s JOIN res_currency y ON y.id = s.currency_id
      LEFT JOIN flow_state f ON f.id = s.state_id
"""

# What somebody did with a message before the document, within the window.
COUNTS = """
    e.kind IN %(kinds)s AND NOT e.is_machine AND date_trunc('second', e.occurred_at) <= r.moment
    AND e.occurred_at >= r.moment - r.length
"""

COLUMNS = (
    "parts",
    "campaign_id",
    "company_id",
    "currency_id",
    "company_currency_id",
    "participant_id",
    "partner_id",
    "state_key",
    "action_key",
    "arm",
    "touched_at",
    "moment",
    "day",
    "share",
    "amount",
    "campaign_amount",
)

# Rows that are right stay as they are.
WRITE = """
    INSERT INTO flow_attribution AS a (kind, res_model, method, place, res_id, %(columns)s)
    SELECT %(kind)s, %(model)s, method, place, res_id, %(columns)s FROM flow_attribution_fresh
        ON CONFLICT (kind, res_id, method, place) DO UPDATE SET (%(columns)s) = ROW(%(new)s)
     WHERE (%(old)s) IS DISTINCT FROM (%(new)s)
"""

REMOVE = """
    DELETE FROM flow_attribution a
     WHERE a.kind = %(kind)s AND %(in_scope)s
       AND NOT EXISTS (SELECT FROM flow_attribution_fresh f
                        WHERE f.res_id = a.res_id AND f.method = a.method AND f.place = a.place)
"""


def _rate(currency: SQL) -> SQL:
    """Return the rate of a currency on the day of a share ``s``."""
    return exchange.rate(currency, company=SQL("s.root_id"), day=SQL("s.day"))


def take_turn(cr) -> bool:
    """Return whether this transaction is the one that works; it stays so until it ends."""
    cr.execute(LOCK)
    return cr.fetchone()[0]


@dataclass(frozen=True)
class Touches:
    """What counts as a touch.

    :param kinds: kinds of events by which people touch a message
    :param bounced: kinds of events that say that a message did not arrive
    """

    kinds: tuple[str, ...]
    bounced: tuple[str, ...]


def follow(env, source: Source, touches: Touches, since: datetime, now: datetime) -> None:
    """Bring up to date what has changed, in a fixed number of statements.

    :param since: when that was done before (the database's clock, UTC)
    :param now: the engine's present
    """
    env.cr.execute(FORGET)
    scope = SQL(
        SCOPE,
        changed=source.changed(since - OVERLAP),
        documents=source.documents,
        now=now,
        recent=RECENT,
        kind=source.kind,
        table=SQL.identifier(env[source.model]._table),
    )
    env.cr.execute(scope)
    in_scope = SQL("(SELECT id FROM flow_attribution_scope)")
    _renew(env.cr, source, touches, SQL("d.id IN %s", in_scope), SQL("a.res_id IN %s", in_scope))


def look_over(env, source: Source, touches: Touches, after: int) -> int | None:
    """Work out a slice of all documents anew, in a fixed number of statements.

    :param after: the id of the document up to which that was done; 0 at first
    :return: the id up to which it is done now; None when that was the last slice
    """
    cr = env.cr
    table = SQL.identifier(env[source.model]._table)
    cr.execute(SQL(NEXT_SLICE, table=table, after=after, size=SLICE))
    [last] = cr.fetchone() or [None]
    cr.execute(FORGET)
    _renew(cr, source, touches, _between("d.id", after, last), _between("a.res_id", after, last))
    return last


def _between(column: str, after: int, last: int | None) -> SQL:
    # The last slice has no end: rows of documents that are gone may lie behind all that are left.
    end = SQL("TRUE") if last is None else SQL("%s <= %s", SQL(column), last)
    return SQL("(%s > %s AND %s)", SQL(column), after, end)


def _renew(cr, source: Source, touches: Touches, documents: SQL, rows: SQL) -> None:
    """Work out some documents and write what is different.

    :param documents: which of the documents ``d``
    :param rows: which of the present rows ``a``
    """
    fresh = SQL(
        FRESH,
        documents=source.documents,
        in_scope=documents,
        model=source.model,
        counts=SQL(COUNTS, kinds=touches.kinds),
        bounced=touches.bounced,
        to_campaign=_rate(SQL("s.currency_id")),
        to_company=_rate(SQL("s.company_currency_id")),
    )
    cr.execute(fresh)
    cr.execute("ANALYZE flow_attribution_fresh")
    names = [SQL.identifier(name) for name in COLUMNS]
    write = SQL(
        WRITE,
        kind=source.kind,
        model=source.model,
        columns=SQL(", ").join(names),
        old=SQL(", ").join(SQL("a.%s", name) for name in names),
        new=SQL(", ").join(SQL("EXCLUDED.%s", name) for name in names),
    )
    cr.execute(write)
    cr.execute(SQL(REMOVE, kind=source.kind, in_scope=rows))
    cr.execute(FORGET)


SUMS = """
    SELECT o.id, sum(a.share), sum(a.campaign_amount)
      FROM unnest(%(ids)s::int[], %(campaigns)s::int[], %(methods)s::text[], %(untils)s::date[])
           o(id, campaign_id, method, until)
      JOIN flow_attribution a ON a.campaign_id = o.campaign_id AND a.method = o.method
                             AND a.kind = %(kind)s AND (o.until IS NULL OR a.day <= o.until)
     GROUP BY o.id
"""


def sums(env, kind: str, asked) -> dict[int, tuple[float, float]]:
    """Return how many documents campaigns brought, and their amounts, in one statement.

    :param asked: ``(number, campaign id, method, last day or None)``, any number of them
    :return: ``{number: (documents, amount in the campaign's currency)}``, without those that
        brought nothing
    """
    ids, campaigns, methods, untils = zip(*asked, strict=True) if asked else ((), (), (), ())
    statement = SQL(
        SUMS,
        ids=list(ids),
        campaigns=list(campaigns),
        methods=list(methods),
        untils=list(untils),
        kind=kind,
    )
    env.flush_all()
    return {
        number: (float(documents), float(amount or 0))
        for number, documents, amount in env.execute_query(statement)
    }
