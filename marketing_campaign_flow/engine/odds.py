"""Odds: when something will happen to people, as shares of them; pure.

A *spread* is an array of shares by slot of time, counted from a beginning: the part of the people
to whom it happens in that slot. What is missing to 1 are those to whom it never happens.
"""

from collections.abc import Sequence

import numpy as np

Spread = np.ndarray

# A fading spread is cut off where this share of it would still be to come; they come at its end.
TAIL = 1e-4
NEVER = np.zeros(1)


def at(slot: int, share: float = 1.0) -> Spread:
    """Return the spread of what happens in one slot, to a share of the people."""
    spread = np.zeros(slot + 1)
    spread[slot] = share
    return spread


def fading(share: float, half: float) -> Spread:
    """Return the spread of what a share of the people do, fewer and fewer as time goes by.

    :param half: after so many slots half of those who do it at all have done it; 0: at once
    """
    if half <= 0 or share <= 0:
        return at(0, share)
    length = int(np.ceil(-np.log2(TAIL) * half)) + 1
    done = 1 - 0.5 ** (np.arange(1, length + 1) / half)
    done[-1] = 1.0
    return share * np.diff(done, prepend=0.0)


def evenly(slots: int, share: float = 1.0) -> Spread:
    """Return the spread of what comes evenly over so many slots."""
    return np.full(max(slots, 1), share / max(slots, 1))


def after(first: Spread, second: Spread) -> Spread:
    """Return the spread of what happens some time after something else."""
    return np.convolve(first, second)


def both(spreads: Sequence[Spread]) -> Spread:
    """Return the spread of when the last of several things, which know nothing of each other, has
    happened; at once where there is none."""
    if not spreads:
        return at(0)
    length = max(map(len, spreads))
    all_done = np.prod([np.cumsum(padded(spread, length)) for spread in spreads], axis=0)
    return np.diff(all_done, prepend=0.0)


def first_of(spreads: Sequence[Spread]) -> tuple[list[Spread], Spread]:
    """Let several things compete: whatever comes first prevents the others.

    Of those in one slot the one that stands first wins.

    :param spreads: of each of them, as if the others were not
    :return: the spread of each as it will be, and the share that is still there when a slot begins
    """
    length = max(map(len, spreads), default=1)
    whole = [padded(spread, length) for spread in spreads]
    left = [1 - np.cumsum(spread) for spread in whole]
    before = [np.concatenate(([1.0], rest[:-1])) for rest in left]
    there = np.prod(before, axis=0) if before else np.ones(length)
    found = []
    for place, spread in enumerate(whole):
        others = np.ones(length)
        for other in range(len(whole)):
            if other != place:
                others *= left[other] if other < place else before[other]
        found.append(spread * others.clip(min=0.0))
    return found, there.clip(min=0.0)


def padded(spread: Spread, length: int) -> Spread:
    """Return a spread that is at least so long."""
    return np.pad(spread, (0, max(0, length - len(spread))))
