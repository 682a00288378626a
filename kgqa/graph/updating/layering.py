"""A graph with changes laid over it."""

from __future__ import annotations

import hashlib
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kgqa.errors import IndexFolderError
from kgqa.graph.adjacency import Adjacency, Ids
from kgqa.graph.builder import name_keys
from kgqa.graph.indexed_graph import Difference, IndexedGraph
from kgqa.graph.name import clean_name
from kgqa.graph.naming import Naming, is_iri, local_name, spoken_name
from kgqa.graph.statement import Name, Node, NodeKind, RelationName, Triple
from kgqa.graph.updating.changes import Changes
from kgqa.graph.updating.layered_adjacency import LayeredAdjacency
from kgqa.graph.updating.layered_sources import LayeredSources
from kgqa.graph.updating.layered_texts import LayeredDictionary, LayeredNames, LayeredTexts

__all__ = ["NO_NAMING", "default_names", "default_relation_name", "layered"]

NO_NAMING = "the index is of an older kgqa, which takes no changes; build it again"


def layered(base: IndexedGraph, changes: Changes, digest: str) -> IndexedGraph:
    """The graph with changes, of which `digest` is a checksum; takes time for the changes only.

    Entities and relations keep their numbers, new ones come behind them. An entity that lost its last fact
    and of which nothing else is known is not found any more. What a `GraphBuilder` decides by the whole
    graph (whether IRIs without labels are mediators) stays as it was when the index was built.
    """
    if base.naming is None:
        raise IndexFolderError(f"{base.folder}: {NO_NAMING}")
    layer = _Layer(base, base.naming)
    layer.read(changes)
    return layer.graph(hashlib.sha256(f"{base.checksum} {digest}".encode()).hexdigest())


def default_names(entity: str, kind: NodeKind, naming: Naming) -> tuple[str, tuple[str, ...]]:
    """The label and the aliases of an entity of which nothing is said."""
    label = naming.name(entity, kind)
    if label and naming.speaks and is_iri(entity):
        words = spoken_name(label)
        return words, (label,) if words != label else ()
    return label, ()


def default_relation_name(relation: str) -> str:
    """The name of a relation without a label."""
    return local_name(relation) if is_iri(relation) else relation


_Numbers = tuple[int, int, int]


