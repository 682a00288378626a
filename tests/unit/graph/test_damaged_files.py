"""Mutated files of every format end in a graph or in one line that names the file."""

from __future__ import annotations

import gzip
import io
import json
from collections.abc import Callable
from pathlib import Path

import networkx as nx
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import rdflib
from mutations import assert_reads_or_refuses, mutants
from wikidata_json import json_dump

from kgqa.graph import GraphBuilder, Triple, open_index, save_index
from kgqa.graph.readers import FORMATS, SkipReport, read, read_rog

FACTS = [
    Triple("Kismet", "directed_by", "William Dieterle"),
    Triple("Kismet", "release_year", "1944"),
    Triple("m.0abc", "film.film.starring", 'Marlene "Lola" Dietrich, Ⅷ'),
]

TURTLE = """@prefix ex: <http://example.org/> . @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
ex:kismet a ex:Film ; ex:by ex:dieterle ; ex:year 1944, "01944"^^ex:year ; ex:cast [ ex:role "Jamilla"@en ] .
ex:kismet rdfs:label "Kismet"@en, '''Kismet
(Film)'''@de ; ex:seq (1 2.5 true "x\\ty") .
<#me> ex:film.by.x _:b1 . _:b1 ex:of ex:kismet .
"""
TRIG = TURTLE.replace("<#me>", "ex:g { <#me>").replace("_:b1 ex:of ex:kismet .", "_:b1 ex:of ex:kismet . }")
OBO = """format-version: 1.2
[Term]
id: GO:1 ! the first
name: cell \\"wall\\"
synonym: "wall of cells" EXACT [x:1]
is_a: GO:2 {source="x"} ! part
relationship: part_of GO:3

[Typedef]
id: part_of
name: part of
"""
RECORD = {
    "id": "WebQTest-0",
    "question": "who directed Kismet?",
    "answer": ["William Dieterle"],
    "q_entity": ["Kismet"],
    "a_entity": ["William Dieterle"],
    "graph": [list(fact) for fact in FACTS],
}


def delimited(separator: str) -> bytes:
    return "".join(f"{separator.join(fact)}\n" for fact in FACTS).encode()


def rdf(form: str) -> bytes:
    graph = rdflib.Dataset()
    graph.parse(data=TURTLE, format="turtle", publicID="http://example.org/")
    return bytes(graph.serialize(format=form, encoding="utf-8"))


def rdfxml() -> bytes:
    graph = rdflib.Graph().parse(data=TURTLE, format="turtle", publicID="http://example.org/")
    text = graph.serialize(format="xml")
    return text.replace(
        "<rdf:RDF", '<!DOCTYPE rdf:RDF [<!ENTITY ex "http://example.org/">]>\n<rdf:RDF', 1
    ).encode()


def network(write: Callable[[nx.MultiDiGraph, io.BytesIO], None]) -> bytes:
    graph = nx.MultiDiGraph()
    graph.add_node("Kismet", label="Kismet (film)", weight=0.5)
    for head, relation, tail in FACTS:
        graph.add_edge(head, tail, relation=relation, weight=7)
    stream = io.BytesIO()
    write(graph, stream)
    return stream.getvalue()


def node_link() -> bytes:
    def write(graph: nx.MultiDiGraph, stream: io.BytesIO) -> None:
        stream.write(json.dumps(nx.node_link_data(graph, edges="links")).encode())

    return network(write)


def parquet(rows: list[dict[str, object]]) -> bytes:
    stream = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(rows), stream)
    return stream.getvalue()


