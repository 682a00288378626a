"""Where the nodes and arrows of a drawing go: columns from the topic entities to the right."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from kgqa.report.chain_graph import ChainGraph
from kgqa.report.names import shorten

__all__ = ["Curve", "Drawing", "Place", "draw", "text_width"]

NODE_HEIGHT, MEDIATOR, ROW = 28.0, 10.0, 48.0
MARGIN, LABEL_HEIGHT, BOW = 6.0, 15.0, 36.0
NARROWEST_GAP = 64.0
NAME_LETTER, LABEL_LETTER = 7.2, 6.5
LONGEST_NAME, LONGEST_RELATION = 28, 26


@dataclass(frozen=True)
class Place:
    """A node's centre and size (pixels), and its name as it fits."""

    x: float
    y: float
    width: float
    height: float
    text: str


@dataclass(frozen=True)
class Curve:
    """An arrow as an SVG path from head to tail; its label's centre and its text as it fits."""

    path: str
    x: float
    y: float
    text: str


@dataclass(frozen=True)
class Drawing:
    """A chain graph with a place for each node and a curve for each arrow, in their order."""

    graph: ChainGraph
    places: tuple[Place, ...]
    curves: tuple[Curve, ...]
    width: float
    height: float


def draw(graph: ChainGraph) -> Drawing:
    """Lay a graph out: a node's column is its distance from the topics, whatever the arrows' directions.

    Every arrow then ends in its own column or the next, and labels have the gaps for themselves.
    """
    layers = _layers(graph)
    columns = _in_rows(graph, layers)
    texts = [_text(node.name, node.answer, node.gold) for node in graph.nodes]
    widths = [text_width(text) + 26 if text else MEDIATOR for text in texts]
    rooms = [_room(graph, node) for node in range(len(graph.nodes))]
    tallest = max(sum(rooms[node] for node in column) for column in columns)
    places: dict[int, Place] = {}
    left = MARGIN
    for number, column in enumerate(columns):
        width = max(widths[node] for node in column)
        top = MARGIN + (tallest - sum(rooms[node] for node in column)) / 2
        for node in column:
            size = (width, NODE_HEIGHT) if texts[node] else (MEDIATOR, MEDIATOR)
            places[node] = Place(left + width / 2, top + rooms[node] / 2, *size, texts[node])
            top += rooms[node]
        left += width + _gap(graph, layers, number)
    in_order = tuple(places[node] for node in range(len(graph.nodes)))
    curves = _apart(_curves(graph, layers, in_order))
    height = max([tallest + 2 * MARGIN, *(curve.y + LABEL_HEIGHT for curve in curves)])
    return Drawing(graph, in_order, curves, left + MARGIN, height)


def text_width(text: str, letter: float = NAME_LETTER) -> float:
    """About how wide a text is at 13 pixels; wide scripts take nearly twice the room."""
    wide = sum(unicodedata.east_asian_width(character) in "WF" for character in text)
    return letter * (len(text) + 0.9 * wide)


def _fitted(text: str, letters: int) -> str:
    """A text cut to the room of so many letters."""
    while text_width(text, 1) > letters:
        text = shorten(text, len(text) - 1)
    return text


def _text(name: str | None, answer: bool, gold: bool) -> str:
    if name is None and not answer:
        return ""
    mark = ("✓ " if gold else "✗ ") if answer else ""
    return mark + _fitted(name or "·", LONGEST_NAME)


def _layers(graph: ChainGraph) -> list[int]:
    """Each node's distance from the topics; what no topic leads to starts anew at 0."""
    beside: dict[int, list[int]] = {place: [] for place in range(len(graph.nodes))}
    for arrow in graph.arrows:
        beside[arrow.head].append(arrow.tail)
        beside[arrow.tail].append(arrow.head)
    layers = dict.fromkeys((place for place, node in enumerate(graph.nodes) if node.topic), 0)
    queue = list(layers)
    for start in [None, *range(len(graph.nodes))]:
        if start is not None and start not in layers:
            layers[start] = 0
            queue.append(start)
        while queue:
            here = queue.pop(0)
            for there in beside[here]:
                if there not in layers:
                    layers[there] = layers[here] + 1
                    queue.append(there)
    return [layers[place] for place in range(len(graph.nodes))]


def _in_rows(graph: ChainGraph, layers: Sequence[int]) -> list[list[int]]:
    """The nodes of each column, each near the mean row of its neighbours in the column before."""
    columns: list[list[int]] = [[] for _ in range(max(layers) + 1)]
    for node, layer in enumerate(layers):
        columns[layer].append(node)
    for before, column in pairwise(columns):
        row = {node: place for place, node in enumerate(before)}
        pulled: dict[int, list[int]] = {node: [] for node in column}
        for arrow in graph.arrows:
            for here, there in ((arrow.head, arrow.tail), (arrow.tail, arrow.head)):
                if here in pulled and there in row:
                    pulled[here].append(row[there])
        column.sort(key=lambda node: (sum(pulled[node]) / max(len(pulled[node]), 1), node))
    return columns


