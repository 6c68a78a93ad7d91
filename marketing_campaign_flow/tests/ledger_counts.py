"""What facts have to say: the ledger counted directly, one query per metric.

Plain SQL without Odoo, because the fault tests ask it of a database from outside. Written apart
from the queries of `engine.facts`, which it holds to account.
"""

# Each with campaign, state, action, transition, version, country, salesperson, metric, day, and how
# many. Country and salesperson of those who are under way, and of what they do there, are left out.
OF_PARTICIPANTS = """
    SELECT campaign_id, NULL, NULL, NULL, NULL, country_ref, salesperson_ref, 'started',
           started_at::date, count(*)
      FROM flow_participant WHERE end_kind IS NULL OR end_kind NOT IN ('guest', 'held_out')
     GROUP BY campaign_id, country_ref, salesperson_ref, started_at::date
     UNION ALL
    SELECT campaign_id, NULL, NULL, NULL, NULL, country_ref, salesperson_ref, 'held_out',
           started_at::date, count(*)
      FROM flow_participant WHERE end_kind = 'held_out'
     GROUP BY campaign_id, country_ref, salesperson_ref, started_at::date
     UNION ALL
    SELECT p.campaign_id, s.key, NULL, NULL, NULL, NULL, NULL, p.status, NULL, count(*)
      FROM flow_participant p JOIN flow_state s ON s.id = p.state_id
     WHERE p.status <> 'ended' GROUP BY p.campaign_id, s.key, p.status
     UNION ALL
    SELECT p.campaign_id, s.key, NULL, NULL, NULL, p.country_ref, p.salesperson_ref,
           'ended_' || p.end_kind, p.ended_at::date, count(*)
      FROM flow_participant p JOIN flow_state s ON s.id = p.state_id
     WHERE p.status = 'ended' AND p.end_kind NOT IN ('guest', 'held_out')
     GROUP BY p.campaign_id, s.key, p.country_ref, p.salesperson_ref, p.end_kind, p.ended_at::date
"""

OF_VISITS = """
    SELECT p.campaign_id, v.state_key, NULL, NULL, NULL, NULL, NULL, 'entered', v.moment::date,
           count(*)
      FROM flow_visit v JOIN flow_participant p ON p.id = v.participant_id
     WHERE v.kind = 'entered' GROUP BY p.campaign_id, v.state_key, v.moment::date
     UNION ALL
    SELECT p.campaign_id, NULL, NULL, v.transition_key, NULL, NULL, NULL, 'passed',
           v.moment::date, count(*)
      FROM flow_visit v JOIN flow_participant p ON p.id = v.participant_id
     WHERE v.transition_key IS NOT NULL GROUP BY p.campaign_id, v.transition_key, v.moment::date
"""

OF_STEPS = """
    SELECT campaign_id, NULL, action_key, NULL, NULL, NULL, NULL, 'step_planned', NULL, count(*)
      FROM flow_step WHERE status IN ('scheduled', 'sending') GROUP BY campaign_id, action_key
     UNION ALL
    SELECT campaign_id, NULL, action_key, NULL, NULL, NULL, NULL, 'step_' || status,
           done_at::date, count(*)
      FROM flow_step WHERE status NOT IN ('scheduled', 'sending')
     GROUP BY campaign_id, action_key, status, done_at::date
"""

OF_EMAILS = """
    SELECT s.campaign_id, NULL, s.action_key, NULL, s.arm, p.country_ref, p.salesperson_ref,
           '{metric}', {day}, count(*)
      FROM flow_step s JOIN mailing_trace t ON t.flow_step_id = s.id
      JOIN flow_participant p ON p.id = s.participant_id
     WHERE {counts}
     GROUP BY s.campaign_id, s.action_key, s.arm, p.country_ref, p.salesperson_ref, {day}
"""

