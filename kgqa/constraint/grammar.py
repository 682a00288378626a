"""Languages of chains, a few segments at a time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple, Protocol, TypeAlias

from kgqa.constraint.named import Named
from kgqa.graph import Chain
from kgqa.graph.adjacency import Ids

__all__ = ["Grammar", "Names", "Node", "Opening"]

Node: TypeAlias = Any
"""A place between two segments of a text; each grammar has its own form, small and hashable."""


class Opening(NamedTuple):
    """An entity that may be gone on from, the separators said before it, and the node behind it."""

    before: tuple[str, ...]
    entity: int
    node: Node


class Names(NamedTuple):
    """Names that may be said, and the separators said before and after each."""

    before: tuple[str, ...]
    named: Named
    after: tuple[str, ...] = ()


class Grammar(Protocol):
    """An automaton over the segments of texts; `Walk` turns it into one over tokens.

    A node offers three kinds of things: openings, listed one by one because they are few; names,
    described and never listed; and steps. Every node but `root` accepts or offers something. Two
    things offered at one node may have the same text.
    """

    @property
    def root(self) -> Node:
        """The node before the first segment."""
        ...

    def openings(self, node: Node, /) -> list[Opening]:
        """What opens a text or a link, in a fixed order."""
        ...

    def names(self, node: Node, /) -> Names | None:
        """The names that may be said."""
        ...

    def steps(self, node: Node) -> Ids:
        """The steps that may be said: numbers as in `StepRows`, each once."""
        ...

    def after_name(self, node: Node, entity: int, /) -> Node:
        """The node behind the name of an entity."""
        ...

    def after_step(self, node: Node, step: int) -> Node:
        """The node behind a step."""
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
