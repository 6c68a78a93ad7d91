"""Claims: work that is due is taken off its queue at the cost of what is taken.

A queue is a partial index made for its claim: the rows of a campaign that the engine has still to
look at, in the order in which they are due. Two things would make a claim cost as much as the queue
is long:

* A plan that sorts. PostgreSQL's statistics do not know a campaign that was launched a moment ago
  and promise next to no rows of it, nor do they know that its doors have just been opened. Then
  any index of the campaign looks as good as the queue, and all of it is read and sorted for each
  batch. So claims are planned without sorting, which leaves the queue.
* What was taken before. A row that was moved leaves an entry behind at the front of the queue until
  it is vacuumed. So a pass remembers where the queue begins.
"""

from odoo.tools import SQL

# One round trip; psycopg2 returns the rows of the last statement.
UNSORTED = "SET LOCAL enable_sort = off; %s"
AS_BEFORE = "SET LOCAL enable_sort TO DEFAULT"

# Whose run somebody has paused has no work to be claimed. Few are, and they have an index.
NOT_PAUSED = """
    participant_id NOT IN (SELECT id FROM flow_participant
                            WHERE campaign_id = %(campaign)s AND is_paused)
"""

BEGINNING = ("-infinity", 0)


def in_order(env, claim: SQL) -> list[tuple]:
    """Run a claim in the order of its queue, without sorting, and return its rows."""
    # a conflict is no error: the batch runs again
    env.cr.execute(SQL(UNSORTED, claim), log_exceptions=False)
    rows = env.cr.fetchall()
    env.cr.execute(AS_BEFORE)
    return rows


class Front:
    """Where one queue began when it was last looked at, for the length of a pass.

    It is a hint, never a promise: something may become due before it, or be let go by a worker
    that dies. So when nothing is left from the front on, the queue is looked at from its very
    beginning, and no pass ends before that has found nothing either.
    """

    def __init__(self):
        self._moment, self._id = BEGINNING

    def claim(self, env, statement: str, **values) -> list[tuple]:
        """Return the rows that `statement` claims.

        :param statement: SQL that takes rows from ``(%(front_moment)s, %(front_id)s)`` on, and
            returns the moment and the id at which it found the queue to begin as its first columns
        :param values: the other parameters of the statement; ``not_paused`` is the condition on
            steps that their participants are not
        """
        rows = self._claim_on(env, statement, values)
        if not rows and (self._moment, self._id) != BEGINNING:
            self._moment, self._id = BEGINNING
            rows = self._claim_on(env, statement, values)
        if rows:
            self._moment, self._id = rows[0][:2]
        return rows

    def _claim_on(self, env, statement, values) -> list[tuple]:
        claim = SQL(
            statement,
            front_moment=self._moment,
            front_id=self._id,
            not_paused=SQL(NOT_PAUSED, campaign=values["campaign"]),
            **values,
        )
        return in_order(env, claim)
