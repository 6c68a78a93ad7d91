"""Where the cards of a workflow stand in its picture; pure.

The picture is read from left to right. States of a phase stand side by side in a lane, lanes in the
order of the phases. Within a lane a state stands one column after those that lead to it (longest
path, ways back left out); arrows that pass a column keep a gap in it. The order in a column lowers
crossings (barycentre), and every card is drawn towards the middle of those it is joined with.

Cards that a person has put somewhere stay there; others find a place beside them.
"""

from bisect import bisect_right, insort
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import networkx as nx

# Pixels at full size; the browser draws what is measured here.
WIDTH = 224
HEAD = 46
ACTION = 40
RATES = 18
WAY = 28
FOOT = 8
COLUMN_GAP = 84
ROW_GAP = 36
LANE_GAP = 24
PASSAGE = 16
SWEEPS = 8


@dataclass(frozen=True)
class Card:
    """A state as the picture knows it.

    :param lane: number of its lane, from the left
    :param actions: how many rows of actions it has
    :param rates: how many of them have a line with figures
    :param ways: the rows below: the keys of the states they lead to, None for those that stay
    :param at: where a person has put it
    """

    key: str
    lane: int = 0
    actions: int = 0
    rates: int = 0
    ways: Sequence[str | None] = ()
    at: tuple[int, int] | None = None

    @property
    def height(self) -> int:
        rows = self.actions * ACTION + self.rates * RATES + len(self.ways) * WAY
        return HEAD + rows + FOOT


def arrange(cards: Sequence[Card]) -> dict[str, tuple[int, int]]:
    """Return the left upper corner of each card, by its key."""
    if not cards:
        return {}
    if not any(card.at for card in cards):
        return _Automatic(cards).places()
    places = {card.key: card.at for card in cards if card.at}
    for card in cards:
        if not card.at:
            _beside(card, cards, places)
    return places


# -- everything anew -----------------------------------------------------------------------


@dataclass
class _Slot:
    """What takes room in a column: a card, or an arrow that passes."""

    name: object
    height: int
    column: int
    before: list = field(default_factory=list)
    after: list = field(default_factory=list)
    y: float = 0.0

    @property
    def middle(self) -> float:
        return self.y + self.height / 2


class _Automatic:
    def __init__(self, cards: Sequence[Card]):
        self.cards = {card.key: card for card in cards}
        self.forward = _without_ways_back(self.cards)
        self.columns, self.lane_of = self._columns()
        self.slots = self._slots()

    def places(self):
        order = self._ordered()
        self._straighten(order)
        xs = self._across()
        return {
            slot.name: (xs[slot.column], round(slot.y))
            for slots in order
            for slot in slots
            if slot.name in self.cards
        }

    def _columns(self):
        """Return the column of each card and the lane of each column."""
        columns, lanes = {}, []
        for lane in sorted({card.lane for card in self.cards.values()}):
            members = [key for key, card in self.cards.items() if card.lane == lane]
            inside = self.forward.subgraph(members)
            base, depth = len(lanes), {}
            number = {key: position for position, key in enumerate(members)}
            for key in nx.lexicographical_topological_sort(inside, key=number.get):
                depth[key] = 1 + max((depth[k] for k in inside.predecessors(key)), default=-1)
            last = max(depth.values())
            for key in members:
                alone = not self.forward.degree(key) and not self.cards[key].ways
                columns[key] = base + (last if alone else depth[key])
            lanes += [lane] * (last + 1)
        return columns, lanes

    def _slots(self):
        """Return the columns with what stands in them, arrows that pass included.

        Arrows to the same card pass a column together.
        """
        slots = {k: _Slot(k, card.height, self.columns[k]) for k, card in self.cards.items()}
        rows = [[] for _column in self.lane_of]
        for slot in slots.values():
            rows[slot.column].append(slot)
        for target, right in slots.items():
            sources = [slots[key] for key in self.forward.predecessors(target)]
            sources = [left for left in sources if left.column < right.column]
            first = min((left.column for left in sources), default=right.column)
            on_the_way = {right.column: right}
            for column in range(right.column - 1, first, -1):
                passing = _Slot((target, column), PASSAGE, column)
                rows[column].append(passing)
                on_the_way[column] = passing
                _join(passing, on_the_way[column + 1])
            for left in sources:
                _join(left, on_the_way[left.column + 1])
        return rows

    def _ordered(self):
        """Return the slots of each column from top to bottom, with few crossings."""
        best, fewest = [list(column) for column in self.slots], None
        order = [list(column) for column in self.slots]
        for sweep in range(SWEEPS):
            ranks = {id(slot): rank for column in order for rank, slot in enumerate(column)}
            side = "before" if sweep % 2 == 0 else "after"
            for column in order if sweep % 2 == 0 else reversed(order):
                column.sort(key=lambda slot: _barycentre(slot, side, ranks))
                ranks |= {id(slot): rank for rank, slot in enumerate(column)}
            crossings = _crossings(order, ranks)
            if fewest is None or crossings < fewest:
                best, fewest = [list(column) for column in order], crossings
        return best

    def _straighten(self, order):
        for column in order:
            _stack(column, [0.0] * len(column))
        for sweep in range(SWEEPS):
            side = ("before", "after")[sweep % 2]
            for column in order if sweep % 2 == 0 else reversed(order):
                wanted = [
                    _mean([one.middle for one in getattr(slot, side)], slot.middle)
                    - slot.height / 2
                    for slot in column
                ]
                _stack(column, wanted)
        top = min(slot.y for column in order for slot in column)
        for column in order:
            for slot in column:
                slot.y -= top

    def _across(self):
        xs, x = [], 0
        for column, lane in enumerate(self.lane_of):
            if column and lane != self.lane_of[column - 1]:
                x += LANE_GAP
            xs.append(x)
            x += WIDTH + COLUMN_GAP
        return xs


