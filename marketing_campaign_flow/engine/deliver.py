"""Deliver: hand due messages to mail servers, each at most once.

The step is the outbox. A worker claims a batch, prepares the letters, and then takes them window by
window (as many as may be in flight): the window's steps are *sending* and their attempts on record
before the first byte leaves, and what became of them is on record before the next window leaves. So
a worker that dies leaves at most one window whose outcome nobody knows; those are *uncertain*,
shown to a person, and never sent again by themselves.
"""

import logging
import random
import smtplib
from datetime import timedelta

import psycopg2
from odoo import modules
from odoo.exceptions import UserError
from odoo.tools import SQL, split_every
from psycopg2 import errors

from . import (
    breaker,
    database_clock,
    execute,
    failpoints,
    handover,
    ingest,
    letter,
    outage,
    version_lock,
    windows,
)

_logger = logging.getLogger(__name__)

BATCH = 200
FIRST_RETRY = timedelta(minutes=5)
LONGEST_RETRY = timedelta(hours=4)
MAX_ATTEMPTS = 12  # more than a day of answers that say "later"
# The standard gives a server ten minutes for its answer to a message. Odoo's prefork server ends a
# scheduled job that is silent for two; an answer that is later than this counts as lost.
ANSWER_SECONDS = 100
TELL_AFTER = 3  # failures to reach a mail server
MAX_CONFLICTS = 10
PER_CONNECTION = 1000  # messages; then a fresh connection, as Odoo does

MOST_IN_FLIGHT = 32
IN_FLIGHT_PARAMETER = "marketing_campaign_flow.messages_in_flight"
ANSWER_PARAMETER = "marketing_campaign_flow.smtp_answer_seconds"

# The claim of a worker lives as long as its database connection holds this lock: a worker that is
# gone, however it went, has let go of it, and one that is merely slow has not.
HOLD_NAME = "SELECT pg_try_advisory_lock('flow_step'::regclass::oid::int, %s)"
RELEASE_NAME = "SELECT pg_advisory_unlock('flow_step'::regclass::oid::int, %s)"

GONE = """
    SELECT DISTINCT s.claimed_by FROM flow_step s
     WHERE s.claimed_by IS NOT NULL
       AND NOT EXISTS (
            SELECT 1 FROM pg_locks l
             WHERE l.locktype = 'advisory' AND l.classid = 'flow_step'::regclass::oid
               AND l.objid = s.claimed_by::oid
               AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database()))
"""

# A statement of its own, by name: it sees whatever those workers have committed, who commit no
# more, and leaves alone what a living worker has claimed since the look for names.
RECOVER = """
    WITH orphan AS (
        SELECT id FROM flow_step WHERE claimed_by = ANY(%(gone)s) FOR NO KEY UPDATE SKIP LOCKED
    ),
    unknown AS (
        UPDATE flow_delivery d
           SET status = 'uncertain', ended_at = clock_timestamp() AT TIME ZONE 'UTC',
               reply = %(reason)s
          FROM orphan o WHERE d.step_id = o.id AND d.status = 'attempting'
    )
    UPDATE flow_step s
       SET claimed_by = NULL,
           status = CASE WHEN s.status = 'sending' THEN 'uncertain' ELSE s.status END,
           reason = CASE WHEN s.status = 'sending' THEN %(reason)s ELSE s.reason END
      FROM orphan o WHERE s.id = o.id
    RETURNING s.campaign_id
"""

# Messages of one action. Those that another worker claims at this moment are skipped.
CLAIM = """
    WITH due AS (
        SELECT id, action_id FROM flow_step
         WHERE campaign_id = %(campaign)s AND status = 'scheduled' AND is_message
           AND due_at <= %(now)s AND claimed_by IS NULL
           AND action_id = (
                SELECT action_id FROM flow_step
                 WHERE campaign_id = %(campaign)s AND status = 'scheduled' AND is_message
                   AND due_at <= %(now)s AND claimed_by IS NULL
                   AND action_id <> ALL(%(unreachable)s)
                 ORDER BY due_at, id LIMIT 1)
         ORDER BY due_at, id LIMIT %(limit)s
           FOR NO KEY UPDATE SKIP LOCKED
    )
    UPDATE flow_step s SET claimed_by = %(worker)s
      FROM due WHERE s.id = due.id
    RETURNING s.id, s.action_id
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
             WHERE campaign_id = %(campaign)s AND claimed_by IS NOT NULL AND status = 'scheduled')
"""

