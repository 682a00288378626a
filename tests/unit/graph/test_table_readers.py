"""DataFrames, parquet, networkx graphs and the files that networkx reads."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import networkx as nx
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from strategies import graphs

from kgqa.errors import ParseError, UsageError
from kgqa.graph import GraphBuilder, IndexedGraph, Name, Triple
from kgqa.graph.readers import (
    SkipReport,
    detect_format,
    read,
    read_frame,
    read_networkx,
    read_rog,
    to_networkx,
)

FACTS = [Triple("Kismet", "directed_by", "William Dieterle"), Triple("Kismet", "release_year", "1944")]
FRAME = pd.DataFrame(FACTS, columns=["head", "relation", "tail"])


@pytest.mark.parametrize(
    "names",
    [["head", "relation", "tail"], ["Subject", "Predicate", "Object"], ["x", "y", "z"], [0, 1, 2]],
)
def test_a_frame_is_read_by_the_names_or_the_order_of_its_columns(names: list[str]) -> None:
    assert list(read_frame(FRAME.set_axis(names, axis="columns"))) == FACTS


def test_named_columns_win_over_their_order() -> None:
    assert list(read_frame(FRAME[["tail", "head", "relation"]])) == FACTS
    assert list(read_frame(FRAME, columns=("tail", "relation", "head"))) == [
        Triple(fact.tail, fact.relation, fact.head) for fact in FACTS
    ]
    with pytest.raises(UsageError, match=r"no column 'who'.*head"):
        read_frame(FRAME, columns=("who", "relation", "tail"))


def test_numbers_are_written_as_one_would_write_them() -> None:
    frame = pd.DataFrame({"head": [1, 2], "relation": ["r", "r"], "tail": [1944.0, 0.5]})
    assert list(read_frame(frame)) == [Triple("1", "r", "1944"), Triple("2", "r", "0.5")]


@pytest.mark.parametrize("missing", [None, float("nan"), pd.NA, pd.NaT, "", ["a list"], b"bytes"])
@pytest.mark.parametrize("column", ["head", "relation", "tail"])
def test_a_missing_value_makes_a_bad_row(missing: object, column: str) -> None:
    frame = FRAME.astype(object)
    frame[column] = pd.Series([frame.at[0, column], missing], dtype=object)
    with pytest.raises(ParseError) as raised:
        list(read_frame(frame))
    assert raised.value.line == 2
    report = SkipReport(limit=1)
    assert list(read_frame(frame, report=report)) == FACTS[:1]
    assert [skip.line for skip in report] == [2]


def test_a_parquet_file_is_read_in_order(tmp_path: Path) -> None:
    frame = pd.DataFrame({"head": range(40_000), "relation": "r", "tail": range(40_000)})
    frame.to_parquet(tmp_path / "kb.parquet")
    found = list(read(tmp_path / "kb.parquet"))
    assert len(found) == 40_000
    assert found[39_999] == Triple("39999", "r", "39999")


def test_a_parquet_file_without_three_columns_is_refused(tmp_path: Path) -> None:
    FRAME[["head", "tail"]].to_parquet(tmp_path / "kb.parquet")
    with pytest.raises(ParseError, match="2 columns"):
        list(read(tmp_path / "kb.parquet"))


def test_a_damaged_parquet_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / "kb.parquet"
    FRAME.to_parquet(path)
    content = path.read_bytes()
    for broken in (content[:-20], b"", b"PAR1", b"a\tr\tb\n"):
        path.write_bytes(broken)
        with pytest.raises(ParseError, match="parquet") as raised:
            list(read(path))
        assert raised.value.source == str(path)


def test_a_parquet_file_of_rog_is_told_by_its_columns(tmp_path: Path) -> None:
    record = {
        "id": "WebQTest-0",
        "question": "what does jamaican people speak",
        "answer": ["Jamaican English"],
        "q_entity": ["Jamaica"],
        "a_entity": [],
        "graph": [["Jamaica", "language", "Jamaican English"]],
        "choices": [],
    }
    path = tmp_path / "rog.parquet"
    pq.write_table(pa.Table.from_pylist([record, {**record, "id": "WebQTest-1"}]), path)
    assert detect_format(path) == "rog"
    records = list(read_rog(path))
    assert [r.id for r in records] == ["WebQTest-0", "WebQTest-1"]
    assert records[0].graph == (Triple("Jamaica", "language", "Jamaican English"),)
    assert records[0].a_entity == ()
    assert len(list(read(path))) == 2


def test_a_bad_row_of_a_rog_parquet_file_is_numbered(tmp_path: Path) -> None:
    good = {"id": "1", "question": "q", "answer": ["a"], "q_entity": ["b"], "a_entity": ["a"]}
    rows = [{**good, "graph": [["a", "r", "b"]]}, {**good, "graph": [["a", "r", None]]}]
    path = tmp_path / "rog.parquet"
    pq.write_table(pa.Table.from_pylist(rows), path)
    with pytest.raises(ParseError, match="triple 1") as raised:
        list(read_rog(path))
    assert raised.value.line == 2


@pytest.mark.parametrize(
    ("module", "name", "extra"),
    [("pyarrow", "kb.parquet", "tables"), ("networkx", "kb.graphml", "networkx")],
)
def test_a_package_that_is_missing_is_named_with_its_extra(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, module: str, name: str, extra: str
) -> None:
    (tmp_path / name).write_bytes(b"x")
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(UsageError, match=rf"kgqa\[{extra}\]"):
        list(read(tmp_path / name))


# networkx -------------------------------------------------------------------------------------------


@settings(max_examples=30)
@given(graphs())
def test_a_graph_comes_back_from_networkx(graph: IndexedGraph) -> None:
    back = GraphBuilder.of(read_networkx(to_networkx(graph)))
    assert set(back) == set(graph)
    for triple in graph:
        if graph.label(triple.head) is not None:
            assert back.label(triple.head) == graph.label(triple.head)


@pytest.mark.parametrize("attribute", ["relation", "label", "type"])
def test_an_edge_attribute_is_the_relation(attribute: str) -> None:
    graph = nx.DiGraph()
    graph.add_edge("a", 7, **{attribute: "r"})
    graph.add_node("a", label="Anna")
    assert set(read_networkx(graph)) == {Triple("a", "r", "7"), Name("a", "Anna")}


def test_parallel_edges_are_kept_and_their_keys_are_relations() -> None:
    graph = nx.MultiDiGraph()
    graph.add_edge("a", "b", key="r")
    graph.add_edge("a", "b", key="s")
    assert list(read_networkx(graph)) == [Triple("a", "r", "b"), Triple("a", "s", "b")]


def test_an_undirected_graph_is_refused() -> None:
    with pytest.raises(ParseError, match="undirected"):
        list(read_networkx(nx.Graph([("a", "b", {"relation": "r"})])))


def test_an_edge_without_a_relation_is_named() -> None:
    with pytest.raises(ParseError, match=r"'a' to 'b' says no relation"):
        list(read_networkx(nx.DiGraph([("a", "b")])))


def test_two_nodes_that_would_become_one_are_refused() -> None:
    with pytest.raises(ParseError, match="'1'"):
        list(read_networkx(nx.DiGraph([(1, "1", {"relation": "r"})])))


def two_hops() -> nx.MultiDiGraph:
    graph = nx.MultiDiGraph()
    graph.add_node("a", label="Anna")
    graph.add_edge("a", "b", key="r", relation="r")
    graph.add_edge("a", "b", key="s", relation="s")
    return graph


EXPECTED = {Triple("a", "r", "b"), Triple("a", "s", "b")}


def test_graphml_and_gexf_files_are_read(tmp_path: Path) -> None:
    nx.write_graphml(two_hops(), tmp_path / "a.graphml")
    nx.write_gexf(two_hops(), tmp_path / "a.gexf")
    for name in ("a.graphml", "a.gexf"):
        found = set(read(tmp_path / name))
        assert {s for s in found if isinstance(s, Triple)} == EXPECTED
        assert Name("a", "Anna") in found


@pytest.mark.parametrize("edges", ["links", "edges"])
def test_node_link_json_of_old_and_new_networkx_is_read(tmp_path: Path, edges: str) -> None:
    path = tmp_path / "a.json"
    path.write_text(json.dumps(nx.node_link_data(two_hops(), edges=edges)), "utf-8")
    assert {s for s in read(path) if isinstance(s, Triple)} == EXPECTED


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.graphml", ""),
        ("a.graphml", "<graphml>\n<graph"),
        ("a.gexf", "<gexf/>"),
        ("a.json", "{"),
        ("a.json", "[]"),
        ("a.json", '{"nodes": 1}'),
        ("a.json", '{"nodes": [], "links": []}\n}'),
    ],
)
def test_a_broken_graph_file_is_named(tmp_path: Path, name: str, content: str) -> None:
    (tmp_path / name).write_text(content)
    with pytest.raises(ParseError) as raised:
        list(read(tmp_path / name))
    assert raised.value.source == str(tmp_path / name)
