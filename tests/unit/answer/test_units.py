"""Values that a chain leads to are said with their unit."""

from __future__ import annotations

from kgqa.answer import Answer, RankedEntity
from kgqa.graph import Chain, GraphBuilder, Hop, ValueTable

GRAPH = GraphBuilder.of(
    [
        ("Nile", "length_km", "6650"),
        ("Volga", "length_km", "3530"),
        ("Nile", "country", "Egypt"),
        ("Egypt", "population", "109000000"),
        ("Peru", "population", "34000000"),
    ]
)


def unit(start: str, *hops: Hop) -> str:
    ranked = RankedEntity(hops[-1].entity, 1.0, (Chain(start, hops),))
    return Answer("?", (ranked,)).over(GRAPH).unit_of(ranked)


def test_a_number_has_the_unit_of_its_relation() -> None:
    assert unit("Nile", Hop("length_km", "6650")) == "km"


def test_what_is_no_value_or_has_no_unit_has_none() -> None:
    assert not unit("Nile", Hop("country", "Egypt"))
    assert not unit("Nile", Hop("country", "Egypt"), Hop("population", "109000000"))
    assert not unit("6650", Hop("length_km", "Nile", inverse=True))


def test_a_name_is_said_without_the_table_of_values() -> None:
    graph = GraphBuilder.of([("Nile", "country", "Egypt"), ("Nile", "length_km", "6650")])
    ranked = RankedEntity("Egypt", 1.0, (Chain("Nile", (Hop("country", "Egypt"),)),))
    assert not Answer("?", (ranked,)).over(graph).unit_of(ranked)
    assert ValueTable not in graph.derived


def test_an_answer_without_chain_or_graph_has_no_unit() -> None:
    assert not Answer("?").over(GRAPH).unit_of(RankedEntity("6650", 1.0, ()))
    ranked = RankedEntity("6650", 1.0, (Chain("Nile", (Hop("length_km", "6650"),)),))
    assert not Answer("?", (ranked,)).unit_of(ranked)


def test_the_unit_is_in_the_json() -> None:
    ranked = RankedEntity("6650", 1.0, (Chain("Nile", (Hop("length_km", "6650"),)),))
    entities = Answer("?", (ranked,)).over(GRAPH).to_dict()["entities"]
    assert isinstance(entities, list)
    assert entities[0]["unit"] == "km"
