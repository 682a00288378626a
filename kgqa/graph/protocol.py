"""The protocol of knowledge graphs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol, runtime_checkable

from kgqa.graph.chain import Hop
from kgqa.graph.relation_path import RelationStep
from kgqa.graph.statement import Triple

__all__ = ["KnowledgeGraph"]


@runtime_checkable
class KnowledgeGraph(Protocol):
    """A directed multigraph of triples, whose entities have identifiers and usually names.

    Entities and relations are referred to by identifiers. Parallel relations and equal labels are
    kept; duplicate triples are not. `kgqa.graph.testing.check_graph` checks the laws of the protocol.
    """

    def __len__(self) -> int:
        """The number of triples."""
        ...

    def __contains__(self, triple: object) -> bool:
        """Whether the graph holds the triple (False for anything that is no triple)."""
        ...

    def __iter__(self) -> Iterator[Triple]:
        """All triples, each once, in a fixed order."""
        ...

    def match(
        self, head: str | None = None, relation: str | None = None, tail: str | None = None
    ) -> Iterator[Triple]:
        """The triples with the given parts; `None` is a wildcard.

        Raises `UnknownEntityError` or `UnknownRelationError` for an unknown identifier.
        """
        ...

    def hops(self, entity: str) -> Iterator[Hop]:
        """The hops from `entity`, along its triples and inverse, sorted.

        Raises `UnknownEntityError`.
        """
        ...

    def relations(self, entity: str) -> tuple[RelationStep, ...]:
        """The distinct relation steps from `entity`, sorted. Raises `UnknownEntityError`."""
        ...

    def label(self, entity: str) -> str | None:
        """The name of an entity for display and prompts; None for a mediator.

        Raises `UnknownEntityError`.
        """
        ...

    def relation_label(self, relation: str) -> str:
        """The name of a relation. Raises `UnknownRelationError`."""
        ...

    def find(self, label: str) -> tuple[str, ...]:
        """The entities with this identifier, label or alias: identifiers first, then labels, then aliases.

        Labels and aliases are compared after `fold_name`, identifiers exactly. Empty if there is none.
        """
        ...
