"""Audience: who is in it, and why others are not, each by one statement over all contacts.

Contacts that some source names are *found*; reasons keep some of them out, each in at most one way,
the first that applies. Of several with one address one is in. A limit keeps those whose number,
drawn from their id, is small. Keys that keep people out are joined, because PostgreSQL hashes a
join of any size, while a ``NOT IN`` that does not fit into its memory is gone through for each row.
"""

from dataclasses import dataclass

from odoo.tools import SQL, Query

# Why somebody who was found is not in, in the order in which it is looked at.
OUT = (
    "by_hand",
    "criteria",
    "list",
    "audience",
    "opted_out",
    "campaign",
    "contacted",
    "duplicate",
    "beyond_limit",
)
# Why email cannot reach somebody who is in.
UNREACHABLE = ("no_address", "invalid_address", "blacklisted", "unsubscribed")
REACHABLE = "reachable"

# Of contacts with one address the first is in: who is in the campaign already, then who was picked
# by hand, then the oldest.
COPIES = """
    SELECT *, CASE WHEN reason IS NULL THEN row_number() OVER (
                  PARTITION BY CASE WHEN reason IS NULL
                               THEN COALESCE(address, id::text) COLLATE "C" END
                  ORDER BY is_kept DESC, is_picked DESC, id) END AS copy
      FROM (%s) judged
"""

# The number is drawn by the hash that PostgreSQL distributes the rows of partitioned tables by,
# which therefore stays what it is. A larger limit only adds people: the order does not change.
CHANCE = "hashint8extended(%s, %s) & 9223372036854775807"
PLACES = """
    SELECT *, copy = 1 AND (CASE WHEN copy = 1 THEN row_number() OVER (
                  PARTITION BY copy = 1
                  ORDER BY is_kept DESC, is_picked DESC, chance, id) END) > %s AS is_beyond
      FROM (%s) copies
"""
# Whether somebody is among n percent depends on nobody else. Who was picked by hand is.
SHARE = """
    SELECT *, copy = 1 AND NOT is_picked AND chance %% 10000 >= %s AS is_beyond
      FROM (%s) copies
"""
NO_LIMIT = "SELECT *, FALSE AS is_beyond FROM (%s) copies"

VERDICTS = """
    SELECT *, CASE WHEN reason IS NOT NULL THEN reason
                   WHEN copy > 1 THEN 'duplicate'
                   WHEN is_beyond THEN 'beyond_limit' END AS verdict
      FROM (%s) places
"""
MEMBERS = "(SELECT id FROM (%s) people WHERE verdict IS NULL)"

# Whoever is in is in one way unreachable, or reachable.
REACH = """
    SELECT people.id, people.chance, people.is_picked, %(phone)s AS by_phone, COALESCE(verdict,
           CASE WHEN has_no_address THEN 'no_address'
                WHEN address IS NULL THEN 'invalid_address'
                WHEN blocked.email IS NOT NULL THEN 'blacklisted'
                WHEN gone.email IS NOT NULL THEN 'unsubscribed'
                ELSE 'reachable' END) AS verdict
      FROM (%(people)s) people
 LEFT JOIN (SELECT email FROM mail_blacklist WHERE active) blocked ON blocked.email = address
 LEFT JOIN (SELECT DISTINCT email FROM %(unsubscribed)s emails (email)) gone ON gone.email = address
           %(joins)s
"""
PHONE = "verdict IS NULL AND phone IS NOT NULL AND mute.number IS NULL"
PHONE_JOIN = """
 LEFT JOIN (SELECT number FROM phone_blacklist WHERE active) mute ON mute.number = phone
"""

NOBODY = "(SELECT NULL::text WHERE FALSE)"

COUNTS = """
    SELECT verdict, count(*), count(*) FILTER (WHERE by_phone) FROM (%s) people GROUP BY verdict
"""


@dataclass(frozen=True)
class Exclusion:
    """Whom something keeps out.

    :param reason: one of `OUT`
    :param keys: a query in brackets, of one column
    :param by: what its values are of a contact: ``id``, ``email_normalized``, or ``person``, that
        is the address where there is one and the id where there is none
    """

    reason: str
    keys: SQL
    by: str


@dataclass(frozen=True)
class Limit:
    """How many may be in: a number, or hundredths of a percent; neither: everybody."""

    number: int = 0
    share: int = 0


def exclude(found: Query, exclusions: list[Exclusion]) -> list[tuple[str, SQL]]:
    """Join whom the exclusions keep out to those who were found.

    :return: for each the reason, and what is NULL unless it applies
    """
    return [
        (exclusion.reason, _join(found, f"out_{number}", exclusion.keys, exclusion.by))
        for number, exclusion in enumerate(exclusions)
    ]


