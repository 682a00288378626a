"""The values of the benchmark graphs."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from kgqa.graph import GraphBuilder, IndexedGraph, ValueKind, ValueTable
from kgqa.graph.readers import read

pytestmark = pytest.mark.data

GEO = "http://example.org/geoquery/schema#"
RDF_TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"


def instances(graph: IndexedGraph, of: str) -> NDArray[np.int32]:
    return graph.inward.over(graph.entity_id(of), graph.relation_id(RDF_TYPE))


def test_superlatives_of_us_geography(data_folder: Path) -> None:
    graph = GraphBuilder.of(read(data_folder / "geoquery/kb.ttl.gz"))
    table = ValueTable.of(graph)
    for relation, of, least, name, value, valued in (
        ("population", "State", False, "California", "23670000", 51),
        ("area", "State", True, "District of Columbia", "1100", 51),
        ("length", "River", False, "Missouri", "3,968 km", 46),
        ("elevation", "Mountain", False, "Mount McKinley", "6,194 m", 50),
    ):
        number = graph.relation_id(GEO + relation)
        best = table.extreme(number, instances(graph, GEO + of), least)
        assert [graph.labels[member] for member in best.members] == [name]
        assert str(table.value(number, int(best.tails[0]))) == value
        assert best.valued == valued


def test_columns_of_dates_and_numbers_among_names(data_folder: Path) -> None:
    films = GraphBuilder.of(read(data_folder / "metaqa/kb.tsv.gz"))
    table = ValueTable.of(films)
    assert [films.relation(number) for number in table.comparable_relations] == ["release_year"]
    assert len(table.by_value(films.relation_id("release_year")).heads) == 16_715
    graph = GraphBuilder.of(read(data_folder / "freebase/kb.tsv.gz"))
    table = ValueTable.of(graph)
    kinds = {
        name: table.relation_kind(graph.relation_id(name))
        for name in ("time.event.start_date", "location.geocode.latitude", "people.person.place_of_birth")
    }
    assert list(kinds.values()) == [ValueKind.DATE, ValueKind.NUMBER, ValueKind.NONE]
    assert table.relation_kind(graph.relation_id("location.postal_code.postal_code")) is ValueKind.NONE
