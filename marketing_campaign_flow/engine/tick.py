"""One pass over all campaigns at work: phases, ingest, enrol, advance, execute, call, deliver.

Several workers, called lanes, may run passes at the same time; what one of them holds the others
leave alone. A lane that dies takes nothing with it: whatever it had not committed is done by the
next pass of any lane.
"""

import contextlib
import logging
import random
import time
from collections import defaultdict
from dataclasses import dataclass, field
from functools import partial

from odoo import modules
from psycopg2 import errors

from . import (
    advance,
    arms,
    budget,
    call,
    claim,
    database_clock,
    deliver,
    execute,
    failpoints,
    fold,
    ingest,
    phase,
    points,
    pulse,
    reactions,
    spend,
    spending,
    transaction,
    version_lock,
    wind_down,
)
from .pace import Pace

_logger = logging.getLogger(__name__)

# A contact that is deleted while it is being enrolled is a conflict like any other.
CONFLICTS = (errors.SerializationFailure, errors.DeadlockDetected, errors.ForeignKeyViolation)
MAX_CONFLICTS = 10

# So much handled in one round of the campaigns is work enough for the other lanes as well.
MUCH = 1000


@dataclass
class _Pass:
    """What a pass keeps from one batch to the next.

    :param broken: what has failed in this pass, pairs of campaign and kind of work
    :param fronts: where the queues begin, by campaign and kind of work
    :param silent: the ids of campaigns that call nobody, not looked at for calls once more
    :param untested: the ids of campaigns that test no emails
    """

    courier: deliver.Courier
    pace: Pace
    broken: set = field(default_factory=set)
    fronts: dict = field(default_factory=partial(defaultdict, claim.Front))
    silent: set = field(default_factory=set)
    untested: set = field(default_factory=set)


def run(env) -> int:
    """Work until nothing is due or the time slice of the scheduled job is over.

    Batches go round the campaigns, so that a campaign of a million does not starve one of ten.
    Work of a campaign that breaks is told to its responsible and left for the next pass; its other
    work and its neighbours go on.

    :return: how many events, participants and steps were handled
    """
    if _seconds_left(env) <= 0:
        # Odoo runs a job ten times at least, also when its time is over; this ends that.
        _finish(env, remaining=1)
        return 0
    with deliver.Courier(env) as courier:
        return _run(env, courier)


def _run(env, courier) -> int:
    total, state = 0, _Pass(courier, Pace(gathers="cron_id" in env.context))
    while True:
        state.pace.begin_round()
        handled = _wake(env, state)
        for campaign in in_turn(env["flow.campaign"]._at_work()):
            handled += _serve(env, campaign, state)
            if total + handled and _seconds_left(env) <= 0:
                _fold(env)
                _finish(env, remaining=1)
                return total + handled
        if not handled and state.pace.is_due:
            break
        time.sleep(max(0, min(state.pace.end_round(), _seconds_left(env))))
        if not total and handled >= MUCH:
            env["flow.campaign"]._call_other_lanes()
        total += handled
    _fold(env)
    _finish(env, remaining=0)
    return total


def _wake(env, state) -> int:
    """Look again at those whose points have changed, in all campaigns; as often as at events.

    :return: how many changes were taken
    """
    if not state.pace.is_due:
        return 0
    try:
        count = _batch(env, partial(_wake_batch, env))
        _commit(env, count)
    except Exception:
        _rollback(env)
        _logger.warning("Points could not be looked at", exc_info=True)
        return 0
    state.pace.note("ingest", count)
    return count


def _wake_batch(env) -> int:
    transaction.begin(env)
    return points.wake(env)


def _fold(env) -> None:
    """Sum up what was counted meanwhile; when that fails, the figures are right as well."""
    try:
        for work in (fold, spending, reactions):
            while _batch(env, partial(_fold_batch, env, work)) == work.BATCH:
                _commit(env, 0)
            _commit(env, 0)
    except Exception:
        _rollback(env)
        _logger.warning("Facts could not be folded", exc_info=True)


