"""Limiter: who asks too often within a minute is not listened to any more.

It is kept in the memory of one worker, so that saying no costs nothing. Several workers together
let as many times more through.
"""

import time
from collections import Counter

MINUTE = 60.0
MOST_KEYS = 100_000  # who comes under more names than this within a minute has used up all of them


class Limiter:
    """How often each key may do something per minute.

    :param most: times per minute
    """

    def __init__(self, most: int, clock=time.monotonic):
        self._most, self._clock = most, clock
        self._counts: Counter[str] = Counter()
        self._minute = -1

    def allows(self, key: str) -> bool:
        """Count one more time and return whether it is still within the limit."""
        minute = int(self._clock() // MINUTE)
        if minute != self._minute:
            self._minute, self._counts = minute, Counter()
        if key not in self._counts and len(self._counts) >= MOST_KEYS:
            return False
        self._counts[key] += 1
        return self._counts[key] <= self._most
