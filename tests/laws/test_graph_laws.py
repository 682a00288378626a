"""The laws of a knowledge graph, on graphs with hostile names, in memory and on disk."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given
from property_examples import examples
from strategies import graphs, names, statements

from kgqa.errors import UnknownEntityError, UnknownRelationError
from kgqa.graph import (
    GraphBuilder,
    Hop,
    IndexedGraph,
    KnowledgeGraph,
    Name,
    NodeKind,
    RelationStep,
    Statement,
    Triple,
    clean_name,
    fold_name,
    open_index,
    save_index,
)
from kgqa.graph.testing import check_graph

TRIPLES = [Triple("a", "r", "b"), Triple("a", "r", "c"), Triple("b", "s", "a"), Triple("c", "r", "c")]


@given(graphs())
def test_every_built_graph_keeps_the_laws(graph: IndexedGraph) -> None:
    assert isinstance(graph, KnowledgeGraph)
    check_graph(graph)


@given(statements())
def test_a_graph_holds_the_facts_it_was_told_and_no_others(told: list[Statement]) -> None:
    facts = {statement for statement in told if isinstance(statement, Triple)}
    graph = GraphBuilder.of(told)
    assert set(graph) == facts
    count = sum(isinstance(statement, Triple) for statement in told)
    assert graph.facts_about["duplicates"] == count - len(facts)


@given(statements())
def test_the_order_of_facts_does_not_matter(told: list[Statement]) -> None:
    facts = [statement for statement in told if isinstance(statement, Triple)]
    others = [statement for statement in told if not isinstance(statement, Triple)]
    one = GraphBuilder.of([*facts, *others])
    other = GraphBuilder.of([*others, *reversed(facts)])
    assert one.checksum == other.checksum


@given(statements())
def test_what_is_blank_without_a_label_is_unnamed(told: list[Statement]) -> None:
    graph = GraphBuilder.of(told)
    labelled = {item.entity for item in told if isinstance(item, Name)}
    for number in range(graph.entity_count):
        entity = graph.entity(number)
        if graph.kind(entity) is NodeKind.BLANK and entity not in labelled:
            assert graph.label(entity) is None


@given(statements())
def test_every_alias_is_found(told: list[Statement]) -> None:
    graph = GraphBuilder.of(told)
    for item in told:
        if isinstance(item, Name) and item.entity not in graph.entities:
            assert item.entity in graph.relation_names  # then it is the relation's name
        elif isinstance(item, Name) and clean_name(item.text) and fold_name(item.text):
            assert item.entity in graph.find(item.text)


@examples(30)
@given(graphs())
def test_a_graph_comes_back_from_disk_as_it_was(graph: IndexedGraph) -> None:
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "index"
        save_index(graph, folder)
        opened = open_index(folder)
        check_graph(opened)
        assert list(opened) == list(graph)
        assert opened.checksum == graph.checksum
        for number in range(graph.entity_count):
            entity = graph.entity(number)
            assert opened.label(entity) == graph.label(entity)
            assert opened.alias_texts(entity) == graph.alias_texts(entity)
            assert opened.kind(entity) == graph.kind(entity)
        for number in range(graph.relation_count):
            relation = graph.relation(number)
            assert opened.relation_label(relation) == graph.relation_label(relation)


@given(graphs(), names())
def test_an_unknown_entity_raises_and_a_known_one_does_not(graph: IndexedGraph, name: str) -> None:
    if name in {graph.entity(number) for number in range(graph.entity_count)}:
        graph.label(name)
    else:
        with pytest.raises(UnknownEntityError):
            graph.label(name)


class ListGraph:
    """A slow graph that keeps the laws; the broken ones below derive from it."""

    def __init__(self) -> None:
        self.triples = sorted(TRIPLES)

    def _known(self, entity: str) -> str:
        if not any(entity in (t.head, t.tail) for t in self.triples):
            raise UnknownEntityError(entity)
        return entity

    def __len__(self) -> int:
        return len(self.triples)

    def __contains__(self, triple: object) -> bool:
        return triple in self.triples

    def __iter__(self) -> Iterator[Triple]:
        return iter(self.triples)

    def match(
        self, head: str | None = None, relation: str | None = None, tail: str | None = None
    ) -> Iterator[Triple]:
        for entity in (head, tail):
            if entity is not None:
                self._known(entity)
        if relation is not None:
            self.relation_label(relation)
        pattern = (head, relation, tail)
        return iter([t for t in self.triples if all(p in (None, x) for p, x in zip(pattern, t, strict=True))])

    def hops(self, entity: str) -> Iterator[Hop]:
        self._known(entity)
        ahead = [Hop(t.relation, t.tail) for t in self.triples if t.head == entity]
        back = [Hop(t.relation, t.head, inverse=True) for t in self.triples if t.tail == entity]
        return iter(sorted(ahead + back))

    def relations(self, entity: str) -> tuple[RelationStep, ...]:
        return tuple(sorted({RelationStep(hop.relation, hop.inverse) for hop in self.hops(entity)}))

    def label(self, entity: str) -> str | None:
        return self._known(entity)

    def relation_label(self, relation: str) -> str:
        if all(t.relation != relation for t in self.triples):
            raise UnknownRelationError(relation)
        return relation

    def find(self, label: str) -> tuple[str, ...]:
        entities = {entity for t in self.triples for entity in (t.head, t.tail)}
        return (label,) if label in entities else ()


def test_the_checker_passes_a_graph_of_another_make() -> None:
    check_graph(ListGraph())


BROKEN: dict[str, tuple[str, Callable[..., object]]] = {
    "len is the number": ("__len__", lambda self: 3),
    "the graph holds what it iterates": ("__contains__", lambda self, t: t in self.triples[1:]),
    "the graph does not hold what is no triple": ("__contains__", lambda self, t: True),
    "match gives the triples that agree": ("match", lambda self, *pattern: iter(self.triples)),
    "match gives each triple once": (
        "match",
        lambda self, *pattern, **kept: iter([*ListGraph.match(self, *pattern, **kept)] * 2),
    ),
    "hops are sorted": ("hops", lambda self, entity: reversed(list(ListGraph.hops(self, entity)))),
    "hops are the triples, both ways": (
        "hops",
        lambda self, entity: (hop for hop in ListGraph.hops(self, entity) if not hop.inverse),
    ),
    "relations are those of the hops": ("relations", lambda self, entity: ()),
    "find finds a label": ("label", lambda self, entity: "another name" + self._known(entity)),
    "find puts an identifier first": ("find", lambda self, label: ()),
    "find gives nothing for an unknown name": ("find", lambda self, label: (label,)),
    "an unknown entity raises": ("label", lambda self, entity: entity),
    "an unknown relation raises": ("relation_label", lambda self, relation: relation),
    "a relation has a name": ("relation_label", lambda self, relation: ""),
}


@pytest.mark.parametrize("law", BROKEN)
def test_the_checker_names_the_law_that_a_graph_breaks(law: str) -> None:
    method, broken = BROKEN[law]
    graph = type("BrokenGraph", (ListGraph,), {method: broken})()
    with pytest.raises(AssertionError, match=law):
        check_graph(graph)
