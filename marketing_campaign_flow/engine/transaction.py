"""Transactions of workers that commit as they go.

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
    if modules.module.current_test or env.cr._cnx.autocommit:
        env.cr.execute(SQL("; ").join(statements))
    else:
        begin(env)
        env.cr.execute(SQL("; ").join(statements))
        env.cr.commit()
