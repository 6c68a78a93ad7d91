"""Odds: when something will happen to people, as shares of them; pure.

A *spread* is an array of shares by slot of time, counted from a beginning: the part of the people
to whom it happens in that slot. What is missing to 1 are those to whom it never happens.
"""

from collections.abc import Sequence
from functools import lru_cache

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


@lru_cache(maxsize=1024)
def fading(share: float, half: float) -> Spread:
    """Return the spread of what a share of the people do, fewer and fewer as time goes by.

    It is kept, so nobody may change it.

    :param half: after so many slots half of those who do it at all have done it; 0: at once
    """
    if half <= 0 or share <= 0:
        return at(0, share)
    length = int(np.ceil(-np.log2(TAIL) * half)) + 1
    done = 1 - 0.5 ** (np.arange(1, length + 1) / half)
    done[-1] = 1.0
    return share * of_sums(done)


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
    return of_sums(np.prod(np.cumsum(stacked(spreads, length), axis=1), axis=0))


def first_of(spreads: Sequence[Spread]) -> tuple[list[Spread], Spread]:
    """Let several things compete: whatever comes first prevents the others.

    Of those in one slot the one that stands first wins.

    :param spreads: of each of them, as if the others were not
    :return: the spread of each as it will be, and the share that is still there when a slot begins
    """
    if not spreads:
        return [], np.ones(1)
    whole = stacked(spreads, max(map(len, spreads)))
    left = 1 - np.cumsum(whole, axis=1)
    before = np.ones_like(left)
    before[:, 1:] = left[:, :-1]
    there = np.prod(before, axis=0)
    # Those above a thing have not come by the end of the slot, those below it not before the slot.
    others = np.ones_like(left)
    others[1:] = np.cumprod(left[:-1], axis=0)
    others[:-1] *= np.cumprod(before[:0:-1], axis=0)[::-1]
    return list(whole * others.clip(min=0.0)), there.clip(min=0.0)


def of_sums(sums: Spread) -> Spread:
    """Return the spread of which these are the sums slot by slot."""
    spread = sums.copy()
    spread[1:] -= sums[:-1]
    return spread


def stacked(spreads: Sequence[Spread], length: int) -> np.ndarray:
    """Return spreads as the rows of one array; what is longer is cut off."""
    rows = np.zeros((len(spreads), length))
    for row, spread in zip(rows, spreads, strict=True):
        row[: len(spread)] = spread[:length]
    return rows


def padded(spread: Spread, length: int) -> Spread:
    """Return a spread that is at least so long."""
    if len(spread) >= length:
        return spread
    longer = np.zeros(length)
    longer[: len(spread)] = spread
    return longer
