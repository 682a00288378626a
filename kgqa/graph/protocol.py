"""What every knowledge graph can do."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol, runtime_checkable

from kgqa.graph.chain import Hop
from kgqa.graph.relation_path import RelationStep
from kgqa.graph.statement import Triple

__all__ = ["KnowledgeGraph"]


@runtime_checkable
class KnowledgeGraph(Protocol):
    """A directed multigraph of facts whose entities have identifiers and, most of them, names.

    Entities and relations are named by their identifiers. Parallel relations and equal labels are
    kept; a triple is held once. `kgqa.graph.testing.check_graph` holds the laws.
    """

    def __len__(self) -> int:
        """The number of triples."""
        ...

    def __contains__(self, triple: object) -> bool:
        """Whether the graph holds the triple (False for what is no triple)."""
        ...

    def __iter__(self) -> Iterator[Triple]:
        """All triples, each once, in an order that is the same every time."""
        ...

    def match(
        self, head: str | None = None, relation: str | None = None, tail: str | None = None
    ) -> Iterator[Triple]:
        """The triples that agree with what is given; `None` agrees with everything.

        An identifier that the graph does not hold raises `UnknownEntityError` or
        `UnknownRelationError`.
        """
        ...

    def hops(self, entity: str) -> Iterator[Hop]:
        """The hops that leave `entity`, along its triples and against them, sorted.

        Raises `UnknownEntityError`.
        """
        ...

    def relations(self, entity: str) -> tuple[RelationStep, ...]:
        """The distinct relation steps that leave `entity`, sorted. Raises `UnknownEntityError`."""
        ...

    def label(self, entity: str) -> str | None:
        """The name of an entity for people and models; None for an unnamed (mediator) node.

        Raises `UnknownEntityError`.
        """
        ...

    def relation_label(self, relation: str) -> str:
        """The name of a relation. Raises `UnknownRelationError`."""
        ...

    def find(self, label: str) -> tuple[str, ...]:
        """The entities with this identifier, label or alias, sorted, best kind of match first.

        Compared after `fold_name`; identifiers exactly. Empty when there is none.
        """
        ...
