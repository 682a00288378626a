"""The benchmark graphs: read, counted, stored, and read out again."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from kgqa.graph import GraphBuilder, Triple, open_index, save_index
from kgqa.graph.readers import read, read_rog
from kgqa.graph.testing import check_graph

pytestmark = pytest.mark.data

COUNTS = {
    "metaqa/kb.tsv.gz": (133_582, 43_234, 9),
    "freebase/kb.tsv.gz": (247_193, 135_012, 3_946),
    "pathquestion/pq2h/kb.tsv.gz": (1_211, 1_056, 13),
}


@pytest.mark.parametrize("name", COUNTS)
def test_a_benchmark_graph_goes_in_and_comes_out_whole(data_folder: Path, tmp_path: Path, name: str) -> None:
    source = data_folder / name
    save_index(GraphBuilder.of(read(source)), tmp_path / "index")
    graph = open_index(tmp_path / "index")
    assert (len(graph), graph.entity_count, graph.relation_count) == COUNTS[name]
    with gzip.open(source, "rb") as stream:
        lines = {line.rstrip(b"\n").decode("utf-8") for line in stream}
    assert {"\t".join(triple) for triple in graph} == lines
    assert len(lines) == len(graph)


def test_the_laws_hold_on_a_real_graph(data_folder: Path) -> None:
    check_graph(GraphBuilder.of(read(data_folder / "pathquestion/pq2h/kb.tsv.gz")))


def test_freebase_mediators_are_unnamed_and_names_are_not(data_folder: Path) -> None:
    graph = GraphBuilder.of(read(data_folder / "freebase/kb.tsv.gz"))
    assert graph.entity_count - int(graph.named.sum()) == 28_572 + 6_761 + 3_392  # m., g., cvt:
    assert graph.label('"Weird Al" Yankovic') == '"Weird Al" Yankovic'
    assert graph.label("g.126tbsn_m") is None


def test_the_rog_sample_has_its_records_and_triples(data_folder: Path) -> None:
    path = data_folder / "freebase/webqsp_rog_format_18.jsonl.gz"
    records = list(read_rog(path))
    assert len(records) == 18
    assert records[0].id == "WebQTest-0"
    assert records[0].answer == ("Jamaican English", "Jamaican Creole English Language")
    assert (min(len(r.graph) for r in records), max(len(r.graph) for r in records)) == (348, 7_499)
    merged = GraphBuilder.of(read(path))
    assert set(merged) == {triple for record in records for triple in record.graph}
    assert Triple(*records[-1].graph[-1]) in merged
