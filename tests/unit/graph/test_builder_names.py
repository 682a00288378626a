"""Names that come before or after the facts, in the same file or another."""

from __future__ import annotations

from itertools import permutations

from kgqa.graph import GraphBuilder, Name, Statement, Triple


def test_names_find_what_they_name_whatever_the_order() -> None:
    statements: list[Statement] = [
        Triple("x", "r", "y"),
        Name("r", "is related to"),
        Name("x", "Ix"),
        Name("y", "Ypsilon"),
    ]
    for order in permutations(statements):
        graph = GraphBuilder.of(order)
        assert graph.relation_label("r") == "is related to"
        assert graph.find("is related to") == ()
        assert [graph.label(entity) for entity in ("x", "y")] == ["Ix", "Ypsilon"]


def test_what_is_an_entity_too_is_named_as_an_entity() -> None:
    graph = GraphBuilder.of([Name("r", "is related to"), Triple("x", "r", "y"), Triple("r", "domain", "z")])
    assert graph.label("r") == "is related to"
    assert graph.relation_label("r") == "r"
