"""Events: what a contact did is written down at once and wakes its participant soon after.

Recording is an insert and nothing else, so that a request for a picture or a link hardly ever
has to wait for the engine, or start again because of it. How an event and a time-out are kept from
passing each other unseen is told where time-outs fire, in `advance`.
"""

from odoo.tools import SQL

from . import database_clock, failpoints

BATCH = 1000

STEPS_OF_TRACES = """
    SELECT t.flow_step_id FROM mailing_trace t WHERE t.id = ANY(%s)
"""

# The recipient may have had this email in several visits: the last one is meant.
LAST_STEP_OF_MAILING = """
    SELECT max(t.flow_step_id) FROM mailing_trace t
     WHERE t.mass_mailing_id = %s AND t.res_id = %s
"""

# Traces that no campaign wrote have no step and are left out by the join.
RECORD = """
    INSERT INTO flow_event
           (participant_id, campaign_id, step_id, action_key, state_id, kind, url, is_new,
            occurred_at)
    SELECT s.participant_id, s.campaign_id, s.id, s.action_key, p.state_id, %(kind)s, %(url)s,
           TRUE, %(now)s
      FROM flow_step s JOIN flow_participant p ON p.id = s.participant_id
     WHERE s.id IN (%(steps)s)
     ORDER BY p.id
"""

# Events that another worker takes in are skipped; an event is taken in once.
INGEST = """
    WITH fresh AS (
        SELECT id, participant_id FROM flow_event
         WHERE campaign_id = %(campaign)s AND is_new
           AND EXISTS (SELECT FROM flow_campaign WHERE id = %(campaign)s AND status = 'running')
         ORDER BY id LIMIT %(limit)s
           FOR UPDATE SKIP LOCKED
    ),
    woken AS (
        UPDATE flow_participant SET next_at = %(now)s
         WHERE status <> 'ended' AND id IN (SELECT participant_id FROM fresh)
    )
    UPDATE flow_event SET is_new = FALSE WHERE id IN (SELECT id FROM fresh)
"""


def record_for_traces(env, kind: str, trace_ids: list[int], url: str | None = None) -> int:
    """Record that the recipients of these emails did something.

    :param kind: an event kind of `flow.event`
    :param trace_ids: ids of `mailing.trace`
    :param url: the link, for clicks
    :return: how many events were recorded
    """
    return _record(env, kind, url, SQL(STEPS_OF_TRACES, list(trace_ids)))


def record_for_mailing(env, kind: str, mailing_id: int, res_id: int) -> int:
    """Record what the recipient `res_id` of a campaign's email did through one of its pages.

    :return: how many events were recorded
    """
    return _record(env, kind, None, SQL(LAST_STEP_OF_MAILING, mailing_id, res_id))


def ingest(env, campaign, limit: int = BATCH) -> int:
    """Wake the participants with events that the engine has not looked at yet.

    :param campaign: one running `flow.campaign`
    :return: how many events were taken in
    """
    env.cr.execute(SQL(INGEST, campaign=campaign.id, limit=limit, now=database_clock.now(env)))
    count = env.cr.rowcount
    if count:
        failpoints.reach("ingest.claimed")
        env["flow.event"].invalidate_model(["is_new"])
        env["flow.participant"].invalidate_model(["next_at"])
    return count


def _record(env, kind, url, steps: SQL) -> int:
    env["mailing.trace"].flush_model(["flow_step_id"])
    record = SQL(RECORD, steps=steps, kind=kind, url=url, now=database_clock.now(env))
    # Where the engine moves the participant right now, Odoo lets the request begin again.
    env.cr.execute(record, log_exceptions=False)
    count = env.cr.rowcount
    if count:
        env["flow.event"].invalidate_model()
        env["flow.participant"].invalidate_model(["event_ids"])
    return count
