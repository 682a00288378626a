"""Completion of names, compared with a search that reads every name."""

from __future__ import annotations

import re
import time
import unicodedata
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from property_examples import examples

from kgqa.errors import UsageError
from kgqa.graph import (
    GraphBuilder,
    IndexedGraph,
    Name,
    Node,
    NodeKind,
    Triple,
    add_facts,
    degree_of,
    fold_name,
    open_index,
    remove_facts,
    save_index,
)
from kgqa.linking import beginning_index, name_index
from kgqa.service import complete_name

WORDS = ("Dan", "dan", "Danube", "Élan", "elan vital", "K.", "O'Dan", "多瑙河", "M*A*S*H", "ß", "X " * 20)


def plain(text: str) -> str:
    apart = unicodedata.normalize("NFKD", text.casefold())
    kept = "".join(" " if c == "_" or not (c.isalnum() or "\u0300" <= c <= "\u036f") else c for c in apart)
    return " ".join(re.sub("[\u0300-\u036f]", "", kept).split())


def brute_force(graph: IndexedGraph, text: str) -> list[str]:
    """All entities that a text may begin the name of, in three groups, each by degree."""
    start = plain(text)
    groups: list[list[tuple[int, str]]] = [[], [], []]
    for entity in graph.entities:
        number = graph.entity_id(entity)
        names = [name for name in (graph.label(entity), *graph.alias_texts(entity)) if name]
        words = [plain(name).split()[:8] for name in names]
        rests = [
            [" ".join(plain(name).split()[at:]) for at in range(len(own))]
            for name, own in zip(names, words, strict=True)
        ]
        if entity == text or fold_name(text) in map(fold_name, names):
            groups[0].append((-degree_of(graph, number), entity))
        elif graph.kind(entity) is NodeKind.LITERAL:
            continue
        elif any(own and own[0].startswith(start) for own in rests):
            groups[1].append((-degree_of(graph, number), entity))
        elif any(rest.startswith(start) for own in rests for rest in own[1:]):
            groups[2].append((-degree_of(graph, number), entity))
    return [entity for group in groups for _, entity in sorted(group)]


def graph_of(names: list[list[str]], edges: list[tuple[int, int]]) -> IndexedGraph:
    builder = GraphBuilder()
    for number, (label, *aliases) in enumerate(names):
        builder.add(Name(f"e{number}", label))
        builder.add_all(Name(f"e{number}", alias, alias=True) for alias in aliases)
    builder.add_all(Triple(f"e{head % len(names)}", "r", f"e{tail % len(names)}") for head, tail in edges)
    return builder.build()


texts = st.one_of(st.sampled_from(WORDS), st.text("daéß K_-'多\n", min_size=1, max_size=6).filter(fold_name))
names = st.lists(texts, min_size=1, max_size=3).map(" ".join)
graphs = st.builds(
    graph_of,
    st.lists(st.lists(names, min_size=1, max_size=3), min_size=1, max_size=8),
    st.lists(st.tuples(st.integers(0, 7), st.integers(0, 7)), max_size=20),
)


@examples(90)
@given(graphs, st.one_of(st.just(""), names, st.text(max_size=3)))
def test_finds_what_a_search_through_all_names_finds(graph: IndexedGraph, text: str) -> None:
    found = complete_name(graph, text, 100)
    expected = brute_force(graph, text)
    degrees = {one.entity: one.degree for one in found}
    assert sorted(degrees) == sorted(expected)
    assert [degrees[entity] for entity in degrees] == [degrees[entity] for entity in expected]


def test_large_ranges_give_the_most_connected_first() -> None:
    builder = GraphBuilder()
    for number in range(9000):
        builder.add(Triple(f"name {number:04} a", "r", f"x{number % 7}"))
    for other in range(30):
        builder.add(Triple("name 5555 a", "s", f"y{other}"))
        builder.add(Triple(f"name {other * 97:04} a", "s", "z"))
    graph = builder.build()
    found = complete_name(graph, "NAME", 100)
    assert found[0].entity == "name 5555 a"
    assert sorted((one.degree for one in found), reverse=True) == [one.degree for one in found]
    assert {one.entity for one in found[1:31]} == {f"name {other * 97:04} a" for other in range(30)}
    assert [one.entity for one in found[31:34]] == ["name 0001 a", "name 0002 a", "name 0003 a"]


def test_long_texts_are_compared_to_their_end() -> None:
    stem = "a very long beginning of a title that goes on"
    graph = GraphBuilder.of([(f"{stem} {end}", "r", "x") for end in ("north", "south", "southwest")])
    assert [one.name for one in complete_name(graph, f"{stem} south")] == [
        f"{stem} south",
        f"{stem} southwest",
    ]
    assert complete_name(graph, f"{stem} east") == []


@pytest.mark.parametrize("text", ["\0", "\ud800", "\n", "?", "x" * 10_000, "\u202e", "'; drop"])
def test_hostile_texts_find_nothing_or_something_but_fail_never(text: str) -> None:
    graph = GraphBuilder.of([("Kismet", "directed_by", "William Dieterle")])
    assert {one.entity for one in complete_name(graph, text)} <= {"Kismet", "William Dieterle"}