# The last look before a message leaves, in the statement that says so: the step is still ours and
# wanted, the campaign still runs, the address has not been blacklisted meanwhile. "Run at" is now,
# so that whatever the recipient does with the message happens later.
BEGIN = """
    WITH letter(step_id, email) AS (SELECT * FROM unnest(%(steps)s::int[], %(emails)s::text[])),
    begun AS (
        UPDATE flow_step s SET status = 'sending', attempts = attempts + 1, done_at = %(now)s,
               wait_reason = NULL
          FROM letter
         WHERE s.id = letter.step_id AND s.status = 'scheduled' AND s.claimed_by = %(worker)s
           AND EXISTS (SELECT 1 FROM flow_campaign c
                        WHERE c.id = s.campaign_id AND c.status = 'running')
           AND NOT (%(exclude)s AND EXISTS (
                SELECT 1 FROM mail_blacklist b WHERE b.email = letter.email AND b.active))
        RETURNING s.id, s.campaign_id
    )
    INSERT INTO flow_delivery (step_id, campaign_id, number, status, started_at)
    SELECT b.id, b.campaign_id,
           (SELECT COALESCE(max(d.number), 0) + 1 FROM flow_delivery d WHERE d.step_id = b.id),
           'attempting', clock_timestamp() AT TIME ZONE 'UTC'
      FROM begun b
    RETURNING step_id, id
"""

# Only what this worker has in hand is written. Whoever has left the state meanwhile gets no second
# attempt.
FINISH = """
    WITH receipt(step_id, delivery_id, status, code, reply, due_at) AS (
        SELECT * FROM unnest(%(steps)s::int[], %(deliveries)s::int[], %(statuses)s::text[],
                             %(codes)s::int[], %(replies)s::text[], %(dues)s::timestamp[])
    ),
    attempt AS (
        UPDATE flow_delivery d
           SET status = r.status, code = r.code, reply = r.reply,
               ended_at = clock_timestamp() AT TIME ZONE 'UTC'
          FROM receipt r WHERE d.id = r.delivery_id AND d.status = 'attempting'
    ),
    written AS (
        UPDATE flow_step s
           SET status = CASE WHEN r.status = 'accepted' THEN 'done'
                             WHEN r.status <> 'retry' THEN r.status
                             WHEN s.attempts >= %(max)s THEN 'failed'
                             WHEN NOT %(keep)s AND (p.status <> 'active' OR p.visit <> s.visit)
                             THEN 'cancelled'
                             ELSE 'scheduled' END,
               due_at = COALESCE(r.due_at, s.due_at),
               reason = CASE WHEN r.status = 'accepted' THEN NULL ELSE r.reply END,
               done_at = CASE WHEN r.status = 'retry' THEN NULL ELSE s.done_at END,
               claimed_by = NULL
          FROM receipt r, flow_participant p
         WHERE s.id = r.step_id AND s.status = 'sending' AND s.claimed_by = %(worker)s
           AND p.id = s.participant_id
        RETURNING s.id, s.participant_id, s.status
    ),
    traced AS (
        UPDATE mailing_trace t
           SET trace_status = CASE w.status WHEN 'done' THEN 'sent' WHEN 'failed' THEN 'error'
                                            ELSE t.trace_status END,
               sent_datetime = CASE w.status WHEN 'done' THEN %(now)s ELSE t.sent_datetime END,
               failure_type = CASE w.status WHEN 'failed' THEN 'mail_smtp' END
          FROM written w WHERE t.flow_step_id = w.id AND t.trace_status = 'outgoing'
    )
    UPDATE flow_participant SET next_at = %(now)s
     WHERE %(wake)s AND status = 'active' AND id IN (SELECT participant_id FROM written)
"""

