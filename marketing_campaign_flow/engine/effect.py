"""Effect: what those who took part did, and those who were held out, one statement per outcome.

Who is compared was drawn when they came in (`holdout`). Everybody counts from that moment, for as
many days in one group as in the other, whatever became of them.
"""

from odoo.tools import SQL

# An outcome is a query of `participant_id` and `value` over these two tables: `person` has one row
# for each person who is compared, `customer` one for each contact behind it: its own, or where it
# is another kind of record, those with its address.
MEASURE = """
    WITH person AS MATERIALIZED (
        SELECT id, comparison, partner_id, email_key,
               date_trunc('second', started_at) AS since, started_at + %(span)s AS until
          FROM flow_participant
         WHERE campaign_id = %(campaign)s AND comparison IS NOT NULL
    ),
    customer AS (
        SELECT id AS participant_id, partner_id, since, until
          FROM person WHERE partner_id IS NOT NULL
         UNION ALL
        SELECT p.id, c.id, p.since, p.until
          FROM person p JOIN res_partner c ON c.email_normalized = p.email_key
         WHERE p.partner_id IS NULL
    ),
    outcome AS (
        SELECT participant_id, %(value)s AS value FROM (%(outcome)s) o GROUP BY participant_id
    ),
    member AS (
        SELECT id AS participant_id, comparison AS who, NULL AS action_key, NULL AS arm FROM person
         UNION ALL
        SELECT DISTINCT s.participant_id, 'email', s.action_key, s.arm
          FROM flow_step s JOIN person p ON p.id = s.participant_id
         WHERE s.campaign_id = %(campaign)s AND s.is_message AND p.comparison = 'treated'
           AND s.status IN ('sending', 'done', 'uncertain') AND s.action_key = ANY(%(keys)s)
    )
    SELECT who, action_key, arm, count(*), COALESCE(sum(value), 0)::float8,
           COALESCE(sum(value * value), 0)::float8
      FROM member LEFT JOIN outcome USING (participant_id)
     GROUP BY who, action_key, arm
     ORDER BY who, action_key, arm
"""

# The rate of those who did it at least once, or an amount per person.
ONCE, ADDED = SQL("1"), SQL("sum(o.value)::float8")

EVENTS = """
    SELECT e.participant_id, 1 AS value
      FROM flow_event e JOIN person p ON p.id = e.participant_id
     WHERE e.campaign_id = %(campaign)s AND e.kind = %(kind)s
       AND e.occurred_at >= p.since AND e.occurred_at < p.until AND %(like)s
     GROUP BY e.participant_id HAVING count(*) >= %(times)s
"""

OPEN = """
    SELECT count(*) FROM flow_participant
     WHERE campaign_id = %(campaign)s AND comparison IS NOT NULL
       AND started_at + %(span)s > %(now)s
"""


def events(campaign, kind: str, like: list[SQL], times: int = 1) -> SQL:
    """Return an outcome: something happened, often enough.

    :param kind: of `flow.event`
    :param like: what events ``e`` have to be like
    """
    return SQL(
        EVENTS,
        campaign=campaign.id,
        kind=kind,
        like=SQL(" AND ").join(like or [SQL("TRUE")]),
        times=times,
    )


def measure(env, campaign, outcome: SQL, keys, is_amount: bool) -> list[tuple]:
    """Return for each group how many people, the sum of their values and that of the squares.

    :param outcome: a query of `participant_id` and `value`
    :param keys: of the actions whose recipients are groups of their own
    :param is_amount: values are added up; otherwise it counts whether there is any
    :return: rows of group (``treated``, ``held_out`` or ``email``), action, version, and the three
    """
    return env.execute_query(
        SQL(
            MEASURE,
            campaign=campaign.id,
            span=campaign._effect_span(),
            outcome=outcome,
            value=ADDED if is_amount else ONCE,
            keys=list(keys),
        )
    )


def still_open(env, campaign, now) -> int:
    """Return of how many people who are compared the days are not over yet."""
    statement = SQL(OPEN, campaign=campaign.id, span=campaign._effect_span(), now=now)
    return env.execute_query(statement)[0][0]
