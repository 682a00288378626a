"""A diff of graphs is what comparing all their facts and names one by one gives."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from property_examples import examples
from strategies import graphs

from kgqa.diff import GraphDiff
from kgqa.diff import fact_table as fact_tables
from kgqa.diff.fact_table import FactTable
from kgqa.graph import (
    GraphBuilder,
    IndexedGraph,
    Name,
    RelationName,
    Triple,
    add_facts,
    open_graph,
    remove_facts,
    save_index,
)

FILMS = [
    Triple("Kismet", "directed_by", "William Dieterle"),
    Triple("Kismet", "in_language", "English"),
    Triple("Juarez", "directed_by", "William Dieterle"),
]


def names_of(graph: IndexedGraph) -> dict[str, tuple[str, list[str]]]:
    """The label and the aliases of each entity."""
    return {one: (graph.label(one) or "", sorted(graph.alias_texts(one))) for one in graph.entities}


def check(old: IndexedGraph, new: IndexedGraph) -> GraphDiff:
    """Compare two graphs, and that with comparing texts."""
    found = GraphDiff.of(old, new)
    assert sorted(found.added) == sorted(set(new) - set(old))
    assert sorted(found.removed) == sorted(set(old) - set(new))
    before, now = names_of(old), names_of(new)
    assert {new.entity(one) for one in found.added_entities} == now.keys() - before.keys()
    assert {old.entity(one) for one in found.removed_entities} == before.keys() - now.keys()
    used, used_now = ({fact.relation for fact in graph} for graph in (old, new))
    assert {new.relation(one) for one in found.added_relations} == used_now - used
    assert {old.relation(one) for one in found.removed_relations} == used - used_now
    entities = {one.identifier for one in found.relabelled if one.kind == "entity"}
    assert entities == {one for one in before.keys() & now.keys() if before[one] != now[one]}
    relations = {one.identifier for one in found.relabelled if one.kind == "relation"}
    assert relations == {
        one
        for one in set(old.relation_names) & set(new.relation_names)
        if old.relation_label(one) != new.relation_label(one)
    }
    assert isinstance(json.loads(json.dumps(found.to_dict())), Mapping)
    assert all(line.isprintable() for line in found.describe().split("\n"))
    assert bool(found) == bool(found.added or found.removed or before != now or relations)
    return found


@given(graphs(), graphs())
@examples(100)
def test_two_graphs_differ_by_what_one_has_and_the_other_has_not(
    old: IndexedGraph, new: IndexedGraph
) -> None:
    check(old, new)
    assert not GraphDiff.of(old, old)


@given(graphs(), graphs())
@examples(40)
def test_graphs_too_large_for_one_number_a_fact_are_compared_alike(
    old: IndexedGraph, new: IndexedGraph
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fact_tables, "LARGEST_KEY", 1)
        check(old, new)


def test_two_states_of_one_index_are_compared(tmp_path: Path) -> None:
    folder = tmp_path / "films"
    save_index(GraphBuilder.of(FILMS), folder)
    add_facts(folder, [Triple("Juarez", "in_language", "Spanish"), Name("Kismet", "Kismet (1944)")])
    remove_facts(folder, [FILMS[1]])
    new = open_graph(folder)
    assert new.base is not None
    found = check(new.base, new)
    assert list(found.added) == [Triple("Juarez", "in_language", "Spanish")]
    assert [new.base.entity(one) for one in found.removed_entities] == ["English"]
    back = check(new, new.base)
    assert list(back.added) == [FILMS[1]]


def test_names_are_told_with_what_was_before() -> None:
    old = GraphBuilder.of([*FILMS, Name("William Dieterle", "Bill", alias=True)])
    new = GraphBuilder.of([*FILMS, Name("Kismet", "Kismet\x1b[31m"), RelationName("directed_by", "director")])
    said = {one.describe() for one in GraphDiff.of(old, new).relabelled}
    assert said == {
        "entity 'Kismet' is called 'Kismet[31m' now",
        "entity 'William Dieterle' is no longer called 'Bill'",
        "relation 'directed_by' is called 'director' now",
    }
    assert [one.describe() for one in GraphDiff.of(new, old).relabelled][1] == (
        "entity 'William Dieterle' is also called 'Bill'"
    )


def test_what_has_all_facts_of_what_is_gone_is_probably_the_same() -> None:
    new = [fact._replace(tail=fact.tail.replace("William", "Bill")) for fact in FILMS]
    found = GraphDiff.of(GraphBuilder.of(FILMS), GraphBuilder.of(new))
    assert [(one.kind, one.old, one.new) for one in found.renamed] == [
        ("entity", "William Dieterle", "Bill Dieterle")
    ]
    assert found.describe().endswith(
        "~ entity 'William Dieterle' may be 'Bill Dieterle' now: that has all its facts"
    )
    steps = [fact._replace(relation=fact.relation.upper()) for fact in FILMS]
    found = GraphDiff.of(GraphBuilder.of(FILMS), GraphBuilder.of(steps))
    assert [(one.kind, one.old, one.new) for one in found.renamed] == [
        ("relation", "directed_by", "DIRECTED_BY")
    ]  # in_language has a single fact


def test_two_new_entities_with_the_same_facts_are_none_of_them() -> None:
    old = [Triple(book, "by", "Austen") for book in ("Emma", "Sanditon")]
    jane, joan = ([fact._replace(tail=name) for fact in old] for name in ("Jane", "Joan"))
    graph = GraphBuilder.of(old)
    assert [one.new for one in GraphDiff.of(graph, GraphBuilder.of(jane)).renamed] == ["Jane"]
    assert GraphDiff.of(graph, GraphBuilder.of([*jane, *joan])).renamed == ()
    assert GraphDiff.of(graph, GraphBuilder.of([jane[0], joan[1]])).renamed == ()


def test_aliases_that_are_cut_elsewhere_are_other_aliases() -> None:
    old, new = (
        GraphBuilder.of([*FILMS, *(Name("Kismet", text, alias=True) for text in aliases)])
        for aliases in (("ab", "c"), ("a", "bc"))
    )
    check(old, new)


def test_only_what_is_listed_becomes_text() -> None:
    facts = [Triple(f"e{n}", "r", f"e{n + 1}") for n in range(300)]
    found = GraphDiff.of(GraphBuilder.of(facts[:100]), GraphBuilder.of(facts))
    shown = found.describe(5).split("\n")
    assert shown[0].startswith("facts: 200 added, 0 removed; entities: 200 added, 0 removed")
    assert "    ... and 195 more" in shown
    listed = found.to_dict(7)
    assert (listed["facts"]["added"], len(listed["facts"]["listed"]["added"])) == (200, 7)


def test_relations_are_listed_as_far_as_facts_are() -> None:
    facts = [Triple("a", f"r{n}", "b") for n in range(9)]
    shown = GraphDiff.of(GraphBuilder.of([]), GraphBuilder.of(facts)).describe(2).split("\n")
    assert shown[-3:] == ["  new relation: r0", "  new relation: r1", "    ... and 7 more"]


def test_an_empty_table_of_facts_has_none() -> None:
    graph = GraphBuilder.of([])
    assert len(FactTable.of(graph)) == 0
    assert check(graph, GraphBuilder.of(FILMS)).added.heads.dtype == np.int64