# For the people who look at them; as many as they will.
WAIT_FOR_SERVER = """
    UPDATE flow_step SET wait_reason = 'server'
     WHERE id IN (SELECT id FROM flow_step
                   WHERE campaign_id = %(campaign)s AND status = 'scheduled' AND is_message
                     AND due_at <= %(now)s AND action_id = %(action)s
                   ORDER BY due_at, id LIMIT 1000 FOR NO KEY UPDATE SKIP LOCKED)
"""
WAIT_FOR_RATE = """
    UPDATE flow_step SET wait_reason = 'rate'
     WHERE id IN (SELECT id FROM flow_step
                   WHERE campaign_id = %(campaign)s AND status = 'scheduled' AND is_message
                     AND due_at <= %(now)s AND claimed_by IS NULL
                   ORDER BY due_at, id LIMIT 1000 FOR NO KEY UPDATE SKIP LOCKED)
       AND wait_reason IS DISTINCT FROM 'rate'
"""

GIVE_BACK = """
    UPDATE flow_step SET claimed_by = NULL
     WHERE claimed_by = %s AND status = 'scheduled'
"""


class Courier:
    """One worker's name, connections and manners, for one pass."""

    def __init__(self, env):
        self._env = env
        parameters = env["ir.config_parameter"].sudo()  # sudo: plain numbers, for the engine only
        in_flight = parameters.get_param(IN_FLIGHT_PARAMETER)
        self.in_flight = int(_number(in_flight, 1, least=1, most=MOST_IN_FLIGHT))
        seconds = parameters.get_param(ANSWER_PARAMETER)
        self._answer_seconds = _number(seconds, ANSWER_SECONDS, least=0.1, most=600)
        self._sessions = {}
        self.was_away = False  # whether a mail server was when work was last claimed
        self._sent = {}
        self.name = self._take_name()

    def __enter__(self) -> "Courier":
        recover(self._env)
        return self

    def __exit__(self, *_) -> None:
        for session in self._sessions.values():
            _quit(session)
        if not self._env.cr.closed and not self._env.cr._cnx.closed:
            if not modules.module.current_test:
                self._env.cr.rollback()
            self._env.cr.execute(RELEASE_NAME, [self.name])
            _commit(self._env)

    def session(self, env, route: letter.Route, slot: int):
        """Return an open connection for a route; None in tests, where Odoo does not send.

        :param slot: which of the connections in flight
        :raises OSError: when the server cannot be reached
        """
        session = self._sessions.get((route, slot))
        if session is not None and session.sock and self._sent[session] < PER_CONNECTION:
            self._sent[session] += 1
            return session
        _quit(session)
        servers = env["ir.mail_server"]
        if route.alias_domain_id:
            # sudo: the sender's domain is the company's, whoever sends
            domain = env["mail.alias.domain"].sudo().browse(route.alias_domain_id)
            servers = servers.with_context(
                domain_notifications_email=domain.default_from_email,
                domain_bounce_address=domain.bounce_email,
            )
        session = servers._connect__(mail_server_id=route.mail_server_id, smtp_from=route.smtp_from)
        if session is not None:
            session.sock.settimeout(self._answer_seconds)
            self._sessions[route, slot] = session
            self._sent[session] = 1
        return session

    def _take_name(self) -> int:
        """Return a number that no other worker goes by, held by this database connection."""
        while True:
            name = random.SystemRandom().randrange(1, 2**31)
            self._env.cr.execute(HOLD_NAME, [name])
            if self._env.cr.fetchone()[0]:
                return name


def recover(env) -> None:
    """Take over what workers that are gone had in hand.

    What they had claimed is due as before; what they were handing over is uncertain.
    """
    _begin(env)
    env.cr.execute(GONE)
    if gone := [row[0] for row in env.cr.fetchall()]:
        failpoints.reach("deliver.recovering")
        reason = env._("The worker ended while it handed the message over")
        env.cr.execute(SQL(RECOVER, gone=gone, reason=reason))
        _logger.info("Took over %s messages of workers that are gone", env.cr.rowcount)
        _invalidate(env)
    _commit(env)


