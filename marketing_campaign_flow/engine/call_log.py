"""The log of a worker's calls: that they are made, and what became of them.

See `call`; the counterpart of `delivery_log` for what may be repeated, and so without a record per
attempt.
"""

from dataclasses import dataclass
from datetime import timedelta

from odoo.tools import SQL
from psycopg2 import errors

from . import database_clock, failpoints, transaction
from .wanted import UNWANTED

FIRST_RETRY = timedelta(minutes=1)
LONGEST_RETRY = timedelta(hours=4)
MAX_ATTEMPTS = 12  # some sixteen hours
MAX_CONFLICTS = 10
LONGEST_REASON = 300  # characters

# The last look before a window of calls is made: the step is still ours and wanted, and the
# campaign runs. The plus keeps the index of claims out of it, as in `delivery_log`.
BEGIN = """
    UPDATE flow_step s
       SET status = 'sending', attempts = attempts + 1, wait_reason = NULL, done_at = %(now)s
     WHERE s.id = ANY(%(steps)s) AND s.status = 'scheduled' AND +s.claimed_by = %(worker)s
       AND EXISTS (SELECT FROM flow_campaign c WHERE c.id = s.campaign_id AND c.status = 'running')
       AND NOT EXISTS (SELECT FROM flow_participant p
                        WHERE p.id = s.participant_id AND p.is_paused)
    RETURNING s.id
"""

# Only what this worker has in hand is written. What has failed for now is called again later each
# time, and never all at once; a receiver that names a time is left alone so long, within bounds.
# Whoever has left the state meanwhile gets no second attempt, as when leaving cancels what is
# scheduled. Participants are woken where something waits for the step.
FINISH = """
    WITH answer AS (
        SELECT * FROM unnest(%(steps)s::int[], %(statuses)s::text[], %(reasons)s::text[],
                             %(waits)s::float8[]) AS a(step_id, status, reason, wait)
    ),
    written AS (
        UPDATE flow_step s
           SET status = CASE WHEN a.status <> 'retry' THEN a.status
                             WHEN s.attempts >= %(max)s THEN 'failed'
                             WHEN %(unwanted)s THEN 'cancelled'
                             ELSE 'scheduled' END,
               due_at = CASE WHEN a.status <> 'retry' THEN s.due_at
                             ELSE %(now)s + GREATEST(
                                  (0.9 + 0.2 * random()) * LEAST(
                                   %(first)s * (1 << LEAST(s.attempts - 1, 10)), %(longest)s),
                                  LEAST(make_interval(secs => a.wait), %(longest)s))
                             END,
               reason = a.reason, done_at = %(now)s, claimed_by = NULL
          FROM answer a, flow_participant p
         WHERE s.id = a.step_id AND s.status = 'sending' AND +s.claimed_by = %(worker)s
           AND p.id = s.participant_id
        RETURNING s.participant_id
    )
    UPDATE flow_participant SET next_at = %(now)s
     WHERE %(wake)s AND status = 'active' AND id IN (SELECT participant_id FROM written)
"""

# Steps of workers that are gone, see `courier.RECOVER`: whether the call was made is not known, so
# it is made again. What another worker takes over at this moment is skipped.
RECOVER = """
    WITH orphan AS (
        SELECT id FROM flow_step
         WHERE claimed_by = ANY(%(gone)s) AND status = 'sending' AND is_call
           FOR NO KEY UPDATE SKIP LOCKED
    )
    UPDATE flow_step s
       SET status = CASE WHEN %(unwanted)s THEN 'cancelled' ELSE 'scheduled' END,
           reason = CASE WHEN %(unwanted)s THEN 'left' ELSE s.reason END,
           claimed_by = NULL, cost = NULL
      FROM orphan o, flow_participant p
     WHERE s.id = o.id AND s.status = 'sending' AND p.id = s.participant_id
"""


@dataclass(frozen=True)
class Answer:
    """What became of a call.

    :param status: ``done``, ``skipped`` (the flow goes on), ``retry`` (called again later) or
        ``failed`` (for good, a person looks at it)
    :param reason: for people
    :param wait: seconds that the receiver asks to be left alone
    """

    status: str
    reason: str | None = None
    wait: float = 0.0


def recover(env, gone: list[int]) -> None:
    """Let calls of workers that are gone be made again.

    :param gone: names of workers
    """
    env.cr.execute(SQL(RECOVER, gone=gone, unwanted=SQL(UNWANTED)))


class CallLog:
    """What is to be written about the calls of a batch.

    What became of a window is written in the transaction in which the next one begins: one commit
    per window, and no window begins before the last one is on record.
    """

    def __init__(self, env, campaign, action, worker: int):
        self._env, self._worker = env, worker
        # Of the whole batch, read once: each commit makes Odoo forget what it has read.
        self._wake = campaign.workflow_id._plan().waits_for_steps(action.state_id.id)
        self._now = database_clock.moment(env)
        self._answers: dict[int, Answer] = {}
        self.made = self.failed = 0  # calls, so far

    def keep(self, answers: dict[int, Answer]) -> None:
        """Remember what became of a window, by step, until it is on record."""
        self._answers = answers
        self.made += len(answers)
        self.failed += sum(answer.status in ("failed", "retry") for answer in answers.values())

    def count_broken(self, number: int) -> None:
        """Count steps of which no call could be made."""
        self.made += number
        self.failed += number

    def settle(self, begin: list[int] | None = None) -> list[int]:
        """Write what is known, and that the calls of the steps `begin` are made now; commit.

        When another transaction stood in the way it is written again, else it would be forgotten.

        :return: the steps that may be called
        """
        statements = [self._finish()] if self._answers else []
        if begin:
            statements.append(SQL(BEGIN, steps=begin, worker=self._worker, now=self._now))
        if not statements:
            return []
        for conflicts_left in reversed(range(MAX_CONFLICTS)):
            try:
                transaction.run(self._env, statements)
                break
            except errors.DeadlockDetected:
                if transaction.is_confined(self._env) or not conflicts_left:
                    raise
                self._env.cr.rollback()
        begun = {row[0] for row in self._env.cr.fetchall()} if begin else set()
        written, self._answers = self._answers, {}
        if written:
            failpoints.reach("call.finished")
        return [step for step in begin or [] if step in begun]

    def _finish(self) -> SQL:
        answers = self._answers.values()
        return SQL(
            FINISH,
            steps=list(self._answers),
            statuses=[answer.status for answer in answers],
            reasons=[answer.reason and answer.reason[:LONGEST_REASON] for answer in answers],
            waits=[answer.wait for answer in answers],
            max=MAX_ATTEMPTS,
            first=FIRST_RETRY,
            longest=LONGEST_RETRY,
            unwanted=SQL(UNWANTED),
            wake=self._wake,
            worker=self._worker,
            now=self._now,
        )
