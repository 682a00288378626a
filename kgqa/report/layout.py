"""Where the nodes and arrows of a drawing go: columns from the topic entities to the right."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from kgqa.report.chain_graph import ChainGraph
from kgqa.report.columns import columns_of, distances_of
from kgqa.report.curves import LABEL_HEIGHT, LONGEST_RELATION, Curve, Place, curves_of
from kgqa.report.text_room import LABEL_LETTER, fitted, text_width

__all__ = ["Drawing", "draw"]

NODE_HEIGHT, MEDIATOR, ROW, MARGIN = 28.0, 10.0, 48.0, 6.0
BULGE = 11.0
LONGEST_NAME = 28


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
    distances = distances_of(graph)
    columns = columns_of(graph, distances)
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
            places[node] = Place(left + width / 2, top + rooms[node] / 2, *size, width, texts[node])
            top += rooms[node]
        left += width + _gap(graph, distances, number)
    in_order = tuple(places[node] for node in range(len(graph.nodes)))
    curves = curves_of(graph, distances, in_order)
    height = max([tallest + 2 * MARGIN, *(curve.y + LABEL_HEIGHT for curve in curves)])
    return Drawing(graph, in_order, curves, left + MARGIN, height)


def _text(name: str | None, answer: bool, gold: bool) -> str:
    if name is None and not answer:
        return ""
    mark = ("✓ " if gold else "✗ ") if answer else ""
    return mark + fitted(name or "·", LONGEST_NAME)


def _room(graph: ChainGraph, node: int) -> float:
    """The height of a node's row, by how many arrows run side by side to one neighbour of it."""
    beside = Counter(frozenset((arrow.head, arrow.tail)) for arrow in graph.arrows)
    most = max((count for pair, count in beside.items() if node in pair), default=1)
    return ROW + (most - 1) * LABEL_HEIGHT


def _gap(graph: ChainGraph, distances: Sequence[int], column: int) -> float:
    """The room for the labels to the right of a column."""
    labels, inside = [0.0], Counter[frozenset[int]]()
    for arrow in graph.arrows:
        ends = distances[arrow.head], distances[arrow.tail]
        if min(ends) == column:
            labels.append(text_width(fitted(arrow.words, LONGEST_RELATION), LABEL_LETTER))
        if ends == (column, column):
            inside[frozenset((arrow.head, arrow.tail))] += 1
    if column == max(distances) and not inside:
        return 0.0
    room = 1.2 * max(labels) + 56 if column < max(distances) else max(labels) + 24
    return room + BULGE * (max(inside.values(), default=1) - 1)
