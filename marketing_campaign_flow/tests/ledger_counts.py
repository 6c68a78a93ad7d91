"""What facts have to say: the ledger counted directly, one query per metric.

Plain SQL without Odoo, because the fault tests ask it of a database from outside. Written apart
from the queries of `engine.facts`, which it holds to account.
"""

# Each with campaign, state, action, transition, version, metric, day, and how many.
OF_PARTICIPANTS = """
    SELECT campaign_id, NULL, NULL, NULL, NULL, 'started', started_at::date, count(*)
      FROM flow_participant WHERE end_kind IS NULL OR end_kind NOT IN ('guest', 'held_out')
     GROUP BY campaign_id, started_at::date
     UNION ALL
    SELECT campaign_id, NULL, NULL, NULL, NULL, 'held_out', started_at::date, count(*)
      FROM flow_participant WHERE end_kind = 'held_out' GROUP BY campaign_id, started_at::date
     UNION ALL
    SELECT p.campaign_id, s.key, NULL, NULL, NULL, p.status, NULL, count(*)
      FROM flow_participant p JOIN flow_state s ON s.id = p.state_id
     WHERE p.status <> 'ended' GROUP BY p.campaign_id, s.key, p.status
     UNION ALL
    SELECT p.campaign_id, s.key, NULL, NULL, NULL, 'ended_' || p.end_kind, p.ended_at::date,
           count(*)
      FROM flow_participant p JOIN flow_state s ON s.id = p.state_id
     WHERE p.status = 'ended' AND p.end_kind NOT IN ('guest', 'held_out')
     GROUP BY p.campaign_id, s.key, p.end_kind, p.ended_at::date
"""

OF_VISITS = """
    SELECT p.campaign_id, v.state_key, NULL, NULL, NULL, 'entered', v.moment::date, count(*)
      FROM flow_visit v JOIN flow_participant p ON p.id = v.participant_id
     WHERE v.kind = 'entered' GROUP BY p.campaign_id, v.state_key, v.moment::date
     UNION ALL
    SELECT p.campaign_id, NULL, NULL, v.transition_key, NULL, 'passed', v.moment::date, count(*)
      FROM flow_visit v JOIN flow_participant p ON p.id = v.participant_id
     WHERE v.transition_key IS NOT NULL GROUP BY p.campaign_id, v.transition_key, v.moment::date
"""

OF_STEPS = """
    SELECT campaign_id, NULL, action_key, NULL, NULL, 'step_planned', NULL, count(*)
      FROM flow_step WHERE status IN ('scheduled', 'sending') GROUP BY campaign_id, action_key
     UNION ALL
    SELECT campaign_id, NULL, action_key, NULL, NULL, 'step_' || status, done_at::date, count(*)
      FROM flow_step WHERE status NOT IN ('scheduled', 'sending')
     GROUP BY campaign_id, action_key, status, done_at::date
"""

OF_EMAILS = """
    SELECT s.campaign_id, NULL, s.action_key, NULL, s.arm, '{metric}', {day}, count(*)
      FROM flow_step s JOIN mailing_trace t ON t.flow_step_id = s.id
     WHERE {counts} GROUP BY s.campaign_id, s.action_key, s.arm, {day}
"""

OF_UNSUBSCRIBED = """
    SELECT campaign_id, NULL, NULL, NULL, NULL, 'unsubscribed', min, count(*)
      FROM (SELECT campaign_id, participant_id, min(occurred_at::date) FROM flow_event
             WHERE kind = 'unsubscribed' GROUP BY campaign_id, participant_id) people
     GROUP BY campaign_id, min
     UNION ALL
    SELECT campaign_id, NULL, action_key, NULL, NULL, 'unsubscribed_emails', min, count(*)
      FROM (SELECT campaign_id, action_key, step_id, min(occurred_at::date) FROM flow_event
             WHERE kind = 'unsubscribed' AND step_id IS NOT NULL
             GROUP BY campaign_id, action_key, step_id) emails
     GROUP BY campaign_id, action_key, min
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

# How many there are in a state is the same whichever day they came.
MISCOUNTED = f"""
    SELECT campaign_id, state_key, action_key, transition_key, arm, metric, day,
           sum(counted) AS counted, sum(present) AS present
      FROM (SELECT campaign_id, state_key, action_key, transition_key, arm, metric,
                   CASE WHEN metric NOT IN ('held', 'active') THEN day END AS day,
                   amount AS counted, 0 AS present
              FROM flow_fact
             UNION ALL
            SELECT campaign_id, state_key, action_key, transition_key, arm, metric, day, 0, present
              FROM ({LEDGER}) ledger(campaign_id, state_key, action_key, transition_key, arm,
                                     metric, day, present)) both_of_them
     GROUP BY 1, 2, 3, 4, 5, 6, 7 HAVING sum(counted) <> sum(present)
"""  # noqa: S608 (constants of ours)
