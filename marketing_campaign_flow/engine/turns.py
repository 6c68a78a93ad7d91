"""Turns: whose turn it is among several people, so that all get the same; pure."""

import heapq
from collections.abc import Hashable, Mapping


def deal(taken: Mapping[Hashable, int], count: int) -> list[Hashable]:
    """Return who gets each of `count` things: always one who has had the fewest so far.

    :param taken: how many each has had; those who had as many come in this order
    """
    heap = [(turns, place, person) for place, (person, turns) in enumerate(taken.items())]
    heapq.heapify(heap)
    dealt = []
    for _ in range(count if heap else 0):
        turns, place, person = heap[0]
        dealt.append(person)
        heapq.heapreplace(heap, (turns + 1, place, person))
    return dealt
