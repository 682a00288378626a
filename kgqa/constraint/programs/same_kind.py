"""Which names of the question a test may ask for: those of the kind of what is tested."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple, Self

import numpy as np

from kgqa.graph import COMPARABLE, IndexedGraph, ValueKind, ValueTable
from kgqa.graph.adjacency import Ids
from kgqa.program import Classes
from kgqa.program.sets import common_any

__all__ = ["SameKind"]


_COMPARED = np.array([kind in COMPARABLE for kind in ValueKind])


class _Kind(NamedTuple):
    """Whether all nodes of a name have a class, and the instances of their classes."""

    known: bool
    alike: Ids


class SameKind:
    """Compares what nodes are: values or not, and instances of which classes.

    "Is Berlin the area of Germany?" means nothing, whatever the graph says: an area is a number. Neither
    does "Is Berlin the currency of Germany?" where the graph has classes of both and none in common.
    """

    def __init__(self, graph: IndexedGraph) -> None:
        self._classes = Classes.of(graph)
        self._values = ValueTable.of(graph)
        self._kind = lru_cache(maxsize=256)(self._find_kind)

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
        kind = self._kind(tuple(nodes.tolist()))
        if kind is None or not len(things := self._things(members)):
            return False
        return not kind.known or common_any(kind.alike, things) or not self._classes.all_have_one(things)

    def is_thing(self, nodes: Ids) -> bool:
        """Whether some node is no value."""
        return self._kind(tuple(nodes.tolist())) is not None

    def _find_kind(self, nodes: tuple[int, ...]) -> _Kind | None:
        things = self._things(np.array(nodes, dtype=np.int32))
        if not len(things):
            return None
        alike = self._classes.instances(self._classes.classes_of(things))
        return _Kind(self._classes.all_have_one(things), alike)

    def _things(self, nodes: Ids) -> Ids:
        """The nodes that are no values."""
        found: Ids = nodes[~_COMPARED[self._values.kinds_of(nodes)]]
        return found
