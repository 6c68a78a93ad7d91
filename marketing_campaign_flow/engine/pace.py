"""How often events are taken in while they keep coming.

A look for events costs the server as much as the answers to many requests. So while pictures are
loaded and links followed by the hundred, a scheduled job lets them gather for a moment, and longer
the longer it goes on. The first events of a pass are taken in at once, and other work never waits.
"""

import time

FIRST = 0.25  # seconds until the next look
LONGEST = 2.0
PLENTY = 1000  # events that are too many to let more gather
REACTION = ("ingest", "advance")  # kinds of work that events cause


class Pace:
    """When one pass looks for events; `is_due` is decided at the beginning of each round."""

    def __init__(self, gathers: bool):
        """
        :param gathers: whether to let events gather at all
        """
        self._gathers = gathers
        self._interval = FIRST
        self._next = 0.0
        self.begin_round()

    def begin_round(self) -> None:
        """Decide whether this round looks for events."""
        self.is_due = time.monotonic() >= self._next
        self._events = self._other = 0

    def note(self, work: str, count: int) -> None:
        """Note how much of a kind of work was handled in this round."""
        if work == "ingest":
            self._events += count
        elif work not in REACTION:
            self._other += count

    def end_round(self) -> float:
        """Return the seconds for which there is nothing to do but to let events gather."""
        if self._gathers and 0 < self._events < PLENTY:
            self._next = time.monotonic() + self._interval
            self._interval = min(2 * self._interval, LONGEST)
        return 0.0 if self._other else max(0.0, self._next - time.monotonic())
