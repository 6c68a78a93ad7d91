"""Transactions of workers that commit as they go.

Odoo's transactions are REPEATABLE READ, where a row that someone else changed since the transaction
began can only be tried again. The engine's own statements lock the rows first and name the state
they expect, so they need no such snapshot: most of its transactions are READ COMMITTED.

A test's transaction, which nobody else can see, is neither committed nor begun anew.
"""

import contextlib
from collections.abc import Iterator

from odoo import modules
from odoo.tools import SQL

READ_COMMITTED = SQL("SET TRANSACTION ISOLATION LEVEL READ COMMITTED")


def begin(env) -> None:
    """Begin a transaction whose statements each see what is committed when they start."""
    if not modules.module.current_test:
        env.cr.commit()
        env.cr.execute(READ_COMMITTED)


def commit(env) -> None:
    """Commit what was done so far."""
    if not modules.module.current_test:
        env.cr.commit()


def rollback(env) -> None:
    """Undo what was not committed."""
    if not modules.module.current_test:
        env.cr.rollback()


@contextlib.contextmanager
def each_at_once(env) -> Iterator[None]:
    """Let whatever is executed be a transaction of its own, begun and committed by that round trip.

    Statements that are sent together, see `run`, are one transaction: all of them or none. Each
    sees what is committed when it starts.
    """
    connection = env.cr._cnx
    if modules.module.current_test:
        yield
        return
    env.cr.commit()
    connection.autocommit = True
    try:
        yield
    finally:
        if not connection.closed:
            connection.autocommit = False


def run(env, statements: list[SQL]) -> None:
    """Send statements together and commit them as one; the cursor has the result of the last."""
    if modules.module.current_test:
        env.cr.execute(SQL("; ").join(statements))
        return
    commits_itself = env.cr._cnx.autocommit
    if not commits_itself:
        env.cr.commit()
    # Said each time: the database's own default may be another level.
    env.cr.execute(SQL("; ").join([READ_COMMITTED, *statements]))
    if not commits_itself:
        env.cr.commit()
