"""A small picture of a workflow, drawn from its states and ways; pure, no database."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from textwrap import wrap

import networkx as nx
from markupsafe import Markup

WIDTH, LEAST_HEIGHT = 340, 120
BOX_HEIGHT, ROW_GAP, EDGE = 34, 10, 4
MOST_BOXES = 40  # more are not told from each other at this size
NAMED_FROM = 36  # narrower boxes show no name
SMALL_BELOW = 70  # narrower boxes have smaller letters
KINDS = ("start", "normal", "goal", "exit", "done")

SVG = Markup(
    '<svg class="o_flow_picture_svg" viewBox="0 0 {width} {height}" role="img" aria-label="{label}"'
    ' xmlns="http://www.w3.org/2000/svg">{arrows}{boxes}</svg>'
)
BOX = Markup(
    '<g class="o_flow_box o_flow_box_{kind}" transform="translate({x:.1f} {y:.1f})">'
    '<title>{name}</title><rect width="{width:.1f}" height="{height}" rx="6"/>{inside}</g>'
)
NAME = Markup('<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" text-anchor="middle">{name}</text>')
ICONS = Markup(
    '<foreignObject y="{y}" width="{width:.1f}" height="14"><div class="o_flow_box_icons"'
    ' xmlns="http://www.w3.org/1999/xhtml">{icons}</div></foreignObject>'
)
ICON = Markup('<i class="fa {}" aria-hidden="true"></i>')
ARROW = Markup('<path class="o_flow_arrow{more}" d="{line}"/><path class="o_flow_tip" d="{tip}"/>')


@dataclass(frozen=True)
class Box:
    """A state: its key, name, kind, and the icons of its actions (classes of Font Awesome)."""

    key: str
    name: str
    kind: str = "normal"
    icons: tuple[str, ...] = ()


@dataclass(frozen=True)
class Way:
    """A way between two states by their keys; from any state where there is no source."""

    source: str | None
    target: str


@lru_cache(maxsize=256)
def draw(boxes: tuple[Box, ...], ways: tuple[Way, ...]) -> Markup:
    """Return the picture as SVG. It takes colours and sizes of letters from the page around it."""
    layers = _layers(boxes[:MOST_BOXES], ways)
    paper, count = WIDTH - 2 * EDGE, max(len(layers), 1)
    gap = min(26.0, 0.28 * paper / count)
    width = min(104.0, (paper - gap * (count - 1)) / count)
    rows = max(map(len, layers), default=1)
    height = max(LEAST_HEIGHT, rows * (BOX_HEIGHT + ROW_GAP) - ROW_GAP + 2 * EDGE)
    left = (WIDTH - len(layers) * (width + gap) + gap) / 2
    places = {}
    for number, layer in enumerate(layers):
        top = (height - len(layer) * (BOX_HEIGHT + ROW_GAP) + ROW_GAP) / 2
        for row, box in enumerate(layer):
            places[box.key] = (left + number * (width + gap), top + row * (BOX_HEIGHT + ROW_GAP))
    return SVG.format(
        width=WIDTH,
        height=round(height),
        label=" → ".join(box.name for layer in layers for box in layer),
        arrows=Markup().join(_arrow(way, places, width, gap) for way in dict.fromkeys(ways)),
        boxes=Markup().join(_box(box, *places[box.key], width) for box in boxes[:MOST_BOXES]),
    )


def _layers(boxes: Iterable[Box], ways: Iterable[Way]) -> list[list[Box]]:
    """Return the boxes from left to right: each stands right of those that lead to it."""
    by_key = {box.key: box for box in boxes}
    graph = nx.DiGraph()
    graph.add_nodes_from(by_key)
    for way in ways:
        forward = way.source in by_key and way.target in by_key and way.source != way.target
        # A way back would have no end; the first way between two states says where they stand.
        if forward and not nx.has_path(graph, way.target, way.source):
            graph.add_edge(way.source, way.target)
    layers = [list(layer) for layer in nx.topological_generations(graph)] if by_key else []
    only_from_any = [key for key in (layers or [[]])[0] if by_key[key].kind != "start"]
    if len(layers) > 1 and len(only_from_any) < len(layers[0]):
        # Ends that are reached from anywhere stand with the other ends.
        layers[0] = [key for key in layers[0] if key not in only_from_any]
        layers[-1] += only_from_any
    for before, layer in pairwise(layers):
        rows = {key: row for row, key in enumerate(before)}
        layer.sort(key=lambda key, rows=rows: _middle(graph.predecessors(key), rows))
    return [[by_key[key] for key in layer] for layer in layers]


def _middle(keys, rows) -> float:
    known = [rows[key] for key in keys if key in rows]
    return sum(known) / len(known) if known else len(rows)


def _box(box: Box, x: float, y: float, width: float) -> Markup:
    inside = Markup()
    if width >= NAMED_FROM:
        inside += _name(box, width)
    if box.icons:
        shown = box.icons[: max(1, int(width / 14))]
        icons = Markup().join(ICON.format(icon) for icon in shown)
        inside += ICONS.format(y=18 if width >= NAMED_FROM else 10, width=width, icons=icons)
    return BOX.format(
        kind=box.kind if box.kind in KINDS else "normal",
        x=x,
        y=y,
        name=box.name,
        width=width,
        height=BOX_HEIGHT,
        inside=inside,
    )


def _name(box: Box, width: float) -> Markup:
    """Return the name in one line above the icons, or in two lines where there are none."""
    size = 9 if width >= SMALL_BELOW else 7.5
    letters, most = max(4, int((width - 4) / (size * 0.54))), 1 if box.icons else 2
    lines = wrap(box.name, letters, break_long_words=False)
    lines = [line for line in (*lines[: most - 1], " ".join(lines[most - 1 :])) if line]
    top = 14 if box.icons else BOX_HEIGHT / 2 + 3 - (len(lines) - 1) * (size + 1) / 2
    return Markup().join(
        NAME.format(x=width / 2, y=top + number * (size + 1), size=size, name=_cut(line, letters))
        for number, line in enumerate(lines)
    )


def _cut(line: str, letters: int) -> str:
    return line if len(line) <= letters else line[: letters - 1].rstrip() + "…"


def _arrow(way: Way, places: dict, width: float, gap: float) -> Markup:
    if way.target not in places or way.source == way.target:
        return Markup()
    x, y = places[way.target]
    y += BOX_HEIGHT / 2
    tip = f"M{x:.1f} {y:.1f}l-5 -3v6z"
    if way.source is None:
        return ARROW.format(
            more=" o_flow_arrow_any", line=f"M{x - gap * 0.7:.1f} {y:.1f}H{x - 5:.1f}", tip=tip
        )
    if way.source not in places:
        return Markup()
    from_x, from_y = places[way.source]
    from_y += BOX_HEIGHT / 2
    if from_x >= x:  # back, or up and down: around below
        below = max(from_y, y) + BOX_HEIGHT / 2 + ROW_GAP / 2
        from_x += width / 2
        line = (
            f"M{from_x:.1f} {from_y + BOX_HEIGHT / 2:.1f}V{below:.1f}"
            f"H{x - gap / 2:.1f}V{y:.1f}H{x - 5:.1f}"
        )
    else:
        from_x += width
        bend = max(gap, (x - from_x) / 2)
        line = (
            f"M{from_x:.1f} {from_y:.1f}C{from_x + bend:.1f} {from_y:.1f}"
            f" {x - bend:.1f} {y:.1f} {x - 5:.1f} {y:.1f}"
        )
    return ARROW.format(more="", line=line, tip=tip)
