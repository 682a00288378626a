"""Sources of facts: which named graphs say each of them, in memory and in an index."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from property_examples import examples

from kgqa.constraint import Without, restrict
from kgqa.errors import IndexFolderError, StatementError, UsageError
from kgqa.graph import (
    GraphBuilder,
    IndexedGraph,
    Quad,
    Triple,
    add_facts,
    compact_index,
    only_sources,
    open_index,
    remove_facts,
    save_index,
    subgraph,
)
from kgqa.graph.adjacency import Adjacency
from kgqa.graph.building import FactBlock, IndexBuilder
from kgqa.graph.sources.fact_sources import FactSources
from kgqa.graph.testing import check_graph

ENTITIES = st.sampled_from([f"e{number}" for number in range(6)])
RELATIONS = st.sampled_from(["r", "s"])
SOURCES = ["http://x/g", "http://x/h", "_:b@f", "e1"]
FACTS = st.one_of(
    st.builds(Quad, ENTITIES, RELATIONS, ENTITIES, st.sampled_from(SOURCES)),
    st.builds(Triple, ENTITIES, RELATIONS, ENTITIES),
)


def said_by(facts: Iterable[Triple | Quad]) -> dict[Triple, tuple[str, ...]]:
    """The sources of each fact, the slow way."""
    found: dict[Triple, set[str]] = {}
    for fact in facts:
        sources = found.setdefault(Triple(*fact[:3]), set())
        if isinstance(fact, Quad):
            sources.add(fact.source)
    return {triple: tuple(sorted(sources)) for triple, sources in found.items()}


def check_sources(graph: IndexedGraph, expected: Mapping[Triple, tuple[str, ...]]) -> None:
    assert {triple: graph.sources(triple) for triple in graph} == expected
    counts = Counter(source for sources in expected.values() for source in sources)
    assert graph.source_counts() == counts
    assert list(graph.source_counts().values()) == sorted(counts.values(), reverse=True)
    if graph.provenance is not None:
        assert graph.provenance.without() == sum(not sources for sources in expected.values())


def in_blocks(facts: Sequence[Triple | Quad], size: int) -> Iterable[Triple | Quad | FactBlock]:
    """Every other piece of some facts as a block."""
    for start in range(0, len(facts), size):
        some = facts[start : start + size]
        if start // size % 2:
            yield from some
        else:
            sources = [fact.source if isinstance(fact, Quad) else None for fact in some]
            heads, relations, tails = (list(texts) for texts in zip(*(f[:3] for f in some), strict=True))
            yield FactBlock.of(heads, relations, tails, sources)


@examples(80)
@given(st.lists(FACTS, max_size=25), st.integers(1, 12), st.integers(1, 30))
def test_each_fact_has_all_the_sources_that_say_it(
    tmp_path_factory: pytest.TempPathFactory, facts: list[Triple | Quad], size: int, run: int
) -> None:
    folder = tmp_path_factory.mktemp("sources")
    expected = said_by(facts)
    graph = GraphBuilder.of(facts)
    check_sources(graph, expected)
    with IndexBuilder(folder / "blocks", run_facts=run) as builder:
        builder.add_all(in_blocks(facts, size)).save()
    built = open_index(folder / "blocks")
    check_sources(built, expected)
    check_graph(built)
    save_index(GraphBuilder.of(facts[::-1]), folder / "memory")
    contents = [json.loads((folder / name / "manifest.json").read_text()) for name in ("blocks", "memory")]
    assert contents[0]["files"] == contents[1]["files"]
    assert contents[0]["checksum"] == contents[1]["checksum"] == graph.checksum
    assert built.facts_about["duplicates"] == graph.facts_about["duplicates"]


def test_a_graph_without_sources_has_no_files_and_no_checksum_of_them(tmp_path: Path) -> None:
    fact = Triple("a", "r", "b")
    plain, sourced = GraphBuilder.of([fact]), GraphBuilder.of([Quad(*fact, "g")])
    assert plain.provenance is None
    assert plain.sources(fact) == ()
    assert sourced.checksum != plain.checksum
    assert sourced.checksum != GraphBuilder.of([Quad(*fact, "h")]).checksum
    for name, graph, version in (("plain", plain, 1), ("sourced", sourced, 3)):
        save_index(graph, tmp_path / name)
        manifest = json.loads((tmp_path / name / "manifest.json").read_text("utf-8"))
        assert manifest["version"] == version
        assert any("source" in file for file in manifest["files"]) == (name == "sourced")


def test_what_is_no_fact_has_no_source() -> None:
    graph = GraphBuilder.of([Quad("a", "r", "b", "g"), Quad("a", "r", "d", "h"), Triple("c", "r", "b")])
    assert graph.sources(("a", "r", "b")) == ("g",)
    assert (
        graph.sources(("b", "r", "a"))
        == graph.sources(("a", "r", "c"))
        == graph.sources(("x", "y", "z"))
        == ()
    )
    assert graph.sources(("c", "r", "b")) == ()


def test_facts_of_several_sources_are_no_duplicates() -> None:
    said: list[Triple | Quad] = [
        Quad("a", "r", "b", "g"),
        Quad("a", "r", "b", "h"),
        Quad("a", "r", "b", "g"),
        Triple("b", "r", "a"),
    ]
    assert GraphBuilder.of(said).facts_about["duplicates"] == 1


@pytest.mark.parametrize("source", ["", "a\0b", "\ud800"])
def test_a_source_that_cannot_be_stored_is_refused(tmp_path: Path, source: str) -> None:
    builder = GraphBuilder()
    with pytest.raises(StatementError):
        builder.add(Quad("a", "r", "b", source))
    builder.add(Triple("c", "r", "d"))
    assert builder.build().provenance is None
    with IndexBuilder(tmp_path / "index") as runs, pytest.raises(StatementError):
        runs.add_all([Quad("a", "r", "b", source)]).save()
    with pytest.raises(StatementError, match="not"):
        GraphBuilder.of([("a", "r", "b", "g")])  # type: ignore[list-item]


UPDATES = st.lists(
    st.tuples(st.sampled_from(["add", "add", "remove", "compact"]), st.lists(FACTS, max_size=8)), max_size=6
)


@examples(60)
@given(st.lists(FACTS, max_size=10), UPDATES)
def test_any_updates_in_a_row_leave_the_sources_of_a_build_from_what_is_left(
    tmp_path_factory: pytest.TempPathFactory,
    facts: list[Triple | Quad],
    updates: list[tuple[str, list[Triple | Quad]]],
) -> None:
    folder = tmp_path_factory.mktemp("updates")
    index, left = folder / "index", list(facts)
    save_index(GraphBuilder.of(facts), index)
    for update, given_facts in updates:
        before = said_by(left)
        triples = {Triple(*fact[:3]) for fact in given_facts}
        if update == "add":
            done = add_facts(index, given_facts)
            left += given_facts
            assert (done.facts, done.sourced) == counted(before, given_facts)
            assert done.unchanged == len(given_facts) - done.facts - done.sourced
        elif update == "remove":
            assert remove_facts(index, given_facts).facts == len(triples & before.keys())
            left = [fact for fact in left if Triple(*fact[:3]) not in triples]
        else:
            compact_index(index)
        graph = open_index(index)
        check_sources(graph, said_by(left))
        check_whole(graph)
    save_index(GraphBuilder.of(left), folder / "fresh")
    check_sources(compact_index(index), said_by(left))
    kept = [json.loads((path / "manifest.json").read_text("utf-8")) for path in (index, folder / "fresh")]
    for name in ("version", "checksum", "counts", "files"):
        assert kept[0][name] == kept[1][name]


def counted(before: Mapping[Triple, tuple[str, ...]], added: Iterable[Triple | Quad]) -> tuple[int, int]:
    """How many facts are new, and how many times one that is there has one more source."""
    new, sourced = 0, 0
    known = {triple: set(sources) for triple, sources in before.items()}
    for fact in added:
        triple, source = Triple(*fact[:3]), fact.source if isinstance(fact, Quad) else None
        new += triple not in known
        sourced += triple in known and source is not None and source not in known[triple]
        known.setdefault(triple, set()).update(() if source is None else (source,))
    return new, sourced


def check_whole(graph: IndexedGraph) -> None:
    """The whole arrays of sources say the same as the single facts, and so does every part of them."""
    provenance = graph.provenance
    if provenance is None:
        return
    outward = graph.outward
    plain = Adjacency(outward.offsets, outward.relations, outward.targets)
    arrays = (provenance.of_facts, provenance.set_offsets, provenance.set_sources)
    whole = FactSources(provenance.names, plain, *arrays)
    assert [graph.sources(fact) for fact in graph] == [
        whole.sources(
            *(graph.entity_id(fact.head), graph.relation_id(fact.relation), graph.entity_id(fact.tail))
        )
        for fact in graph
    ]
    for first in range(graph.entity_count):
        for stop in range(first, graph.entity_count + 1):
            parts = provenance.leaving(first, stop), whole.leaving(first, stop)
            assert [part.tolist() for part in parts[0]] == [part.tolist() for part in parts[1]]


def test_what_is_undone_leaves_no_change(tmp_path: Path) -> None:
    fact = Triple("a", "r", "b")
    save_index(GraphBuilder.of([Quad(*fact, "g"), Triple("b", "r", "c")]), tmp_path)
    assert add_facts(tmp_path, [Quad(*fact, "g")]).changes == 0
    added = add_facts(tmp_path, [Quad(*fact, "h")])
    assert (added.facts, added.sourced, added.unchanged, added.changes) == (0, 1, 0, 1)
    assert open_index(tmp_path).sources(fact) == ("g", "h")
    remove_facts(tmp_path, [fact])
    assert add_facts(tmp_path, [fact]).facts == 1
    assert open_index(tmp_path).sources(fact) == ()
    assert add_facts(tmp_path, [Quad(*fact, "g")]).changes == 0
    assert json.loads((tmp_path / "manifest.json").read_text("utf-8"))["version"] == 3


def test_the_first_source_makes_an_index_one_that_older_versions_refuse(tmp_path: Path) -> None:
    save_index(GraphBuilder.of([Triple("a", "r", "b")]), tmp_path)
    for fact, version in ((Triple("b", "r", "a"), 2), (Quad("a", "r", "c", "g"), 3)):
        add_facts(tmp_path, [fact])
        manifest = json.loads((tmp_path / "manifest.json").read_text("utf-8"))
        assert manifest["version"] == version
    assert open_index(tmp_path).source_counts() == {"g": 1}
    (tmp_path / "manifest.json").write_text(json.dumps({**manifest, "version": 2}), "utf-8")
    with pytest.raises(IndexFolderError, match="damaged"):
        open_index(tmp_path)


def test_parts_of_a_graph_keep_the_sources_of_their_facts() -> None:
    said: list[Triple | Quad] = [
        Quad("a", "r", "b", "g"),
        Quad("a", "r", "b", "h"),
        Triple("b", "s", "c"),
        Quad("c", "r", "d", "g"),
    ]
    graph = GraphBuilder.of(said)
    check_sources(subgraph(graph, ["a"], 2), said_by(said[:3]))
    check_sources(restrict(graph, Without(relations={"s"})), said_by([*said[:2], said[3]]))
    view = only_sources(graph, ["h"])
    assert view.sources(("a", "r", "b")) == ("g", "h")
    assert only_sources(view, ["h"]) is view
    with pytest.raises(UsageError, match="cannot be saved"):
        save_index(view, "never")