def deliver(env, campaign, courier: Courier, limit: int = BATCH) -> int | None:
    """Hand due messages of one action of the campaign to their mail servers.

    :param campaign: one running `flow.campaign`
    :param limit: how many messages at most
    :return: how many messages were dealt with; None when they could not be: a new version is being
        published, or the mail server is away
    """
    _begin(env)
    if not version_lock.share(env, campaign):
        return None
    steps, action = _claim(env, campaign, courier, limit)
    if not steps:
        return None if courier.was_away else 0
    failpoints.reach("deliver.claimed")
    claimed, now = len(steps), database_clock.now(env)
    steps = steps.browse(windows.open_now(env, campaign, action.sudo(), steps.ids, now))
    letters = _prepare(env, campaign, action, steps) if steps else []
    _commit(env)
    failpoints.reach("deliver.prepared")
    record = _Record(env, campaign, action, courier)
    handled = claimed
    try:
        for window in split_every(courier.in_flight, letters, list):
            _send(env, action, window, courier, record)
    except (smtplib.SMTPException, OSError) as error:
        record.settle()
        _note_outage(env, campaign, action, error)
        handled = None
    finally:
        if not env.cr._cnx.closed:
            if not modules.module.current_test:
                env.cr.rollback()
            record.settle()
            env.cr.execute(GIVE_BACK, [courier.name])
            _invalidate(env)
            breaker.check(env, campaign, action, record.failed, claimed)
            _commit(env)
    return handled


def _claim(env, campaign, courier, limit):
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
    env.cr.execute(
        SQL(
            CLAIM,
            campaign=campaign.id,
            now=now,
            unreachable=unreachable,
            limit=limit,
            worker=courier.name,
        )
    )
    claimed = env.cr.fetchall()
    responsible = campaign._as_responsible().env
    steps = responsible["flow.step"].browse(sorted(row[0] for row in claimed))
    return steps, claimed and responsible["flow.action"].browse(claimed[0][1])


def _prepare(env, campaign, action, steps) -> list[letter.Letter]:
    """Return the letters of the steps; a step that cannot be prepared never stops the others."""
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


def _send(env, action, window, courier, record) -> None:
    """Hand over one window of letters; what became of them goes on record with the next.

    :raises OSError: when a server cannot be reached; nothing of this window is in flight then
    """
    try:
        sessions = [courier.session(env, one.route, slot) for slot, one in enumerate(window)]
    except UserError as error:  # Odoo's words for a server that is archived, gone or set up wrongly
        raise OSError(str(error)) from error
    if courier.was_away:
        outage.over(env, action.mailing_id.mail_server_id.id)
        courier.was_away = False
    envelopes = [_seal(env, one, session) for one, session in zip(window, sessions, strict=True)]
    attempt_of = record.settle(begin=window)
    failpoints.reach("deliver.begun")
    begun = [
        (one.step_id, session, envelope)
        for one, session, envelope in zip(window, sessions, envelopes, strict=True)
        if one.step_id in attempt_of
    ]
    if begun:
        receipts = _hand_over_all([(session, envelope) for _step, session, envelope in begun])
        record.keep([(step, attempt_of[step]) for step, *_ in begun], receipts)
        failpoints.reach("deliver.handed_over")


