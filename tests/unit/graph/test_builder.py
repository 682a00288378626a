"""The builder: what is a name, what is a mediator, what cannot be stored."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from property_examples import examples

from kgqa.errors import StatementError
from kgqa.graph import GraphBuilder, Name, Node, NodeKind, RelationName, Statement, Triple
from kgqa.graph.adjacency import distinct_edges

FILM = "http://example.org/film/"


@pytest.mark.parametrize(
    ("entity", "label"),
    [
        ("Kismet", "Kismet"),
        (" Kismet ", " Kismet "),
        ("m.0abc_1", None),
        ("g.12tb6gh4f", None),
        ("cvt:marriage 7", None),
        ("m.Night Shyamalan", "m.Night Shyamalan"),
        ("\x1b\u200b", None),
        (" ", None),
        (FILM + "Kismet", "Kismet"),
        (FILM, "film"),
    ],
)
def test_an_entity_without_a_label_goes_by_its_identifier_if_that_is_a_name(
    entity: str, label: str | None
) -> None:
    assert GraphBuilder.of([Triple(entity, "r", "b")]).label(entity) == label


def test_the_first_label_is_the_label_and_later_ones_are_aliases() -> None:
    graph = GraphBuilder.of(
        [Name("a", "Nickname", alias=True), Name("a", "Anna"), Name("a", "Annie"), Name("a", "Anna")]
    )
    assert graph.label("a") == "Anna"
    assert graph.alias_texts("a") == ("Nickname", "Annie")
    assert graph.find("ANNIE") == graph.find("anna") == graph.find("nickname") == ("a",)


def test_a_label_wins_over_an_alias_and_an_identifier_over_both() -> None:
    graph = GraphBuilder.of(
        [Name("1", "Paris", alias=True), Name("2", "paris"), Name("Paris", "Paris, Texas")]
    )
    assert graph.find("Paris") == ("Paris", "2", "1")


def test_equal_labels_stay_apart() -> None:
    graph = GraphBuilder.of([Triple("1", "r", "2"), Name("1", "Kismet"), Name("2", "Kismet")])
    assert graph.find("kismet") == ("1", "2")
    assert len(graph) == 1


@pytest.mark.parametrize(
    ("unlabelled", "labels", "shown"),
    [("auto", 2, None), ("auto", 1, "c"), ("identifier", 2, "c"), ("mediator", 1, None)],
)
def test_iris_without_a_label_are_mediators_in_a_graph_that_labels_its_iris(
    unlabelled: str, labels: int, shown: str | None
) -> None:
    facts: list[Statement] = [Triple(FILM + "a", "r", FILM + "b"), Triple(FILM + "b", "r", FILM + "c")]
    named = [Name(FILM + name, name.upper()) for name in "ab"][:labels]
    builder = GraphBuilder(unlabelled=unlabelled)  # type: ignore[arg-type]
    graph = builder.add_all([*facts, *named]).build()
    assert graph.label(FILM + "c") == shown


def test_a_relation_goes_by_its_name_or_the_end_of_its_iri() -> None:
    graph = GraphBuilder.of(
        [Triple("a", FILM + "director", "b"), Triple("a", "r", "b"), RelationName("r", "rules")]
    )
    assert graph.relation_label(FILM + "director") == "director"
    assert graph.relation_label("r") == "rules"


def test_a_blank_node_is_unnamed_unless_labelled() -> None:
    graph = GraphBuilder.of(
        [
            Triple("_:a", "r", "_:b"),
            Node("_:a", NodeKind.BLANK),
            Node("_:b", NodeKind.BLANK),
            Name("_:b", "B"),
        ]
    )
    assert graph.label("_:a") is None
    assert graph.label("_:b") == "B"
    assert graph.kind("_:b") is NodeKind.BLANK


@pytest.mark.parametrize(
    "statement",
    [
        Triple("", "r", "b"),
        Triple("a", "r", ""),
        Triple("a", "", "b"),
        Triple("a", " \x1b", "b"),
        Triple("a\0", "r", "b"),
        Triple("a", "r\0", "b"),
        Triple("a", "r", "\ud800"),
        Name("a", "half \udfff"),
        Name("", "text"),
    ],
)
def test_what_cannot_be_stored_is_refused_at_once(statement: Statement) -> None:
    with pytest.raises(ValueError, match=r"empty|name|character|surrogate"):
        GraphBuilder().add(statement)


def test_progress_is_told_now_and_then() -> None:
    told: list[int] = []
    GraphBuilder().add_all((Triple("a", "r", str(i)) for i in range(10_000)), told.append)
    assert told == [4096, 8192]


def test_plain_tuples_of_three_texts_are_triples() -> None:
    plain = GraphBuilder.of([("a", "knows", "b"), ("b", "knows", "c")])
    assert list(plain) == [Triple("a", "knows", "b"), Triple("b", "knows", "c")]
    assert plain.checksum == GraphBuilder.of([Triple(*fact) for fact in plain]).checksum


def test_subclasses_of_str_are_texts_and_are_kept_as_plain_ones() -> None:
    class Marked(str):
        pass

    graph = GraphBuilder.of([(Marked("a"), "knows", Marked("b"))])
    assert list(graph) == [Triple("a", "knows", "b")]


@pytest.mark.parametrize(
    "statement",
    [
        "abc",
        ["a", "knows", "b"],
        ("a", "b"),
        ("a", "knows", "b", "c"),
        ("a", 1, "b"),
        (["a"], "knows", "b"),
        Triple("a", None, "b"),  # type: ignore[arg-type]
        Triple(1, "knows", "b"),  # type: ignore[arg-type]
        Name("a", 3),  # type: ignore[arg-type]
        RelationName("a", None),  # type: ignore[arg-type]
        Node("a", 7),  # type: ignore[arg-type]
        None,
        {"head": "a"},
        "x\n" * 1000,
    ],
    ids=lambda statement: f"{type(statement).__name__}-{statement!r:.20}",
)
def test_what_is_no_statement_is_refused_in_one_line(statement: object) -> None:
    with pytest.raises(StatementError, match="a statement is a tuple of three texts") as caught:
        GraphBuilder.of([statement])  # type: ignore[list-item]
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 250


def test_a_triple_that_is_refused_leaves_the_builder_consistent() -> None:
    builder = GraphBuilder()
    with pytest.raises(StatementError):
        builder.add(Triple("a", "", "b"))
    builder.add(Triple("a", "knows", "b"))
    assert list(builder.build()) == [Triple("a", "knows", "b")]


@examples(60)
@given(
    st.lists(st.tuples(st.integers(0, 6), st.integers(0, 3), st.integers(0, 6)), max_size=40),
    st.sampled_from([(7, 4, 7), (2**31, 2**31, 2**31)]),
)
def test_edges_are_sorted_and_distinct_however_many_there_may_be(
    edges: list[tuple[int, int, int]], counts: tuple[int, int, int]
) -> None:
    columns = distinct_edges(np.array(edges, dtype=np.int32).reshape(-1, 3), counts)
    assert list(zip(*(column.tolist() for column in columns), strict=True)) == sorted(set(edges))
    assert all(column.dtype == np.int32 for column in columns)
