"""What the three grammars have in common."""

from __future__ import annotations

import numpy as np

from kgqa.constraint.reach import Reach
from kgqa.graph.adjacency import Ids

__all__ = ["NO_STEPS", "BoundedGrammar"]

NO_STEPS: Ids = np.empty(0, dtype=np.int32)
"""What a node offers where no step can be said."""


class BoundedGrammar:
    """Chains of 1 to `hops` hops from any of `topics` (entity numbers).

    A chain never enters its own start unless `allow_return`; other entities may come twice.
    """

    def __init__(self, reach: Reach, topics: tuple[int, ...], hops: int, allow_return: bool = False) -> None:
        self._reach = reach
        self._graph = reach.graph
        self._topics = topics
        self._hops = hops
        self._allow_return = allow_return

    def _avoid(self, start: int) -> int:
        """The entity that a chain with this start must not enter (-1: none)."""
        return -1 if self._allow_return else start
