"""One pass over all running campaigns: ingest, enrol, advance, execute, deliver."""

import logging

from odoo import modules
from psycopg2 import errors

from . import advance, database_clock, deliver, execute, ingest, phase, version_lock

_logger = logging.getLogger(__name__)

CONFLICTS = (errors.SerializationFailure, errors.DeadlockDetected)
MAX_CONFLICTS = 10


def run(env) -> int:
    """Work until nothing is due or the time slice of the scheduled job is over.

    Batches go round the campaigns, so that a campaign of a million does not starve one of ten.
    A campaign that breaks is noted and left for the next pass; its neighbours go on.

    :return: how many events, participants and steps were handled
    """
    total, broken = 0, set()
    while True:
        handled = 0
        for campaign in env["flow.campaign"]._running():
            if campaign.id in broken:
                continue
            for work in (_open_phase, _ingest, _enrol, _advance, _execute):
                try:
                    count = _batch(env, campaign, work)
                except Exception:
                    _logger.exception("Campaign %s cannot go on", campaign.id)
                    _rollback(env)
                    broken.add(campaign.id)
                    break
                handled += count
                if not _commit(env, count):
                    return total + handled
        total += handled
        if not handled:
            break
    if total:
        deliver.deliver(env)
        _commit(env, 0)
    return total


def _open_phase(env, campaign) -> int:
    return phase.open_due(env, campaign) if version_lock.share(env, campaign) else 0


def _ingest(env, campaign) -> int:
    _read_committed(env)
    return ingest.ingest(env, campaign)


def _enrol(env, campaign) -> int:
    if campaign.enrol_at and campaign.enrol_at <= database_clock.now(env):
        return campaign._enrol_audience() if version_lock.share(env, campaign) else 0
    return 0


def _advance(env, campaign) -> int:
    _read_committed(env)
    return advance.advance(env, campaign) if version_lock.share(env, campaign) else 0


def _execute(env, campaign) -> int:
    """Actions change Odoo's own records too, so this one keeps Odoo's REPEATABLE READ; its claim
    has to come early in a fresh transaction."""
    if not modules.module.current_test:
        env.cr.commit()
    return execute.execute(env, campaign) if version_lock.share(env, campaign) else 0


def _read_committed(env) -> None:
    """Begin a transaction whose statements each see what is committed when they start.

    Odoo's transactions are REPEATABLE READ, where a row that someone else changed since the
    transaction began can only be tried again. The engine's own statements lock the rows first
    and name the state they expect, so they need no such snapshot. A test's transaction, which
    nobody else can see, stays as it is.
    """
    if not modules.module.current_test:
        env.cr.commit()
        env.cr.execute("SET TRANSACTION ISOLATION LEVEL READ COMMITTED")


def _batch(env, campaign, work) -> int:
    """Run one batch; when another worker's commit stood in the way, run it again."""
    for _attempt in range(MAX_CONFLICTS):
        try:
            count = work(env, campaign)
            env.flush_all()
            return count
        except CONFLICTS:
            if modules.module.current_test:
                raise
            _rollback(env)
    return 0


def _commit(env, count) -> float:
    """Commit and return the seconds left; inside a test's transaction there is no commit."""
    if modules.module.current_test:
        return float("inf")
    seconds_left = env["ir.cron"]._commit_progress(count)
    env.invalidate_all()  # what others committed meanwhile, such as a pause, counts from now on
    return seconds_left


def _rollback(env) -> None:
    if modules.module.current_test:
        raise
    env.cr.rollback()
    env.invalidate_all(flush=False)
