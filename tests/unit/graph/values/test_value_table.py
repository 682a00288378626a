"""The values of a graph, relation by relation."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from kgqa.errors import UsageError
from kgqa.graph import (
    GraphBuilder,
    IndexedGraph,
    Value,
    ValueKind,
    ValueTable,
    date_interval,
    open_index,
    save_index,
)
from kgqa.graph.readers import read

PREFIXES = (
    "@prefix : <http://example.org/> .\n"
    "@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .\n"
    "@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .\n"
)


def turtle(folder: Path, text: str) -> IndexedGraph:
    path = folder / "graph.ttl"
    path.write_text(PREFIXES + text, "utf-8")
    return GraphBuilder.of(read(path))


def kind(graph: IndexedGraph, relation: str) -> ValueKind:
    return ValueTable.of(graph).relation_kind(graph.relation_id(relation))


def shown(graph: IndexedGraph, relation: str) -> list[tuple[str | None, str]]:
    """The heads and values of a relation, in the order of values."""
    table, number = ValueTable.of(graph), graph.relation_id(relation)
    facts = table.by_value(number)
    return [
        (graph.labels[head], str(table.value(number, tail)))
        for head, tail in zip(facts.heads, facts.tails, strict=True)
    ]


def test_the_kind_of_a_relation_is_that_of_most_of_its_tails_and_others_have_no_value(tmp_path: Path) -> None:
    graph = turtle(
        tmp_path,
        ':a :size 10 . :b :size 9.5 . :c :size "1944-01-01"^^xsd:date . :d :size "large" . :e :size :huge .',
    )
    relation = "http://example.org/size"
    assert kind(graph, relation) is ValueKind.NUMBER
    assert shown(graph, relation) == [("b", "9.5"), ("a", "10")]
    table, number = ValueTable.of(graph), graph.relation_id(relation)
    everyone = np.ones(graph.entity_count, dtype=np.bool_)
    assert table.extreme(number, everyone, least=True, count=9).valued == 2


def test_of_equally_frequent_kinds_the_first_counts(tmp_path: Path) -> None:
    graph = turtle(tmp_path, ':a :p "1944-01-01"^^xsd:date, 3 .')
    assert kind(graph, "http://example.org/p") is ValueKind.NUMBER


def test_texts_and_resources_have_no_order(tmp_path: Path) -> None:
    graph = turtle(tmp_path, ':a :says "good day"@en, "good day"@en-gb ; :knows :b .')
    assert kind(graph, "http://example.org/says") is ValueKind.TEXT
    assert kind(graph, "http://example.org/knows") is ValueKind.NONE
    assert shown(graph, "http://example.org/says") == []


def test_numbers_with_a_language_or_as_strings_are_texts(tmp_path: Path) -> None:
    graph = turtle(tmp_path, ':a :p "12"@en . :b :q "12" .')
    assert kind(graph, "http://example.org/p") is ValueKind.TEXT
    assert kind(graph, "http://example.org/q") is ValueKind.TEXT


def test_strings_are_dates_where_all_of_a_relations_tails_are(tmp_path: Path) -> None:
    graph = turtle(tmp_path, ':a :p "2017-08-01" . :b :p "2016" . :c :q "2017-08-01", "later" .')
    assert shown(graph, "http://example.org/p") == [("b", "2016"), ("a", "2017-08-01")]
    assert kind(graph, "http://example.org/q") is ValueKind.TEXT


def test_nan_infinity_and_dates_that_do_not_exist_are_no_values(tmp_path: Path) -> None:
    graph = turtle(
        tmp_path,
        ':a :p "NaN"^^xsd:double, "INF"^^xsd:double, "-INF"^^xsd:float, "1e999"^^xsd:double, 7 .'
        ':a :q "1944-02-30"^^xsd:date, "30 February"^^xsd:date, "1944-02-28"^^xsd:date .',
    )
    assert shown(graph, "http://example.org/p") == [("a", "7")]
    assert shown(graph, "http://example.org/q") == [("a", "1944-02-28")]


def test_a_column_of_an_untyped_file_has_numbers_where_all_of_its_cells_are() -> None:
    graph = GraphBuilder.of(
        [
            ("Nile", "length", "6,650"),
            ("Rhine", "length", "1,230.5"),
            ("Nile", "mouth", "Alexandria"),
            ("Rhine", "mouth", "300"),
        ]
    )
    assert shown(graph, "length") == [("Rhine", "1,230.5"), ("Nile", "6,650")]
    assert kind(graph, "mouth") is ValueKind.NONE


def test_a_node_is_a_number_under_one_relation_and_a_name_under_another() -> None:
    graph = GraphBuilder.of(
        [("Snyder", "directed", "300"), ("Snyder", "directed", "Watchmen"), ("x", "size", "300")]
    )
    table, node = ValueTable.of(graph), np.array([graph.entity_id("300"), graph.entity_id("x")])
    low, high = table.values_of(graph.relation_id("size"), node)
    assert low[0] == high[0] == 300
    assert np.isnan(low[1])
    assert np.isnan(table.values_of(graph.relation_id("directed"), node)[0]).all()
    assert table.value(graph.relation_id("directed"), int(node[0])).kind is ValueKind.NONE
    assert table.kinds_of(node[:1]).tolist() == [ValueKind.NONE]


def test_four_digits_are_years_where_the_name_says_so_or_dates_are_beside_them() -> None:
    graph = GraphBuilder.of(
        [
            ("f", "release_year", "1944"),
            ("f", "seats", "1944"),
            ("f", "shown", "1944"),
            ("f", "shown", "1945-05-08"),
        ]
    )
    assert kind(graph, "release_year") is kind(graph, "shown") is ValueKind.DATE
    assert kind(graph, "seats") is ValueKind.NUMBER
    low, high = ValueTable.of(graph).values_of(
        graph.relation_id("release_year"), np.array([graph.entity_id("1944")])
    )
    assert (low[0], high[0]) == date_interval(1944)


@pytest.mark.parametrize("relation", ["postal_code", "customerId", "phone"])
def test_identifiers_stay_as_they_are(relation: str) -> None:
    graph = GraphBuilder.of([("a", relation, "15244"), ("b", relation, "15245")])
    assert kind(graph, relation) is ValueKind.NONE


def test_cells_with_leading_zeros_are_identifiers() -> None:
    assert kind(GraphBuilder.of([("a", "room", "007"), ("b", "room", "12")]), "room") is ValueKind.NONE


def test_an_iri_whose_name_is_a_number_is_no_cell() -> None:
    graph = GraphBuilder.of([("a", "year", "http://example.org/1944")])
    assert kind(graph, "year") is ValueKind.NONE


def test_units_come_from_datatype_label_name_and_comment(tmp_path: Path) -> None:
    graph = turtle(
        tmp_path,
        ":a :dry 1 ; :areaKm2 2 ; :h 3 ; :l 4 ; :w "
        '"5"^^<http://dbpedia.org/datatype/kilogram>, "6"^^<http://dbpedia.org/datatype/kilogram>, '
        '"7"^^<http://dbpedia.org/datatype/gram> .'
        ':h rdfs:label "height (m)" . :l rdfs:comment "river length in km" .',
    )
    table = ValueTable.of(graph)
    found = {
        name: table.unit_of(graph.relation_id(f"http://example.org/{name}"))
        for name in ("dry", "areaKm2", "h", "l", "w")
    }
    assert found == {"dry": "", "areaKm2": "km²", "h": "m", "l": "km", "w": "kg"}
    assert shown(graph, "http://example.org/w") == [("a", "5 kg"), ("a", "6 kg")]


def test_cells_with_units_are_a_column_where_all_have_the_same() -> None:
    graph = GraphBuilder.of(
        [
            ("a", "p", "1,200 km"),
            ("b", "p", "90 km"),
            ("a", "q", "12 km"),
            ("b", "q", "12 m"),
            ("c", "q", "12"),
        ]
    )
    assert shown(graph, "p") == [("b", "90 km"), ("a", "1,200 km")]
    assert kind(graph, "q") is ValueKind.NONE


def test_the_table_is_computed_once_and_stored_with_the_index(tmp_path: Path) -> None:
    save_index(GraphBuilder.of([("a", "size", "2"), ("b", "size", "1")]), tmp_path / "index")
    graph = open_index(tmp_path / "index")
    table = ValueTable.of(graph)
    assert ValueTable.of(graph) is table
    (stored,) = (tmp_path / "index").glob("values-*")
    before = {path.name: path.stat().st_mtime_ns for path in stored.iterdir()}
    again = ValueTable.of(open_index(tmp_path / "index"))
    assert {path.name: path.stat().st_mtime_ns for path in stored.iterdir()} == before
    assert again.arrays.keys() == table.arrays.keys()
    for name, array in table.arrays.items():
        assert np.array_equal(array, again.arrays[name], equal_nan=array.dtype == np.float64)
    assert isinstance(again.arrays["low"].base, np.memmap)


def test_the_stored_table_of_another_graph_or_a_damaged_one_is_not_used(tmp_path: Path) -> None:
    folder = tmp_path / "index"
    save_index(GraphBuilder.of([("a", "size", "2")]), folder)
    ValueTable.of(open_index(folder))
    save_index(GraphBuilder.of([("a", "size", "3")]), folder)
    assert shown(open_index(folder), "size") == [("a", "3")]
    (stored,) = folder.glob("values-*")
    damaged = stored / "fact_low.npy"
    damaged.write_bytes(damaged.read_bytes()[:-1] + b"\0")
    assert shown(open_index(folder), "size") == [("a", "3")]


def test_members_and_counts_that_make_no_sense_are_refused() -> None:
    graph = GraphBuilder.of([("a", "size", "2")])
    table = ValueTable.of(graph)
    with pytest.raises(UsageError, match="count must be"):
        table.extreme(0, np.array([0]), least=True, count=0)
    with pytest.raises(UsageError, match="members must be a mask of shape"):
        table.extreme(0, np.ones(9, dtype=np.bool_), least=True)
    with pytest.raises(UsageError, match="comparison must be"):
        table.where(0, "over", Value.number(1))  # type: ignore[arg-type]


def test_a_year_with_leading_zeros_is_a_year_where_the_others_are() -> None:
    graph = GraphBuilder.of([("a", "born", "0044"), ("b", "born", "1944")])
    table, year = ValueTable.of(graph), date_interval(44)
    low, high = table.values_of(graph.relation_id("born"), np.array([graph.entity_id("0044")]))
    assert (low[0], high[0]) == year
