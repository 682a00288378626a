"""The classes and relations of a graph with their sizes, compared with counting."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from property_examples import examples

from kgqa.errors import UsageError
from kgqa.graph import GraphBuilder, Triple, add_facts, open_index, remove_facts, save_index
from kgqa.service import graph_schema

FILMS = [
    ("Kismet", "type", "Film"),
    ("Emma", "type", "Book"),
    ("Persuasion", "type", "Book"),
    ("Kismet", "directed_by", "William Dieterle"),
]
numbers = st.integers(0, 3)


@examples(100)
@given(st.lists(st.tuples(numbers, numbers, numbers), min_size=1, max_size=30))
def test_relations_are_counted(rows: list[tuple[int, int, int]]) -> None:
    facts = {(f"e{head}", f"r{relation}", f"e{tail}") for head, relation, tail in rows}
    schema = graph_schema(GraphBuilder.of(facts))
    counts = Counter(relation for _, relation, _ in facts)
    assert {one.relation: one.facts for one in schema.relations} == counts
    assert [one.facts for one in schema.relations] == sorted(counts.values(), reverse=True)


def test_the_largest_come_first_and_the_rest_is_counted() -> None:
    assert graph_schema(GraphBuilder.of(FILMS), 1).to_dict() == {
        "classes": [{"entity": "Book", "name": "Book", "members": 2}],
        "class_total": 2,
        "relations": [{"relation": "type", "name": "type", "facts": 3}],
        "relation_total": 2,
    }


def test_changed_facts_are_counted_anew(tmp_path: Path) -> None:
    folder = tmp_path / "graph"
    save_index(GraphBuilder.of(FILMS), folder)
    add_facts(folder, [Triple("Emma", "author", "Jane Austen"), Triple("Kismet", "type", "Play")])
    remove_facts(
        folder, [Triple("Persuasion", "type", "Book"), Triple("Kismet", "directed_by", "William Dieterle")]
    )
    schema = graph_schema(open_index(folder))
    assert {one.relation: one.facts for one in schema.relations} == {"type": 3, "author": 1}
    assert {one.name: one.members for one in schema.classes} == {"Book": 1, "Film": 1, "Play": 1}


@pytest.mark.parametrize("limit", [0, 1001, True])
def test_a_bad_limit_is_refused(limit: int) -> None:
    with pytest.raises(UsageError, match="limit"):
        graph_schema(GraphBuilder.of(FILMS), limit)
