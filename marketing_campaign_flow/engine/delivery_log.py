"""The log of a worker's deliveries: that a message leaves, and what became of it.

Both are written before anything else happens to any message: a window of messages is on record
before its first byte leaves, and what became of it before the next window leaves.
"""

from datetime import timedelta

from odoo.tools import SQL
from psycopg2 import errors

from . import cap, database_clock, failpoints, handover, ingest, transaction
from .prepared import Prepared
from .wanted import UNWANTED

FIRST_RETRY = timedelta(minutes=5)
LONGEST_RETRY = timedelta(hours=4)
MAX_ATTEMPTS = 12  # more than a day of answers that say "later"
MAX_CONFLICTS = 10

# The last look before a message leaves, in the statement that says so: the step is still ours and
# wanted, the campaign still runs, the address has not been blacklisted meanwhile. "Run at" is now,
# so that whatever the recipient does with the message happens later. A worker has many steps
# claimed: the plus keeps the index of claims out of it.
_BEGIN = """
    WITH letter(step_id, email, place) AS (
        SELECT step_id, email, row_number() OVER (PARTITION BY email ORDER BY step_id)
          FROM unnest(%(steps)s, %(emails)s) l(step_id, email)
    ),
    begun AS (
        UPDATE flow_step s
           SET status = 'sending', attempts = attempts + 1, wait_reason = NULL,
               done_at = (now() AT TIME ZONE 'UTC') + make_interval(secs => %(offset)s)
          FROM letter
         WHERE s.id = letter.step_id AND s.status = 'scheduled' AND +s.claimed_by = %(worker)s
           AND EXISTS (SELECT 1 FROM flow_campaign c
                        WHERE c.id = s.campaign_id AND c.status = 'running')
           AND NOT EXISTS (SELECT 1 FROM flow_participant p
                            WHERE p.id = s.participant_id AND p.is_paused)
           AND NOT (%(exclude)s AND EXISTS (
                SELECT 1 FROM mail_blacklist b WHERE b.email = letter.email AND b.active))
           AND @room
        RETURNING s.id, s.campaign_id
    )
    INSERT INTO flow_delivery (step_id, campaign_id, number, status, started_at)
    SELECT b.id, b.campaign_id,
           (SELECT COALESCE(max(d.number), 0) + 1 FROM flow_delivery d WHERE d.step_id = b.id),
           'attempting', clock_timestamp() AT TIME ZONE 'UTC'
      FROM begun b
    RETURNING step_id, id
"""
_OF_BEGIN = {
    "steps": "int[]",
    "emails": "text[]",
    "worker": "int",
    "exclude": "bool",
    "offset": "float8",
}
BEGIN = Prepared("flow_delivery_begin", _BEGIN.replace("@room", "TRUE"), **_OF_BEGIN)

# The same where there is a frequency cap: the addresses are held, see `cap`.
BEGIN_CAPPED = Prepared(
    "flow_delivery_begin_capped",
    _BEGIN.replace("@room", cap.ROOM_FOR_LETTER),
    **_OF_BEGIN,
    messages="int",
    days="int",
)

# Only what this worker has in hand is written. Whoever has left the state meanwhile gets no second
# attempt, but for what was to be sent on the way; whoever was taken out gets nothing any more. What
# is put off is tried again later each time, and never all at once. A trace may have been opened
# already: recipients are sometimes faster than the answer of the mail server.
FINISH = Prepared(
    "flow_delivery_finish",
    """
    WITH receipt AS (
        SELECT *, (now() AT TIME ZONE 'UTC') + make_interval(secs => %(offset)s) AS now
          FROM unnest(%(steps)s, %(deliveries)s, %(statuses)s, %(codes)s, %(replies)s)
            AS r(step_id, delivery_id, status, code, reply)
    ),
    attempt AS (
        UPDATE flow_delivery d
           SET status = r.status, code = r.code, reply = r.reply,
               ended_at = clock_timestamp() AT TIME ZONE 'UTC'
          FROM receipt r WHERE d.id = r.delivery_id AND d.status = 'attempting'
    ),
    written AS (
        UPDATE flow_step s
           SET status = CASE WHEN r.status = 'accepted' THEN 'done'
                             WHEN r.status <> 'retry' THEN r.status
                             WHEN s.attempts >= %(max)s THEN 'failed'
                             WHEN %(unwanted)s THEN 'cancelled'
                             ELSE 'scheduled' END,
               due_at = CASE WHEN r.status <> 'retry' THEN s.due_at
                             ELSE r.now + (0.9 + 0.2 * random())
                                  * LEAST(%(first)s * (1 << LEAST(s.attempts - 1, 10)), %(longest)s)
                             END,
               reason = CASE WHEN r.status = 'accepted' THEN NULL ELSE r.reply END,
               done_at = CASE WHEN r.status = 'retry' THEN NULL ELSE s.done_at END,
               claimed_by = NULL
          FROM receipt r, flow_participant p
         WHERE s.id = r.step_id AND s.status = 'sending' AND +s.claimed_by = %(worker)s
           AND p.id = s.participant_id
        RETURNING s.id, s.participant_id, s.status, r.now
    ),
    traced AS (
        UPDATE mailing_trace t
           SET trace_status = CASE WHEN t.trace_status <> 'outgoing' THEN t.trace_status
                                   WHEN w.status = 'done' THEN 'sent'
                                   WHEN w.status = 'failed' THEN 'error'
                                   ELSE t.trace_status END,
               sent_datetime = CASE w.status WHEN 'done' THEN w.now ELSE t.sent_datetime END,
               failure_type = CASE w.status WHEN 'failed' THEN 'mail_smtp' END
          FROM written w WHERE t.flow_step_id = w.id AND t.sent_datetime IS NULL
    )
    UPDATE flow_participant p SET next_at = w.now
      FROM written w
     WHERE %(wake)s AND p.id = w.participant_id AND p.status = 'active'
    """.replace("%(unwanted)s", UNWANTED),
    steps="int[]",
    deliveries="int[]",
    statuses="text[]",
    codes="int[]",
    replies="text[]",
    max="int",
    first="interval",
    longest="interval",
    wake="bool",
    worker="int",
    offset="float8",
)