def test_values_are_no_names() -> None:
    graph = (
        GraphBuilder()
        .add_all([Triple("Emma", "abstract", "a novel"), Node("a novel", NodeKind.LITERAL)])
        .build()
    )
    assert complete_name(graph, "nov") == []


def test_the_class_and_the_degree_are_told() -> None:
    graph = GraphBuilder.of([("Kismet", "type", "Film"), ("Kismet", "year", "1944")])
    assert [one.to_dict() for one in complete_name(graph, "kis")] == [
        {"entity": "Kismet", "name": "Kismet", "degree": 2, "class": "Film"}
    ]


def test_changes_of_names_are_found_at_once(tmp_path: Path) -> None:
    folder = tmp_path / "graph"
    save_index(graph_of([["Danube"], ["Rhine"], ["Elbe"]], [(0, 1), (1, 2)]), folder)
    complete_name(open_index(folder), "dan")
    add_facts(folder, [Triple("e2", "r", "new"), Name("new", "Danzig"), Name("e1", "Danish Rhine")])
    changed = open_index(folder)
    assert changed.changed
    assert {one.entity for one in complete_name(changed, "dan")} == {"e0", "new", "e1"}
    assert [one.entity for one in complete_name(changed, "rhine")] == ["e1"]


def test_the_index_of_many_names_is_stored_and_read_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(beginning_index, "LEAST_STORED", 1)
    folder = tmp_path / "graph"
    save_index(GraphBuilder.of([("Danube", "flows through", "Vienna")]), folder)
    found = complete_name(open_index(folder), "vi")
    assert (folder / beginning_index.FOLDER).is_dir()
    monkeypatch.setattr(beginning_index, "_word_starts", lambda data: pytest.fail("built again"))
    assert complete_name(open_index(folder), "vi") == found != []


def test_very_large_graphs_are_searched_by_the_beginnings_of_whole_names(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(beginning_index, "MOST_INDEXED", 1)
    graph = GraphBuilder.of([("Old Danube", "near", "Danube"), ("Danube", "in", "Austria")])
    assert [one.entity for one in complete_name(graph, "Dan")] == ["Danube"]
    assert name_index.MOST_INDEXED > 1


@pytest.mark.parametrize("limit", [0, -1, 101, True])
def test_a_bad_limit_is_refused(limit: int) -> None:
    with pytest.raises(UsageError, match="limit"):
        complete_name(GraphBuilder.of([("a", "r", "b")]), "a", limit)


edits = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9), names), min_size=1, max_size=4)


@pytest.mark.slow
@examples(30)
@given(st.lists(st.lists(names, min_size=1, max_size=2), min_size=2, max_size=5), edits, edits, names)
def test_a_changed_graph_is_searched_as_one_built_anew(
    old: list[list[str]], added: list[tuple[int, int, str]], removed: list[tuple[int, int, str]], text: str
) -> None:
    with TemporaryDirectory() as place:
        folder = Path(place) / "graph"
        graph = graph_of(old, [(at, at + 1) for at in range(len(old))])
        save_index(graph, folder)
        for head, tail, name in added:
            add_facts(folder, [Triple(f"e{head}", "r", f"e{tail}"), Name(f"e{head}", name)])
        remove_facts(
            folder,
            [fact for head, tail, _ in removed if (fact := Triple(f"e{head}", "r", f"e{tail}")) in graph],
        )
        changed = open_index(folder)
        expected = brute_force(changed, text)
        assert sorted(one.entity for one in complete_name(changed, text, 100)) == sorted(expected)


@pytest.mark.slow
def test_damaged_arrays_are_made_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(beginning_index, "LEAST_STORED", 1)
    folder = tmp_path / "graph"
    save_index(GraphBuilder.of([("Danube", "flows through", "Vienna")]), folder)
    found = complete_name(open_index(folder), "vi")
    for file in sorted((folder / beginning_index.FOLDER).iterdir()):
        whole = file.read_bytes()
        for damaged in (b"", whole[:-3], bytes(byte ^ 255 for byte in whole)):
            file.write_bytes(damaged)
            assert complete_name(open_index(folder), "vi") == found
    save_index(GraphBuilder.of([("Rhine", "flows through", "Visp")]), folder)
    assert [one.entity for one in complete_name(open_index(folder), "vi")] == ["Visp"]


def test_a_folder_that_cannot_be_written_is_searched_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(beginning_index, "LEAST_STORED", 1)
    monkeypatch.setattr(beginning_index, "write_arrays", lambda *_: False)
    save_index(GraphBuilder.of([("Danube", "flows through", "Vienna")]), tmp_path / "graph")
    assert [one.entity for one in complete_name(open_index(tmp_path / "graph"), "vi")] == ["Vienna"]


def test_requests_at_the_same_time_sort_the_names_once(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[int] = []
    original = beginning_index._word_starts

    def slow(data: Any) -> Any:
        made.append(1)
        time.sleep(0.05)
        return original(data)

    monkeypatch.setattr(beginning_index, "_word_starts", slow)
    graph = GraphBuilder.of([("Danube", "flows through", "Vienna")])
    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(lambda _: complete_name(graph, "vi"), range(8)))
    assert (len(made), [one.entity for one in found[0]]) == (1, ["Vienna"])
    assert all(one == found[0] for one in found)