ROWS: list[dict[str, object]] = [dict(zip(("head", "relation", "tail"), fact, strict=True)) for fact in FACTS]
VALID: dict[str, list[bytes]] = {
    "tsv": [delimited("\t"), b"head\trelation\ttail\tweight\n" + delimited("\t").replace(b"\n", b"\t1\n")],
    "csv": [b'head,relation,tail\nKismet,directed_by,"Dieterle, William"\n"a ""b""",r,"c\nd"\n'],
    "metaqa": [delimited("|")],
    "parquet": [parquet(ROWS), parquet([{**row, "weight": 0.5} for row in ROWS])],
    "rog": [json.dumps(RECORD).encode() + b"\n" + json.dumps({**RECORD, "id": "2"}).encode() + b"\n"],
    "graphml": [network(nx.write_graphml)],
    "gexf": [network(nx.write_gexf)],
    "node-link": [node_link()],
    "ntriples": [rdf("nt")],
    "nquads": [rdf("nquads")],
    "turtle": [TURTLE.encode()],
    "trig": [TRIG.encode()],
    "rdfxml": [rdfxml()],
    "jsonld": [rdf("json-ld")],
    "json-triples": [
        json.dumps(FACTS, indent=1).encode(),
        b'{"subject": "a", "predicate": "r", "object": 1.5}\n["b", "r", true]\n',
    ],
    "obo": [OBO.encode()],
    "neo4j": [
        b'id:ID(P),name,born:int,:LABEL\n1,"Ann ""A"" B",1944,Person;Actor\n2,Bob,,Person\n',
        b":START_ID(P),since:int,:END_ID(P),:TYPE\n1,1990,2,KNOWS\n2,,1,KNOWS\n",
    ],
    "wikidata": [b"\n".join(json_dump().encode().splitlines()[38:40])],
    "rog.parquet": [parquet([dict(RECORD), {**RECORD, "id": "2", "graph": []}])],
}
MANY = 20_000


def test_every_format_is_fuzzed_and_its_examples_are_valid(tmp_path: Path) -> None:
    assert set(FORMATS) - {"ladybug"} <= set(VALID)  # which a library of its own opens
    for name, contents in VALID.items():
        for content in contents:
            path = tmp_path / name
            path.write_bytes(content)
            assert any(isinstance(s, Triple) for s in read(path, name.partition(".")[0])), name


def fuzz(name: str, count: int, folder: Path, *, packed: bool) -> int:
    """Read mutated files of a format; how many of them were read as a graph."""
    contents = VALID[name]
    path = folder / ("a.parquet" if name.endswith("parquet") else "a.dat")
    if packed:
        contents = [gzip.compress(content) for content in contents]
    form = name.partition(".")[0]

    def whole() -> None:
        GraphBuilder().add_all(read(path, form))

    def with_skips() -> None:
        GraphBuilder().add_all(read(path, form, report=SkipReport(limit=10))).build()

    whole_read = 0
    for number, content in enumerate(mutants(contents, count, seed=len(name))):
        path.write_bytes(content)
        whole_read += assert_reads_or_refuses(with_skips if number % 4 == 0 else whole, path)
        if form == "rog" and number % 4 == 1:
            assert_reads_or_refuses(lambda: list(read_rog(path)), path)
    return whole_read


@pytest.mark.parametrize("name", VALID)
def test_damaged_files_are_read_or_refused_in_one_line(name: str, tmp_path: Path) -> None:
    read_whole = fuzz(name, 150, tmp_path, packed=False)
    assert 0 < read_whole < 150  # else nothing was damaged, or nothing left whole


@pytest.mark.slow
@pytest.mark.parametrize("name", VALID)
def test_thousands_of_damaged_files_are_read_or_refused_in_one_line(name: str, tmp_path: Path) -> None:
    fuzz(name, MANY, tmp_path, packed=False)


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in VALID if not name.endswith("parquet")])
def test_thousands_of_damaged_gzip_files_are_read_or_refused_in_one_line(name: str, tmp_path: Path) -> None:
    fuzz(name, MANY, tmp_path, packed=True)


def test_a_damaged_manifest_of_an_index_is_refused_or_harmless(tmp_path: Path) -> None:
    folder = tmp_path / "index"
    save_index(GraphBuilder.of(FACTS), folder)
    manifest = folder / "manifest.json"
    for content in mutants(manifest.read_bytes(), 300):
        manifest.write_bytes(content)
        assert_reads_or_refuses(lambda: len(open_index(folder)), folder)
