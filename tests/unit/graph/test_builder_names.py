"""Names that come before or after the facts, in the same file or another."""

from __future__ import annotations

from itertools import permutations

import pytest

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


@pytest.mark.parametrize(
    ("local", "name"),
    [
        ("William_Dieterle", "William Dieterle"),
        ("StateCapital", "State Capital"),
        ("Am%C3%A9lie", "Amélie"),
        ("kismet", "kismet"),
        ("%FF_x", "%FF x"),
        ("Q42", "Q42"),
    ],
)
def test_local_names_are_words_where_no_iri_has_a_label(local: str, name: str) -> None:
    iri = f"http://e/{local}"
    graph = GraphBuilder.of([Triple(iri, "http://e/directedBy", "http://e/b")])
    assert graph.label(iri) == name
    assert graph.alias_texts(iri) == (() if local == name else (local,))
    assert graph.find(local) == graph.find(name) == (iri,)
    labelled = GraphBuilder().add_all([Triple(iri, "r", "http://e/b"), Triple(iri, "r", "http://e/c")])
    labelled.add(Name("http://e/b", "B"))
    assert labelled.build().label(iri) == local


def test_web_pages_in_a_graph_of_names_stay_as_they_are() -> None:
    page = "http://e/about_us"
    graph = GraphBuilder.of([Triple("Zed Ltd", "page", page), Triple("Zed Ltd", "in", "Oslo")])
    assert graph.label(page) == "about_us"