@dataclass
class _Layer:
    """What differs from the base; numbers are those of the layered graph."""

    base: IndexedGraph
    naming: Naming
    entities: dict[str, int] = field(default_factory=dict)
    relations: dict[str, int] = field(default_factory=dict)
    kinds: dict[int, NodeKind] = field(default_factory=dict)
    labels: dict[int, str] = field(default_factory=dict)
    aliases: dict[int, tuple[str, ...]] = field(default_factory=dict)
    relation_labels: dict[int, str] = field(default_factory=dict)
    hidden: set[int] = field(default_factory=set)
    added: list[_Numbers] = field(default_factory=list)
    removed: list[_Numbers] = field(default_factory=list)
    outward: LayeredAdjacency | None = None
    inward: LayeredAdjacency | None = None
    provenance: LayeredSources | None = None

    def read(self, changes: Changes) -> None:
        """Number all that is new, and name it."""
        names: dict[str, list[Name]] = {}
        for said in changes.said:
            match said:
                case Name(entity):
                    names.setdefault(entity, []).append(said)
                case RelationName(relation, text) if clean_name(text):
                    self.relation(relation)
                case Node(entity, kind):
                    self.kinds[self.entity(entity)] = kind
        self.added += map(self._numbered, changes.added)
        self.removed += map(self._numbered, changes.removed)
        said_of = [entity for entity in names if not self._is_only_a_relation(entity)]
        lost: dict[str, set[str]] = {}
        for name in changes.unsaid:
            lost.setdefault(name.entity, set()).add(name.text)
        unnamed = [entity for entity in lost if entity in self.base.entities]
        touched = dict.fromkeys([*map(self.base.entity, self._changed_kinds()), *said_of, *unnamed])
        for entity in touched:
            self.entity(entity)
        count = self.base.entity_count + len(self.entities)
        self.outward = _changed(self.base.outward, self.added, self.removed, count)
        self.inward = _changed(self.base.inward, _reversed(self.added), _reversed(self.removed), count)
        if changes.sources or self.base.provenance is not None:
            changed = {self._numbered(triple): sources for triple, sources in changes.sources.items()}
            self.provenance = LayeredSources(self.base.provenance, self.outward, changed)
        for entity in self.entities | touched:
            self._name(entity, self.entity(entity), names.get(entity, ()), lost.get(entity, ()))
        ends = {number for head, _, tail in self.removed for number in (head, tail)}
        self._hide(ends | set(map(self.entity, unnamed)), set(said_of))
        self._name_relations(changes, names, lost)

    def entity(self, entity: str) -> int:
        """The number of an entity, given now if it is new."""
        found = self.base.entities.get(entity)
        if found is not None:
            return int(found)
        return self.entities.setdefault(entity, self.base.entity_count + len(self.entities))

    def relation(self, relation: str) -> int:
        """The number of a relation, given now if it is new."""
        found = self.base.relation_names.get(relation)
        if found is not None:
            return int(found)
        return self.relations.setdefault(relation, self.base.relation_count + len(self.relations))

    def graph(self, checksum: str) -> IndexedGraph:
        """The graph with the layer."""
        base = self.base
        assert self.outward is not None
        assert self.inward is not None
        kinds = np.concatenate([base.kinds, np.zeros(len(self.entities), dtype=np.uint8)])
        for number, kind in self.kinds.items():
            kinds[number] = kind
        entities, relations = (
            base.entity_count + len(self.entities),
            base.relation_count + len(self.relations),
        )
        return IndexedGraph(
            entities=LayeredDictionary(base.entities, list(self.entities), frozenset(self.hidden)),
            relation_names=LayeredDictionary(base.relation_names, list(self.relations)),
            outward=self.outward,
            inward=self.inward,
            kinds=kinds,
            labels=LayeredTexts(base.labels, self.labels, entities),
            relation_labels=LayeredTexts(base.relation_labels, self.relation_labels, relations),
            aliases=base.aliases,
            alias_offsets=base.alias_offsets,
            names=self._names(),
            checksum=checksum,
            facts_about=base.facts_about,
            folder=base.folder,
            naming=base.naming,
            changed_aliases=self.aliases,
            difference=Difference(base, _numbers({*self.labels, *self.kinds}), self._touched_relations()),
            provenance=self.provenance,
        )

    def _touched_relations(self) -> NDArray[np.int64]:
        relations = {relation for _, relation, _ in (*self.added, *self.removed)}
        return _numbers(relations | self.relation_labels.keys())

    def _numbered(self, triple: Triple) -> tuple[int, int, int]:
        return self.entity(triple.head), self.relation(triple.relation), self.entity(triple.tail)

    def _is_only_a_relation(self, identifier: str) -> bool:
        is_relation = identifier in self.relations or identifier in self.base.relation_names
        is_entity = identifier in self.entities or identifier in self.base.entities
        return is_relation and not is_entity

    def _changed_kinds(self) -> list[int]:
        """The entities of the base that are of another kind now."""
        known = (number for number in self.kinds if number < self.base.entity_count)
        return [number for number in known if self.kinds[number] != self.base.kinds[number]]

    def _kind(self, number: int) -> NodeKind:
        known = self.kinds.get(number)
        return self._old_kind(number) if known is None else known

    def _old_kind(self, number: int) -> NodeKind:
        return (
            NodeKind(int(self.base.kinds[number])) if number < self.base.entity_count else NodeKind.RESOURCE
        )

    def _name(self, entity: str, number: int, names: Iterable[Name], lost: Container[str]) -> None:
        """Give an entity its label and aliases: what it had, and what is said of it now.

        An entity that lost its label has the first label said, else its first alias.
        """
        own_label, own_aliases = default_names(entity, self._kind(number), self.naming)
        label, aliases = own_label, own_aliases
        if number < self.base.entity_count:
            label, aliases = self.base.labels[number], self.base.alias_texts(entity)
            before = default_names(entity, self._old_kind(number), self.naming)
            if label == before[0] and before != (own_label, own_aliases):
                others = [alias for alias in aliases if alias not in before[1]]
                label, aliases = own_label, (*others, *own_aliases)
        texts = [alias for alias in aliases if alias not in lost or alias in own_aliases]
        has_lost = label in lost
        if has_lost:
            label = own_label
            texts += [alias for alias in own_aliases if alias not in texts]
        has_label = label != own_label
        for name in names:
            if not clean_name(name.text):
                continue
            if name.alias or has_label:
                texts.append(name.text)
            else:
                label, has_label = name.text, True
                texts = [text for text in texts if text not in own_aliases]
        if has_lost and not has_label and (others := [text for text in texts if text not in own_aliases]):
            label, texts = others[0], others
        self.labels[number] = label
        self.aliases[number] = tuple(text for text in dict.fromkeys(texts) if text != label)

    def _hide(self, numbers: set[int], named: set[str]) -> None:
        assert self.outward is not None
        assert self.inward is not None
        for number in numbers:
            if self.outward.degree(number) or self.inward.degree(number):
                continue
            entity = self.base.entity(number)
            kind = self._kind(number)
            label, aliases = self.labels.get(number), self.aliases.get(number)
            known = (
                self.base.labels[number] if label is None else label,
                self.base.alias_texts(entity) if aliases is None else aliases,
            )
            plain = kind is not NodeKind.RESOURCE or known == default_names(entity, kind, self.naming)
            if plain and entity not in named:
                self._drop(number)

    def _drop(self, number: int) -> None:
        """Let an entity of the base not be found any more."""
        self.hidden.add(number)
        self.kinds[number] = NodeKind.RESOURCE
        self.labels[number], self.aliases[number] = "", ()

    def _name_of_lone(self, relation: str) -> str:
        """The label of an entity without facts that is only a relation from now on; else empty."""
        assert self.outward is not None
        assert self.inward is not None
        number = self.base.entities.get(relation)
        if number is None or self.outward.degree(number) or self.inward.degree(number):
            return ""
        own_label, _ = default_names(relation, self._kind(number), self.naming)
        label = self.labels.get(number, self.base.labels[number])
        self._drop(int(number))
        return label if label != own_label else ""

    def _name_relations(
        self, changes: Changes, names: dict[str, list[Name]], lost: Mapping[str, Container[str]]
    ) -> None:
        for relation, number in self.relations.items():
            self.relation_labels[number] = self._name_of_lone(relation) or default_relation_name(relation)
        names_of_relations = [s for s in changes.said if isinstance(s, RelationName) and clean_name(s.text)]
        said = {name.relation: name.text for name in reversed(names_of_relations)}
        for identifier, some in names.items():
            labels = [name.text for name in some if not name.alias and clean_name(name.text)]
            if labels and self._is_only_a_relation(identifier):
                said.setdefault(identifier, labels[0])
        for relation, texts in lost.items():
            number = self.base.relation_names.get(relation)
            if number is not None and self.base.relation_labels[number] in texts:
                self.relation_labels[int(number)] = default_relation_name(relation)
        for relation, text in said.items():
            number = self.relation(relation)
            is_new = number >= self.base.relation_count
            known = default_relation_name(relation) if is_new else self.base.relation_labels[number]
            if known == default_relation_name(relation) or known in lost.get(relation, ()):
                self.relation_labels[number] = text

    def _names(self) -> LayeredNames:
        """The index of names: entries of all entities whose names were touched are made anew."""
        gone: set[tuple[str, int]] = set()
        added: dict[str, list[tuple[int, int]]] = {}
        for number, label in self.labels.items():
            if number < self.base.entity_count:
                before = self.base.alias_texts(self.base.entity(number))
                gone |= {(key, number) for key, _ in name_keys(number, self.base.labels[number], before)}
            for key, record in name_keys(number, label, self.aliases[number]):
                added.setdefault(key, []).append(record)
        return LayeredNames(self.base.names, added, gone)