def _room(graph: ChainGraph, node: int) -> float:
    """The height of a node's row, by how many arrows run side by side to one neighbour of it."""
    beside = Counter(frozenset((arrow.head, arrow.tail)) for arrow in graph.arrows)
    most = max((count for pair, count in beside.items() if node in pair), default=1)
    return ROW + (most - 1) * LABEL_HEIGHT


def _gap(graph: ChainGraph, layers: Sequence[int], layer: int) -> float:
    """The room for the labels to the right of a column."""
    last = layer == max(layers)
    labels = [
        text_width(_fitted(arrow.words, LONGEST_RELATION), LABEL_LETTER)
        for arrow in graph.arrows
        if min(layers[arrow.head], layers[arrow.tail]) == layer
    ]
    if not labels:
        return 0.0 if last else NARROWEST_GAP
    return max(labels) + (30 if last else 64)


def _curves(graph: ChainGraph, layers: Sequence[int], places: Sequence[Place]) -> list[Curve]:
    side_by_side = Counter(frozenset((arrow.head, arrow.tail)) for arrow in graph.arrows)
    busy = Counter(node for pair in side_by_side for node in pair)
    drawn: Counter[frozenset[int]] = Counter()
    curves = []
    for arrow in graph.arrows:
        pair = frozenset((arrow.head, arrow.tail))
        number = drawn[pair]
        drawn[pair] += 1
        head, tail = places[arrow.head], places[arrow.tail]
        text = _fitted(arrow.words, LONGEST_RELATION)
        if layers[arrow.head] == layers[arrow.tail]:
            curves.append(_beside(head, tail, text, number))
        else:
            bow = BOW * (number - (side_by_side[pair] - 1) / 2)
            more = busy[arrow.head] - busy[arrow.tail]
            curves.append(_across(head, tail, text, bow, 0.5 if not more else 0.74 if more > 0 else 0.26))
    return curves


def _across(head: Place, tail: Place, text: str, bow: float, at: float) -> Curve:
    """From one column to the next, leaving and arriving level; `bow` keeps parallel arrows apart.

    `at` (0 to 1) is where on the way the label stands: nearer to the end with fewer other arrows.
    """
    way = 1 if tail.x > head.x else -1
    x1, x2 = head.x + way * head.width / 2, tail.x - way * (tail.width / 2 + 3)
    bend = (x2 - x1) / 2
    start, end = f"M{x1:.1f} {head.y:.1f}", f"{x2:.1f} {tail.y:.1f}"
    path = f"{start}C{x1 + bend:.1f} {head.y + bow:.1f} {x2 - bend:.1f} {tail.y + bow:.1f} {end}"
    x = x1 + (x2 - x1) * (0.5 + (at - 0.5) * 0.4)
    y = head.y + (tail.y - head.y) * at * at * (3 - 2 * at) + bow * 3 * at * (1 - at)
    return Curve(path, x, y, text)


def _beside(head: Place, tail: Place, text: str, number: int) -> Curve:
    """Within a column, out to the right and back; of a node to itself, a small loop."""
    x1, x2 = head.x + head.width / 2, tail.x + tail.width / 2 + 3
    y1, y2 = (head.y - 6, tail.y + 6) if head is tail else (head.y, tail.y)
    out = max(x1, x2) + 22 + 14 * number
    path = f"M{x1:.1f} {y1:.1f}C{out:.1f} {y1:.1f} {out:.1f} {y2:.1f} {x2:.1f} {y2:.1f}"
    furthest = (x1 + 6 * out + x2) / 8
    return Curve(path, furthest + 5 + text_width(text, LABEL_LETTER) / 2, (y1 + y2) / 2, text)


def _apart(curves: Sequence[Curve]) -> tuple[Curve, ...]:
    """The curves with their labels moved down until none lies on another."""
    moved: list[Curve | None] = [None] * len(curves)
    put: list[tuple[float, float, float]] = []
    for place in sorted(range(len(curves)), key=lambda at: (curves[at].y, at)):
        curve = curves[place]
        half = text_width(curve.text, LABEL_LETTER) / 2
        y = max(curve.y, LABEL_HEIGHT / 2)
        while below := [
            other
            for x, other, reach in put
            if abs(x - curve.x) < half + reach and y - other < LABEL_HEIGHT - 0.01
        ]:
            y = max(below) + LABEL_HEIGHT
        put.append((curve.x, y, half))
        moved[place] = Curve(curve.path, curve.x, y, curve.text)
    return tuple(curve for curve in moved if curve)
