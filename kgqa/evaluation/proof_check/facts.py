"""Facts as programs speak of them: steps by the texts of relations, classes, values."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from functools import cached_property
from typing import Self

from kgqa.errors import check_names
from kgqa.evaluation.proof_check.fact_store import FactStore
from kgqa.evaluation.proof_check.graph_store import GraphStore
from kgqa.evaluation.proof_check.triple_store import TripleStore
from kgqa.evaluation.proof_check.value_columns import COMPARED, Bounds, ValueColumns
from kgqa.graph import IndexedGraph, Triple, ValueKind, clean_name, fold_name, guess_value, split_humps
from kgqa.graph.naming import local_name
from kgqa.graph.values.unit import unit_of_comment, unit_of_name

__all__ = ["Facts"]

RDF_TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
RDFS_SUBCLASS = "http://www.w3.org/2000/01/rdf-schema#subClassOf"
RDFS_COMMENT = "http://www.w3.org/2000/01/rdf-schema#comment"

_TYPES = frozenset(
    {
        "http://www.w3.org/1999/02/22-rdf-syntax-ns#type",
        "rdf:type",
        "http://www.wikidata.org/prop/direct/p31",
        "p31",
        "type.object.type",
        "instance of",
        "instance_of",
        "is a",
        "is_a",
        "type",
    }
)
_SUBCLASSES = frozenset(
    {
        "http://www.w3.org/2000/01/rdf-schema#subclassof",
        "rdfs:subclassof",
        "http://www.wikidata.org/prop/direct/p279",
        "p279",
        "subclass of",
        "subclass_of",
    }
)


class Facts:
    """The facts of a store, to check programs with code that shares nothing with the executor."""

    def __init__(self, store: FactStore) -> None:
        self._store = store
        self._columns = ValueColumns(store)
        self._by_text: dict[str, list[str]] = defaultdict(list)
        for relation in sorted(store.relations):
            self._by_text[self.relation_text(relation)].append(relation)
        for text, relations in self._by_text.items():
            if len(relations) > 1:  # a relation of the domain that is called "type" is not rdf:type
                self._by_text[text] = [relation for relation in relations if relation != RDF_TYPE]

    @classmethod
    def of_triples(
        cls,
        triples: Iterable[tuple[str, str, str]],
        labels: Mapping[str, str] | None = None,
        relation_labels: Mapping[str, str] | None = None,
        literals: Collection[str] | None = None,
        blanks: Collection[str] = (),
    ) -> Self:
        """Facts that are given as triples; see `TripleStore`."""
        return cls(TripleStore(triples, labels, relation_labels, literals, blanks))

    @classmethod
    def of_graph(cls, graph: IndexedGraph) -> Self:
        """The facts of a graph, which are read where they are; made once a graph."""
        return graph.derive(cls._read)

    @classmethod
    def _read(cls, graph: IndexedGraph) -> Self:
        return cls(GraphStore(graph))

    # Names and steps -----------------------------------------------------------------------------

    def holds(self, fact: Triple) -> bool:
        """Whether this is one of the facts."""
        return self._store.holds(fact)

    def knows(self, node: str) -> bool:
        """Whether a node is in the graph, in a fact or with a name."""
        return self._store.knows(node)

    def label(self, node: str) -> str:
        """The name of a node, empty where it has none."""
        return self._store.label(node)

    def relation_text(self, relation: str) -> str:
        """The text that steps name a relation by."""
        label = self._store.relation_label(relation) or ""
        return split_humps(clean_name(label) or clean_name(relation))

    def relations(self, text: str) -> list[str]:
        """The relations that a step with this text walks, sorted."""
        return self._by_text.get(text) or self._by_text.get(split_humps(text), [])

    def step(self, node: str, text: str, inverse: bool) -> set[str]:
        """What a step reaches from a node."""
        walked = self._store.starts if inverse else self._store.ends
        return {end for relation in self.relations(text) for end in walked(node, relation)}

    def is_type(self, relation: str) -> bool:
        """Whether a relation leads from an instance to its class: rdf:type, else those of such a name."""
        if RDF_TYPE in self._store.relations:
            return relation == RDF_TYPE
        return self._is_named(relation, _TYPES)

    def is_subclass(self, relation: str) -> bool:
        """Whether a relation leads from a class to a wider one, in the same way."""
        if RDFS_SUBCLASS in self._store.relations:
            return relation == RDFS_SUBCLASS
        return self._is_named(relation, _SUBCLASSES)

    def instances(self, classes: Iterable[str]) -> set[str]:
        """The instances of some classes and of all classes below them."""
        check_names(classes, "classes")
        below = self._subclass_relations
        known, fresh = set(classes), set(classes)
        while fresh:
            fresh = {n for node in fresh for relation in below for n in self._store.starts(node, relation)}
            fresh -= known
            known |= fresh
        types = self._type_relations
        return {n for node in known for relation in types for n in self._store.starts(node, relation)}

    def types(self, node: str) -> set[str]:
        """The classes that a node is said to be an instance of."""
        return {end for relation in self._type_relations for end in self._store.ends(node, relation)}

    @cached_property
    def _type_relations(self) -> list[str]:
        return [relation for relation in self._store.relations if self.is_type(relation)]

    @cached_property
    def _subclass_relations(self) -> list[str]:
        return [relation for relation in self._store.relations if self.is_subclass(relation)]

    def _is_named(self, relation: str, known: frozenset[str]) -> bool:
        names = relation, self._store.relation_label(relation) or relation
        return any(fold_name(name) in known for name in names)

    # Values --------------------------------------------------------------------------------------

    def kind(self, text: str) -> ValueKind:
        """What the ends of a step are compared as: the kind of its first relation that has values."""
        kinds = (self._columns.column(relation).kind for relation in self.relations(text))
        return next((kind for kind in kinds if kind in COMPARED), ValueKind.NONE)

    def value(self, text: str, node: str) -> Bounds | None:
        """What a node at the end of a step is compared by."""
        wanted = self.kind(text)
        for relation in self.relations(text):
            if self._columns.column(relation).kind == wanted:
                found = self._columns.value(relation, node)
                if found is not None:
                    return found
        return None

    def unit(self, text: str) -> str:
        """The unit of the numbers at the end of a step: of its first relation that has values."""
        for relation in self.relations(text):
            column = self._columns.column(relation)
            if column.kind not in COMPARED:
                continue
            if column.kind != ValueKind.NUMBER:
                return ""
            label = self._store.relation_label(relation)
            names = (relation if label is None else label, local_name(relation), relation)
            units = (column.unit, *map(unit_of_name, names), self._comment_unit(relation))
            return next(filter(None, units), "")
        return ""

    def texts(self, node: str) -> set[str]:
        """The texts that a value may be written as."""
        label = self.label(node)
        return {label, guess_value(label).text}

    def _comment_unit(self, relation: str) -> str:
        comments = self._store.ends(relation, RDFS_COMMENT)
        found = {unit for comment in comments if (unit := unit_of_comment(self.label(comment)))}
        return found.pop() if len(found) == 1 else ""
