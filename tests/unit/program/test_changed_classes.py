"""The classes of a graph with changes are those of a fresh build."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from property_examples import examples

from kgqa.graph import (
    GraphBuilder,
    IndexedGraph,
    Name,
    Triple,
    add_facts,
    open_index,
    remove_facts,
    save_index,
)
from kgqa.program import Classes, prepare

FACTS = st.builds(
    Triple,
    st.sampled_from(["a", "b", "River", "Thing"]),
    st.sampled_from(["instance of", "instance of", "subclass of", "near"]),
    st.sampled_from(["River", "Thing", "a"]),
)


def named(graph: IndexedGraph) -> dict[str, tuple[set[str], int]]:
    return {one.name: (set(map(graph.entity, one.nodes)), one.size) for one in Classes.of(graph).named}


@examples(100)
@given(
    st.lists(FACTS, min_size=1, max_size=6, unique=True),
    st.lists(FACTS, max_size=2, unique=True),
    st.lists(st.integers(0, 7), max_size=2),
    st.dictionaries(st.sampled_from(["River", "Thing", "a"]), st.sampled_from(["Lake", "thing"]), max_size=1),
)
def test_classes_follow_changes(
    tmp_path_factory: pytest.TempPathFactory,
    facts: list[Triple],
    added: list[Triple],
    removed: list[int],
    names: dict[str, str],
) -> None:
    folder = tmp_path_factory.mktemp("changed-classes")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("kgqa.program.classes.LEAST_STORED", 0)
        save_index(GraphBuilder.of(facts), folder)
        prepare(open_index(folder))
        before = named(open_index(folder))
        said = [Name(entity, text) for entity, text in names.items()]
        gone = {facts[place] for place in removed if place < len(facts)}
        remove_facts(folder, gone)
        add_facts(folder, [*added, *said])
        left = [fact for fact in dict.fromkeys([*facts, *added]) if fact not in gone or fact in added]
        assert named(open_index(folder)) == named(GraphBuilder.of([*said, *left]))
        assert before == named(GraphBuilder.of(facts))


def test_what_programs_need_is_stored_by_a_build(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("kgqa.program.classes", "kgqa.graph.relation_facts"):
        monkeypatch.setattr(f"{module}.LEAST_STORED", 0)
    save_index(GraphBuilder.of([("Nile", "instance of", "River"), ("Nile", "length", "6650")]), tmp_path)
    prepare(open_index(tmp_path))
    for name in ("values.value_table.compute_values", "relation_facts._sorted"):
        monkeypatch.setattr(f"kgqa.graph.{name}", None)
    monkeypatch.setattr(Classes, "_named", None)
    graph = open_index(tmp_path)
    prepare(graph)
    assert named(graph) == {"River": ({"River"}, 1)}
