"""Transactions of workers that commit as they go.

A test's transaction, which nobody else can see, is neither committed nor begun anew.
"""

from odoo import modules
from odoo.tools import SQL
from psycopg2 import extensions

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


def run(env, statements: list[SQL]) -> None:
    """Send statements to the database together, as the first of a transaction.

    Each sees what is committed when it starts. The cursor has the result of the last.
    """
    first = [] if modules.module.current_test else [READ_COMMITTED]
    if first and env.cr._cnx.info.transaction_status != extensions.TRANSACTION_STATUS_IDLE:
        env.cr.commit()
    env.cr.execute(SQL("; ").join([*first, *statements]))
