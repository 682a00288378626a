"""The layout of a drawing: nodes in columns by their distance from the topic entities."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from kgqa.drawing.chain_graph import ChainGraph
from kgqa.drawing.curves import (
    LABEL_HEIGHT,
    LABEL_LETTER,
    LONGEST_RELATION,
    Curve,
    NodeBox,
    curves_of,
    fitted,
    text_width,
)

__all__ = ["Drawing", "lay_out"]

NODE_HEIGHT, MEDIATOR, ROW, MARGIN = 28.0, 10.0, 48.0, 6.0
BULGE = 11.0
LONGEST_NAME = 28


@dataclass(frozen=True)
class Drawing:
    """A chain graph with a place for each node and a curve for each arrow, in their order."""

    graph: ChainGraph
    places: tuple[NodeBox, ...]
    curves: tuple[Curve, ...]
    width: float
    height: float


def lay_out(graph: ChainGraph) -> Drawing:
    """Lay out a graph: a node's column is its undirected distance from the topics.

    So every arrow stays in its column or goes to the next one, and labels fit between columns.
    """
    distances = _distances(graph)
    columns = _columns(graph, distances)
    texts = [_text(node.name, node.answer, node.gold) for node in graph.nodes]
    widths = [text_width(text) + 26 if text else MEDIATOR for text in texts]
    rooms = [_room(graph, node) for node in range(len(graph.nodes))]
    tallest = max(sum(rooms[node] for node in column) for column in columns)
    places: dict[int, NodeBox] = {}
    left = MARGIN
    for number, column in enumerate(columns):
        width = max(widths[node] for node in column)
        top = MARGIN + (tallest - sum(rooms[node] for node in column)) / 2
        for node in column:
            size = (width, NODE_HEIGHT) if texts[node] else (MEDIATOR, MEDIATOR)
            places[node] = NodeBox(left + width / 2, top + rooms[node] / 2, *size, width, texts[node])
            top += rooms[node]
        left += width + _gap(graph, distances, number)
    in_order = tuple(places[node] for node in range(len(graph.nodes)))
    curves = curves_of(graph, distances, in_order)
    height = max([tallest + 2 * MARGIN, *(curve.y + LABEL_HEIGHT for curve in curves)])
    return Drawing(graph, in_order, curves, left + MARGIN, height)


def _text(name: str | None, answer: bool, gold: bool | None) -> str:
    if name is None and not answer:
        return ""
    mark = ("✓ " if gold else "✗ ") if answer and gold is not None else ""
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


def _distances(graph: ChainGraph) -> list[int]:
    """Each node's distance from the topics; parts that no topic reaches start at 0 again."""
    beside: dict[int, list[int]] = {place: [] for place in range(len(graph.nodes))}
    for arrow in graph.arrows:
        beside[arrow.head].append(arrow.tail)
        beside[arrow.tail].append(arrow.head)
    topics = [place for place, node in enumerate(graph.nodes) if node.topic]
    distances: dict[int, int] = {}
    for starts in (topics, *([place] for place in range(len(graph.nodes)))):
        queue = deque(place for place in starts if place not in distances)
        distances |= dict.fromkeys(queue, 0)
        while queue:
            here = queue.popleft()
            for there in beside[here]:
                if there not in distances:
                    distances[there] = distances[here] + 1
                    queue.append(there)
    return [distances[place] for place in range(len(graph.nodes))]


def _columns(graph: ChainGraph, distances: Sequence[int]) -> list[list[int]]:
    """The nodes of each column, each near the mean row of its neighbours in the column before."""
    columns: list[list[int]] = [[] for _ in range(max(distances) + 1)]
    for node, distance in enumerate(distances):
        columns[distance].append(node)
    for before, column in pairwise(columns):
        row = {node: place for place, node in enumerate(before)}
        pulled: dict[int, list[int]] = {node: [] for node in column}
        for arrow in graph.arrows:
            for here, there in ((arrow.head, arrow.tail), (arrow.tail, arrow.head)):
                if here in pulled and there in row:
                    pulled[here].append(row[there])
        column.sort(key=lambda node: (sum(pulled[node]) / max(len(pulled[node]), 1), node))
    return columns
