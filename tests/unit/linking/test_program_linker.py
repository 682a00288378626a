"""What a question mentions for a program."""

from __future__ import annotations

import pytest

from kgqa.graph import GraphBuilder, IndexedGraph, Name, Triple
from kgqa.linking import ProgramLinker

FACTS = (
    ("alice", "friend", "bob"),
    ("colorado river", "in", "colorado"),
    ("colorado the river", "traverses", "utah"),
    ("bob", "sex", "M"),
    ("carol", "sex", "F"),
)


@pytest.fixture(scope="module")
def graph() -> IndexedGraph:
    statements = [
        *(Triple(*fact) for fact in FACTS),
        Name("colorado the river", "colorado river", alias=True),
    ]
    return GraphBuilder.of(statements)


def named(question: str, graph: IndexedGraph) -> set[str]:
    return {node for nodes in ProgramLinker().mentioned(question, graph).topics for node in nodes}


def test_a_possessive_without_an_apostrophe_names_the_person(graph: IndexedGraph) -> None:
    assert named("who are alices friends", graph) == {"alice"}


def test_what_has_the_name_as_an_alias_is_meant_beside_what_has_it_as_its_label(graph: IndexedGraph) -> None:
    assert named("what does the colorado river traverse", graph) == {"colorado river", "colorado the river"}


def test_a_single_capital_is_a_name_where_the_graph_has_it(graph: IndexedGraph) -> None:
    assert named("Which people have sex F?", graph) == {"F"}
