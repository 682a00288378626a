"""The protocol of grammars: automata over the segments of chain texts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal, NamedTuple, Protocol, TypeAlias

import numpy as np

from kgqa.constraint.tables.reach import Reach
from kgqa.constraint.tables.step_rows import NamedEntities
from kgqa.graph import Chain
from kgqa.graph.adjacency import Ids

__all__ = ["NO_STEPS", "BoundedGrammar", "Grammar", "GrammarName", "NameChoices", "Node", "Opening", "Phrase"]

GrammarName = Literal["path", "chain", "relations", "programs"]
"""The form of a text: a path, a branching chain, a relation path without entities, or a program."""

Node: TypeAlias = Any
"""A state of a grammar, between two segments of a text; each grammar has its own small, hashable form."""

NO_STEPS: Ids = np.empty(0, dtype=np.int32)
"""The steps of a node that offers none."""


class Opening(NamedTuple):
    """An entity that a text or a link may start from, the separators before it, and the node after it."""

    before: tuple[str, ...]
    entity: int
    node: Node


class NameChoices(NamedTuple):
    """Entities whose names may follow, and the separators before and after each name."""

    before: tuple[str, ...]
    named: NamedEntities
    after: tuple[str, ...] = ()


class Phrase(NamedTuple):
    """Segments that may follow a node, and the node after them."""

    segments: tuple[str, ...]
    node: Node


class Grammar(Protocol):
    """An automaton over segments; `Walk` turns it into a constraint over tokens.

    A node offers four kinds of segments: openings and phrases, listed one by one because there are few;
    names, described by `NamedEntities` and never listed; and steps. Every node except `root` accepts or
    offers something. Two offers of one node may have the same text.
    """

    @property
    def root(self) -> Node:
        """The node before the first segment."""
        ...

    def openings(self, node: Node, /) -> list[Opening]:
        """The openings of a text or a link, in a fixed order."""
        ...

    def phrases(self, node: Node, /) -> Sequence[Phrase]:
        """Texts without a table of their own, such as operators, in a fixed order."""
        ...

    def names(self, node: Node, /) -> NameChoices | None:
        """The entities whose names may follow."""
        ...

    def steps(self, node: Node) -> Ids:
        """The steps that may follow: numbers as in `StepRows`, without duplicates."""
        ...

    def after_name(self, node: Node, entity: int, /) -> Node:
        """The node after the name of an entity."""
        ...

    def after_step(self, node: Node, step: int) -> Node:
        """The node after a step."""
        ...

    def accepts(self, node: Node) -> bool:
        """Whether a text may end at a node."""
        ...

    def ends(self, node: Node) -> Mapping[int, int]:
        """The end entities (numbers) of an accepting node's chains, with the number of chains of each."""
        ...

    def chains(self, node: Node, end: int | None) -> Iterator[Chain]:
        """The chains of an accepting node (those with this end entity), in a fixed order."""
        ...


class BoundedGrammar:
    """The base of the three grammars: chains of 1 to `hops` hops from any of `topics` (entity numbers).

    A chain never enters its own start unless `allow_return`; other entities may occur twice.
    """

    def __init__(self, reach: Reach, topics: tuple[int, ...], hops: int, allow_return: bool = False) -> None:
        self._reach = reach
        self._graph = reach.graph
        self._topics = topics
        self._hops = hops
        self._allow_return = allow_return

    def phrases(self, _node: Node) -> Sequence[Phrase]:
        """None: chains have no operators."""
        return ()

    def _avoid(self, start: int) -> int:
        """The entity that a chain with this start must not enter (-1: none)."""
        return -1 if self._allow_return else start
