"""Deliver: hand due messages to mail servers, each at most once.

The step is the outbox. A worker claims a batch, prepares the letters, and then takes them window by
window (as many as may be in flight): the window's steps are *sending* and their attempts on record
before the first byte leaves, and what became of them is on record before the next window leaves. So
a worker that dies leaves at most one window whose outcome nobody knows; those are *uncertain*,
shown to a person, and never sent again by themselves.
"""

import logging
import smtplib

import psycopg2
from odoo.exceptions import UserError
from odoo.tools import SQL, split_every

from . import (
    arms,
    breaker,
    budget,
    cap,
    claim,
    database_clock,
    delivery_log,
    execute,
    failpoints,
    handover,
    letter,
    outage,
    transaction,
    version_lock,
    windows,
)
from .courier import Courier
from .seal import Sealer

_logger = logging.getLogger(__name__)

BATCH = 200
MOST_BYTES = 64 * 1024 * 1024  # of attachments that are in memory at once
TELL_AFTER = 3  # failures to reach a mail server

# Messages of one action. Those that another worker claims at this moment are skipped.
CLAIM = """
    WITH first AS MATERIALIZED (
        SELECT due_at, id, action_id FROM flow_step
         WHERE campaign_id = %(campaign)s AND status = 'scheduled' AND is_message AND NOT is_call
           AND wait_reason IS DISTINCT FROM 'budget' AND due_at <= %(now)s AND %(not_paused)s
           AND (due_at, id) >= (%(front_moment)s, %(front_id)s)
           AND claimed_by IS NULL AND action_id <> ALL(%(unreachable)s)
         ORDER BY due_at, id LIMIT 1
    ),
    due AS (
        SELECT id FROM flow_step
         WHERE campaign_id = %(campaign)s AND status = 'scheduled' AND is_message AND NOT is_call
           AND wait_reason IS DISTINCT FROM 'budget' AND due_at <= %(now)s AND %(not_paused)s
           AND (due_at, id) >= ((SELECT due_at FROM first), (SELECT id FROM first))
           AND claimed_by IS NULL AND action_id = (SELECT action_id FROM first)
         ORDER BY due_at, id LIMIT %(limit)s
           FOR NO KEY UPDATE SKIP LOCKED
    )
    UPDATE flow_step s SET claimed_by = %(worker)s, cost = NULL
      FROM due WHERE s.id = due.id
    RETURNING (SELECT due_at FROM first), (SELECT id FROM first), s.id, s.action_id
"""

# Actions whose email goes through a mail server that is away.
UNREACHABLE = """
    SELECT a.id FROM flow_action a
      JOIN flow_workflow w ON w.id = a.workflow_id
      JOIN mailing_mailing m ON m.id = a.mailing_id
     WHERE w.campaign_id = %s AND COALESCE(m.mail_server_id, 0) = ANY(%s)
"""

# One worker at a time reckons with what is left of a campaign's hour; what others have claimed
# counts as sent.
LOCK_RATE = "SELECT pg_advisory_xact_lock('flow_delivery'::regclass::oid::int, %s)"
SENT_IN_HOUR = """
    SELECT (SELECT count(*) FROM flow_delivery
             WHERE campaign_id = %(campaign)s
               AND started_at > (clock_timestamp() AT TIME ZONE 'UTC') - interval '1 hour')
         + (SELECT count(*) FROM flow_step
             WHERE campaign_id = %(campaign)s AND claimed_by IS NOT NULL AND status = 'scheduled'
               AND is_message)
"""

# For the people who look at them; as many as they will.
WAIT_FOR_SERVER = """
    UPDATE flow_step SET wait_reason = 'server'
     WHERE id IN (SELECT id FROM flow_step
                   WHERE campaign_id = %(campaign)s AND status = 'scheduled'
                     AND wait_reason IS DISTINCT FROM 'budget'
                     AND is_message AND NOT is_call AND due_at <= %(now)s AND action_id = %(action)s
                   ORDER BY due_at, id LIMIT 1000 FOR NO KEY UPDATE SKIP LOCKED)
"""
WAIT_FOR_RATE = """
    UPDATE flow_step SET wait_reason = 'rate'
     WHERE id IN (SELECT id FROM flow_step
                   WHERE campaign_id = %(campaign)s AND status = 'scheduled'
                     AND wait_reason IS DISTINCT FROM 'budget'
                     AND is_message AND NOT is_call AND due_at <= %(now)s AND claimed_by IS NULL
                   ORDER BY due_at, id LIMIT 1000 FOR NO KEY UPDATE SKIP LOCKED)
       AND wait_reason IS DISTINCT FROM 'rate'
"""