OF_UNSUBSCRIBED = """
    SELECT e.campaign_id, NULL, NULL, NULL, NULL, p.country_ref, p.salesperson_ref, 'unsubscribed',
           e.day, count(*)
      FROM (SELECT campaign_id, participant_id, min(occurred_at::date) AS day FROM flow_event
             WHERE kind = 'unsubscribed' GROUP BY campaign_id, participant_id) e
      JOIN flow_participant p ON p.id = e.participant_id
     GROUP BY e.campaign_id, p.country_ref, p.salesperson_ref, e.day
     UNION ALL
    SELECT e.campaign_id, NULL, e.action_key, NULL, NULL, p.country_ref, p.salesperson_ref,
           'unsubscribed_emails', e.day, count(*)
      FROM (SELECT campaign_id, action_key, participant_id, step_id, min(occurred_at::date) AS day
              FROM flow_event WHERE kind = 'unsubscribed' AND step_id IS NOT NULL
             GROUP BY campaign_id, action_key, participant_id, step_id) e
      JOIN flow_participant p ON p.id = e.participant_id
     GROUP BY e.campaign_id, e.action_key, p.country_ref, p.salesperson_ref, e.day
"""

EMAIL_METRICS = {
    "sent": ("t.sent_datetime::date", "t.sent_datetime IS NOT NULL"),
    "opened": ("t.open_datetime::date", "t.open_datetime IS NOT NULL"),
    "clicked": ("t.links_click_datetime::date", "t.links_click_datetime IS NOT NULL"),
    "replied": ("t.reply_datetime::date", "t.reply_datetime IS NOT NULL"),
    "bounced": ("COALESCE(t.sent_datetime, t.create_date)::date", "t.trace_status = 'bounce'"),
}

LEDGER = " UNION ALL ".join([
    OF_PARTICIPANTS,
    OF_VISITS,
    OF_STEPS,
    *(OF_EMAILS.format(metric=metric, day=day, counts=counts)
      for metric, (day, counts) in EMAIL_METRICS.items()),
    OF_UNSUBSCRIBED,
])  # fmt: skip

# What steps have cost by day, and what is reserved, against what was added up meanwhile.
MISSPENT = """
    SELECT campaign_id, action_key, kind, day, sum(amount), sum(count)
      FROM (SELECT campaign_id, action_key, kind, day, amount, count FROM flow_spending
             UNION ALL
            SELECT campaign_id, action_key, 'spent', done_at::date, -cost, -1 FROM flow_step
             WHERE status IN ('done', 'uncertain') AND cost IS NOT NULL
             UNION ALL
            SELECT campaign_id, action_key, 'reserved', NULL, -cost, -1 FROM flow_step
             WHERE cost IS NOT NULL
               AND (status = 'sending' OR (status = 'scheduled' AND claimed_by IS NOT NULL))) it
     GROUP BY 1, 2, 3, 4 HAVING sum(amount) <> 0 OR sum(count) <> 0
"""

# Reactions by quarter of an hour and by link, against what was added up meanwhile.
MISREACTED = """
    SELECT campaign_id, kind, moment, url, sum(amount)
      FROM (SELECT campaign_id, kind, moment, url, amount FROM flow_reaction_count
             UNION ALL
            SELECT campaign_id, kind,
                   to_timestamp(floor(extract(epoch FROM occurred_at) / 900) * 900)
                       AT TIME ZONE 'UTC', NULL, -1
              FROM flow_event
             WHERE NOT is_machine AND kind IN ('opened', 'clicked', 'replied', 'unsubscribed')
             UNION ALL
            SELECT campaign_id, kind, NULL, url, -1 FROM flow_event
             WHERE NOT is_machine AND kind = 'clicked' AND url <> '') it
     GROUP BY 1, 2, 3, 4 HAVING sum(amount) <> 0
"""

# How many there are in a state is the same whichever day they came.
MISCOUNTED = f"""
    SELECT campaign_id, state_key, action_key, transition_key, arm, country_ref, salesperson_ref,
           metric, day, sum(counted) AS counted, sum(present) AS present
      FROM (SELECT campaign_id, state_key, action_key, transition_key, arm, country_ref,
                   salesperson_ref, metric,
                   CASE WHEN metric NOT IN ('held', 'active') THEN day END AS day,
                   amount AS counted, 0 AS present
              FROM flow_fact
             UNION ALL
            SELECT campaign_id, state_key, action_key, transition_key, arm,
                   NULLIF(country_ref, 0), NULLIF(salesperson_ref, 0), metric, day, 0, present
              FROM ({LEDGER}) ledger(campaign_id, state_key, action_key, transition_key, arm,
                                     country_ref, salesperson_ref, metric, day, present)
           ) both_of_them
     GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9 HAVING sum(counted) <> sum(present)
"""  # noqa: S608 (constants of ours)
