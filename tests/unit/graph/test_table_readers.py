"""DataFrames, parquet, networkx graphs and the files that networkx reads."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import networkx as nx
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from property_examples import examples
from strategies import graphs

from kgqa.errors import ParseError, UsageError
from kgqa.graph import IndexedGraph, Name, Triple
from kgqa.graph.readers import (
    SkipReport,
    detect_format,
    read,
    read_dataframe,
    read_networkx,
    read_rog,
)

FACTS = [Triple("Kismet", "directed_by", "William Dieterle"), Triple("Kismet", "release_year", "1944")]
FRAME = pd.DataFrame(FACTS, columns=["head", "relation", "tail"])


@pytest.mark.parametrize(
    "names",
    [["head", "relation", "tail"], ["Subject", "Predicate", "Object"], ["x", "y", "z"], [0, 1, 2]],
)
def test_a_frame_is_read_by_the_names_or_the_order_of_its_columns(names: list[str]) -> None:
    assert list(read_dataframe(FRAME.set_axis(names, axis="columns"))) == FACTS


def test_named_columns_win_over_their_order() -> None:
    assert list(read_dataframe(FRAME[["tail", "head", "relation"]])) == FACTS
    assert set(read_dataframe(FRAME, head="tail", tail="head")) == {
        Triple(fact.tail, fact.relation, fact.head) for fact in FACTS
    }
    with pytest.raises(UsageError, match=r"no column 'who'.*head"):
        read_dataframe(FRAME, head="who")


def of_library(name: str, columns: dict[str, list[object]]) -> Any:
    """A table of the library with this name; skips the test where it is not installed."""
    if name == "pandas":
        return pd.DataFrame(columns)
    if name == "pyarrow":
        return pa.table(columns)
    library = pytest.importorskip(name.partition(" ")[0])
    if name == "duckdb":
        return library.from_arrow(pa.table(columns))
    frame = library.DataFrame(columns)
    return frame.lazy() if name == "polars lazy" else frame


@pytest.mark.parametrize("library", ["pandas", "polars", "polars lazy", "pyarrow", "duckdb"])
def test_a_data_frame_of_any_library_is_read(library: str) -> None:
    columns: dict[str, list[object]] = {
        "weight": [0.5, 0.7],
        "film": [fact.head for fact in FACTS],
        "relation": [fact.relation for fact in FACTS],
        "value": [fact.tail for fact in FACTS],
    }
    frame = of_library(library, columns)
    assert list(read_dataframe(frame, head="film", tail="value")) == FACTS
    with pytest.raises(UsageError, match=r"no column 'who'; it has weight, film"):
        read_dataframe(frame, head="who", tail="value")


@pytest.mark.parametrize("library", ["pandas", "polars", "polars lazy", "pyarrow", "duckdb"])
def test_values_of_any_library_become_the_same_texts(library: str) -> None:
    columns: dict[str, list[object]] = {
        "head": [1, 2, 3],
        "relation": ["r", "r", "r"],
        "tail": [1944.0, 0.5, None],
    }
    report = SkipReport(limit=1)
    found = read_dataframe(of_library(library, columns), report=report)
    assert list(found) == [Triple("1", "r", "1944"), Triple("2", "r", "0.5")]
    assert [skip.line for skip in report] == [3]


@pytest.mark.parametrize("frame", [None, 7, "facts.tsv", [("a", "r", "b")], pd.Series([1]), object()])
def test_what_is_no_data_frame_is_refused_in_one_line(frame: Any) -> None:
    with pytest.raises(UsageError, match="data frame: cannot be read") as raised:
        read_dataframe(frame)
    assert "\n" not in str(raised.value)


def test_a_frame_with_two_columns_of_one_name_is_refused() -> None:
    with pytest.raises(UsageError, match="data frame"):
        read_dataframe(pd.DataFrame([["a", "r", "b", "c"]], columns=["head", "relation", "tail", "tail"]))


def test_numbers_are_written_as_one_would_write_them() -> None:
    frame = pd.DataFrame({"head": [1, 2], "relation": ["r", "r"], "tail": [1944.0, 0.5]})
    assert list(read_dataframe(frame)) == [Triple("1", "r", "1944"), Triple("2", "r", "0.5")]


@pytest.mark.parametrize("missing", [None, float("nan"), pd.NA, pd.NaT, "", ["a list"], b"bytes"])
@pytest.mark.parametrize("column", ["head", "relation", "tail"])
def test_a_missing_value_makes_a_bad_row(missing: object, column: str) -> None:
    frame = FRAME.astype(object)
    frame[column] = pd.Series([frame.at[0, column], missing], dtype=object)
    with pytest.raises(ParseError) as raised:
        list(read_dataframe(frame))
    assert raised.value.line == 2
    report = SkipReport(limit=1)
    assert list(read_dataframe(frame, report=report)) == FACTS[:1]
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


# networkx -------------------------------------------------------------------------------------------


@examples(30)
@given(graphs())
def test_a_graph_comes_back_from_networkx(graph: IndexedGraph) -> None:
    back = read_networkx(graph.to_networkx())
    assert set(back) == set(graph)
    for entity in {entity for triple in graph for entity in (triple.head, triple.tail)}:
        assert back.label(entity) == graph.label(entity)
    for relation in {triple.relation for triple in graph}:
        assert back.relation_label(relation) == graph.relation_label(relation)


@pytest.mark.parametrize("attribute", ["relation", "label", "type"])
def test_an_edge_attribute_is_the_relation(attribute: str) -> None:
    graph = nx.DiGraph()
    graph.add_edge("a", 7, **{attribute: "r"})
    graph.add_node("a", label="Anna")
    found = read_networkx(graph)
    assert list(found) == [Triple("a", "r", "7")]
    assert found.label("a") == "Anna"


def test_parallel_edges_are_kept_and_their_keys_are_relations() -> None:
    graph = nx.MultiDiGraph()
    graph.add_edge("a", "b", key="r")
    graph.add_edge("a", "b", key="s")
    assert list(read_networkx(graph)) == [Triple("a", "r", "b"), Triple("a", "s", "b")]


def test_an_undirected_graph_is_refused() -> None:
    with pytest.raises(ParseError, match="undirected"):
        list(read_networkx(nx.Graph([("a", "b", {"relation": "r"})])))


def test_an_edge_without_a_relation_is_named() -> None:
    with pytest.raises(ParseError, match=r"'a' to 'b' has no attribute 'relation'"):
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