GIVE_BACK = """
    UPDATE flow_step SET claimed_by = NULL, cost = NULL
     WHERE claimed_by = %s AND status = 'scheduled'
"""


def deliver(
    env,
    campaign,
    courier: Courier,
    limit: int = BATCH,
    *,
    front: claim.Front | None = None,
) -> int | None:
    """Hand due messages of one action of the campaign to their mail servers.

    :param campaign: one running `flow.campaign`
    :param limit: how many messages at most
    :param front: where the queue of the campaign's messages begins, as far as the pass knows
    :return: how many messages were dealt with; None when they could not be: a new version is being
        published, or the mail server is away
    """
    transaction.begin(env)
    if not version_lock.share(env, campaign):
        return None
    steps, action = _claim(env, campaign, courier, limit, front or claim.Front())
    if not steps:
        return None if courier.was_away else 0
    failpoints.reach("deliver.claimed")
    claimed, now = len(steps), database_clock.now(env)
    # sudo: when, how often and in which version an action may run does not depend on who reads it
    ready = windows.open_now(env, campaign, action.sudo(), steps.ids, now)
    ready = arms.ready(env, campaign, action.sudo(), ready, now)
    failpoints.reach("deliver.drawn")
    ready, refused = cap.room_for(env, campaign, action.sudo(), ready, now)
    if refused:
        wake = campaign.workflow_id._plan().waits_for_steps(action.state_id.id)
        execute.write_outcomes(env, execute.skipped(refused), now, wake)
    letters = _prepare(env, campaign, action, steps.browse(ready)) if ready else []
    letters = _paid_for(env, campaign, action, letters, courier)
    log = delivery_log.DeliveryLog(env, campaign, action, courier.name)
    transaction.commit(env)
    failpoints.reach("deliver.prepared")
    handled = claimed
    try:
        with transaction.each_at_once(env):  # none is open while a server is waited for
            sealed = _seal(env, action, letters, courier)
            for window in split_every(courier.in_flight, sealed, list):
                _send(env, window, courier, log)
    except (smtplib.SMTPException, OSError) as error:
        log.settle()
        _note_outage(env, campaign, action, error)
        handled = None
    finally:
        if not env.cr._cnx.closed:
            transaction.rollback(env)
            log.settle()
            env.cr.execute(GIVE_BACK, [courier.name])
            delivery_log.invalidate(env)
            breaker.check(env, campaign, action, log.failed, claimed)
            transaction.commit(env)
    return handled


def _claim(env, campaign, courier, limit, front):
    now = database_clock.now(env)
    if campaign.sending_rate:
        env.cr.execute(LOCK_RATE, [campaign.id])
        env.cr.execute(SQL(SENT_IN_HOUR, campaign=campaign.id))
        limit = min(limit, campaign.sending_rate - env.cr.fetchone()[0])
        if limit <= 0:
            env.cr.execute(SQL(WAIT_FOR_RATE, campaign=campaign.id, now=now))
            return env["flow.step"], None
    unreachable = []
    courier.was_away = outage.any_noted(env)
    if servers := outage.away(env, now):
        env.cr.execute(UNREACHABLE, [campaign.id, [server or 0 for server in servers]])
        unreachable = [row[0] for row in env.cr.fetchall()]
    claimed = front.claim(
        env,
        CLAIM,
        campaign=campaign.id,
        now=now,
        unreachable=unreachable,
        limit=limit,
        worker=courier.name,
    )
    responsible = campaign._as_responsible().env
    steps = responsible["flow.step"].browse(sorted(row[2] for row in claimed))
    return steps, claimed and responsible["flow.action"].browse(claimed[0][3])


