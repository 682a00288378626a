"""Languages of chains, one segment at a time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Protocol, TypeAlias

from kgqa.graph import Chain

__all__ = ["Edge", "Grammar", "Node"]

Node: TypeAlias = Any
"""A place between two segments of a text; each grammar has its own form, small and hashable."""

Edge: TypeAlias = tuple[tuple[str, ...], Node]
"""What may be said at a node, in segments, and the node behind it."""


class Grammar(Protocol):
    """An automaton over the segments of texts; `Walk` and `KGTrie` turn it into one over tokens.

    Every node but `root` accepts or has an edge. Two edges of one node may have the same text.
    """

    @property
    def root(self) -> Node:
        """The node before the first segment."""
        ...

    def edges(self, node: Node) -> list[Edge]:
        """What may be said at a node, in a fixed order."""
        ...

    def accepts(self, node: Node) -> bool:
        """Whether a text may end at a node."""
        ...

    def ends(self, node: Node) -> Mapping[int, int]:
        """The entity numbers that the chains of an accepting node end at, and how many do."""
        ...

    def chains(self, node: Node, end: int | None) -> Iterator[Chain]:
        """The chains of an accepting node (that end at an entity number), in a fixed order."""
        ...
