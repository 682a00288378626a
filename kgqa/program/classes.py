"""The classes of a graph: their instances, with those of subclasses."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from functools import cached_property, lru_cache
from itertools import pairwise
from typing import NamedTuple, Self

import numpy as np

from kgqa.graph import IndexedGraph, clean_name, fold_name
from kgqa.graph.adjacency import Adjacency, Ids
from kgqa.graph.arrays.array_folder import open_arrays, write_arrays
from kgqa.graph.indexed_graph import Difference
from kgqa.graph.naming import is_iri, local_name, spoken_name
from kgqa.graph.relation_facts import FactsByRelation

__all__ = ["SCHEMA_CLASSES", "SUBCLASS_RELATIONS", "TYPE_RELATIONS", "Classes", "NamedClass"]

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

SCHEMA_CLASSES = (
    "http://www.w3.org/2000/01/rdf-schema#Class",
    "http://www.w3.org/2002/07/owl#Class",
    "http://www.w3.org/1999/02/22-rdf-syntax-ns#Property",
    "http://www.w3.org/2002/07/owl#ObjectProperty",
    "http://www.w3.org/2002/07/owl#DatatypeProperty",
)
"""Classes of classes and of relations, which no question asks about."""

_VOCABULARIES = (
    "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "http://www.w3.org/2000/01/rdf-schema#",
    "http://www.w3.org/2002/07/owl#",
    "http://www.w3.org/ns/shacl#",
)
"""What is of these is of a schema, and has no name unless the graph gives it one."""

FORMAT, VERSION = "kgqa-classes", 2
FOLDER = f"classes-{hashlib.sha256(FORMAT.encode()).hexdigest()[:16]}"
"""The folder of the classes in an index folder; replaced when it is of another graph."""
LEAST_STORED = 100_000
"""The classes of fewer instances are quickly found."""

_ARRAYS = ("nodes", "offsets", "sizes")


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

    def name(self, node: int) -> str:
        """What a class is called: its label, else the words of its IRI's local name.

        A graph whose things have labels mostly uses classes of vocabularies that are described elsewhere
        (`https://schema.org/MusicAlbum`). Empty for blank nodes and terms of RDF, RDFS and OWL without a
        label, and where IRIs without labels are meant to be mediators (`--unlabelled mediator`).
        """
        if label := clean_name(self.graph.labels[node]):
            return label
        iri = self.graph.entity(node)
        naming = self.graph.naming
        if not is_iri(iri) or iri.startswith(_VOCABULARIES) or naming is None or naming.unlabelled != "auto":
            return ""
        return clean_name(spoken_name(local_name(iri)))

    @cached_property
    def spoken(self) -> dict[str, str]:
        """The names of the classes without a label, by their identifiers."""
        nodes = (node for found in self.named for node in found.nodes)
        return {self.graph.entity(node): self.name(node) for node in nodes if not self.graph.labels[node]}

    def instances(self, nodes: Ids) -> Ids:
        """The instances of some classes and of their subclasses, sorted."""
        return self.instances_of(tuple(nodes.tolist()))

    @cached_property
    def named(self) -> tuple[NamedClass, ...]:
        """The classes with a name and with instances, those of the schema left out, by name."""
        if not self.type_relations:
            return ()
        difference = self.graph.difference
        if difference is None or self._differ(difference):
            return tuple(self._stored())
        return Classes.of(difference.base).named

    def _differ(self, difference: Difference) -> bool:
        """Whether changes are of types, or of what a class is called."""
        index = Classes.of(difference.base)
        relations = (*self.type_relations, *self.subclass_relations)
        _, reaching, _ = self.graph.inward.gather(difference.entities)
        return (
            (index.type_relations, index.subclass_relations) != (self.type_relations, self.subclass_relations)
            or bool(np.isin(difference.relations, relations).any())
            or bool(np.isin(reaching, relations).any())
        )

    def _stored(self) -> Iterator[NamedClass]:
        """The named classes from the index folder, else computed; many are stored there."""
        graph = self.graph
        facts = {"format": FORMAT, "version": VERSION, "graph": graph.checksum}
        folder = graph.folder / FOLDER if graph.folder and not graph.changed else None
        found = open_arrays(folder) if folder else None
        if found and found[0] == facts and found[1].keys() == set(_ARRAYS):
            nodes, offsets, sizes = (found[1][name].tolist() for name in _ARRAYS)
            for (start, stop), size in zip(pairwise(offsets), sizes, strict=True):
                yield NamedClass(self.name(nodes[start]), tuple(nodes[start:stop]), size)
            return
        facts_of = FactsByRelation.of_graph(graph)
        tails = [facts_of.of(number)[1] for number in self.type_relations]
        named = list(self._named(np.unique(np.concatenate(tails))))
        yield from named
        if folder and sum(map(len, tails)) >= LEAST_STORED:
            offsets = np.cumsum([0, *(len(one.nodes) for one in named)])
            nodes = np.array([node for one in named for node in one.nodes], dtype=np.int32)
            arrays = (nodes, offsets, np.array([one.size for one in named], dtype=np.int64))
            write_arrays(folder, facts, dict(zip(_ARRAYS, arrays, strict=True)))

    def _named(self, kinds: Ids) -> Iterator[NamedClass]:
        above = self._closure(kinds, self.graph.outward) if self.subclass_relations else kinds
        groups: dict[str, list[int]] = {}
        for number in above.tolist():
            name = self.name(number)
            if name and self.graph.entity(number) not in SCHEMA_CLASSES:
                groups.setdefault(name, []).append(number)
        for name, numbers in sorted(groups.items()):
            size = len(self.instances_of(tuple(numbers)))
            if size:
                yield NamedClass(name, tuple(numbers), size)

    @cached_property
    def by_name(self) -> dict[str, tuple[str, ...]]:
        """The identifiers of the classes of each name, sorted."""
        return {
            found.name: tuple(sorted(self.graph.entity(node) for node in found.nodes)) for found in self.named
        }

    def all_have_one(self, members: Ids) -> bool:
        """Whether each of some nodes is an instance of a class."""
        if not self.type_relations:
            return not len(members)
        owners, relations, _ = self.graph.outward.gather(members)
        having = np.zeros(len(members), dtype=np.bool_)
        having[owners[np.isin(relations, self.type_relations)]] = True
        return bool(having.all())

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
