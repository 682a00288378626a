"""Which names of the question a test may ask for: those of the kind of what is tested."""

from __future__ import annotations

from functools import lru_cache
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
        self._values = ValueTable.of(graph)
        self._akin = lru_cache(maxsize=256)(self._instances_akin)

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
        things, nodes = self._things(members), self._things(nodes)
        if not len(things) or not len(nodes):
            return False
        return (
            common_any(self._akin(tuple(nodes.tolist())), things)
            or not self._classes.all_have_one(nodes)
            or not self._classes.all_have_one(things)
        )

    def _things(self, nodes: Ids) -> Ids:
        """The nodes that are no values."""
        return nodes[~np.isin(self._values.kinds_of(nodes), COMPARABLE)]

    def _instances_akin(self, nodes: tuple[int, ...]) -> Ids:
        """The instances of the classes of some nodes."""
        return self._classes.instances(self._classes.classes_of(np.array(nodes, dtype=np.int32)))