class _Record:
    """What is to be written about the messages of a batch.

    What became of a window is written in the transaction in which the next one begins: one commit
    per window, and no window leaves before the last one is on record.
    """

    def __init__(self, env, campaign, action, courier):
        self._env, self._campaign, self._action = env, campaign, action
        self._courier = courier
        self._attempts, self._receipts, self._now = [], [], None
        self.failed = 0  # refused for good, so far

    def keep(self, attempts: list[tuple[int, int]], receipts: list[handover.Receipt]) -> None:
        """Remember what became of a window until it is on record.

        :param attempts: pairs of step and attempt
        """
        self._attempts, self._receipts = attempts, receipts
        self.failed += sum(receipt.status == "failed" for receipt in receipts)

    def settle(self, begin=()) -> dict[int, int]:
        """Write what is known, and that the window `begin` leaves now; commit.

        When another transaction stood in the way it is written again: what is known of a message
        must not get lost over somebody else's conflict.

        :return: the attempts of those that may leave, by step
        """
        if not (self._attempts or begin):
            return {}
        for attempts_left in reversed(range(MAX_CONFLICTS)):
            _begin(self._env)
            try:
                now = database_clock.now(self._env)
                if self._attempts:
                    self._finish()
                attempt_of = self._begin_window(begin, now) if begin else {}
                _commit(self._env)
                break
            except errors.DeadlockDetected:
                if modules.module.current_test or not attempts_left:
                    raise
                self._env.cr.rollback()
        written, self._attempts, self._receipts = self._attempts, [], []
        self._now = now
        if written:
            failpoints.reach("deliver.finished")
        return attempt_of

    def _begin_window(self, window, now) -> dict[int, int]:
        self._env.cr.execute(
            SQL(
                BEGIN,
                steps=[one.step_id for one in window],
                emails=[one.email for one in window],
                now=now,
                worker=self._courier.name,
                exclude=self._action.mailing_id.use_exclusion_list,
            )
        )
        return dict(self._env.cr.fetchall())

    def _finish(self) -> None:
        env, action = self._env, self._action
        wake = self._campaign.workflow_id._plan().waits_for_steps(action.state_id.id)
        steps = [step for step, _attempt in self._attempts]
        env.cr.execute(
            SQL(
                FINISH,
                steps=steps,
                deliveries=[attempt for _step, attempt in self._attempts],
                statuses=[receipt.status for receipt in self._receipts],
                codes=[receipt.code for receipt in self._receipts],
                replies=[receipt.reply for receipt in self._receipts],
                dues=[_retry_at(env, step, self._now) if receipt.status == "retry" else None
                      for step, receipt in zip(steps, self._receipts, strict=True)],
                max=MAX_ATTEMPTS,
                keep=action.keep_after_leaving or action.is_manual,
                now=self._now,
                wake=wake,
                worker=self._courier.name,
            )
        )  # fmt: skip
        refused = [
            step
            for step, receipt in zip(steps, self._receipts, strict=True)
            if receipt.status == "failed" and receipt.of_recipient
        ]
        if refused:
            ingest.record(env, "bounced", refused)


def _seal(env, one, session) -> handover.Envelope | handover.Receipt:
    """Return a letter in its envelope; what cannot be addressed is refused before it leaves."""
    try:
        return letter.envelope(env, one, session)
    except psycopg2.Error:
        raise
    except Exception as error:
        _logger.info("Step %s cannot be addressed: %s", one.step_id, error)
        return handover.Receipt("failed", None, str(error) or type(error).__name__)


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
    return handover.hand_over(consignments)


def _retry_at(env, step_id, now):
    """Return when a message that was put off is tried again: later each time, never all at once."""
    env.cr.execute("SELECT attempts FROM flow_step WHERE id = %s", [step_id])
    wait = min(FIRST_RETRY * 2 ** min(env.cr.fetchone()[0] - 1, 10), LONGEST_RETRY)
    return now + wait * random.uniform(0.9, 1.1)  # noqa: S311 (no secret)


def _note_outage(env, campaign, action, error) -> None:
    """Leave a server alone that cannot be reached; nothing was in flight.

    When that has happened several times in a row, the responsible is told.
    """
    _logger.info("Mail server of the email %s: %s", action.mailing_id.id, error)
    if not modules.module.current_test:
        env.cr.rollback()
    _begin(env)
    server = action.mailing_id.mail_server_id.id or None
    now = database_clock.now(env)
    failures = outage.note(env, server, str(error), now)
    env.cr.execute(SQL(WAIT_FOR_SERVER, campaign=campaign.id, action=action.id, now=now))
    _commit(env)
    if failures >= TELL_AFTER:
        text = env._("The mail server cannot be reached: %s", error)
        campaign._report_problem("deliver", text)
        env.flush_all()
        _commit(env)


def _number(text, default, least, most) -> float:
    """Return a setting within its bounds; `default` where it is no number."""
    try:
        return min(max(float(text or default), least), most)
    except ValueError:
        return default


def _begin(env) -> None:
    """Begin a transaction whose statements each see what is committed when they start."""
    if not modules.module.current_test:
        env.cr.commit()
        env.cr.execute("SET TRANSACTION ISOLATION LEVEL READ COMMITTED")


def _commit(env) -> None:
    if not modules.module.current_test:
        env.cr.commit()


def _invalidate(env) -> None:
    for model in ("flow.step", "flow.delivery", "flow.participant", "mailing.trace"):
        env[model].invalidate_model()


def _quit(session) -> None:
    if session is not None and session.sock:
        try:
            session.quit()
        except (smtplib.SMTPException, OSError):
            session.close()