def _numbers(numbers: Iterable[int]) -> NDArray[np.int64]:
    return np.array(sorted(numbers), dtype=np.int64)


def _changed(
    base: Adjacency, added: Iterable[_Numbers], removed: Iterable[_Numbers], entities: int
) -> LayeredAdjacency:
    """One direction with edges added and removed."""
    more, less = _by_source(added), _by_source(removed)
    old = len(base.offsets) - 1
    rows: dict[int, tuple[Ids, Ids]] = {}
    for source in more.keys() | less.keys():
        keys = np.empty(0, dtype=np.int64)
        if source < old:
            relations, targets = base.row(source)
            keys = (relations.astype(np.int64) << 32) | targets
        if source in less:
            keys = keys[~np.isin(keys, less[source])]
        keys = np.sort(np.concatenate([keys, more.get(source, keys[:0])]))
        rows[source] = (keys >> 32).astype(np.int32), (keys & 0xFFFFFFFF).astype(np.int32)
    return LayeredAdjacency(base, rows, entities)


def _reversed(edges: Iterable[_Numbers]) -> list[_Numbers]:
    return [(tail, relation, head) for head, relation, tail in edges]


def _by_source(edges: Iterable[_Numbers]) -> dict[int, Any]:
    found: dict[int, list[int]] = {}
    for source, relation, target in edges:
        found.setdefault(source, []).append((relation << 32) | target)
    return {source: np.array(keys, dtype=np.int64) for source, keys in found.items()}
