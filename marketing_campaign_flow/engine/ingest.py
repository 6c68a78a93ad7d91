"""Events: what a contact did is written down at once and wakes its participant soon after.

Recording is an insert and nothing else, so that a request for a picture or a link hardly ever
has to wait for the engine, or start again because of it. How an event and a time-out are kept from
passing each other unseen is told where time-outs fire, in `advance`.
"""

from odoo.tools import SQL

from . import claim, database_clock, failpoints, pulse

BATCH = 1000

STEPS_OF_TRACES = """
    SELECT t.flow_step_id FROM mailing_trace t WHERE t.id = ANY(%s)
"""

# The recipient may have had this email in several visits: the last one is meant.
LAST_STEP_OF_MAILING = """
    SELECT max(t.flow_step_id) FROM mailing_trace t
     WHERE t.mass_mailing_id = %s AND t.res_id = %s
"""

# Who repeats what costs nothing gets no further than this; nobody opens an email more often.
MOST_PER_MESSAGE = 100

# Traces that no campaign wrote have no step and are left out by the join.
RECORD = """
    INSERT INTO flow_event
           (participant_id, campaign_id, step_id, action_key, state_id, kind, url, link_id,
            detail, value, country_code, is_machine, is_new, occurred_at)
    SELECT s.participant_id, s.campaign_id, s.id, s.action_key, p.state_id, %(kind)s, %(url)s,
           %(link)s, %(detail)s, %(value)s, %(country)s, %(machine)s, TRUE, %(now)s
      FROM flow_step s JOIN flow_participant p ON p.id = s.participant_id
     WHERE s.id IN (%(steps)s)
       AND %(most)s > (SELECT count(*) FROM flow_event e
                        WHERE e.step_id = s.id AND e.kind = %(kind)s)
     ORDER BY p.id
    RETURNING campaign_id
"""

# Events that another worker takes in are skipped; an event is taken in once. What somebody does
# with a message proves that it arrived, where that was uncertain. A campaign that is paused or over
# takes in what people still do as well, so that its figures go on; who is under way is looked at
# when it is resumed.
INGEST = """
    WITH fresh AS (
        SELECT id, participant_id, step_id FROM flow_event
         WHERE campaign_id = %(campaign)s AND is_new
         ORDER BY id LIMIT %(limit)s
           FOR UPDATE SKIP LOCKED
    ),
    woken AS (
        UPDATE flow_participant SET next_at = %(now)s
         WHERE status <> 'ended' AND id IN (SELECT participant_id FROM fresh)
    ),
    proven AS (
        UPDATE flow_step SET status = 'done', reason = NULL
         WHERE status = 'uncertain' AND id IN (SELECT step_id FROM fresh)
        RETURNING id
    ),
    accepted AS (
        UPDATE flow_delivery SET status = 'accepted'
         WHERE status = 'uncertain' AND step_id IN (SELECT id FROM proven)
    ),
    sent AS (
        UPDATE mailing_trace SET trace_status = 'sent', sent_datetime = %(now)s
         WHERE trace_status = 'outgoing' AND flow_step_id IN (SELECT id FROM proven)
    )
    UPDATE flow_event SET is_new = FALSE WHERE id IN (SELECT id FROM fresh)
    RETURNING id
"""

# Odoo's own statistics: the traces of the emails, once each. What machines do is not counted.
TELL_TRACES = """
    UPDATE mailing_trace t
       SET trace_status = CASE WHEN t.trace_status IN ('outgoing', 'sent') THEN 'open'
                               ELSE t.trace_status END,
           open_datetime = COALESCE(t.open_datetime, e.first_at),
           links_click_datetime = COALESCE(e.last_click_at, t.links_click_datetime)
      FROM (SELECT step_id, min(occurred_at) AS first_at,
                   max(occurred_at) FILTER (WHERE kind = 'clicked') AS last_click_at
              FROM flow_event
             WHERE id = ANY(%s) AND kind IN ('opened', 'clicked') AND NOT is_machine
             GROUP BY step_id) e
     WHERE t.flow_step_id = e.step_id
"""

