"""The values of a graph with changes are those of a fresh build, and only what changed is computed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from property_examples import examples

from kgqa.graph import (
    GraphBuilder,
    IndexedGraph,
    Name,
    Node,
    NodeKind,
    RelationName,
    Statement,
    Triple,
    ValueTable,
    add_facts,
    compact_index,
    open_index,
    remove_facts,
    save_index,
)
from kgqa.graph.relation_facts import FactsByRelation
from kgqa.graph.values import value_table

XSD = "http://www.w3.org/2001/XMLSchema#"
LITERALS = [
    *(f'"{text}"^^<{XSD}integer>' for text in ("1", "20", "x")),
    *(f'"{text}"^^<{XSD}date>' for text in ("1944-01-02", "1950-05-05")),
    '"7"^^<http://dbpedia.org/datatype/kilometre>',
    *('"word"@en', '"12"', '"2001-02-03"', '"plain"'),
]
CELLS = ["12", "1944", "1950", "3 km", "4 km", "2001-02-03", "true", "P1Y", "Anna", "Torino", "thing"]
ENDS = [*LITERALS, *CELLS]
FAMILIES = [
    [LITERALS[3], LITERALS[4], LITERALS[0], "Torino"],
    [LITERALS[6], LITERALS[7], "Torino", "12"],
    ["12", "1944", "2001-02-03", LITERALS[8]],
    ["3 km", "12", "Torino", "thing"],
    [LITERALS[0], LITERALS[5], LITERALS[6], "thing"],
]
"""Ends that make a relation another one when they come and go."""

Update = tuple[str, list[Statement], list[int]]
"""What is done, with statements, or with the places of facts among those that are left."""


@st.composite
def histories(draw: st.DrawFn) -> tuple[list[Triple], list[Update]]:
    """Facts, and updates of them, over few ends: most relations change their kind on the way."""
    ends = draw(st.one_of(st.sampled_from(FAMILIES), st.lists(st.sampled_from(ENDS), min_size=3, max_size=4)))
    relations = draw(st.sampled_from([["r"], ["r", "year"], ["code", "r"]]))
    facts = st.builds(Triple, st.sampled_from("ab"), st.sampled_from(relations), st.sampled_from(ends))
    names = st.one_of(
        st.builds(
            Name,
            st.sampled_from([end for end in ends if end in CELLS] or ["a"]),
            st.sampled_from(["15", "Bo", "1944-05", "1,000"]),
        ),
        st.builds(RelationName, st.sampled_from(relations), st.sampled_from(["born", "km", "id"])),
    )
    statements = st.lists(st.one_of(facts, facts, names), min_size=1, max_size=3)
    places = st.lists(st.integers(0, 9), min_size=1, max_size=3)
    updates = st.lists(statements.map(_adding) | places.map(_removing), min_size=1, max_size=5)
    return draw(st.lists(facts, min_size=2, max_size=8, unique=True)), draw(updates)


def _adding(statements: Sequence[Statement]) -> Update:
    return "add", list(statements), []


def _removing(places: list[int]) -> Update:
    return "remove", [], places


def as_read(statements: Iterable[Statement]) -> list[Statement]:
    """Facts with the kinds of their literals, as readers give them."""
    found: list[Statement] = []
    for one in statements:
        if isinstance(one, Triple) and one.tail in LITERALS:
            found.append(Node(one.tail, NodeKind.LITERAL))
        found.append(one)
    return found


def everything(graph: IndexedGraph) -> dict[str, object]:
    """What can be asked of the values of a graph, by identifiers."""
    table = ValueTable.of(graph)
    nodes = np.array(sorted(map(graph.entity_id, graph.entities)), dtype=np.int32)
    names = [graph.entity(number) for number in nodes.tolist()]
    found: dict[str, object] = {
        "years": table.years_of_days.tolist(),
        "kinds": dict(zip(names, table.kinds_of(nodes).tolist(), strict=True)),
    }
    for relation in sorted({fact.relation for fact in graph}):
        number = graph.relation_id(relation)
        facts = table.by_value(number)
        order = list(zip(facts.low.tolist(), facts.high.tolist(), strict=True))
        assert order == sorted(order)
        heads, tails = (map(graph.entity, part.tolist()) for part in (facts.heads, facts.tails))
        tails_of = {fact.tail for fact in graph if fact.relation == relation}
        low, high = table.values_of(number, nodes)
        values = zip(names, low.tolist(), high.tolist(), strict=True)
        found[relation] = (
            table.relation_kind(number),
            table.unit_of(number),
            table.is_column(number),
            sorted(zip(order, heads, tails, strict=True)),
            sorted(map(graph.entity, table.heads(number).tolist())),
            {name: str(bounds) for name, *bounds in values if name in tails_of},
        )
    return found


@examples(120)
@given(histories(), st.integers(1, 9))
def test_after_any_updates_the_values_are_those_of_a_build_from_what_is_left(
    tmp_path_factory: pytest.TempPathFactory, history: tuple[list[Triple], list[Update]], block: int
) -> None:
    index = tmp_path_factory.mktemp("changed-values") / "index"
    left, updates = history
    said: list[Statement] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("kgqa.graph.values.value_arrays.BLOCK", block)
        patch.setattr("kgqa.graph.values.node_values.READ", block)
        patch.setattr("kgqa.graph.values.cell_values.READ", block)
        patch.setattr("kgqa.graph.relation_facts.BLOCK", block)
        patch.setattr("kgqa.graph.relation_facts.LEAST_STORED", 0)
        save_index(GraphBuilder.of(as_read(left)), index)
        for update, statements, places in updates:
            if update == "add":
                add_facts(index, as_read(statements))
                said += [one for one in statements if not isinstance(one, Triple)]
                left = [*dict.fromkeys([*left, *(one for one in statements if isinstance(one, Triple))])]
            else:
                gone = {left[place % len(left)] for place in places if left}
                remove_facts(index, gone)
                left = [fact for fact in left if fact not in gone]
            graph, fresh = open_index(index), GraphBuilder.of([*said, *as_read(left)])
            assert everything(graph) == everything(fresh)
            by_relation = FactsByRelation.of_graph(graph)
            for relation in {fact.relation for fact in graph}:
                heads, tails = by_relation.of(graph.relation_id(relation))
                pairs = list(zip(heads.tolist(), tails.tolist(), strict=True))
                assert pairs == sorted(pairs)
                found = {Triple(graph.entity(head), relation, graph.entity(tail)) for head, tail in pairs}
                assert found == {fact for fact in graph if fact.relation == relation}
        compact_index(index)
        assert everything(open_index(index)) == everything(fresh)


def test_an_update_leaves_what_is_stored_and_computes_no_other_relation(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    facts = [("a", "size", "2"), ("b", "size", "1"), ("a", "born", "1944"), ("a", "knows", "b")]
    save_index(GraphBuilder.of([Triple(*fact) for fact in facts]), tmp_path)
    ValueTable.of(open_index(tmp_path))
    (stored,) = tmp_path.glob("values-*")
    before = {path.name: path.stat().st_mtime_ns for path in stored.iterdir()}
    add_facts(tmp_path, [("c", "size", "3"), ("c", "knows", "a")])
    monkeypatch.setattr(value_table, "compute_values", None)
    graph = open_index(tmp_path)
    table = ValueTable.of(graph)
    assert table.own is not None
    assert [graph.relation(number) for number in np.flatnonzero(table.own).tolist()] == ["size"]
    assert table.by_value(graph.relation_id("size")).low.tolist() == [1, 2, 3]
    assert {path.name: path.stat().st_mtime_ns for path in stored.iterdir()} == before
