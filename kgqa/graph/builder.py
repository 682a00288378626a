"""Builds an indexed graph from statements."""

from __future__ import annotations

import hashlib
import re
from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import chain, islice
from typing import Any, Self

import marisa_trie
import numpy as np
from numpy.typing import NDArray

from kgqa.errors import StatementError
from kgqa.graph.adjacency import Adjacency, distinct_edges
from kgqa.graph.indexed_graph import IndexedGraph
from kgqa.graph.name import clean_name, fold_name
from kgqa.graph.naming import MEDIATORS, IriCounts, Naming, Unlabelled, is_iri, local_name, spoken_name
from kgqa.graph.sources.fact_sources import FactSources, said_pairs
from kgqa.graph.statement import Name, Node, NodeKind, Quad, RelationName, Statement, Triple
from kgqa.graph.text_column import TextColumn

__all__ = [
    "GraphBuilder",
    "check_identifier",
    "check_relation",
    "check_statement",
    "check_storable",
    "content_checksum",
    "hash_content",
    "name_keys",
    "shown_statement",
    "stored_count",
]

LABEL, ALIAS = 1, 2


class GraphBuilder:
    """Collects statements in any order; `build` makes the graph.

    Duplicate triples are stored once, with all sources that say them (`Quad`). The first label of an entity
    is its name, later labels are aliases. A label whose entity occurs only as a relation becomes the label of
    that relation.

    An entity without a label is a *mediator*, a node without a name, if it is a blank node, if the whole
    identifier matches the pattern `mediators`, or if the identifier has no printable character. For other
    entities without a label, `unlabelled` decides: with `"identifier"` the identifier is the name (for an IRI
    the part after the last `/` or `#`; in a graph of IRIs without labels the words of that), with
    `"mediator"` they have no name. `"auto"`, the default, makes IRIs mediators if at least half of all IRIs
    have labels, and is `"identifier"` otherwise. `"verbatim"` is `"identifier"` for a part of a graph with
    labels elsewhere: no name is put into words.
    """

    def __init__(self, mediators: str = MEDIATORS, unlabelled: Unlabelled = "auto") -> None:
        self._mediators = re.compile(mediators)
        self._unlabelled = unlabelled
        self._entities: dict[str, int] = {}
        self._relations: dict[str, int] = {}
        self._heads = array("i")
        self._edges = array("i")
        self._tails = array("i")
        self._sources: dict[str, int] = {}
        self._sourced = array("q")
        self._said_by = array("i")
        self._names: dict[str, list[Name]] = {}
        self._labels: dict[int, str] = {}
        self._aliases: dict[int, list[str]] = {}
        self._relation_labels: dict[int, str] = {}
        self._kinds: dict[int, NodeKind] = {}

    @classmethod
    def of(cls, statements: Iterable[Statement | tuple[str, str, str]]) -> IndexedGraph:
        """The graph of these statements, with the default settings; see `add`.

        >>> GraphBuilder.of([("a", "knows", "b")]).find("a")
        ('a',)
        """
        return cls().add_all(statements).build()

    def add_all(
        self,
        statements: Iterable[Statement | tuple[str, str, str]],
        progress: Callable[[int], None] | None = None,
    ) -> Self:
        """Add many statements; every few thousand triples, `progress` is called with their number so far."""
        for statement in statements:
            self.add(statement)
            if progress and len(self._heads) % 4096 == 0:
                progress(len(self._heads))
        return self

    def add(self, statement: Statement | tuple[str, str, str]) -> None:
        """Add one statement; a plain tuple of three texts is a triple.

        Raises `StatementError` for anything else, for an empty identifier, for a relation without a name,
        and for what cannot be stored: NUL characters in identifiers, lone surrogates anywhere.
        """
        form: type = type(statement)
        if (form is Triple or form is tuple) and len(
            statement
        ) == 3:  # most are; matching takes twice as long
            head, relation, tail = statement
            if type(head) is type(relation) is type(tail) is str:
                self._add_triple(head, relation, tail)
                return
        match statement:
            case (str(head), str(relation), str(tail)) if form is tuple or isinstance(statement, Triple):
                self._add_triple(str(head), str(relation), str(tail))
            case Quad(str(head), str(relation), str(tail), str(source)):
                check_identifier(source, "a source")
                self._add_triple(head, relation, tail)
                self._sourced.append(len(self._heads) - 1)
                self._said_by.append(self._sources.setdefault(source, len(self._sources)))
            case Name(str(entity), str(text)):
                check_identifier(entity)
                check_storable(text)
                self._names.setdefault(entity, []).append(statement)
            case RelationName(str(relation), str(text)):
                if clean_name(text):
                    check_storable(text)
                    self._relation_labels.setdefault(self._relation(relation), text)
            case Node(str(entity), NodeKind() as kind):
                self._kinds[self._entity(entity)] = kind
            case _:
                raise StatementError(
                    "a statement is a tuple of three texts (head, relation, tail), a Quad, a Name, "
                    f"a RelationName or a Node, not {shown_statement(statement)}"
                )

    def _add_triple(self, head: str, relation: str, tail: str) -> None:
        entities, relations = self._entities, self._relations
        source, edge, target = entities.get(head), relations.get(relation), entities.get(tail)
        numbers = (  # most are known
            self._entity(head) if source is None else source,
            self._relation(relation) if edge is None else edge,
            self._entity(tail) if target is None else target,
        )
        self._heads.append(numbers[0])
        self._edges.append(numbers[1])
        self._tails.append(numbers[2])

    def build(self, facts_about: Mapping[str, object] | None = None) -> IndexedGraph:
        """The graph of all statements added so far; `facts_about` is stored with it."""
        self._settle_names()
        entities = marisa_trie.Trie(self._entities)
        relations = marisa_trie.Trie(self._relations)
        entity_numbers = _renumbering(self._entities, entities)
        relation_numbers = _renumbering(self._relations, relations)
        edges = np.stack(
            [
                entity_numbers[_as_ids(self._heads)],
                relation_numbers[_as_ids(self._edges)],
                entity_numbers[_as_ids(self._tails)],
            ],
            axis=1,
        )
        heads, middles, tails = distinct_edges(edges, (len(entities), len(relations), len(entities)))
        kinds = np.zeros(len(entities), dtype=np.uint8)
        for number, kind in self._kinds.items():
            kinds[entity_numbers[number]] = kind
        naming = self._naming()
        labels = self._entity_labels(entity_numbers, naming)
        aliases = self._entity_aliases(entity_numbers, labels)
        alias_offsets = np.zeros(len(entities) + 1, dtype=np.int64)
        np.cumsum([len(texts) for texts in aliases], out=alias_offsets[1:])
        outward = Adjacency.of(heads, middles, tails, len(entities))
        provenance = self._provenance(edges, outward) if self._sources else None
        graph = IndexedGraph(
            entities=entities,
            relation_names=relations,
            outward=outward,
            inward=Adjacency.of(tails, middles, heads, len(entities)),
            kinds=kinds,
            labels=TextColumn.of(labels),
            relation_labels=TextColumn.of(self._relation_texts(relation_numbers)),
            aliases=TextColumn.of(text for texts in aliases for text in texts),
            alias_offsets=alias_offsets,
            names=_name_index(labels, aliases),
            checksum="",
            facts_about={
                **(facts_about or {}),
                "duplicates": len(self._heads) - stored_count(len(heads), provenance),
            },
            naming=naming,
            provenance=provenance,
        )
        object.__setattr__(graph, "checksum", content_checksum(graph))
        return graph

    def _provenance(self, edges: NDArray[np.int32], outward: Adjacency) -> FactSources:
        names = marisa_trie.Trie(self._sources)
        heads = np.repeat(np.arange(len(outward.offsets) - 1, dtype=np.int32), np.diff(outward.offsets))
        sources = _renumbering(self._sources, names)[_as_ids(self._said_by)]
        said = edges[np.array(self._sourced, dtype=np.int64)]
        pairs = said_pairs((heads, outward.relations, outward.targets), (*said.T, sources))
        return FactSources.of(names, outward, pairs)

    def _entity(self, entity: str) -> int:
        number = self._entities.get(entity)
        if number is None:
            check_identifier(entity)
            number = self._entities[entity] = len(self._entities)
        return number

    def _relation(self, relation: str) -> int:
        number = self._relations.get(relation)
        if number is None:
            check_relation(relation)
            check_identifier(relation)
            number = self._relations[relation] = len(self._relations)
        return number

    def _settle_names(self) -> None:
        """Assign the names, now that all triples are known.

        An identifier that occurs only as a relation gets its label as a relation.
        """
        for identifier, names in self._names.items():
            usable = [name for name in names if clean_name(name.text)]
            if identifier in self._relations and identifier not in self._entities:
                labels = [name.text for name in usable if not name.alias]
                if labels:
                    self._relation_labels.setdefault(self._relations[identifier], labels[0])
                continue
            number = self._entity(identifier)
            for name in usable:
                if name.alias or number in self._labels:
                    self._aliases.setdefault(number, []).append(name.text)
                else:
                    self._labels[number] = name.text
        self._names.clear()

    def _naming(self) -> Naming:
        iris = [number for entity, number in self._entities.items() if is_iri(entity)]
        labelled = sum(number in self._labels for number in iris)
        counts = IriCounts(len(self._entities), len(iris), labelled, len(self._kinds))
        return Naming(self._mediators, self._unlabelled, counts)

    def _entity_labels(self, numbers: NDArray[np.int32], naming: Naming) -> list[str]:
        labels = [""] * len(numbers)
        for entity, number in self._entities.items():
            labels[numbers[number]] = self._labels.get(number) or naming.name(entity, self._kinds.get(number))
        if naming.speaks:
            self._speak(numbers, labels)
        return labels

    def _speak(self, numbers: NDArray[np.int32], labels: list[str]) -> None:
        """Make words of local names, in a graph that is of IRIs without labels."""
        for number in [number for entity, number in self._entities.items() if is_iri(entity)]:
            label = labels[numbers[number]]
            if label and (words := spoken_name(label)) != label:
                labels[numbers[number]] = words
                self._aliases.setdefault(number, []).append(label)

    def _entity_aliases(self, numbers: NDArray[np.int32], labels: list[str]) -> list[list[str]]:
        aliases: list[list[str]] = [[] for _ in labels]
        for number, texts in self._aliases.items():
            own = labels[numbers[number]]
            aliases[numbers[number]] = [text for text in dict.fromkeys(texts) if text != own]
        return aliases

    def _relation_texts(self, numbers: NDArray[np.int32]) -> list[str]:
        texts = [""] * len(numbers)
        for relation, number in self._relations.items():
            name = local_name(relation) if is_iri(relation) else relation
            texts[numbers[number]] = self._relation_labels.get(number, name)
        return texts


