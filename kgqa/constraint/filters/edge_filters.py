"""Filters of triples, which can also be applied to the graph itself."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Collection, Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kgqa.constraint.filters.filter import Filter, FilterItems, as_set, in_words
from kgqa.graph import Chain, IndexedGraph, Triple
from kgqa.graph.adjacency import Ids

__all__ = ["EdgeFilter", "Edges", "Mask", "Only", "Range", "Without"]

Mask = NDArray[np.bool_]

Edges = tuple[Ids, Ids, Ids]
"""Triples as numbers: heads, relations, tails; three arrays of equal length."""


class EdgeFilter(Filter):
    """Keeps a chain if it may use each of its triples.

    `restrict` removes the forbidden triples from a graph, which needs no search during decoding.
    """

    def keeps(self, chain: Chain) -> bool:
        """Whether all triples may be used."""
        return all(map(self.may_use, chain.triples))

    @abstractmethod
    def may_use(self, triple: Triple) -> bool:
        """Whether a chain may use this triple, in either direction."""
        ...

    @abstractmethod
    def mask(self, graph: IndexedGraph, edges: Edges) -> Mask:
        """Which of a graph's triples may be used.

        Raises `UnknownEntityError` or `UnknownRelationError` for names that the graph does not have.
        """
        ...


@dataclass(frozen=True)
class Without(FilterItems, EdgeFilter):
    """Relations, entities and triples (identifiers) that must not be used.

    A chain uses its start and every entity that it reaches.

    >>> from kgqa.graph import Hop
    >>> chain = Chain("Kismet", (Hop("directed_by", "William Dieterle"),))
    >>> Without(relations={"in_language"}).keeps(chain), Without(entities={"Kismet"}).keeps(chain)
    (True, False)
    """

    def may_use(self, triple: Triple) -> bool:
        """Whether neither the triple nor its relation or entities are forbidden."""
        head, relation, tail = triple
        closed = relation in self.relations or head in self.entities or tail in self.entities
        return not closed and triple not in self.triples

    def mask(self, graph: IndexedGraph, edges: Edges) -> Mask:
        """Which triples may be used; see `EdgeFilter.mask`."""
        heads, relations, tails = edges
        closed = _relations(graph, self.relations)[relations] | _triples(graph, self.triples, edges)
        if self.entities:
            entities = _entities(graph, self.entities)
            closed |= entities[heads] | entities[tails]
        return ~closed

    def __str__(self) -> str:
        return f"without {self._in_words() or 'anything missing'}"


@dataclass(frozen=True)
class Only(EdgeFilter):
    """The only relations, entities and triples (identifiers) that may be used; None: any.

    >>> from kgqa.graph import Hop
    >>> chain = Chain("Kismet", (Hop("directed_by", "William Dieterle"),))
    >>> Only(relations={"directed_by"}).keeps(chain), Only(relations={"in_language"}).keeps(chain)
    (True, False)
    """

    relations: Collection[str] | None = None
    entities: Collection[str] | None = None
    triples: Collection[Triple] | None = None

    def __post_init__(self) -> None:
        if self.relations is not None:
            object.__setattr__(self, "relations", as_set(self.relations, "relations"))
        if self.entities is not None:
            object.__setattr__(self, "entities", as_set(self.entities, "entities"))
        if self.triples is not None:
            object.__setattr__(self, "triples", as_set(self.triples, "triples"))

    def may_use(self, triple: Triple) -> bool:
        """Whether its relation, its entities and the triple itself are among those given."""
        head, relation, tail = triple
        return (
            (self.relations is None or relation in self.relations)
            and (self.entities is None or (head in self.entities and tail in self.entities))
            and (self.triples is None or triple in self.triples)
        )

    def mask(self, graph: IndexedGraph, edges: Edges) -> Mask:
        """Which triples may be used; see `EdgeFilter.mask`."""
        heads, relations, tails = edges
        kept = np.ones(len(heads), dtype=np.bool_)
        if self.relations is not None:
            kept &= _relations(graph, self.relations)[relations]
        if self.entities is not None:
            entities = _entities(graph, self.entities)
            kept &= entities[heads] & entities[tails]
        if self.triples is not None:
            kept &= _triples(graph, self.triples, edges)
        return kept

    def __str__(self) -> str:
        fields = {"relation": self.relations, "entity": self.entities, "triple": self.triples}
        listed = ", ".join(in_words(what, names) for what, names in fields.items() if names is not None)
        return f"only {listed or 'anything'}"


@dataclass(frozen=True)
class Range(EdgeFilter):
    """Triples of one relation may be used only if their tail is one of `entities` (identifiers).

    `entities_of_type` gives the entities of a type. Other relations are not affected.

    >>> from kgqa.graph import Hop
    >>> Range("author", {"Jane Austen"}).keeps(Chain("Emma", (Hop("author", "Anonymous"),)))
    False
    """

    relation: str
    entities: Collection[str]

    def __post_init__(self) -> None:
        object.__setattr__(self, "entities", as_set(self.entities, "entities"))

    def may_use(self, triple: Triple) -> bool:
        """Whether it is of another relation, or its tail is in the range."""
        return triple.relation != self.relation or triple.tail in self.entities

    def mask(self, graph: IndexedGraph, edges: Edges) -> Mask:
        """Which triples may be used; see `EdgeFilter.mask`."""
        _, relations, tails = edges
        others: Mask = relations != graph.relation_id(self.relation)
        return others | _entities(graph, self.entities)[tails]

    def __str__(self) -> str:
        return f"with {self.relation!r} only to {in_words('entity', self.entities)}"


def _relations(graph: IndexedGraph, names: Iterable[str]) -> Mask:
    return _members([graph.relation_id(name) for name in names], graph.relation_count)


def _entities(graph: IndexedGraph, names: Iterable[str]) -> Mask:
    return _members([graph.entity_id(name) for name in names], graph.entity_count)


def _members(numbers: list[int], count: int) -> Mask:
    found = np.zeros(count, dtype=np.bool_)
    found[numbers] = True
    return found


def _triples(graph: IndexedGraph, triples: Collection[Triple], edges: Edges) -> Mask:
    """Which edges are among some triples; only edges whose parts all occur are compared one by one."""
    heads, relations, tails = edges
    found = np.zeros(len(heads), dtype=np.bool_)
    if not triples:
        return found
    wanted = {(graph.entity_id(h), graph.relation_id(r), graph.entity_id(t)) for h, r, t in triples}
    leaving, over, reaching = (list(part) for part in zip(*wanted, strict=True))
    maybe = np.flatnonzero(
        _members(leaving, graph.entity_count)[heads]
        & _members(over, graph.relation_count)[relations]
        & _members(reaching, graph.entity_count)[tails]
    )
    rows = zip(heads[maybe].tolist(), relations[maybe].tolist(), tails[maybe].tolist(), strict=True)
    found[maybe] = [row in wanted for row in rows]
    return found