def prepare(cr) -> None:
    """Make the statements known to a worker's connection."""
    BEGIN.prepare(cr)
    FINISH.prepare(cr)


def invalidate(env) -> None:
    """Forget what Odoo has read of the tables that these statements write."""
    for model in ("flow.step", "flow.delivery", "flow.participant", "mailing.trace"):
        env[model].invalidate_model()


class DeliveryLog:
    """What is to be written about the messages of a batch.

    What became of a window is written in the transaction in which the next one begins: one commit
    per window, and no window leaves before the last one is on record.

    :param campaign: one `flow.campaign`
    :param action: its email `flow.action`
    :param worker: the worker's name, by which it has claimed the steps
    """

    def __init__(self, env, campaign, action, worker: int):
        self._env = env
        self._attempts, self._receipts = [], []
        self._of_batch = {"worker": worker, "offset": database_clock.offset(env)}
        # Of the whole batch, read once: each commit makes Odoo forget what it has read.
        self._exclude = action.mailing_id.use_exclusion_list
        self._cap = cap.of_action(env, action)
        if self._cap:
            BEGIN_CAPPED.prepare(env.cr)
        self._wake = campaign.workflow_id._plan().waits_for_steps(action.state_id.id)
        self.failed = 0  # refused for good, so far

    def keep(self, attempts: list[tuple[int, int]], receipts: list[handover.Receipt]) -> None:
        """Remember what became of a window until it is on record.

        :param attempts: pairs of step and attempt
        """
        self._attempts, self._receipts = attempts, receipts
        self.failed += sum(receipt.status == "failed" for receipt in receipts)

    def settle(self, begin=()) -> dict[int, int]:
        """Write what is known, and that the window `begin` leaves now; commit.

        When another transaction stood in the way it is written again: what is known of a message
        must not get lost over somebody else's conflict.

        :param begin: the `Letter` of each message
        :return: the attempts of those that may leave, by step
        """
        if not (self._attempts or begin):
            return {}
        for conflicts_left in reversed(range(MAX_CONFLICTS)):
            try:
                attempt_of = self._write(begin)
                break
            except errors.DeadlockDetected:
                if transaction.is_confined(self._env) or not conflicts_left:
                    raise
                self._env.cr.rollback()
        written, self._attempts, self._receipts = self._attempts, [], []
        if written:
            failpoints.reach("deliver.finished")
        return attempt_of

    def _write(self, begin) -> dict[int, int]:
        statements = self._finish() if self._attempts else []
        if begin:
            statements += self._begin(begin)
        transaction.run(self._env, statements)
        return dict(self._env.cr.fetchall()) if begin else {}

    def _begin(self, letters) -> list[SQL]:
        values = {
            "steps": [letter.step_id for letter in letters],
            "emails": [letter.email for letter in letters],
            "exclude": self._exclude,
            **self._of_batch,
        }
        if not self._cap:
            return [BEGIN.with_values(**values)]
        addresses = SQL("SELECT unnest(%s::text[])", values["emails"])
        return [
            cap.holding(cap.EMAIL, addresses),
            BEGIN_CAPPED.with_values(**values, messages=self._cap.messages, days=self._cap.days),
        ]

    def _finish(self) -> list[SQL]:
        known = list(zip(self._attempts, self._receipts, strict=True))
        finish = FINISH.with_values(
            steps=[step for (step, _attempt), _receipt in known],
            deliveries=[attempt for (_step, attempt), _receipt in known],
            statuses=[receipt.status for receipt in self._receipts],
            codes=[receipt.code for receipt in self._receipts],
            replies=[receipt.reply for receipt in self._receipts],
            max=MAX_ATTEMPTS,
            first=FIRST_RETRY,
            longest=LONGEST_RETRY,
            wake=self._wake,
            **self._of_batch,
        )
        refused = [
            step
            for (step, _attempt), receipt in known
            if receipt.status == "failed" and receipt.of_recipient
        ]
        return (
            [finish, ingest.recording(self._env, "bounced", refused, "hard")]
            if refused
            else [finish]
        )
