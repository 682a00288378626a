"""The facts of a graph, read from its arrays where they are asked for."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from functools import cached_property, lru_cache

import numpy as np

from kgqa.errors import UnknownEntityError
from kgqa.graph import IndexedGraph, NodeKind, Triple
from kgqa.graph.adjacency import Ids, search

__all__ = ["GraphStore"]

_KEPT_RELATIONS = 32
"""Of so many relations, the facts sorted by their tails are kept."""


class GraphStore:
    """A `FactStore` of a graph.

    Only the facts by their heads are read; those by their tails are sorted here again, a relation at a time,
    so that a fault in the graph's other direction cannot hide.
    """

    def __init__(self, graph: IndexedGraph) -> None:
        self._graph = graph
        self._by_tail = lru_cache(maxsize=_KEPT_RELATIONS)(self._sorted_by_tail)

    @cached_property
    def _numbers(self) -> dict[str, int]:
        counts = np.bincount(self._graph.outward.relations, minlength=self._graph.relation_count)
        return {self._graph.relation(number): number for number in np.flatnonzero(counts).tolist()}

    @property
    def relations(self) -> Collection[str]:
        """The relations of the facts."""
        return self._numbers.keys()

    def holds(self, fact: Triple) -> bool:
        """Whether this is one of the facts."""
        return fact in self._graph

    def ends(self, head: str, relation: str) -> Collection[str]:
        """The tails of the facts with this head and relation."""
        node, number = self._node(head), self._numbers.get(relation)
        if node is None or number is None:
            return ()
        return self._identifiers(self._graph.outward.over(node, number))

    def starts(self, tail: str, relation: str) -> Collection[str]:
        """The heads of the facts with this tail and relation."""
        node, number = self._node(tail), self._numbers.get(relation)
        if node is None or number is None:
            return ()
        tails, heads = self._by_tail(number)
        return self._identifiers(heads[search(tails, node) : search(tails, node, "right")])

    def tails(self, relation: str) -> Iterable[str]:
        """The distinct tails of a relation."""
        return map(self._graph.entity, self._distinct_tails(relation).tolist())

    def literal_tails(self, relation: str) -> Iterable[str]:
        """Those of them that are literals."""
        tails = self._distinct_tails(relation)
        return map(self._graph.entity, tails[self._graph.kinds[tails] == NodeKind.LITERAL].tolist())

    def knows(self, node: str) -> bool:
        """Whether a node is in the graph, in a fact or with a name."""
        return self._node(node) is not None

    def label(self, node: str) -> str:
        """The name of a node, empty where it has none."""
        number = self._node(node)
        return "" if number is None else self._graph.labels[number]

    def relation_label(self, relation: str) -> str:
        """The name of a relation."""
        return self._graph.relation_labels[self._numbers[relation]]

    def is_literal(self, node: str) -> bool:
        """Whether a node is a literal."""
        return self._is(node, NodeKind.LITERAL)

    def is_blank(self, node: str) -> bool:
        """Whether a node is a blank node."""
        return self._is(node, NodeKind.BLANK)

    def _is(self, node: str, kind: NodeKind) -> bool:
        number = self._node(node)
        return number is not None and int(self._graph.kinds[number]) == kind

    def _node(self, identifier: str) -> int | None:
        try:
            return self._graph.entity_id(identifier)
        except UnknownEntityError:
            return None

    def _identifiers(self, nodes: Ids) -> list[str]:
        return [self._graph.entity(node) for node in nodes.tolist()]

    def _distinct_tails(self, relation: str) -> Ids:
        number = self._numbers.get(relation)
        return np.empty(0, dtype=np.int32) if number is None else np.unique(self._by_tail(number)[0])

    def _sorted_by_tail(self, relation: int) -> tuple[Ids, Ids]:
        """Tails and heads of the facts with a relation."""
        facts = np.flatnonzero(self._graph.outward.relations == relation)
        tails = self._graph.outward.targets[facts]
        heads = np.searchsorted(self._graph.outward.offsets, facts, side="right") - 1
        order = np.argsort(tails, kind="stable")
        return tails[order], heads[order].astype(np.int32)
