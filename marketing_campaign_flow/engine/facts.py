"""Facts: what each row of the ledger counts as, said once, in SQL.

A fact is an amount of a metric, for a campaign and a state, an action or a transition, on a day
(UTC). Each table of the ledger has one query that turns rows into facts; `flow.fact` is the sum of
those queries over the whole ledger. They never run over the whole of it but once: a row that is
written counts for what it is now and against what it was (`fact_triggers`).

What *happened* carries the day of it. What *is* there (participants in a state) carries the day on
which it came or went, so that the running sum is how many there were. What is planned has no day.
"""

from dataclasses import dataclass

from odoo.tools import SQL

# A row that counts as the same before and after is gone after the first grouping; what follows is
# done for the few that are left. Other tables are looked up, not joined: PostgreSQL keeps the plan
# of a trigger, and one that was made for a single row must do for a thousand.


@dataclass(frozen=True)
class Source:
    """A table of the ledger.

    `columns` is what of a row counts; `facts` is a query on ``rows``, which has these columns and
    a `sign`, 1 or -1. Its result: campaign_id, state_key, action_key, transition_key, arm,
    country_ref, salesperson_ref, metric, day, amount. `moment` is when a row last changed; it takes
    the place of ``changed`` in `columns` unless a statement has one moment for all of its rows.
    """

    table: str
    columns: str
    facts: str
    moment: str = "NULL"


# Who was only written to by hand takes no part. Nor does who is held out, which is a figure of its
# own. Those under way are many and move often: of them country and salesperson are not told apart.
PARTICIPANTS = Source(
    "flow_participant",
    """campaign_id, state_id, status, end_kind,
       NULLIF(country_ref, 0) AS country_ref, NULLIF(salesperson_ref, 0) AS salesperson_ref,
       started_at::date AS started_on, ended_at::date AS ended_on,
       %(changed)s::date AS changed_on""",
    """SELECT r.campaign_id, f.state_key, NULL, NULL, NULL, f.country_ref, f.salesperson_ref,
              f.metric, f.day, r.amount
         FROM (SELECT campaign_id, state_id, status, end_kind, country_ref, salesperson_ref,
                      started_on, ended_on, changed_on, sum(sign) AS amount
                 FROM %(rows)s GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9 HAVING sum(sign) <> 0) r
        CROSS JOIN LATERAL (VALUES
              (CASE r.end_kind WHEN 'held_out' THEN 'held_out' ELSE 'started' END, NULL,
               r.country_ref, r.salesperson_ref, r.started_on),
              (CASE r.status WHEN 'ended' THEN concat('ended_', r.end_kind) ELSE r.status END,
               (SELECT s.key FROM flow_state s WHERE s.id = r.state_id),
               CASE r.status WHEN 'ended' THEN r.country_ref END,
               CASE r.status WHEN 'ended' THEN r.salesperson_ref END,
               CASE r.status WHEN 'ended' THEN r.ended_on ELSE r.changed_on END)
              ) f(metric, state_key, country_ref, salesperson_ref, day)
        WHERE r.end_kind IS DISTINCT FROM 'guest' AND f.metric <> 'ended_held_out'""",
    moment="GREATEST(entered_at, ended_at)",
)

# A visit has no campaign of its own. One that goes with its participant is dealt with before the
# participant goes.
VISITS = Source(
    "flow_visit",
    "participant_id, kind, state_key, transition_key, moment::date AS day",
    """SELECT r.campaign_id, f.state_key, NULL, f.transition_key, NULL, NULL::int, NULL::int,
              f.metric, r.day, r.amount
         FROM (SELECT (SELECT p.campaign_id FROM flow_participant p WHERE p.id = v.participant_id),
                      kind, state_key, transition_key, day, sum(sign) AS amount
                 FROM %(rows)s v GROUP BY 1, 2, 3, 4, 5) r
        CROSS JOIN LATERAL (VALUES
              (CASE r.kind WHEN 'entered' THEN 'entered' END, r.state_key, NULL),
              (CASE WHEN r.transition_key IS NOT NULL THEN 'passed' END, NULL, r.transition_key)
              ) f(metric, state_key, transition_key)
        WHERE f.metric IS NOT NULL""",
)