def _fold_batch(env, work) -> int:
    transaction.begin(env)
    return work.fold(env)


def in_turn(campaigns):
    """Return the campaigns from a random one on, so that lanes start at different ones and a pass
    that is cut short does not always serve the same."""
    first = random.randrange(len(campaigns)) if campaigns else 0  # noqa: S311 (no secret)
    return campaigns[first:] + campaigns[:first]


def _serve(env, campaign, state) -> int:
    """Do one batch of each kind of work for a campaign; return how much was handled.

    :param state: the `_Pass` it belongs to
    """
    handled = 0
    for name, work in _works(campaign, state).items():
        if (campaign.id, name) in state.broken:
            continue
        try:
            count = _batch(env, partial(_do, env, campaign, name, work))
            failpoints.reach(f"{name}.worked")
            if count:
                pulse.beat(env, campaign.ids)
            _commit(env, count or 0)
        except Exception as error:
            _rollback(env)  # where the connection is lost this fails too and ends the pass
            _logger.warning("Campaign %s cannot go on: %s", campaign.id, error, exc_info=True)
            state.broken.add((campaign.id, name))
            _tell(env, campaign, name, str(error) or type(error).__name__)
            continue
        failpoints.reach(f"{name}.committed")
        handled += count or 0
        state.pace.note(name, count or 0)
    return handled


def _do(env, campaign, name, work) -> int | None:
    """Do a batch; work that was done is no problem any more."""
    count = work(env, campaign)
    if count is not None:
        campaign._mended(name)
    return count


def _works(campaign, state) -> dict:
    """Return the kinds of work to do for a campaign as it is now, by name."""
    if not campaign.exists():
        return {}
    if campaign.status == "running":
        works = {
            "phase": _open_phase,
            "ingest": partial(_ingest, state.pace),
            "enrol": _enrol,
            "advance": partial(_advance, state.fronts[campaign.id, "advance"]),
            "execute": partial(_execute, state.fronts[campaign.id, "execute"]),
            "spend": partial(_spend, state),
            "call": partial(_call, state),
            "test": partial(_test, state),
            "deliver": partial(_deliver, state.courier, state.fronts[campaign.id, "deliver"]),
        }
        if campaign.awaits_budget or campaign.budget_policy != "watch":
            works = {"budget": _look_at_budget, **works}
        if not campaign.workflow_id._plan().priced_ids:
            del works["spend"]
        if campaign.id in state.silent:
            del works["call"]
        if campaign.id in state.untested:
            del works["test"]
        return works
    works = {"ingest": partial(_ingest, state.pace)}
    return {**works, "wind_down": _wind_down} if campaign.is_winding_down else works


def works_of_trial(campaign, courier) -> dict:
    """Return what a pass does for a campaign, by name, but for letting people in and for what its
    plan has not."""
    plan, state = campaign.workflow_id._plan(), _Pass(courier, Pace(gathers=False))
    state.silent.update(() if plan.calls else campaign.ids)
    state.untested.update(() if plan.tests else campaign.ids)
    works = _works(campaign, state)
    works.pop("enrol", None)
    return works


def _open_phase(env, campaign) -> int | None:
    """Return 1 when the next phase was opened; None when it was not looked at, because the campaign
    is no longer running or a new version of it is being published."""
    transaction.commit(env)  # what others have committed, such as a pause, is seen
    if campaign.status != "running" or not version_lock.share(env, campaign):
        return None
    return phase.open_due(env, campaign)


def _ingest(pace, env, campaign) -> int | None:
    """Return how many events were taken in; None when they still gather."""
    if not pace.is_due:
        return None
    transaction.begin(env)
    return ingest.ingest(env, campaign)


def _enrol(env, campaign) -> int | None:
    """Return how many came in; None when it was not tried."""
    transaction.commit(env)  # what others have committed, such as a pause, is seen
    if not campaign._lock_enrolling():  # first, so that what the last one did is seen
        return None
    if campaign.status != "running" or not campaign.enrol_at:
        return None
    if campaign.enrol_at > database_clock.now(env) or not version_lock.share(env, campaign):
        return None
    return campaign._enrol_audience()


