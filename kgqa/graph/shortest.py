"""The shortest chains between entities."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from kgqa.graph.adjacency import Ids
from kgqa.graph.chain import Chain
from kgqa.graph.grounding import Edge, as_hop
from kgqa.graph.indexed_graph import IndexedGraph

__all__ = ["shortest_chains"]


def shortest_chains(
    graph: IndexedGraph, start: str, end: str, hops: int = 4, inverse: bool = True
) -> Iterator[Chain]:
    """All chains of the fewest hops from `start` to `end`, lazily, in a fixed order.

    Nothing when there is none of at most `hops` hops, and for `start` equal to `end`. Steps
    against the triples are taken when `inverse`. Raises `UnknownEntityError`.
    """
    source, goal = graph.entity_id(start), graph.entity_id(end)
    layers = _layers(graph, source, goal, hops, inverse)
    if layers is None:
        return
    wanted = [np.array([goal], dtype=np.int32)]
    for layer in reversed(layers):
        wanted.append(np.intersect1d(layer, _neighbours(graph, wanted[-1], True, not inverse)))
    wanted.reverse()
    for walk in _descend(graph, source, (), wanted, inverse):
        yield Chain(start, tuple(as_hop(graph, edge) for edge in walk))


def _layers(graph: IndexedGraph, source: int, goal: int, hops: int, inverse: bool) -> list[Ids] | None:
    """The entities first reached after 0, 1, ... hops, up to the layer before the goal's."""
    seen = np.zeros(graph.entity_count, dtype=np.bool_)
    layer = np.array([source], dtype=np.int32)
    seen[layer] = True
    layers: list[Ids] = []
    while len(layer) and len(layers) < hops and not seen[goal]:
        layers.append(layer)
        reached = np.unique(_neighbours(graph, layer, inverse, False))
        layer = reached[~seen[reached]]
        seen[layer] = True
    return layers if layers and seen[goal] else None


def _neighbours(graph: IndexedGraph, entities: Ids, inverse: bool, backwards_only: bool) -> Ids:
    targets = [graph.inward.gather(entities)[2]] if inverse else []
    if not backwards_only:
        targets.append(graph.outward.gather(entities)[2])
    return np.concatenate(targets)


def _descend(
    graph: IndexedGraph, entity: int, so_far: tuple[Edge, ...], wanted: list[Ids], inverse: bool
) -> Iterator[tuple[Edge, ...]]:
    depth = len(so_far) + 1
    if depth == len(wanted):
        yield so_far
        return
    for adjacency, against in ((graph.outward, False), (graph.inward, True)):
        if against and not inverse:
            continue
        relations, targets = adjacency.row(entity)
        keep = np.isin(targets, wanted[depth])
        for relation, target in zip(relations[keep].tolist(), targets[keep].tolist(), strict=True):
            yield from _descend(graph, target, (*so_far, Edge(relation, against, target)), wanted, inverse)