CLICKS = """
    SELECT e.link_id, t.id AS mailing_trace_id, t.mass_mailing_id, c.id AS country_id
      FROM flow_event e JOIN mailing_trace t ON t.flow_step_id = e.step_id
      LEFT JOIN res_country c ON c.code = e.country_code
     WHERE e.id = ANY(%s) AND e.kind = 'clicked' AND e.link_id IS NOT NULL AND NOT e.is_machine
     ORDER BY e.id
"""


def record(
    env,
    kind,
    step_ids,
    url=None,
    link_id=None,
    country_code=None,
    is_machine=False,
    detail=None,
    value=None,
) -> int:
    """Record that the recipients of messages did something.

    :param kind: an event kind of `flow.event`
    :param step_ids: ids of `flow.step`
    :param url: the link, for clicks; `link_id` its `link.tracker` where the email has it
    :param country_code: from where, two letters
    :param is_machine: whether no person did it
    :param detail: which, what
    :param value: how much, in the unit of the kind of event
    :return: how many events were recorded
    """
    steps = SQL("SELECT unnest(%s::int[])", list(step_ids))
    return _record(
        env,
        kind,
        steps,
        url=url,
        link_id=link_id,
        country_code=country_code,
        is_machine=is_machine,
        detail=detail,
        value=value,
    )


def record_for_traces(
    env, kind: str, trace_ids: list[int], is_machine: bool = False, detail: str | None = None
) -> int:
    """Record that the recipients of emails did something that Odoo noted on their traces.

    :param trace_ids: ids of `mailing.trace`
    :return: how many events were recorded
    """
    env["mailing.trace"].flush_model(["flow_step_id"])
    return _record(
        env, kind, SQL(STEPS_OF_TRACES, list(trace_ids)), is_machine=is_machine, detail=detail
    )


def record_for_mailing(env, kind: str, mailing_id: int, res_id: int) -> int:
    """Record what the recipient `res_id` of a campaign's email did through one of its pages.

    :return: how many events were recorded
    """
    return _record(env, kind, SQL(LAST_STEP_OF_MAILING, mailing_id, res_id))


def ingest(env, campaign, limit: int = BATCH) -> int:
    """Wake the participants with events that the engine has not looked at yet.

    :param campaign: one `flow.campaign` that was launched
    :return: how many events were taken in
    """
    env["mailing.trace"].flush_model()
    now = database_clock.now(env)
    taken = claim.in_order(env, SQL(INGEST, campaign=campaign.id, limit=limit, now=now))
    fresh = [event_id for (event_id,) in taken]
    if fresh:
        failpoints.reach("ingest.claimed")
        _tell_odoo(env, fresh)
        for model in ("flow.event", "flow.participant", "flow.step", "mailing.trace"):
            env[model].invalidate_model()
    return len(fresh)


def _tell_odoo(env, event_ids) -> None:
    """Let Odoo's statistics of emails and links follow."""
    env.cr.execute(TELL_TRACES, [event_ids])
    clicks = env.execute_query_dict(SQL(CLICKS, event_ids))
    env["link.tracker.click"].create(clicks)


def recording(env, kind: str, step_ids: list[int], detail: str | None = None) -> SQL:
    """Return the statement of `record`, for a transaction that sends several together."""
    return _recording(env, kind, SQL("SELECT unnest(%s::int[])", step_ids), detail=detail)


def _recording(
    env,
    kind,
    steps: SQL,
    url=None,
    link_id=None,
    country_code=None,
    is_machine=False,
    detail=None,
    value=None,
) -> SQL:
    return SQL(
        RECORD,
        steps=steps,
        kind=kind,
        url=url,
        link=link_id,
        country=country_code,
        machine=is_machine,
        detail=detail,
        value=value,
        most=MOST_PER_MESSAGE,
        now=database_clock.moment(env),
    )


def _record(env, kind, steps: SQL, **details) -> int:
    # Where the engine moves the participant right now, Odoo lets the request begin again.
    env.cr.execute(_recording(env, kind, steps, **details), log_exceptions=False)
    campaigns = [campaign_id for (campaign_id,) in env.cr.fetchall()]
    if campaigns:
        pulse.beat(env, campaigns)
        env["flow.event"].invalidate_model()
        env["flow.participant"].invalidate_model(["event_ids"])
    return len(campaigns)