def ids_of(query: Query) -> SQL:
    """Return the ids of the records of a query, as a query in brackets."""
    return query.subselect(SQL.identifier(query.table, "id"))


def person(table: str) -> SQL:
    """Return what tells the people of a table of contacts from each other.

    In the order of the bytes, which is sorted several times as fast as that of a language.
    """
    return SQL(
        'COALESCE(%s, %s::text) COLLATE "C"',
        SQL.identifier(table, "email_normalized"),
        SQL.identifier(table, "id"),
    )


def _join(found: Query, name: str, keys: SQL, by: str = "id") -> SQL:
    """Join keys to those who were found; return what is NULL where none fits."""
    key = SQL.identifier(name, "key")
    found.add_join(
        "LEFT JOIN",
        name,
        SQL("(SELECT DISTINCT key FROM %s keys (key))", keys),
        SQL("%s = %s", _key_of(found.table, by), key),
    )
    return key


def _key_of(table: str, by: str) -> SQL:
    return person(table) if by == "person" else SQL.identifier(table, by)


def judge(
    found: Query,
    exclusions: list[Exclusion],
    *,
    seed: int,
    limit: Limit,
    picked: SQL | None = None,
    kept: SQL | None = None,
    opted_out: SQL | None = None,
    columns: dict[str, SQL] | None = None,
) -> SQL:
    """Return a query of those who were found, each with a `verdict`: why not, or NULL.

    :param found: contacts of one table; joins are added to it
    :param seed: what the draw of this audience goes by
    :param picked: ids that were picked by hand, a query in brackets; the limit prefers them
    :param kept: ids that are in the campaign already, likewise; preferred to anybody
    :param opted_out: whether somebody has left the mailing lists and is named by nothing else
    :param columns: what else the query returns, by name
    """
    table = found.table
    reasons = [(why, SQL("%s IS NOT NULL", mark)) for why, mark in exclude(found, exclusions)]
    if opted_out:
        reasons.append(("opted_out", opted_out))
    reasons.sort(key=lambda reason: OUT.index(reason[0]))
    cases = [SQL("WHEN %s THEN %s", holds, why) for why, holds in reasons]
    flags = {
        name: SQL("%s IS NOT NULL", _join(found, name, ids)) if ids else SQL("FALSE")
        for name, ids in (("is_kept", kept), ("is_picked", picked))
    }
    selected = {
        "id": SQL.identifier(table, "id"),
        "address": SQL.identifier(table, "email_normalized"),
        "chance": SQL(CHANCE, SQL.identifier(table, "id"), seed),
        **flags,
        "reason": SQL("CASE %s END", SQL(" ").join(cases)) if cases else SQL("NULL::text"),
        **(columns or {}),
    }
    judged = found.select(
        *(SQL("%s AS %s", sql, SQL.identifier(name)) for name, sql in selected.items())
    )
    copies = SQL(COPIES, judged)
    if limit.number:
        places = SQL(PLACES, limit.number, copies)
    elif limit.share:
        places = SQL(SHARE, limit.share, copies)
    else:
        places = SQL(NO_LIMIT, copies)
    return SQL(VERDICTS, places)


def leave_out(found: Query, exclusions: list[Exclusion]) -> Query:
    """Return those who were found and whom nothing keeps out, as a query of their table."""
    for exclusion in exclusions:
        found.add_where(is_not_kept_out(found.table, exclusion))
    return found


def is_not_kept_out(table: str, exclusion: Exclusion) -> SQL:
    """Return a condition on contacts.

    :param table: the name under which the statement knows them
    """
    return SQL(
        "NOT EXISTS (SELECT FROM %s keys (key) WHERE key = %s)",
        exclusion.keys,
        _key_of(table, exclusion.by),
    )


def members(people: SQL) -> SQL:
    """Return the ids of those who are in, in brackets, of a query that `judge` made."""
    return SQL(MEMBERS, people)


def reach(people: SQL, has_phones: bool, unsubscribed: SQL | None = None) -> SQL:
    """Return a query that judges everybody who was found: out, in and not reachable, or reachable.

    :param people: a query that `judge` made, with the columns `has_no_address` and `phone`
    :param has_phones: whether there are phone numbers, and those that must not be called
    :param unsubscribed: addresses that do not want email, a query in brackets
    """
    return SQL(
        REACH,
        people=people,
        unsubscribed=unsubscribed or SQL(NOBODY),
        phone=SQL(PHONE) if has_phones else SQL("FALSE"),
        joins=SQL(PHONE_JOIN) if has_phones else SQL(""),
    )


def count(env, reached: SQL) -> tuple[dict[str, int], int]:
    """Return how many there are by verdict, and how many SMS can reach.

    :param reached: a query that `reach` made
    """
    rows = env.execute_query(SQL(COUNTS, reached))
    return {verdict: number for verdict, number, _phones in rows}, sum(row[2] for row in rows)
