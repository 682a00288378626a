"""The classes of a graph: their instances, with those of subclasses."""

from __future__ import annotations

from functools import cached_property, lru_cache
from typing import NamedTuple, Self

import numpy as np

from kgqa.graph import IndexedGraph, clean_name, fold_name
from kgqa.graph.adjacency import Adjacency, Ids

__all__ = ["SUBCLASS_RELATIONS", "TYPE_RELATIONS", "Classes", "NamedClass"]

TYPE_RELATIONS = (
    "http://www.w3.org/1999/02/22-rdf-syntax-ns#type",
    "rdf:type",
    "http://www.wikidata.org/prop/direct/P31",
    "P31",
    "type.object.type",
    "instance of",
    "instance_of",
    "is a",
    "is_a",
    "type",
)
"""Relations from an instance to its type, by identifier or label."""

SUBCLASS_RELATIONS = (
    "http://www.w3.org/2000/01/rdf-schema#subClassOf",
    "rdfs:subClassOf",
    "http://www.wikidata.org/prop/direct/P279",
    "P279",
    "subclass of",
    "subclass_of",
)
"""Relations from a class to a wider one, by identifier or label."""

_OF_SCHEMA = (
    "http://www.w3.org/2000/01/rdf-schema#Class",
    "http://www.w3.org/2002/07/owl#Class",
    "http://www.w3.org/1999/02/22-rdf-syntax-ns#Property",
    "http://www.w3.org/2002/07/owl#ObjectProperty",
    "http://www.w3.org/2002/07/owl#DatatypeProperty",
)
"""Classes of classes and of relations, which no question asks about."""


class NamedClass(NamedTuple):
    """The classes (numbers) that share a name, and how many instances they have."""

    name: str
    nodes: tuple[int, ...]
    size: int


class Classes:
    """The classes of a graph: the ends of its type relations."""

    def __init__(self, graph: IndexedGraph) -> None:
        self.graph = graph
        self.type_relations = _relations(graph, TYPE_RELATIONS)
        self.subclass_relations = _relations(graph, SUBCLASS_RELATIONS)
        self.instances_of = lru_cache(maxsize=256)(self._instances)

    @classmethod
    def of(cls, graph: IndexedGraph) -> Self:
        """The classes of a graph, kept with it."""
        return graph.derive(cls)

    def instances(self, nodes: Ids) -> Ids:
        """The instances of some classes and of their subclasses, sorted."""
        return self.instances_of(tuple(nodes.tolist()))

    @cached_property
    def named(self) -> tuple[NamedClass, ...]:
        """The classes with a name and with instances, those of the schema left out, by name."""
        wide = np.isin(self.graph.outward.relations, self.type_relations)
        kinds = np.unique(self.graph.outward.targets[wide])
        above = self._closure(kinds, self.graph.outward) if self.subclass_relations else kinds
        groups: dict[str, list[int]] = {}
        for number in above.tolist():
            name = clean_name(self.graph.labels[number])
            if name and self.graph.entity(number) not in _OF_SCHEMA:
                groups.setdefault(name, []).append(number)
        found = []
        for name, numbers in sorted(groups.items()):
            size = len(self.instances_of(tuple(numbers)))
            if size:
                found.append(NamedClass(name, tuple(numbers), size))
        return tuple(found)

    @cached_property
    def by_name(self) -> dict[str, tuple[str, ...]]:
        """The identifiers of the classes of each name, sorted."""
        return {
            found.name: tuple(sorted(self.graph.entity(node) for node in found.nodes)) for found in self.named
        }

    def classes_of(self, members: Ids) -> Ids:
        """The classes that at least one of some nodes is an instance of, wider ones included, sorted."""
        _, relations, targets = self.graph.outward.gather(members)
        direct = np.unique(targets[np.isin(relations, self.type_relations)])
        return self._closure(direct, self.graph.outward)

    def _instances(self, nodes: tuple[int, ...]) -> Ids:
        classes = self._closure(np.array(nodes, dtype=np.int32), self.graph.inward)
        _, relations, heads = self.graph.inward.gather(classes)
        return np.unique(heads[np.isin(relations, self.type_relations)])

    def _closure(self, nodes: Ids, adjacency: Adjacency) -> Ids:
        """Some classes with all that subclass relations lead to."""
        found = np.unique(nodes)
        fresh = found
        while len(fresh) and self.subclass_relations:
            _, relations, targets = adjacency.gather(fresh)
            fresh = np.setdiff1d(targets[np.isin(relations, self.subclass_relations)], found)
            found = np.union1d(found, fresh)
        return found.astype(np.int32)


def _relations(graph: IndexedGraph, names: tuple[str, ...]) -> tuple[int, ...]:
    standard = [number for number in range(graph.relation_count) if graph.relation(number) == names[0]]
    if standard:  # beside rdf:type, a relation with the label "type" is one of the domain
        return tuple(standard)
    known = set(map(fold_name, names))
    return tuple(
        number
        for number in range(graph.relation_count)
        if not known.isdisjoint((fold_name(graph.relation(number)), fold_name(graph.relation_labels[number])))
    )
