"""A graph as flat arrays, in memory or memory-mapped from a folder."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import repeat
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

import marisa_trie
import numpy as np
from numpy.typing import NDArray

from kgqa.counted import counted
from kgqa.errors import UnknownEntityError, UnknownRelationError
from kgqa.graph.adjacency import Adjacency, holds
from kgqa.graph.chain import Chain, Hop
from kgqa.graph.name import fold_name
from kgqa.graph.naming import Naming
from kgqa.graph.relation_path import RelationStep
from kgqa.graph.sources.fact_sources import FactSources
from kgqa.graph.statement import NodeKind, Triple
from kgqa.graph.text_column import TextColumn

if TYPE_CHECKING:
    import networkx as nx

__all__ = ["Difference", "IndexedGraph", "NameMatch"]

Derived = TypeVar("Derived")


@dataclass(frozen=True, order=True)
class NameMatch:
    """An entity found by a name: `rank` 0 by identifier, 1 by label, 2 by alias."""

    rank: int
    entity: str


@dataclass(frozen=True, eq=False)
class Difference:
    """What a graph with changes has otherwise than the index that they belong to.

    `entities` and `relations` are sorted numbers: of entities that are new or of which the kind or a name
    changed, and of relations with facts added or removed, or with another name.
    """

    base: IndexedGraph
    entities: NDArray[np.int64]
    relations: NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class IndexedGraph:
    """A `KnowledgeGraph` over integer ids.

    Entities and relations are numbered by their dictionaries, two marisa tries. `outward` holds
    the triples by head, `inward` by tail. `labels` has one text an entity; the empty text marks an
    unnamed node. `names` maps folded labels and aliases to entities. Built by `GraphBuilder`,
    stored and opened by `kgqa.graph.index_folder`.

    >>> from kgqa.graph import GraphBuilder
    >>> graph = GraphBuilder.of([Triple("Kismet", "directed_by", "William Dieterle")])
    >>> len(graph), list(graph.hops("William Dieterle"))
    (1, [Hop(relation='directed_by', entity='Kismet', inverse=True)])
    """

    entities: marisa_trie.Trie
    relation_names: marisa_trie.Trie
    outward: Adjacency
    inward: Adjacency
    kinds: NDArray[np.uint8]
    labels: TextColumn
    relation_labels: TextColumn
    aliases: TextColumn
    alias_offsets: NDArray[np.int64]
    names: marisa_trie.RecordTrie
    checksum: str
    facts_about: Mapping[str, object] = field(default_factory=dict)
    """Facts about the build: sources, number of duplicates and skipped lines, settings."""
    folder: Path | None = None
    """The index folder that the graph was opened from; token tables are stored there too."""
    naming: Naming | None = None
    """How entities without a label are called; None for indexes of older versions."""
    changed_aliases: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    """Aliases of entities that differ from those in `aliases`, because the index was changed."""
    difference: Difference | None = None
    """What differs from the index, because facts were added or removed since it was built."""
    provenance: FactSources | None = None
    """Which sources say each fact; None for a graph of which no source is known."""

    @property
    def changed(self) -> bool:
        """Whether facts were added or removed since the index was built."""
        return self.difference is not None

    @property
    def base(self) -> IndexedGraph | None:
        """The graph of the index as it was built, None where this is it."""
        return None if self.difference is None else self.difference.base

    # Ids -----------------------------------------------------------------------------------------

    def entity_id(self, entity: str) -> int:
        """The number of an entity. Raises `UnknownEntityError`."""
        number = _number(self.entities, entity)
        if number is None:
            raise UnknownEntityError(entity)
        return number

    def entity(self, number: int) -> str:
        """The identifier of an entity number."""
        return str(self.entities.restore_key(int(number)))

    def relation_id(self, relation: str) -> int:
        """The number of a relation. Raises `UnknownRelationError`."""
        number = _number(self.relation_names, relation)
        if number is None:
            raise UnknownRelationError(relation)
        return number

    def relation(self, number: int) -> str:
        """The identifier of a relation number."""
        return str(self.relation_names.restore_key(int(number)))

    @property
    def entity_count(self) -> int:
        """The number of entities; in a changed graph, with those that lost their last fact."""
        return len(self.labels)

    @property
    def relation_count(self) -> int:
        """The number of relations."""
        return len(self.relation_labels)

    @property
    def alias_count(self) -> int:
        """The number of aliases of all entities."""
        old = [number for number in self.changed_aliases if number < len(self.alias_offsets) - 1]
        replaced = self.alias_offsets[np.array(old, dtype=np.int64)[:, None] + [0, 1]]
        return len(self.aliases) - int(np.diff(replaced).sum()) + sum(map(len, self.changed_aliases.values()))

    @cached_property
    def named(self) -> NDArray[np.bool_]:
        """Which entities have a name; bool of shape (entities,)."""
        return np.diff(self.labels.offsets) > 0

    def has_name(self, entities: NDArray[Any]) -> NDArray[np.bool_]:
        """Which of some entities have a name; reads nothing of the others."""
        return self.labels.filled(entities)

    @cached_property
    def derived(self) -> dict[object, object]:
        """Values computed from the graph, cached as long as the graph lives; each key has one owner."""
        return {}

    def derive(self, make: Callable[[IndexedGraph], Derived]) -> Derived:
        """What a class or function makes of the graph; made once, and kept in `derived`."""
        if make not in self.derived:
            self.derived[make] = make(self)
        return cast("Derived", self.derived[make])

    # The KnowledgeGraph protocol -----------------------------------------------------------------

    def __len__(self) -> int:
        return self.outward.edge_count

    def __contains__(self, triple: object) -> bool:
        if not (isinstance(triple, tuple) and len(triple) == 3):
            return False
        head, tail = _number(self.entities, triple[0]), _number(self.entities, triple[2])
        relation = _number(self.relation_names, triple[1])
        if head is None or relation is None or tail is None:
            return False
        return holds(self.outward.over(head, relation), tail)

    def __iter__(self) -> Iterator[Triple]:
        for head in range(self.entity_count):
            yield from self._leaving(head)

    def match(
        self, head: str | None = None, relation: str | None = None, tail: str | None = None
    ) -> Iterator[Triple]:
        """The triples that agree with what is given; see `KnowledgeGraph.match`."""
        number = None if relation is None else self.relation_id(relation)
        target = None if tail is None else self.entity_id(tail)
        if head is not None:
            source = self.entity_id(head)
            return self._leaving(source, number) if target is None else self._between(source, number, target)
        if target is not None:
            return self._reaching(target, number)
        if number is not None:
            return self._over(number)
        return iter(self)

    def hops(self, entity: str) -> Iterator[Hop]:
        """The hops that leave `entity`, sorted; see `KnowledgeGraph.hops`."""
        number = self.entity_id(entity)
        found = [
            Hop(self.relation(relation), self.entity(target), inverse)
            for adjacency, inverse in ((self.outward, False), (self.inward, True))
            for relation, target in zip(*adjacency.row(number), strict=True)
        ]
        return iter(sorted(found))

    def relations(self, entity: str) -> tuple[RelationStep, ...]:
        """The relation steps that leave `entity`, sorted; see `KnowledgeGraph.relations`."""
        number = self.entity_id(entity)
        return tuple(
            sorted(
                RelationStep(self.relation(relation), inverse)
                for adjacency, inverse in ((self.outward, False), (self.inward, True))
                for relation in np.unique(adjacency.row(number)[0])
            )
        )

    def label(self, entity: str) -> str | None:
        """The name of an entity, None for an unnamed node; see `KnowledgeGraph.label`."""
        return self.labels[self.entity_id(entity)] or None

    def relation_label(self, relation: str) -> str:
        """The name of a relation. Raises `UnknownRelationError`."""
        return self.relation_labels[self.relation_id(relation)]

    def find(self, label: str) -> tuple[str, ...]:
        """The entities with this identifier, label or alias; see `KnowledgeGraph.find`."""
        return tuple(match.entity for match in self.find_ranked(label))

    # More than the protocol ----------------------------------------------------------------------

    def __repr__(self) -> str:
        place = f", folder={str(self.folder)!r}" if self.folder else ""
        return (
            f"<IndexedGraph: {counted(len(self), 'triple')}, {counted(self.entity_count, 'entity')}, "
            f"{counted(self.relation_count, 'relation')}{place}>"
        )

    def to_networkx(self) -> nx.MultiDiGraph:
        """The graph for networkx; `read_networkx` reads it back.

        Nodes are identifiers with their `label` (`mediator=True` where they have none); each edge has its
        relation's identifier as key and as `relation`, and the relation's name as `label`.

        >>> from kgqa.graph import GraphBuilder
        >>> graph = GraphBuilder.of([("Kismet", "directed_by", "William Dieterle")])
        >>> list(graph.to_networkx().edges(keys=True))
        [('Kismet', 'William Dieterle', 'directed_by')]
        """
        import networkx as nx

        result = nx.MultiDiGraph()
        for entity in filter(self.entities.__contains__, map(self.entity, range(self.entity_count))):
            name = self.label(entity)
            result.add_node(entity, **({"label": name} if name else {"mediator": True}))
        for head, relation, tail in self:
            label = self.relation_label(relation)
            result.add_edge(head, tail, key=relation, relation=relation, label=label)
        return result

    def labelled_steps(self, chain: Chain) -> tuple[RelationStep, ...]:
        """The steps of a chain, with the labels of their relations."""
        return tuple(RelationStep(self.relation_label(hop.relation), hop.inverse) for hop in chain.hops)

    def find_ranked(self, label: str) -> tuple[NameMatch, ...]:
        """Like `find`, with the kind of match; each entity once, best match first."""
        found: dict[str, int] = {}
        if _number(self.entities, label) is not None:
            found[label] = 0
        for number, rank in _records(self.names, fold_name(label)):
            entity = self.entity(number)
            found[entity] = min(rank, found.get(entity, rank))
        return tuple(sorted(NameMatch(rank, entity) for entity, rank in found.items()))

    def alias_texts(self, entity: str) -> tuple[str, ...]:
        """The other names of an entity. Raises `UnknownEntityError`."""
        number = self.entity_id(entity)
        changed = self.changed_aliases.get(number)
        if changed is not None:
            return changed
        rows = range(int(self.alias_offsets[number]), int(self.alias_offsets[number + 1]))
        return tuple(self.aliases[row] for row in rows)

    def kind(self, entity: str) -> NodeKind:
        """Whether an entity is a resource, a literal or a blank node."""
        return NodeKind(int(self.kinds[self.entity_id(entity)]))

    def sources(self, triple: Triple | tuple[str, str, str]) -> tuple[str, ...]:
        """The sources that say a fact, sorted: the named graphs that it is in.

        None for a fact of which no source is known, and for what is no fact.

        >>> from kgqa.graph import GraphBuilder, Quad
        >>> graph = GraphBuilder.of([Quad("Kismet", "directed_by", "William Dieterle", "films")])
        >>> graph.sources(("Kismet", "directed_by", "William Dieterle"))
        ('films',)
        """
        if self.provenance is None or triple not in self:
            return ()
        head, relation, tail = triple
        numbers = self.entity_id(head), self.relation_id(relation), self.entity_id(tail)
        return self.provenance.sources(*numbers)

    def source_counts(self) -> dict[str, int]:
        """The sources of the graph, each with the number of its facts, the largest first."""
        return {} if self.provenance is None else self.provenance.counts()

    def _leaving(self, source: int, relation: int | None = None) -> Iterator[Triple]:
        head = self.entity(source)
        for number, target in _edges(self.outward, source, relation):
            yield Triple(head, self.relation(number), self.entity(target))

    def _reaching(self, target: int, relation: int | None) -> Iterator[Triple]:
        tail = self.entity(target)
        for number, source in _edges(self.inward, target, relation):
            yield Triple(self.entity(source), self.relation(number), tail)

    def _between(self, source: int, relation: int | None, target: int) -> Iterator[Triple]:
        relations, targets = self.outward.row(source)
        head, tail = self.entity(source), self.entity(target)
        for number in relations[targets == target].tolist():
            if relation is None or number == relation:
                yield Triple(head, self.relation(number), tail)

    def _over(self, relation: int) -> Iterator[Triple]:
        name = self.relation(relation)
        edges = np.flatnonzero(self.outward.relations == relation)
        sources = np.searchsorted(self.outward.offsets, edges, side="right") - 1
        for source, edge in zip(sources, edges, strict=True):
            yield Triple(self.entity(source), name, self.entity(self.outward.targets[edge]))


def _edges(adjacency: Adjacency, entity: int, relation: int | None) -> Iterator[tuple[int, int]]:
    """The relations and targets of the edges of an entity, of all relations or of one."""
    if relation is None:
        return zip(*adjacency.row(entity), strict=True)
    return zip(repeat(relation), adjacency.over(entity, relation), strict=False)


def _number(dictionary: marisa_trie.Trie, key: object) -> int | None:
    """The number of a key; None for keys that a trie cannot hold (no text, NUL, a lone surrogate)."""
    if not isinstance(key, str) or "\0" in key:
        return None
    try:
        number = dictionary.get(key)
    except UnicodeEncodeError:
        return None
    return None if number is None else int(number)


def _records(dictionary: marisa_trie.RecordTrie, key: str) -> Sequence[tuple[int, int]]:
    """The records of a key; none for keys that a trie cannot hold (NUL, a lone surrogate)."""
    if "\0" in key:
        return ()
    try:
        return list(dictionary.get(key, ()))
    except UnicodeEncodeError:
        return ()