def _join(left: _Slot, right: _Slot) -> _Slot:
    left.after.append(right)
    right.before.append(left)
    return right


def _without_ways_back(cards: dict[str, Card]) -> nx.DiGraph:
    """Return the arrows between the cards without those that close a circle or go back a lane."""
    graph = nx.DiGraph()
    graph.add_nodes_from(cards)
    for key, card in cards.items():
        graph.add_edges_from(
            (key, target) for target in card.ways if target in cards and target != key
        )
    back, done = [], set()
    for first in cards:
        if first in done:
            continue
        path = {first}
        walk = [(first, iter(graph[first]))]
        while walk:
            key, targets = walk[-1]
            for target in targets:
                if target in path:
                    back.append((key, target))
                elif target not in done:
                    path.add(target)
                    walk.append((target, iter(graph[target])))
                    break
            else:
                walk.pop()
                path.discard(key)
                done.add(key)
    back += [(a, b) for a, b in graph.edges if cards[a].lane > cards[b].lane]
    graph.remove_edges_from(back)
    return graph


def _barycentre(slot, side, ranks):
    ranked = [ranks[id(one)] for one in getattr(slot, side)]
    return sum(ranked) / len(ranked) if ranked else ranks[id(slot)]


def _crossings(order, ranks) -> int:
    """Return how many arrows cross: pairs that begin in one order and end in the other."""
    count = 0
    for column in order:
        above = []  # where the arrows of the slots above end, in order
        for slot in column:
            ends = [ranks[id(one)] for one in slot.after]
            count += sum(len(above) - bisect_right(above, end) for end in ends)
            for end in ends:
                insort(above, end)
    return count


def _mean(values, otherwise):
    return sum(values) / len(values) if values else otherwise


def _stack(column: Sequence[_Slot], wanted: Sequence[float]) -> None:
    """Put the slots of a column as near as can be to where they are wanted, none above another.

    Least squares under an order, by pooling neighbours that are in each other's way.
    """
    pools, offset = [], 0.0
    for slot, want in zip(column, wanted, strict=True):
        pools.append([want - offset, 1])
        offset += slot.height + ROW_GAP
        while len(pools) > 1 and pools[-2][0] > pools[-1][0]:
            value, size = pools.pop()
            before = pools[-1]
            before[0] = (before[0] * before[1] + value * size) / (before[1] + size)
            before[1] += size
    values = [value for value, size in pools for _one in range(size)]
    offset = 0.0
    for slot, value in zip(column, values, strict=True):
        slot.y = value + offset
        offset += slot.height + ROW_GAP


# -- beside what a person has placed ---------------------------------------------------------


def _beside(card: Card, cards: Iterable[Card], places: dict) -> None:
    """Give a card a free place near those that lead to it, within its lane."""
    by_key = {one.key: one for one in cards}
    lane = [key for key in places if by_key[key].lane == card.lane]
    leading = [key for key in lane if card.key in by_key[key].ways]
    step = WIDTH + COLUMN_GAP
    if leading:
        x, y = places[leading[0]]
        x += step
    elif lane:
        x = min(places[key][0] for key in lane)
        y = max(places[key][1] + by_key[key].height for key in lane) + ROW_GAP
    else:
        left = [places[key][0] for key in places if by_key[key].lane < card.lane]
        x = max(left) + step + LANE_GAP if left else min(at[0] for at in places.values()) - step
        y = min(at[1] for at in places.values())
    right = [key for key in places if by_key[key].lane > card.lane]
    room = min((places[key][0] for key in right), default=None)
    if room is not None and left_behind(x, room):
        shift = x + step + LANE_GAP - room
        for key in right:
            places[key] = (places[key][0] + shift, places[key][1])
    places[card.key] = free_place((x, y), card, [(by_key[k], at) for k, at in places.items()])


def left_behind(x: int, room: int) -> bool:
    """Whether a card at `x` would reach into the lane that begins at `room`."""
    return x + WIDTH > room


def free_place(wanted: tuple[int, int], card: Card, taken) -> tuple[int, int]:
    """Return where a card fits: as wanted, or below what stands there.

    :param taken: pairs of a card and its place
    """
    x, y = wanted
    for other, (other_x, other_y) in sorted(taken, key=lambda pair: pair[1][1]):
        beside = abs(other_x - x) >= WIDTH
        if not beside and y < other_y + other.height + ROW_GAP and other_y < y + card.height:
            y = other_y + other.height + ROW_GAP
    return x, y
