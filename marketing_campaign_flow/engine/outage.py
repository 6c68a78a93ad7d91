"""Outages: a mail server that cannot be reached is left alone for a while, longer each time.

Nothing is claimed for it meanwhile, so that no message counts an attempt that was none.
"""

from datetime import timedelta

from odoo.tools import SQL

FIRST_WAIT = timedelta(minutes=1)
LONGEST_WAIT = timedelta(minutes=15)

# Workers that find the server away at the same time count as one failure.
NOTE = """
    INSERT INTO flow_mail_outage AS o (mail_server_id, failures, retry_at, error)
    VALUES (%(server)s, 1, %(now)s + %(first)s, %(error)s)
        ON CONFLICT ((COALESCE(mail_server_id, 0))) DO UPDATE
       SET failures = o.failures + 1, error = EXCLUDED.error,
           retry_at = %(now)s + LEAST(%(first)s * (1 << LEAST(o.failures, 10)), %(longest)s)
     WHERE o.retry_at <= %(now)s
"""


def away(env, now) -> set[int | None]:
    """Return the ids of the mail servers that are left alone; None is Odoo's own choice."""
    env.cr.execute(SQL("SELECT mail_server_id FROM flow_mail_outage WHERE retry_at > %s", now))
    return {row[0] for row in env.cr.fetchall()}


def any_noted(env) -> bool:
    """Return whether a server was away when it was last tried."""
    env.cr.execute("SELECT EXISTS (SELECT FROM flow_mail_outage)")
    return env.cr.fetchone()[0]


def note(env, server_id: int | None, error: str, now) -> int:
    """Note that a server could not be reached; return how often in a row."""
    env.cr.execute(
        SQL(NOTE, server=server_id, now=now, error=error, first=FIRST_WAIT, longest=LONGEST_WAIT)
    )
    env.cr.execute(
        SQL(
            "SELECT failures FROM flow_mail_outage WHERE COALESCE(mail_server_id, 0) = %s",
            server_id or 0,
        )
    )
    return env.cr.fetchone()[0]


def over(env, server_id: int | None) -> None:
    """Note that a server was reached; does nothing when it was not away."""
    env.cr.execute(
        SQL("DELETE FROM flow_mail_outage WHERE COALESCE(mail_server_id, 0) = %s", server_id or 0)
    )
