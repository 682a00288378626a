"""Where the nodes and arrows of a drawing go: columns from the topic entities to the right."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from kgqa.report.chain_graph import ChainGraph
from kgqa.report.names import shorten

__all__ = ["Curve", "Drawing", "Place", "draw", "text_width"]

NODE_HEIGHT, MEDIATOR, ROW = 28.0, 10.0, 48.0
MARGIN, LABEL_HEIGHT, BOW = 10.0, 15.0, 26.0
NARROWEST_GAP = 64.0
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
    tallest = max(len(column) for column in columns)
    gaps = [_gap(graph, layers, number) for number in range(len(columns))]
    places: dict[int, Place] = {}
    left = MARGIN
    for number, column in enumerate(columns):
        width = max(widths[node] for node in column)
        top = MARGIN + 20 + (tallest - len(column)) * ROW / 2
        for row, node in enumerate(column):
            height = NODE_HEIGHT if texts[node] else MEDIATOR
            centre = left + width / 2, top + row * ROW + NODE_HEIGHT / 2
            places[node] = Place(*centre, widths[node], height, texts[node])
        left += width + gaps[number]
    in_order = tuple(places[node] for node in range(len(graph.nodes)))
    curves = _apart(_curves(graph, layers, in_order))
    lowest = max([2 * (MARGIN + 20) + (tallest - 1) * ROW + NODE_HEIGHT, *(c.y + LABEL_HEIGHT for c in curves)])
    return Drawing(graph, in_order, curves, left + MARGIN, lowest)


def text_width(text: str, character: float = 7.2) -> float:
    """About how wide a text is at 13 pixels; wide scripts take nearly twice the room."""
    wide = sum(unicodedata.east_asian_width(letter) in "WF" for letter in text)
    return character * (len(text) + 0.9 * wide)


def _text(name: str | None, answer: bool, gold: bool) -> str:
    if name is None and not answer:
        return ""
    mark = ("✓ " if gold else "✗ ") if answer else ""
    return mark + shorten(name or "·", LONGEST_NAME)


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
    for before, column in zip(columns, columns[1:], strict=False):
        row = {node: place for place, node in enumerate(before)}
        pulled: dict[int, list[int]] = {node: [] for node in column}
        for arrow in graph.arrows:
            for here, there in ((arrow.head, arrow.tail), (arrow.tail, arrow.head)):
                if here in pulled and there in row:
                    pulled[here].append(row[there])
        column.sort(key=lambda node: (sum(pulled[node]) / max(len(pulled[node]), 1), node))
    return columns


def _gap(graph: ChainGraph, layers: Sequence[int], layer: int) -> float:
    """The room for the labels to the right of a column."""
    last = layer == max(layers)
    labels = [
        text_width(shorten(arrow.words, LONGEST_RELATION), 6.4)
        for arrow in graph.arrows
        if min(layers[arrow.head], layers[arrow.tail]) == layer
    ]
    if not labels:
        return 0.0 if last else NARROWEST_GAP
    return max(labels) + (30 if last else 44)


def _curves(graph: ChainGraph, layers: Sequence[int], places: Sequence[Place]) -> list[Curve]:
    seen: dict[frozenset[int], int] = {}
    total: dict[frozenset[int], int] = {}
    for arrow in graph.arrows:
        pair = frozenset((arrow.head, arrow.tail))
        total[pair] = total.get(pair, 0) + 1
    curves = []
    for arrow in graph.arrows:
        pair = frozenset((arrow.head, arrow.tail))
        number = seen[pair] = seen.get(pair, -1) + 1
        bow = BOW * (number - (total[pair] - 1) / 2)
        head, tail = places[arrow.head], places[arrow.tail]
        text = shorten(arrow.words, LONGEST_RELATION)
        if layers[arrow.head] == layers[arrow.tail]:
            curves.append(_beside(head, tail, text, number))
        else:
            curves.append(_across(head, tail, text, bow))
    return curves


def _across(head: Place, tail: Place, text: str, bow: float) -> Curve:
    """From one column to the next, leaving and arriving level; `bow` keeps parallel arrows apart."""
    way = 1 if tail.x > head.x else -1
    x1, x2 = head.x + way * head.width / 2, tail.x - way * (tail.width / 2 + 3)
    bend = (x2 - x1) / 2
    path = f"M{x1:.1f} {head.y:.1f}C{x1 + bend:.1f} {head.y + bow:.1f} {x2 - bend:.1f} {tail.y + bow:.1f} {x2:.1f} {tail.y:.1f}"
    return Curve(path, (x1 + x2) / 2, (head.y + tail.y) / 2 + 0.75 * bow, text)


def _beside(head: Place, tail: Place, text: str, number: int) -> Curve:
    """Within a column, out to the right and back; of a node to itself, a small loop."""
    x1, x2 = head.x + head.width / 2, tail.x + tail.width / 2 + 3
    y1, y2 = (head.y - 6, tail.y + 6) if head is tail else (head.y, tail.y)
    out = max(x1, x2) + 22 + 14 * number
    path = f"M{x1:.1f} {y1:.1f}C{out:.1f} {y1:.1f} {out:.1f} {y2:.1f} {x2:.1f} {y2:.1f}"
    return Curve(path, out + text_width(text, 6.4) / 2 - 6, (y1 + y2) / 2, text)


def _apart(curves: Sequence[Curve]) -> tuple[Curve, ...]:
    """The curves with their labels moved down until none lies on another."""
    moved: list[Curve | None] = [None] * len(curves)
    put: list[tuple[float, float, float]] = []
    for place in sorted(range(len(curves)), key=lambda at: (curves[at].y, at)):
        curve = curves[place]
        half = text_width(curve.text, 6.4) / 2
        y = max(curve.y, LABEL_HEIGHT / 2)
        while below := [
            other for x, other, reach in put if abs(x - curve.x) < half + reach and y - other < LABEL_HEIGHT - 0.01
        ]:
            y = max(below) + LABEL_HEIGHT
        put.append((curve.x, y, half))
        moved[place] = Curve(curve.path, curve.x, y, curve.text)
    return tuple(curve for curve in moved if curve)