def _prepare(env, campaign, action, steps) -> list[letter.Letter]:
    """Return the letters of the steps; a step that cannot be prepared never stops the others."""
    # sudo: only how large they are, whoever may read them
    sizes = [sum(one.attachment_ids.mapped("file_size")) for one in action._emails().sudo()]
    size = max(sizes, default=0)
    steps = steps[: max(1, MOST_BYTES // size)] if size else steps  # the others are given back
    letters, outcomes = execute.isolate(
        steps,
        lambda batch: letter.prepare(action, batch),
        failed=lambda step, outcome: ([], {step.id: outcome}),
        join=lambda first, second: (first[0] + second[0], first[1] | second[1]),
    )
    if outcomes:
        wake = campaign.workflow_id._plan().waits_for_steps(action.state_id.id)
        execute.write_outcomes(env, outcomes, database_clock.now(env), wake)
    env.flush_all()
    return letters


def _paid_for(env, campaign, action, letters, courier) -> list[letter.Letter]:
    """Return the letters whose cost is reserved; last, so that the lock is held for an instant."""
    # sudo: what an action costs does not depend on who reads it
    step_ids = [one.step_id for one in letters]
    paid = set(budget.reserve(env, campaign, action.sudo(), step_ids, courier.name))
    return [one for one in letters if one.step_id in paid]


def _seal(env, action, letters, courier) -> list[tuple[letter.Letter, object]]:
    """Return each letter in its envelope, for the connections by which they leave.

    What cannot be addressed is refused before it leaves: it has a `handover.Receipt` instead.

    :raises OSError: when a server cannot be reached
    """
    routes = {one.route for one in letters}
    sessions = {route: _session(env, route, 0, courier) for route in routes}
    if sessions and courier.was_away:
        outage.over(env, action.mailing_id.mail_server_id.id)
        courier.was_away = False
    sealer = Sealer(env)
    return [(one, _envelope(sealer, one, sessions[one.route])) for one in letters]


def _envelope(sealer, one, session) -> handover.Envelope | handover.Receipt:
    try:
        return sealer.envelope(one, session)
    except psycopg2.Error:
        raise
    except Exception as error:
        _logger.info("Step %s cannot be addressed: %s", one.step_id, error)
        return handover.Receipt("failed", None, str(error) or type(error).__name__)


def _send(env, window, courier, log) -> None:
    """Hand over one window of messages; what became of them goes on record with the next.

    :param window: pairs of a letter and its envelope
    :raises OSError: when a server cannot be reached; nothing of this window is in flight then
    """
    sessions = [_session(env, one.route, slot, courier) for slot, (one, _) in enumerate(window)]
    attempt_of = log.settle(begin=[one for one, _envelope in window])
    failpoints.reach("deliver.begun")
    begun = [
        (one.step_id, session, envelope)
        for (one, envelope), session in zip(window, sessions, strict=True)
        if one.step_id in attempt_of
    ]
    if begun:
        receipts = _hand_over_all([(session, envelope) for _step, session, envelope in begun])
        log.keep([(step, attempt_of[step]) for step, *_ in begun], receipts)
        failpoints.reach("deliver.handed_over")


def _session(env, route, slot, courier):
    """Return an open connection; see `Courier.session`."""
    try:
        return courier.session(env, route, slot)
    except UserError as error:  # Odoo's words for a server that is archived, gone or set up wrongly
        raise OSError(str(error)) from error


def _hand_over_all(consignments) -> list[handover.Receipt]:
    """Hand over what is in an envelope; what was refused before has its receipt."""
    leaving = [one for one in consignments if isinstance(one[1], handover.Envelope)]
    received = iter(_hand_over(leaving))
    return [
        next(received) if isinstance(envelope, handover.Envelope) else envelope
        for _session, envelope in consignments
    ]


def _hand_over(consignments) -> list[handover.Receipt]:
    if consignments and consignments[0][0] is None:  # Odoo does not send in tests
        return [handover.Receipt("accepted", 250, "") for _ in consignments]
    if consignments and isinstance(consignments[0][0], handover.Postbox):
        return [postbox.take(envelope) for postbox, envelope in consignments]
    return handover.hand_over(consignments)


def _note_outage(env, campaign, action, error) -> None:
    """Leave a server alone that cannot be reached; nothing was in flight.

    When that has happened several times in a row, the responsible is told.
    """
    _logger.info("Mail server of the email %s: %s", action.mailing_id.id, error)
    transaction.begin(env)
    server = action.mailing_id.mail_server_id.id or None
    now = database_clock.now(env)
    failures = outage.note(env, server, str(error), now)
    env.cr.execute(SQL(WAIT_FOR_SERVER, campaign=campaign.id, action=action.id, now=now))
    transaction.commit(env)
    if failures >= TELL_AFTER:
        text = env._("The mail server cannot be reached: %s", error)
        campaign._report_problem("deliver", text)
        env.flush_all()
        transaction.commit(env)
