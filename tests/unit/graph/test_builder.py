"""The builder: what is a name, what is a mediator, what cannot be stored."""

from __future__ import annotations

import pytest

from kgqa.graph import GraphBuilder, Name, Node, NodeKind, RelationName, Statement, Triple

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