# A message that is being sent is still planned: it may have to be sent later.
STEPS = Source(
    "flow_step",
    """campaign_id, action_key,
       CASE WHEN status IN ('scheduled', 'sending') THEN 'planned' ELSE status END AS status,
       CASE WHEN status NOT IN ('scheduled', 'sending') THEN done_at::date END AS day""",
    """SELECT campaign_id, NULL, action_key, NULL, NULL, NULL::int, NULL::int,
              concat('step_', status), day, sum(sign)
         FROM %(rows)s r GROUP BY campaign_id, action_key, status, day HAVING sum(sign) <> 0""",
)

# An email counts once per figure, however often it was opened or clicked: on the day that Odoo's
# trace holds, of a click the last. Of a bounce it holds none; that counts on the day of sending.
EMAILS = Source(
    "mailing_trace",
    """flow_step_id AS step_id, sent_datetime::date AS sent_on, open_datetime::date AS opened_on,
       links_click_datetime::date AS clicked_on, reply_datetime::date AS replied_on,
       CASE trace_status WHEN 'bounce' THEN COALESCE(sent_datetime, create_date)::date END
           AS bounced_on""",
    """SELECT s.campaign_id, NULL, s.action_key, NULL, s.arm, s.country_ref, s.salesperson_ref,
              f.metric, f.day, r.amount
         FROM (SELECT step_id, sent_on, opened_on, clicked_on, replied_on, bounced_on,
                      sum(sign) AS amount
                 FROM %(rows)s t WHERE step_id IS NOT NULL
                GROUP BY 1, 2, 3, 4, 5, 6 HAVING sum(sign) <> 0) r
        CROSS JOIN LATERAL (
              SELECT e.campaign_id, e.action_key, e.arm, NULLIF(p.country_ref, 0) AS country_ref,
                     NULLIF(p.salesperson_ref, 0) AS salesperson_ref
                FROM flow_step e LEFT JOIN flow_participant p ON p.id = e.participant_id
               WHERE e.id = r.step_id OFFSET 0) s
        CROSS JOIN LATERAL (VALUES
              ('sent', r.sent_on), ('opened', r.opened_on), ('clicked', r.clicked_on),
              ('replied', r.replied_on), ('bounced', r.bounced_on)) f(metric, day)
        WHERE f.day IS NOT NULL""",
)

SOURCES = (PARTICIPANTS, VISITS, STEPS, EMAILS)

# Nobody counts for a campaign that is being deleted: its facts go with it.
APPEND = """
    INSERT INTO flow_fact
           (campaign_id, state_key, action_key, transition_key, arm, country_ref, salesperson_ref,
            metric, day, amount, is_delta)
    SELECT g.*, TRUE
      FROM (SELECT campaign_id, state_key, action_key, transition_key, arm, country_ref,
                   salesperson_ref, metric, day, sum(amount) AS amount
              FROM (%(facts)s) f(campaign_id, state_key, action_key, transition_key, arm,
                               country_ref, salesperson_ref, metric, day, amount)
             GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9 HAVING sum(amount) <> 0) g
     WHERE (SELECT TRUE FROM flow_campaign c WHERE c.id = g.campaign_id)
"""

