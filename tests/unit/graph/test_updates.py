"""Changes of an index: at once for who opens it, and after compacting the index of a fresh build."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from killed_work import killed_at
from property_examples import examples

from kgqa.errors import IndexFolderError, StatementError, UsageError
from kgqa.graph import (
    GraphBuilder,
    IndexedGraph,
    Name,
    Node,
    NodeKind,
    RelationName,
    Statement,
    Triple,
    add_facts,
    compact_index,
    open_index,
    remove_facts,
    save_index,
)
from kgqa.graph.testing import check_graph
from kgqa.graph.text_column import TextColumn
from kgqa.program import parse_program, prove, to_quads

ENTITIES = [
    f"{beginning}{number}" for number in range(3) for beginning in ("e", "m.", "http://x/E_", "Ä", '"l')
]
TRIPLES = st.builds(
    Triple, st.sampled_from(ENTITIES), st.sampled_from(["r0", "r1", "r2"]), st.sampled_from(ENTITIES)
)
SAID = st.one_of(
    st.builds(
        Name, st.sampled_from([*ENTITIES, "r2"]), st.sampled_from(["Anna", "anna", "Bo", " "]), st.booleans()
    ),
    st.builds(RelationName, st.sampled_from(["r0", "r1"]), st.sampled_from(["knows", "is near"])),
    st.builds(Node, st.sampled_from(ENTITIES), st.sampled_from([NodeKind.LITERAL, NodeKind.BLANK])),
)


def content(folder: Path) -> dict[str, Any]:
    """What a manifest says of the graph, without how it was made."""
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    return {key: manifest[key] for key in ("version", "checksum", "counts", "files", "naming")}


def everything(graph: IndexedGraph) -> dict[str, object]:
    """What can be asked of a graph by identifiers and names."""
    entities = set(graph.entities)
    assert len(entities) == len(graph.entities)
    return {
        "facts": set(graph),
        "names": {entity: (graph.label(entity), graph.alias_texts(entity)) for entity in entities},
        "kinds": {entity: graph.kind(entity) for entity in entities},
        "relations": {relation: graph.relation_label(relation) for _, relation, _ in graph},
        "found": {name: graph.find_ranked(name) for name in set(graph.names.iterkeys())},
        "prefixes": sorted(set(graph.names.prefixes("anna e0 http://x/e_1"))),
    }


@examples(40)
@given(st.lists(SAID, max_size=6), st.sets(TRIPLES, max_size=12), st.sets(TRIPLES, max_size=6), st.data())
def test_a_changed_index_is_that_of_all_facts_and_compacts_to_a_fresh_build(
    tmp_path_factory: pytest.TempPathFactory,
    said: list[Statement],
    facts: set[Triple],
    added: set[Triple],
    data: st.DataObject,
) -> None:
    folder = tmp_path_factory.mktemp("updates")
    gone = data.draw(st.sets(st.sampled_from(sorted(facts | added)), max_size=4)) if facts | added else set()
    save_index(GraphBuilder.of([*said, *sorted(facts)]), folder / "index")
    done = add_facts(folder / "index", sorted(added))
    assert (done.facts, done.unchanged) == (len(added - facts), len(added & facts))
    assert remove_facts(folder / "index", sorted(gone)).facts == len(gone)
    graph = open_index(folder / "index")
    check_graph(graph)
    left = (facts | added) - gone
    lost = {fact.relation for fact in facts} - {fact.relation for fact in left}
    known = _as_names_of_relations(_without_lost_nodes(said, gone & facts, left), lost)
    fresh = GraphBuilder.of([*known, *sorted(left)])
    save_index(fresh, folder / "fresh")
    assert set(graph) == set(fresh)
    compacted = compact_index(folder / "index")
    assert everything(compacted) == everything(fresh)
    naming = graph.naming
    assert naming is not None
    assert compacted.naming is not None
    before, after = naming, compacted.naming
    if (before.speaks, before.hides_iris) == (after.speaks, after.hides_iris):
        assert everything(graph) == everything(fresh)
    assert content(folder / "index") == content(folder / "fresh")


def _as_names_of_relations(said: list[Statement], lost: set[str]) -> list[Statement]:
    """A relation that lost its last fact keeps its name, which would be that of an entity without it."""
    return [
        RelationName(*one[:2]) if isinstance(one, Name) and one.entity in lost else one
        for one in said
        if not (isinstance(one, Name) and one.entity in lost and one.alias)
    ]


def _without_lost_nodes(said: list[Statement], gone: set[Triple], left: set[Triple]) -> list[Statement]:
    """Literals and blank nodes are gone with their last fact, as they are from a file; so are blank names."""
    ends = [{end for triple in some for end in (triple.head, triple.tail)} for some in (gone, left)]
    without_facts = ends[0] - ends[1]
    lost = {one.entity for one in said if isinstance(one, Node)} & without_facts
    return [
        one
        for one in said
        if isinstance(one, RelationName)
        or not (one[0] in lost or (one[0] in without_facts and isinstance(one, Name) and not one[1].strip()))
    ]


KINDS = {'"': NodeKind.LITERAL, "_": NodeKind.BLANK}
FACTS = st.builds(
    Triple,
    st.sampled_from(["e0", "e1", "m.0", "http://x/E_0", "_:b0"]),
    st.sampled_from(["r0", "r1"]),
    st.sampled_from(["e0", "http://x/E_0", '"l0"', '"l1"', "_:b0", "_:b1"]),
)
NAMES = st.one_of(
    st.builds(
        Name,
        st.sampled_from(["e0", "e2", "m.0", "http://x/E_0"]),
        st.sampled_from(["Anna", "anna", "Bo", "Cy"]),
        st.booleans(),
    ),
    st.builds(RelationName, st.sampled_from(["r0", "r1"]), st.sampled_from(["knows", "is near", " "])),
)


def as_read(statements: Iterable[Statement]) -> list[Statement]:
    """Facts with the kinds of their ends, as readers give them."""
    found: list[Statement] = []
    for one in statements:
        if isinstance(one, Triple):
            found += [Node(end, KINDS[end[0]]) for end in (one.head, one.tail) if end[0] in KINDS]
        found.append(one)
    return found


@examples(60)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["add", "add", "remove", "compact"]),
            st.lists(st.one_of(FACTS, FACTS, NAMES), max_size=6),
        ),
        max_size=6,
    )
)
def test_any_updates_in_a_row_give_the_index_of_a_build_from_what_is_left(
    tmp_path_factory: pytest.TempPathFactory, updates: list[tuple[str, list[Statement]]]
) -> None:
    folder = tmp_path_factory.mktemp("rows-of-updates")
    index, left = folder / "index", [Triple("e0", "r0", "e1")]
    said: list[Statement] = []
    save_index(GraphBuilder.of(left), index)
    for update, statements in updates:
        facts = dict.fromkeys(one for one in statements if isinstance(one, Triple))
        match update:
            case "add":
                assert add_facts(index, as_read(statements)).facts == len(facts.keys() - {*left})
                said += [one for one in statements if not isinstance(one, Triple)]
                left += [fact for fact in facts if fact not in left]
            case "remove":
                assert remove_facts(index, facts).facts == len(facts.keys() & {*left})
                left = [fact for fact in left if fact not in facts]
            case _:
                compact_index(index)
        check_graph(open_index(index))
    graph, fresh = open_index(index), GraphBuilder.of([*said, *as_read(left)])
    assert graph.naming is not None
    assert fresh.naming is not None
    if graph.naming.speaks == fresh.naming.speaks and graph.naming.hides_iris == fresh.naming.hides_iris:
        assert everything(graph) == everything(fresh)
        assert graph.alias_count == len(fresh.aliases)
    save_index(fresh, folder / "fresh")
    assert everything(compact_index(index)) == everything(fresh)
    assert content(index) == content(folder / "fresh")


@examples(30)
@given(st.sets(TRIPLES, max_size=12), st.sets(TRIPLES, max_size=6), st.lists(st.integers(0, 14), max_size=5))
def test_rows_of_a_changed_graph_are_those_of_its_whole_arrays(
    tmp_path_factory: pytest.TempPathFactory, facts: set[Triple], added: set[Triple], some: list[int]
) -> None:
    folder = tmp_path_factory.mktemp("rows")
    save_index(GraphBuilder.of(sorted(facts)), folder)
    add_facts(folder, sorted(added))
    remove_facts(folder, sorted(facts)[::3])
    graph = open_index(folder)
    entities = np.array([number for number in some if number < graph.entity_count], dtype=np.int32)
    for adjacency in (graph.outward, graph.inward):
        assert adjacency.edge_count == len(adjacency.targets) == len(graph)
        starts, stops = adjacency.offsets[entities], adjacency.offsets[entities + 1]
        rows = [
            (adjacency.relations[a:b].tolist(), adjacency.targets[a:b].tolist())
            for a, b in zip(starts, stops, strict=True)
        ]
        assert [
            tuple(part.tolist() for part in adjacency.row(entity)) for entity in entities.tolist()
        ] == rows
        owners, relations, targets = adjacency.gather(entities)
        assert owners.tolist() == [place for place, row in enumerate(rows) for _ in row[0]]
        assert relations.tolist() == [number for row in rows for number in row[0]]
        assert targets.tolist() == [number for row in rows for number in row[1]]
        assert adjacency.degrees(entities).tolist() == [len(row[0]) for row in rows]
    assert graph.has_name(entities).tolist() == graph.named[entities].tolist()
    labels = [graph.labels[number] for number in range(graph.entity_count)]
    column = TextColumn(graph.labels.offsets, graph.labels.data)
    assert [column[number] for number in range(len(column))] == labels


OLD = [Triple("Ann", "knows", "Bo"), Triple("Bo", "knows", "Cy")]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    save_index(GraphBuilder.of([*OLD, Name("Cy", "Cyril")]), tmp_path / "index")
    return tmp_path / "index"


def test_an_open_graph_goes_on_with_what_it_has(folder: Path) -> None:
    graph = open_index(folder)
    add_facts(folder, [Triple("Cy", "knows", "Dan")])
    assert set(graph) == set(OLD)
    assert open_index(folder).find("dan") == ("Dan",)


def test_an_entity_without_facts_and_labels_is_not_found_any_more(folder: Path) -> None:
    remove_facts(folder, OLD)
    graph = open_index(folder)
    assert [graph.find(name) for name in ("Ann", "ann", "Cyril")] == [(), (), ("Cy",)]
    assert "Bo" not in graph.entities
    assert list(compact_index(folder).entities) == ["Cy"]


def test_names_are_added_to_names(folder: Path) -> None:
    add_facts(folder, [Name("Cy", "Cyrus"), Name("Ann", "Anna"), Name("knows", "is a friend of")])
    graph = open_index(folder)
    assert (graph.label("Cy"), graph.alias_texts("Cy")) == ("Cyril", ("Cyrus",))
    assert (graph.label("Ann"), graph.find("anna"), graph.find("ann")) == ("Anna", ("Ann",), ())
    assert graph.relation_label("knows") == "is a friend of"
    assert everything(compact_index(folder)) == everything(graph)


def test_what_is_undone_leaves_no_change(folder: Path) -> None:
    before = open_index(folder).checksum
    add_facts(folder, [Triple("x", "r", "y")])
    remove_facts(folder, OLD[:1])
    assert open_index(folder).checksum != before
    remove_facts(folder, [Triple("x", "r", "y")])
    assert add_facts(folder, OLD[:1]).changes == 0
    assert open_index(folder).checksum == before
    assert len(list(folder.iterdir())) == 3  # the data, the manifest and the lock


def test_a_damaged_file_of_changes_shows(folder: Path) -> None:
    add_facts(folder, [Triple("x", "r", "y")])
    (path,) = folder.glob("changes-*")
    whole = path.read_bytes()
    for broken in (whole[:-3], whole.replace(b"x", b"z"), b""):
        path.write_bytes(broken)
        with pytest.raises(IndexFolderError, match="damaged"):
            open_index(folder)
    path.unlink()
    with pytest.raises(IndexFolderError, match="damaged"):
        open_index(folder)


def test_a_manifest_that_lost_its_changes_is_refused(folder: Path) -> None:
    add_facts(folder, [Triple("x", "r", "y")])
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    del manifest["changes"]
    (folder / "manifest.json").write_text(json.dumps(manifest), "utf-8")
    with pytest.raises(IndexFolderError, match="damaged"):
        open_index(folder)


def test_an_index_of_an_older_version_is_opened_and_takes_no_changes(folder: Path) -> None:
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    old = {key: value for key, value in manifest.items() if key not in ("naming", "data")}
    from kgqa.graph.index_folder import data_name

    (folder / manifest["data"]).rename(folder / data_name(old))
    (folder / "manifest.json").write_text(json.dumps({**old, "data": data_name(old)}), "utf-8")
    assert set(open_index(folder)) == set(OLD)
    for change in (lambda: add_facts(folder, OLD), lambda: compact_index(folder)):
        with pytest.raises(IndexFolderError, match="build it again"):
            change()
    assert set(open_index(folder)) == set(OLD)


def test_a_changed_graph_is_not_saved_and_bad_facts_change_nothing(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(StatementError):
        add_facts(folder, [Triple("x", "r", "y"), Triple("", "r", "y")])
    assert set(open_index(folder)) == set(OLD)
    add_facts(folder, [Triple("x", "r", "y")])
    with pytest.raises(UsageError, match="kgqa compact"):
        save_index(open_index(folder), tmp_path / "copy")


@pytest.mark.skipif(os.name != "posix", reason="needs fork and SIGKILL")
@pytest.mark.parametrize("work", ["add", "compact"])
def test_a_kill_at_any_step_leaves_the_old_state_or_the_new(folder: Path, work: str) -> None:
    add_facts(folder, [Triple("Cy", "knows", "Dan")])
    more = Triple("Dan", "knows", "Eve")
    step, seen = 1, []
    while True:
        killed = killed_at(
            step, lambda: add_facts(folder, [more]) if work == "add" else compact_index(folder)
        )
        graph = open_index(folder, verify=True)
        assert set(graph) - {more} == {*OLD, Triple("Cy", "knows", "Dan")}
        seen.append(more in graph if work == "add" else not graph.changed)
        if not killed:
            break
        if seen[-1]:  # back to the old state
            remove_facts(folder, [more]) if work == "add" else add_facts(folder, [more])
            remove_facts(folder, [more])
        step += 5
    assert step > 20
    assert seen[-1]
    assert False in seen
    assert len(list(folder.iterdir())) <= 4


def test_programs_are_read_and_written_after_an_entity_is_gone(folder: Path) -> None:
    add_facts(folder, [Triple("m.1", "knows", "Ann"), Node("m.1", NodeKind.BLANK), *OLD])
    compact_index(folder)
    remove_facts(folder, [Triple("m.1", "knows", "Ann")])
    graph = open_index(folder)
    assert prove(parse_program("Bo <- knows | count", graph), graph).result.value is not None
    assert not any("m.1" in str(quad) for quad in to_quads(graph))
