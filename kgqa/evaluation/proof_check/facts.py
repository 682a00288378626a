"""Facts in plain sets and dictionaries, to check programs with code that shares nothing with the executor."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple, Self

from kgqa.errors import check_names
from kgqa.graph import (
    IndexedGraph,
    NodeKind,
    Triple,
    Value,
    ValueKind,
    clean_name,
    fold_name,
    guess_value,
    read_value,
    split_humps,
)
from kgqa.graph.builder import local_name
from kgqa.graph.values.cell import guess_year
from kgqa.graph.values.unit import unit_of_comment, unit_of_name
from kgqa.graph.values.value_column import is_about_identifiers, is_about_time

__all__ = ["Bounds", "Facts"]

Bounds = tuple[float, float]
"""What a value is compared by: equal numbers, or where a date begins and ends."""

RDF_TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
RDFS_SUBCLASS = "http://www.w3.org/2000/01/rdf-schema#subClassOf"
RDFS_COMMENT = "http://www.w3.org/2000/01/rdf-schema#comment"

_COMPARED = (ValueKind.NUMBER, ValueKind.DATE, ValueKind.DURATION, ValueKind.BOOLEAN)
_IRIS = ("http://", "https://", "urn:")
_CELL_STARTS = frozenset("0123456789+-.tTfFPA ")
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


class _Column(NamedTuple):
    """What the tails of a relation are compared as, and by: each tail, or (`None`) literals of this unit."""

    kind: ValueKind
    unit: str
    tails: dict[str, Bounds] | None


class Facts:
    """The facts of a graph, with the names of nodes and relations and which nodes are literals.

    Without `labels`, nodes and relations are named by their identifiers; without `literals`, nodes whose
    identifier begins with a quotation mark are literals.
    """

    def __init__(
        self,
        triples: Iterable[tuple[str, str, str]],
        labels: Mapping[str, str] | None = None,
        relation_labels: Mapping[str, str] | None = None,
        literals: Collection[str] | None = None,
        blanks: Collection[str] = (),
    ) -> None:
        check_names(literals, "literals")
        check_names(blanks, "blanks")
        self.triples = {Triple(*triple) for triple in triples}
        self._labels, self._relation_labels = labels, relation_labels or {}
        self._literals, self._blanks = literals, blanks
        self._nodes: set[str] = set()
        self._onward: dict[tuple[str, str], set[str]] = defaultdict(set)
        self._back: dict[tuple[str, str], set[str]] = defaultdict(set)
        self._tails: dict[str, set[str]] = defaultdict(set)
        for head, relation, tail in self.triples:
            self._onward[head, relation].add(tail)
            self._back[tail, relation].add(head)
            self._tails[relation].add(tail)
            self._nodes |= {head, tail}
        self._by_text: dict[str, list[str]] = defaultdict(list)
        for relation in sorted(self._tails):
            self._by_text[self.relation_text(relation)].append(relation)
        for text, relations in self._by_text.items():
            if len(relations) > 1:  # a relation of the domain that is called "type" is not rdf:type
                self._by_text[text] = [relation for relation in relations if relation != RDF_TYPE]
        self._columns: dict[str, _Column] = {}

    @classmethod
    def of_graph(cls, graph: IndexedGraph) -> Self:
        """The facts of a graph, copied once."""
        found = graph.derived.get(cls)
        if not isinstance(found, cls):
            found = graph.derived[cls] = cls._copy(graph)
        return found

    @classmethod
    def _copy(cls, graph: IndexedGraph) -> Self:
        entities = [graph.entity(number) for number in range(graph.entity_count)]
        relations = [graph.relation(number) for number in range(graph.relation_count)]
        kinds = dict(zip(entities, graph.kinds.tolist(), strict=True))
        return cls(
            graph,
            {entity: graph.label(entity) or "" for entity in entities},
            {relation: graph.relation_label(relation) for relation in relations},
            {entity for entity, kind in kinds.items() if kind == NodeKind.LITERAL},
            {entity for entity, kind in kinds.items() if kind == NodeKind.BLANK},
        )

    @classmethod
    def kept_with(cls, graph: IndexedGraph) -> Self:
        """The facts of a graph, copied once and kept with it."""
        found = graph.derived.get(cls)
        if not isinstance(found, cls):
            found = graph.derived[cls] = cls.of_graph(graph)
        return found

    # Names and steps -----------------------------------------------------------------------------

    def knows(self, node: str) -> bool:
        """Whether a node is in the graph, in a fact or with a name."""
        return node in self._nodes or (self._labels is not None and node in self._labels)

    def label(self, node: str) -> str:
        """The name of a node, empty where it has none."""
        return node if self._labels is None else self._labels.get(node, "")

    def relation_text(self, relation: str) -> str:
        """The text that steps name a relation by."""
        return split_humps(clean_name(self._relation_labels.get(relation, "")) or clean_name(relation))

    def relations(self, text: str) -> list[str]:
        """The relations that a step with this text walks, sorted."""
        return self._by_text.get(text) or self._by_text.get(split_humps(text), [])

    def step(self, node: str, text: str, inverse: bool) -> set[str]:
        """What a step reaches from a node."""
        rows = self._back if inverse else self._onward
        return {end for relation in self.relations(text) for end in rows.get((node, relation), ())}

    def is_type(self, relation: str) -> bool:
        """Whether a relation leads from an instance to its class: rdf:type, else those of such a name."""
        return relation == RDF_TYPE if RDF_TYPE in self._tails else self._named(relation, _TYPES)

    def is_subclass(self, relation: str) -> bool:
        """Whether a relation leads from a class to a wider one, in the same way."""
        if RDFS_SUBCLASS in self._tails:
            return relation == RDFS_SUBCLASS
        return self._named(relation, _SUBCLASSES)

    def instances(self, classes: Iterable[str]) -> set[str]:
        """The instances of some classes and of all classes below them."""
        check_names(classes, "classes")
        types = [relation for relation in self._tails if self.is_type(relation)]
        below = [relation for relation in self._tails if self.is_subclass(relation)]
        known, fresh = set(classes), set(classes)
        while fresh:
            fresh = {n for node in fresh for r in below for n in self._back.get((node, r), ())} - known
            known |= fresh
        return {n for node in known for relation in types for n in self._back.get((node, relation), ())}

    def types(self, node: str) -> set[str]:
        """The classes that a node is said to be an instance of."""
        types = [relation for relation in self._tails if self.is_type(relation)]
        return {end for relation in types for end in self._onward.get((node, relation), ())}

    def _named(self, relation: str, known: frozenset[str]) -> bool:
        names = relation, self._relation_labels.get(relation, relation)
        return any(fold_name(name) in known for name in names)

    # Values --------------------------------------------------------------------------------------

    def kind(self, text: str) -> ValueKind:
        """What the ends of a step are compared as: the kind of its first relation that has values."""
        kinds = (self._column(relation).kind for relation in self.relations(text))
        return next((kind for kind in kinds if kind in _COMPARED), ValueKind.NONE)

    def value(self, text: str, node: str) -> Bounds | None:
        """What a node at the end of a step is compared by."""
        wanted = self.kind(text)
        for relation in self.relations(text):
            column = self._column(relation)
            if wanted == ValueKind.NONE or column.kind != wanted:
                continue
            if column.tails is not None:
                found = column.tails.get(node)
            else:
                own = self._own(node)
                found = (own.low, own.high) if (own.kind, own.unit) == (wanted, column.unit) else None
            if found is not None:
                return found
        return None

    def unit(self, text: str) -> str:
        """The unit of the numbers at the end of a step: of its first relation that has values."""
        for relation in self.relations(text):
            column = self._column(relation)
            if column.kind not in _COMPARED:
                continue
            if column.kind != ValueKind.NUMBER:
                return ""
            names = (self._relation_labels.get(relation, relation), local_name(relation), relation)
            units = (column.unit, *map(unit_of_name, names), self._comment_unit(relation))
            return next(filter(None, units), "")
        return ""

    def texts(self, node: str) -> set[str]:
        """The texts that a value may be written as."""
        label = self.label(node)
        return {label, guess_value(label).text}

    def _comment_unit(self, relation: str) -> str:
        comments = self._onward.get((relation, RDFS_COMMENT), set())
        found = {unit for comment in comments if (unit := unit_of_comment(self.label(comment)))}
        return found.pop() if len(found) == 1 else ""

    def _column(self, relation: str) -> _Column:
        if relation not in self._columns:
            self._columns[relation] = self._typed(relation) or self._untyped(relation)
        return self._columns[relation]

    def _typed(self, relation: str) -> _Column | None:
        """The kind of most literals with a datatype, and the unit of most of these."""
        own = [self._own(tail) for tail in self._tails[relation]]
        counts = Counter(value.kind for value in own if value.kind in _COMPARED)
        if not counts:
            return None
        kind = min(counts, key=lambda kind: (-counts[kind], _COMPARED.index(kind)))
        units = Counter(value.unit for value in own if value.kind == kind)
        return _Column(kind, min(units, key=lambda unit: (-units[unit], unit)), None)

    def _untyped(self, relation: str) -> _Column:
        """A column of cells: all of one kind and one unit, or all dates and years."""
        none = _Column(ValueKind.NONE, "", {})
        tails = self._tails[relation]
        if not all(map(self._is_cell, tails)):
            return none
        names = (relation.replace("#", "/").split("/")[-1], self._relation_labels.get(relation, relation))
        if any(map(is_about_identifiers, names)):
            return none
        values = {tail: self._cell(tail) for tail in tails}
        dates = {tail: self._date(tail, value) for tail, value in values.items()}
        dated = any(value.kind == ValueKind.DATE for value in values.values())
        if all(dates.values()) and (dated or any(map(is_about_time, names))):
            return _Column(ValueKind.DATE, "", {tail: date for tail, date in dates.items() if date})
        kinds = {value.kind for value in values.values()}
        units = {value.unit for value in values.values()}
        if len(kinds) == len(units) == 1 and not any(map(self._is_plain, tails)):
            kind = kinds.pop()
            if kind in (ValueKind.NUMBER, ValueKind.DURATION, ValueKind.BOOLEAN):
                return _Column(
                    kind, units.pop(), {tail: (value.low, value.high) for tail, value in values.items()}
                )
        return none

    def _is_literal(self, node: str) -> bool:
        return node.startswith('"') if self._literals is None else node in self._literals

    def _is_plain(self, node: str) -> bool:
        return self._is_literal(node) and not _split(node)[1]

    def _is_cell(self, node: str) -> bool:
        label = self.label(node)
        if node in self._blanks or (self._is_literal(node) and not self._is_plain(node)):
            return False
        starts = label[:1] in _CELL_STARTS or label[:1].encode()[:1] == b"\xe2"
        return bool(label) and len(label.encode()) <= 64 and starts

    def _cell(self, node: str) -> Value:
        if not self._is_plain(node) and node.startswith(_IRIS):
            return Value(ValueKind.TEXT, float("nan"), float("nan"), "")
        return guess_value(self.label(node))

    def _date(self, node: str, value: Value) -> Bounds | None:
        if value.kind == ValueKind.DATE:
            return value.low, value.high
        is_iri = not self._is_plain(node) and node.startswith(_IRIS)
        readable = value.kind in (ValueKind.NUMBER, ValueKind.TEXT) and not is_iri
        return guess_year(self.label(node)) if readable else None

    def _own(self, node: str) -> Value:
        """What a literal means for itself."""
        if not self._is_literal(node):
            return Value(ValueKind.NONE, float("nan"), float("nan"), "")
        text, suffix = _split(node)
        datatype = suffix[3:-1] if suffix.startswith("^^<") else ""
        return read_value(text, datatype)


def _split(node: str) -> tuple[str, str]:
    """The text of a literal in N-Triples form and what follows it; nothing for other forms."""
    text, quote, suffix = node.rpartition('"')
    if not quote or not text.startswith('"'):
        return "", ""
    text = text[1:].replace("\\n", "\n").replace("\\r", "\r").replace("\\t", "\t")
    return text, suffix
