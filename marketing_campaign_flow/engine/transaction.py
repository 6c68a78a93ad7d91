"""Transactions of workers that commit as they go.

Odoo's transactions are REPEATABLE READ, where a row that someone else changed since the transaction
began can only be tried again. The engine's own statements lock the rows first and name the state
they expect, so they need no such snapshot: most of its transactions are READ COMMITTED.

A test's transaction, which nobody else can see, is neither committed nor begun anew. Nor is that of
a trial, which tries something out and is undone whatever happens in it (`undone`).
"""

import contextlib
from collections.abc import Iterator
from weakref import WeakSet

from odoo import modules
from odoo.tools import SQL

READ_COMMITTED = SQL("SET TRANSACTION ISOLATION LEVEL READ COMMITTED")

_trials: WeakSet = WeakSet()  # cursors


class CommitRefusedError(Exception):
    """What a trial answers to whoever would make it last."""


def is_trial(env) -> bool:
    """Return whether everything in this transaction is undone, so that nothing may leave it."""
    return env.cr in _trials


def is_confined(env) -> bool:
    """Return whether a transaction is neither committed nor rolled back by the engine."""
    return bool(modules.module.current_test) or is_trial(env)


@contextlib.contextmanager
def undone(env) -> Iterator:
    """Provide the environment of a trial: a transaction of its own that is never committed.

    It has a connection of its own, so that nothing of it gets into the caller's transaction, and
    what waits for a commit, such as messages to browsers and to mail servers, waits in vain.
    """
    with contextlib.closing(env.registry.cursor()) as cr:
        _trials.add(cr)
        cr.commit = _refuse
        try:
            yield env(cr=cr)
        finally:
            cr.rollback()
            _trials.discard(cr)


def _refuse():
    raise CommitRefusedError("a trial cannot be committed")


def begin(env) -> None:
    """Begin a transaction whose statements each see what is committed when they start."""
    if not is_confined(env):
        env.cr.commit()
        env.cr.execute(READ_COMMITTED)


def commit(env) -> None:
    """Commit what was done so far."""
    if not is_confined(env):
        env.cr.commit()


def rollback(env) -> None:
    """Undo what was not committed."""
    if not is_confined(env):
        env.cr.rollback()


@contextlib.contextmanager
def each_at_once(env) -> Iterator[None]:
    """Let whatever is executed be a transaction of its own, begun and committed by that round trip.

    Statements that are sent together, see `run`, are one transaction: all of them or none. Each
    sees what is committed when it starts.
    """
    connection = env.cr._cnx
    if is_confined(env):
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
    if is_confined(env):
        env.cr.execute(SQL("; ").join(statements))
        return
    commits_itself = env.cr._cnx.autocommit
    if not commits_itself:
        env.cr.commit()
    # Said each time: the database's own default may be another level.
    env.cr.execute(SQL("; ").join([READ_COMMITTED, *statements]))
    if not commits_itself:
        env.cr.commit()