def stored_count(facts: int, provenance: FactSources | None) -> int:
    """How many statements are needed to say so many facts: one of several sources is said by each."""
    if provenance is None:
        return facts
    return facts + len(provenance.set_sources) - (len(provenance.set_offsets) - 1)


def content_checksum(graph: IndexedGraph) -> str:
    """SHA-256 over all triples, names, kinds and sources of a graph (hexadecimal)."""
    columns = (graph.labels, graph.relation_labels, graph.aliases)
    arrays: list[NDArray[Any]] = [part for column in columns for part in (column.offsets, column.data)]
    arrays += [graph.outward.offsets, graph.outward.relations, graph.outward.targets]
    arrays += [graph.alias_offsets, graph.kinds]
    return hash_content(graph.entities, graph.relation_names, arrays, graph.provenance)


def hash_content(
    entities: Iterable[str],
    relations: Iterable[str],
    arrays: Iterable[NDArray[Any]],
    provenance: FactSources | None = None,
) -> str:
    """SHA-256 over dictionaries and arrays; they may be larger than memory."""
    digest = hashlib.sha256()

    def read(texts: Iterator[str], values: Iterable[NDArray[Any]]) -> None:
        while some := list(islice(texts, 65_536)):
            digest.update("".join(f"{text}\n" for text in some).encode("utf-8"))
        for one in values:
            digest.update(np.ascontiguousarray(one).reshape(-1).view(np.uint8).data)

    read(chain(entities, ("",), relations), arrays)
    if provenance is not None:
        own = (provenance.of_facts, provenance.set_offsets, provenance.set_sources)
        read(iter(provenance.names), own)
    return digest.hexdigest()


