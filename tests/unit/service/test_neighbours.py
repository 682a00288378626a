"""Pages of neighbours, compared with the hops of the graph."""

from __future__ import annotations

from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from property_examples import examples

from kgqa.errors import UnknownEntityError, UnknownRelationError, UsageError
from kgqa.graph import GraphBuilder, IndexedGraph, Node, NodeKind, Triple, add_facts, open_index, save_index
from kgqa.graph.adjacency import Adjacency
from kgqa.service import Neighbour, neighbours

numbers = st.integers(0, 4)
graphs = st.lists(st.tuples(numbers, numbers, numbers), min_size=1, max_size=40).map(
    lambda facts: GraphBuilder.of(
        [(f"e{head}", f"r{relation}", f"e{tail}") for head, relation, tail in facts]
    )
)


def walked(graph: IndexedGraph, entity: str, limit: int, **options: Any) -> list[Neighbour]:
    """All pages, one after the other."""
    found: list[Neighbour] = []
    offset: int | None = 0
    while offset is not None:
        page = neighbours(graph, entity, offset=offset, limit=limit, **options)
        found += page.neighbours
        offset = page.next
    assert len(found) == page.total
    return found


@examples(100)
@given(graphs, st.integers(1, 7), st.sampled_from([None, "out", "in"]))
def test_pages_hold_every_fact_once(graph: IndexedGraph, limit: int, direction: str | None) -> None:
    for entity in graph.entities:
        hops = sorted(
            (hop.relation, hop.entity, "in" if hop.inverse else "out")
            for hop in graph.hops(entity)
            if direction in (None, "in" if hop.inverse else "out")
        )
        found = walked(graph, entity, limit, direction=direction)
        assert sorted((one.relation, one.entity, one.direction) for one in found) == hops
        for relation in {hop[0] for hop in hops}:
            some = walked(graph, entity, limit, direction=direction, relation=relation)
            assert some == [one for one in found if one.relation == relation]
        page = neighbours(graph, entity)
        assert sum(group.facts for group in page.relations) == page.degree
        counts = [group.facts for group in page.relations]
        assert counts == sorted(counts, reverse=True)


def test_a_hub_is_read_page_by_page(monkeypatch: pytest.MonkeyPatch) -> None:
    sources = np.arange(1, 200_001, dtype=np.int32)
    builder = GraphBuilder.of([("hub", "in", f"n{number}") for number in range(3)])
    looked_up = count()
    hub = builder.entity_id("hub")
    row = (np.zeros(len(sources), dtype=np.int32), np.full(len(sources), hub, dtype=np.int32))
    monkeypatch.setattr(Adjacency, "row", lambda self, entity: row)
    original = IndexedGraph.entity

    def entity(self: IndexedGraph, number: int) -> str:
        next(looked_up)
        return original(self, number)

    monkeypatch.setattr(IndexedGraph, "entity", entity)
    page = neighbours(builder, "hub", offset=150_000, limit=20)
    assert (page.total, page.next, len(page.neighbours)) == (400_000, 150_020, 20)
    assert next(looked_up) < 100


def test_kinds_names_and_mediators_are_told() -> None:
    graph = (
        GraphBuilder()
        .add_all(
            [
                Triple("m.0a", "people.person.born_in", "Ulm"),
                Node("1879", NodeKind.LITERAL),
                Triple("m.0a", "year", "1879"),
            ]
        )
        .build()
    )
    page = neighbours(graph, "m.0a").to_dict()
    assert (page["name"], page["kind"], page["degree"]) == (None, "resource", 2)
    assert page["neighbours"] == [
        {
            "relation": "people.person.born_in",
            "relation_name": "born in",
            "direction": "out",
            "entity": "Ulm",
            "name": "Ulm",
            "kind": "resource",
            "degree": 1,
        },
        {
            "relation": "year",
            "relation_name": "year",
            "direction": "out",
            "entity": "1879",
            "name": "1879",
            "kind": "literal",
            "degree": 1,
        },
    ]


def test_an_offset_behind_the_end_gives_an_empty_last_page() -> None:
    graph = GraphBuilder.of([("a", "r", "b")])
    for offset in (1, 10**30):
        page = neighbours(graph, "a", offset=offset)
        assert (page.neighbours, page.total, page.next) == ((), 1, None)


def test_changes_are_seen(tmp_path: Path) -> None:
    save_index(GraphBuilder.of([("a", "r", "b")]), tmp_path / "graph")
    add_facts(tmp_path / "graph", [Triple("a", "s", "c")])
    page = neighbours(open_index(tmp_path / "graph"), "a")
    assert [(one.relation, one.entity) for one in page.neighbours] == [("r", "b"), ("s", "c")]


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"entity": "x"}, UnknownEntityError),
        ({"entity": "\0"}, UnknownEntityError),
        ({"relation": "x"}, UnknownRelationError),
        ({"direction": "both"}, UsageError),
        ({"offset": -1}, UsageError),
        ({"limit": 0}, UsageError),
        ({"limit": 1001}, UsageError),
    ],
)
def test_bad_values_are_refused(options: dict[str, Any], error: type[Exception]) -> None:
    graph = GraphBuilder.of([("a", "r", "b")])
    with pytest.raises(error):
        neighbours(graph, **{"entity": "a", **options})
