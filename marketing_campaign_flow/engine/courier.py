"""Couriers: the name, the claims and the connections of one worker that hands over messages."""

import logging
import random
import smtplib

from odoo.tools import SQL

from . import call_log, delivery_log, failpoints, letter, transaction

_logger = logging.getLogger(__name__)

# The standard gives a server ten minutes for its answer to a message. Odoo's prefork server ends a
# scheduled job that is silent for two; an answer that is later than this counts as lost.
ANSWER_SECONDS = 100
PER_CONNECTION = 1000  # messages; then a fresh connection, as Odoo does

MOST_IN_FLIGHT = 32
CALLS_PARAMETER = "marketing_campaign_flow.calls_in_flight"
CALLS = 4
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
        SELECT id FROM flow_step
         WHERE claimed_by = ANY(%(gone)s) AND NOT (is_call AND status = 'sending')
           FOR NO KEY UPDATE SKIP LOCKED
    ),
    unknown AS (
        UPDATE flow_delivery d
           SET status = 'uncertain', ended_at = clock_timestamp() AT TIME ZONE 'UTC',
               reply = %(reason)s
          FROM orphan o WHERE d.step_id = o.id AND d.status = 'attempting'
    )
    UPDATE flow_step s
       SET claimed_by = NULL,
           cost = CASE WHEN s.status = 'sending' THEN s.cost END,
           status = CASE WHEN s.status = 'sending' THEN 'uncertain' ELSE s.status END,
           reason = CASE WHEN s.status = 'sending' THEN %(reason)s ELSE s.reason END
      FROM orphan o WHERE s.id = o.id
    RETURNING s.campaign_id
"""


class Courier:
    """One worker's name, connections and manners, for one pass."""

    is_real = True  # what it is given leaves this computer

    def __init__(self, env):
        self._env = env
        parameters = env["ir.config_parameter"].sudo()  # sudo: plain numbers, for the engine only
        in_flight = parameters.get_param(IN_FLIGHT_PARAMETER)
        self.in_flight = int(_number(in_flight, 1, least=1, most=MOST_IN_FLIGHT))
        calls = parameters.get_param(CALLS_PARAMETER)
        self.calls_in_flight = int(_number(calls, CALLS, least=1, most=MOST_IN_FLIGHT))
        seconds = parameters.get_param(ANSWER_PARAMETER)
        self._answer_seconds = _number(seconds, ANSWER_SECONDS, least=0.1, most=600)
        self._sessions = {}
        self.was_away = False  # whether a mail server was when work was last claimed
        self._sent = {}
        self.name = self._take_name()

    def __enter__(self) -> "Courier":
        recover(self._env)
        delivery_log.prepare(self._env.cr)
        return self

    def __exit__(self, *_) -> None:
        for session in self._sessions.values():
            _quit(session)
        if not self._env.cr.closed and not self._env.cr._cnx.closed:
            transaction.rollback(self._env)
            self._env.cr.execute(RELEASE_NAME, [self.name])
            transaction.commit(self._env)

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
        # sudo: the sender's domain is the company's, whoever sends
        domain = env["mail.alias.domain"].sudo().browse(route.alias_domain_id)
        servers = env["ir.mail_server"].with_context(**letter.addresses_of(domain))
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

    What they had claimed is due as before; so are calls that may be repeated. Messages that they
    were handing over are uncertain.
    """
    transaction.begin(env)
    env.cr.execute(GONE)
    if gone := [row[0] for row in env.cr.fetchall()]:
        failpoints.reach("deliver.recovering")
        reason = env._("The worker ended while it handed the message over")
        call_log.recover(env, gone)
        env.cr.execute(SQL(RECOVER, gone=gone, reason=reason))
        _logger.info("Took over %s messages of workers that are gone", env.cr.rowcount)
        delivery_log.invalidate(env)
    transaction.commit(env)


def _number(text, default, least, most) -> float:
    """Return a setting within its bounds; `default` where it is no number."""
    try:
        return min(max(float(text or default), least), most)
    except ValueError:
        return default


def _quit(session) -> None:
    if session is not None and session.sock:
        try:
            session.quit()
        except (smtplib.SMTPException, OSError):
            session.close()