def _advance(front, env, campaign) -> int | None:
    transaction.begin(env)
    if not version_lock.share(env, campaign):
        return None
    return advance.advance(env, campaign, front=front)


def _execute(front, env, campaign) -> int | None:
    """Actions change Odoo's own records too, so this one keeps Odoo's REPEATABLE READ; its claim
    has to come early in a fresh transaction."""
    transaction.commit(env)  # what others have committed, such as a pause, is seen
    if not version_lock.share(env, campaign):
        return None
    return execute.execute(env, campaign, front=front)


def _look_at_budget(env, campaign) -> int:
    """Let those go on that there is money for again, and tell people when it runs short."""
    transaction.begin(env)
    count = budget.wake(env, campaign, database_clock.now(env)) if campaign.awaits_budget else 0
    campaign._warn_of_budget()
    return count


def _spend(state, env, campaign) -> int | None:
    """Reserves in a transaction of its own; the actions run in the next, as those of `execute`."""
    front = state.fronts[campaign.id, "spend"]
    return spend.spend(env, campaign, state.courier.name, front=front)


def _call(state, env, campaign) -> int | None:
    """Commits on its own: no transaction is open while somebody else's server is waited for."""
    transaction.commit(env)  # what others have committed, such as a pause, is seen
    front = state.fronts[campaign.id, "call"]
    count = call.call(env, campaign, state.courier, front=front)
    if count == 0 and not campaign.workflow_id._plan().calls:
        state.silent.add(campaign.id)
    return count


def _test(state, env, campaign) -> int | None:
    transaction.begin(env)
    if not campaign.workflow_id._plan().tests:
        state.untested.add(campaign.id)
        return 0
    if not version_lock.share(env, campaign):
        return None
    return arms.work(env, campaign)


def _deliver(courier, front, env, campaign) -> int | None:
    """Commits on its own: a message is on record before it leaves."""
    transaction.commit(env)  # what others have committed, such as a pause, is seen
    return deliver.deliver(env, campaign, courier, front=front)


def _wind_down(env, campaign) -> int:
    transaction.begin(env)
    return wind_down.wind_down(env, campaign)


def _tell(env, campaign, name, text) -> None:
    """Tell the responsible; even when that fails, the other campaigns go on."""
    try:
        _batch(env, partial(campaign._report_problem, name, text))
        _commit(env, 0)
    except Exception:
        _rollback(env)
        _logger.exception("Nobody could be told about campaign %s", campaign.id)


def _batch(env, work) -> int | None:
    """Run one batch; when another worker's commit stood in the way, run it again."""
    for _attempt in range(MAX_CONFLICTS):
        try:
            with _isolated(env):
                count = work()
                env.flush_all()
            return count
        except CONFLICTS:
            if modules.module.current_test:
                raise
            _rollback(env)
    return 0


def _commit(env, count) -> None:
    """Commit, and note the progress where there is some."""
    if modules.module.current_test:
        return  # inside a test's transaction there is no commit
    if count:
        env["ir.cron"]._commit_progress(count)
    else:
        env.cr.commit()
    env.invalidate_all()


def _seconds_left(env) -> float:
    """Return what is left of the time slice of the scheduled job."""
    return env.context.get("cron_end_time", float("inf")) - time.monotonic()


def _finish(env, remaining) -> None:
    """Tell the scheduler whether to come back at once."""
    if not modules.module.current_test:
        lane = env.context.get("cron_id")
        if remaining and lane:
            # Odoo notes that there is more to do, and looks at that note within a minute; a hint
            # is heard at once.
            env["flow.campaign"]._hint(lane)
        env["ir.cron"]._commit_progress(remaining=remaining)
        env.invalidate_all()


def _isolated(env):
    """Inside a test's transaction, which cannot be rolled back, a savepoint takes its place."""
    return env.cr.savepoint() if modules.module.current_test else contextlib.nullcontext()


def _rollback(env) -> None:
    transaction.rollback(env)
    env.invalidate_all(flush=False)