# Unsubscribing counts once for a participant and once for an email, however often it is done. An
# event that comes first is marked: the unique index on the mark decides between two transactions
# that do not see each other. Where Odoo's snapshot is older than the other's commit, PostgreSQL
# makes this one start again.
UNSUBSCRIBED = """
    SELECT DISTINCT ON (f.once) e.campaign_id, f.action_key,
           NULLIF(p.country_ref, 0) AS country_ref, NULLIF(p.salesperson_ref, 0) AS salesperson_ref,
           f.metric, e.occurred_at::date AS day, f.once
      FROM %(rows)s e
      LEFT JOIN flow_participant p ON p.id = e.participant_id
     CROSS JOIN LATERAL (VALUES
           ('unsubscribed', NULL, 'participant ' || e.participant_id),
           ('unsubscribed_emails', e.action_key, 'step ' || e.step_id)) f(metric, action_key, once)
     WHERE e.kind = 'unsubscribed' AND f.once IS NOT NULL
       AND NOT EXISTS (SELECT FROM flow_event o
                        WHERE o.participant_id = e.participant_id AND o.kind = 'unsubscribed'
                          AND (f.metric = 'unsubscribed' OR o.step_id = e.step_id)
                          AND o.id NOT IN (SELECT id FROM %(rows)s own))
       AND EXISTS (SELECT FROM flow_campaign c WHERE c.id = e.campaign_id)
     ORDER BY f.once, e.id
"""
APPEND_UNSUBSCRIBED = """
    INSERT INTO flow_fact (campaign_id, action_key, country_ref, salesperson_ref, metric, day,
                           amount, is_delta, once)
    SELECT u.campaign_id, u.action_key, u.country_ref, u.salesperson_ref, u.metric, u.day,
           %(sign)s, TRUE, %(mark)s
      FROM (%(unsubscribed)s) u
        ON CONFLICT (once) WHERE once IS NOT NULL DO NOTHING
"""

# By whom a participant was looked after, and where, is not known any more once its row is gone; so
# what goes after it counts for nobody in particular from then on.
OF_NOBODY = """
    SELECT f.campaign_id, NULL, f.action_key, NULL, f.arm, v.country_ref, v.salesperson_ref,
           f.metric, f.day, v.sign * f.amount
      FROM (%(facts)s) f(campaign_id, state_key, action_key, transition_key, arm, country_ref,
                         salesperson_ref, metric, day, amount)
     CROSS JOIN LATERAL (VALUES (f.country_ref, f.salesperson_ref, -1), (NULL, NULL, 1))
                     v(country_ref, salesperson_ref, sign)
"""
AS_FACTS = """
    SELECT u.campaign_id, NULL, u.action_key, NULL, NULL, u.country_ref, u.salesperson_ref,
           u.metric, u.day, 1
      FROM (%(unsubscribed)s) u
"""


def append(source: Source, *rows: tuple[int, SQL], changed: SQL | None = None) -> SQL:
    """Return a statement that appends the facts of some rows.

    :param rows: pairs of sign (1 counts for, -1 against) and a ``FROM`` clause
    :param changed: the moment of the change; by default each row's own
    """
    return SQL(APPEND, facts=_facts(source, rows, changed))


def _facts(source, rows, changed=None):
    columns = SQL(source.columns, changed=changed or SQL(source.moment))
    signed = [SQL("SELECT %s AS sign, %s FROM %s", sign, columns, of) for sign, of in rows]
    union = SQL("(%s)", SQL(" UNION ALL ").join(signed))
    return SQL(source.facts, rows=union)


def append_unsubscribed(rows: SQL, sign: int = 1) -> SQL:
    """Return a statement that counts who has unsubscribed, or no longer has.

    :param rows: the table of events that came, or went
    """
    mark = SQL("u.once" if sign > 0 else "NULL")
    unsubscribed = SQL(UNSUBSCRIBED, rows=rows)
    return SQL(APPEND_UNSUBSCRIBED, unsubscribed=unsubscribed, sign=sign, mark=mark)


def append_of_nobody(traces: SQL, events: SQL) -> tuple[SQL, SQL]:
    """Return statements that let emails and opt-outs count without country and salesperson.

    :param traces: the traces of a participant that goes
    :param events: its events
    """
    unsubscribed = SQL(AS_FACTS, unsubscribed=SQL(UNSUBSCRIBED, rows=events))
    return tuple(
        SQL(APPEND, facts=SQL(OF_NOBODY, facts=facts))
        for facts in (_facts(EMAILS, [(1, traces)]), unsubscribed)
    )
