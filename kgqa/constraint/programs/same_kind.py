"""Which names of the question a test may ask for: those of the kind of what is tested."""

from __future__ import annotations

from typing import Self

import numpy as np

from kgqa.graph import COMPARABLE, IndexedGraph, ValueTable
from kgqa.graph.adjacency import Ids
from kgqa.program import Classes
from kgqa.program.sets import common_any

__all__ = ["SameKind"]


class SameKind:
    """Compares what nodes are: values or not, and instances of which classes.

    "Is Berlin the area of Germany?" means nothing, whatever the graph says: an area is a number. Neither
    does "Is Berlin the currency of Germany?" where the graph has classes of both and none in common.
    """

    def __init__(self, graph: IndexedGraph) -> None:
        self._classes = Classes.of(graph)
        self._valued = np.isin(ValueTable.of(graph).kinds, COMPARABLE)
        facts = np.flatnonzero(np.isin(graph.outward.relations, self._classes.type_relations))
        self._classed = np.zeros(graph.entity_count, dtype=np.bool_)
        self._classed[np.searchsorted(graph.outward.offsets, facts, side="right") - 1] = True

    @classmethod
    def of(cls, graph: IndexedGraph) -> Self:
        """What the nodes of a graph are, kept with it."""
        return graph.derive(cls)

    def as_any(self, nodes: Ids, members: Ids) -> bool:
        """Whether some node may be a member, for all that values and classes say.

        It is a member; or it and some member are no values, and share a class or one of them has none.
        *Shape:* int32 (n,), sorted.
        """
        if common_any(nodes, members):
            return True
        things = members[~self._valued[members]]
        nodes = nodes[~self._valued[nodes]]
        if not len(things) or not len(nodes):
            return False
        if not self._classed[nodes].all() or not self._classed[things].all():
            return True
        shared = self._classes.instances(self._classes.classes_of(nodes))
        return common_any(shared, things)
