"""Arms: the versions of an email that are tested against each other, and who gets which.

A participant's version is drawn once, from a number that is the same whenever it is drawn, and kept
with the step. Those outside the sample wait until the better version is known. A worker that finds
no decision shares the test's row until what it has put off is committed; whoever decides changes
that row, and wakes those who wait in a transaction after that.

A step is marked with the letter of its version, and from the second test of an email on with the
number of the test, so that each has figures of its own: ``B`` and ``B2``.
"""

from datetime import timedelta

from odoo.tools import SQL

from . import database_clock
from .variants import MAIN_ARM

WAKE_BATCH = 10_000
LOOK_AGAIN = timedelta(minutes=1)  # a test that is over is decided within the pass

# One test at a time per email of a campaign, through all versions of its workflow; a further one
# begins with its first message, as the first one does.
BEGIN = """
    INSERT INTO flow_email_test (campaign_id, action_key, number, started_at, wakes)
    VALUES (%(campaign)s, %(key)s, 1, %(now)s, FALSE)
        ON CONFLICT (campaign_id, action_key) DO UPDATE SET started_at = EXCLUDED.started_at
                                                     WHERE flow_email_test.started_at IS NULL
"""
ADD_ARMS = """
    INSERT INTO flow_email_arm (test_id, letter)
    SELECT t.id, l.letter FROM flow_email_test t, unnest(%(letters)s::text[]) l(letter)
     WHERE t.campaign_id = %(campaign)s AND t.action_key = %(key)s
        ON CONFLICT (test_id, letter) DO NOTHING
"""
SHARE = """
    SELECT started_at, winner, number FROM flow_email_test
     WHERE campaign_id = %(campaign)s AND action_key = %(key)s AND started_at IS NOT NULL
       FOR SHARE
"""

# Numbers from 0 to 9,999 for a participant, for whether it is in the sample and for its version;
# neither has to do with the other, nor with the draw of a split or of an earlier test.
DRAWN = """
    SELECT s.id, s.arm,
           mod(('x' || substr(md5(concat(s.participant_id, ':sample:', %(draw)s)), 1, 8))
               ::bit(32)::bigint, 10000),
           mod(('x' || substr(md5(concat(s.participant_id, ':arm:', %(draw)s)), 1, 8))
               ::bit(32)::bigint, 10000)
      FROM flow_step s WHERE s.id = ANY(%(ids)s) ORDER BY s.id
"""
ASSIGN = """
    UPDATE flow_step s SET arm = d.arm FROM unnest(%(ids)s::int[], %(arms)s::text[]) d(id, arm)
     WHERE s.id = d.id AND s.status = 'scheduled' AND s.arm IS NULL
"""
PUT_OFF = """
    UPDATE flow_step SET due_at = %(due)s, wait_reason = 'test'
     WHERE id = ANY(%(ids)s) AND status = 'scheduled'
"""
WAKE = """
    UPDATE flow_step SET due_at = %(now)s, wait_reason = NULL
     WHERE id IN (SELECT id FROM flow_step
                   WHERE campaign_id = %(campaign)s AND status = 'scheduled' AND is_message
                     AND NOT is_call AND due_at > %(now)s AND action_key = %(key)s
                     AND wait_reason = 'test' AND wait_reason IS DISTINCT FROM 'budget'
                   LIMIT %(limit)s FOR NO KEY UPDATE SKIP LOCKED)
"""
TESTS = """
    SELECT id, action_key, started_at, winner IS NOT NULL, wakes, look_at FROM flow_email_test
     WHERE campaign_id = %s ORDER BY id
"""


def ready(env, campaign, action, step_ids: list[int], now) -> list[int]:
    """Return the steps whose version is known, and write it down; let the others wait.

    Without versions to be tested nothing is asked. Otherwise it is the same few statements,
    however many steps there are.

    :param action: the `flow.action` of the steps, readable
    :param step_ids: steps that this transaction has claimed
    """
    weights = action._arms() if step_ids else {}
    if len(weights) < 2:
        return step_ids
    started_at, winner, number = _test(env, campaign, action, weights, now)
    ends_at = action._test_ends_at(started_at)
    env["flow.step"].flush_model()
    env.cr.execute(SQL(DRAWN, ids=list(step_ids), draw=mark(action.key, number)))
    assigned, waiting, known = {}, [], []
    for step_id, arm, sample, draw in env.cr.fetchall():
        if arm:
            known.append(step_id)
        elif winner:
            assigned[step_id] = mark(winner if winner in weights else MAIN_ARM, number)
        elif (ends_at and ends_at <= now) or sample >= 100 * action.test_share:
            waiting.append(step_id)
        else:
            assigned[step_id] = mark(drawn_arm(weights, draw), number)
    if assigned:
        values = {"ids": list(assigned), "arms": list(assigned.values())}
        env.cr.execute(SQL(ASSIGN, **values), log_exceptions=False)  # see `claim`
    if waiting:
        due = max(ends_at or now, now + LOOK_AGAIN)
        env.cr.execute(SQL(PUT_OFF, ids=waiting, due=due), log_exceptions=False)
    env["flow.step"].invalidate_model()
    return sorted([*known, *assigned])


def mark(letter: str, number: int) -> str:
    """Return what a step of a version in the n-th test of its email is marked with."""
    return letter if number == 1 else f"{letter}{number}"


def drawn_arm(weights: dict[str, int], draw: int) -> str:
    """Return the version that a number from 0 to 9,999 falls to."""
    total, reached = sum(weights.values()), 0
    for letter, weight in weights.items():
        reached += weight
        if draw * total < reached * 10_000:
            return letter
    return letter


def _test(env, campaign, action, weights, now) -> tuple:
    """Return when the test began, which version has won, and the how manieth test of the email it
    is; held until this is committed."""
    names = {"campaign": campaign.id, "key": action.key}
    env.cr.execute(SQL(SHARE, **names), log_exceptions=False)
    if not env.cr.rowcount:
        env.cr.execute(SQL(BEGIN, now=now, **names))
        env.cr.execute(SQL(ADD_ARMS, letters=list(weights), **names))
        env["flow.email.test"].invalidate_model()
        env.cr.execute(SQL(SHARE, **names), log_exceptions=False)
    return env.cr.fetchone()


def work(env, campaign) -> int:
    """Decide the tests of a campaign that are over, and wake those who wait for one.

    :param campaign: one running `flow.campaign`
    :return: how much was done, so that the pass goes round once more
    """
    now = database_clock.now(env)
    actions = {action.key: action for action in campaign.workflow_id._planned_actions()}
    env["flow.email.test"].flush_model()
    env.cr.execute(SQL(TESTS, campaign.id))
    handled = 0
    for test_id, key, started_at, is_decided, wakes, look_at in env.cr.fetchall():
        test, action = env["flow.email.test"].browse(test_id), actions.get(key)
        if wakes:
            handled += _wake(env, campaign, test, key, now)
        if not action or not action.has_test:
            continue
        ends_at = action._test_ends_at(started_at)
        if not is_decided and ends_at and ends_at <= now:
            handled += test._decide(action, now)
        elif not look_at or look_at <= now:
            test._look(action, now)
    return handled


def _wake(env, campaign, test, key, now) -> int:
    env.cr.execute(SQL(WAKE, campaign=campaign.id, key=key, now=now, limit=WAKE_BATCH))
    count = env.cr.rowcount
    env["flow.step"].invalidate_model()
    if not count:
        test.wakes = False
    return count
