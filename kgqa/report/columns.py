"""Which node of a drawing is in which column, and in what order."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from itertools import pairwise

from kgqa.report.chain_graph import ChainGraph

__all__ = ["columns_of", "distances_of"]


def distances_of(graph: ChainGraph) -> list[int]:
    """Each node's distance from the topics; what no topic leads to starts anew at 0."""
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


def columns_of(graph: ChainGraph, distances: Sequence[int]) -> list[list[int]]:
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