def shown_statement(value: object) -> str:
    """What was given instead of a statement, in one line of bounded length."""
    text = repr(value).partition("\n")[0]
    return f"{text:.80} ({type(value).__name__})"


def check_statement(statement: Statement) -> None:
    """Raise `StatementError` for a statement that a builder would refuse."""
    match statement:
        case Triple():
            check_relation(statement.relation)
            for identifier in statement:
                check_identifier(identifier)
        case Quad():
            check_statement(statement.triple)
            check_identifier(statement.source, "a source")
        case Name(entity, text):
            check_identifier(entity)
            check_storable(text)
        case RelationName(relation, text):
            check_relation(relation)
            check_identifier(relation)
            check_storable(text)
        case Node(entity):
            check_identifier(entity)


def check_relation(relation: str) -> None:
    """Raise `StatementError` for a relation without a name."""
    if not clean_name(relation):
        raise StatementError(f"a relation needs a name, this one is {relation!r:.80}")


def check_identifier(identifier: str, what: str = "an entity") -> None:
    """Raise `StatementError` for an identifier that no graph can hold."""
    if not identifier:
        raise StatementError(f"{what} needs an identifier, this one is empty")
    if "\0" in identifier:  # it would end the key of a trie
        raise StatementError(f"an identifier cannot hold the character '\\x00': {identifier!r:.80}")
    check_storable(identifier)


def check_storable(text: str) -> None:
    """Raise `StatementError` for what UTF-8 cannot hold."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise StatementError(f"a lone surrogate cannot be stored: {text!r:.80}") from error


def _as_ids(numbers: array[int]) -> NDArray[np.int32]:
    return np.array(numbers, dtype=np.int32)


def _renumbering(numbers: dict[str, int], trie: marisa_trie.Trie) -> NDArray[np.int32]:
    """For each number given in reading order, the number that the trie gives the same key."""
    return np.fromiter((trie[key] for key in numbers), dtype=np.int32, count=len(numbers))


def name_keys(number: int, label: str, aliases: Iterable[str]) -> Iterator[tuple[str, tuple[int, int]]]:
    """What the index of names holds for an entity: folded names, with its number and their rank."""
    for text, rank in ((label, LABEL), *((alias, ALIAS) for alias in aliases)):
        folded = fold_name(text)
        if folded:
            yield folded, (number, rank)


def _name_index(labels: list[str], aliases: list[list[str]]) -> marisa_trie.RecordTrie:
    entities = enumerate(zip(labels, aliases, strict=True))
    keys = (key for number, (label, others) in entities for key in name_keys(number, label, others))
    return marisa_trie.RecordTrie("<IB", keys)
