"""What is read of a graph to check proofs: facts, names and kinds of nodes, all by identifiers."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Protocol

from kgqa.graph import Triple

__all__ = ["FactStore"]


class FactStore(Protocol):
    """The facts of a graph, with the names of nodes and relations and which nodes are literals."""

    @property
    def relations(self) -> Collection[str]:
        """The relations of the facts."""
        ...

    def holds(self, fact: Triple) -> bool:
        """Whether this is one of the facts."""
        ...

    def ends(self, head: str, relation: str) -> Collection[str]:
        """The tails of the facts with this head and relation."""
        ...

    def starts(self, tail: str, relation: str) -> Collection[str]:
        """The heads of the facts with this tail and relation."""
        ...

    def tails(self, relation: str) -> Iterable[str]:
        """The distinct tails of a relation."""
        ...

    def literal_tails(self, relation: str) -> Iterable[str]:
        """Those of them that are literals."""
        ...

    def knows(self, node: str) -> bool:
        """Whether a node is in the graph, in a fact or with a name."""
        ...

    def label(self, node: str) -> str:
        """The name of a node, empty where it has none."""
        ...

    def relation_label(self, relation: str) -> str | None:
        """The name of a relation; `None` where names are not known."""
        ...

    def is_literal(self, node: str) -> bool:
        """Whether a node is a literal."""
        ...

    def is_blank(self, node: str) -> bool:
        """Whether a node is a blank node."""
        ...
