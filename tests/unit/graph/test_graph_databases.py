"""Property graph databases: an embedded one (Ladybug), and one that speaks Bolt (FalkorDB)."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from bolt_server import falkordb_serving
from sparql_servers import MissingServerError

from kgqa.cli import main
from kgqa.errors import EndpointDownError, ParseError, UsageError
from kgqa.graph import GraphBuilder, IndexedGraph, NodeKind, open_graph, open_index
from kgqa.graph.readers import SkipReport, detect_format, read
from kgqa.graph.readers.property_graph import ladybug as ladybug_reader
from kgqa.graph.readers.property_graph import read_bolt
from kgqa.graph.readers.property_graph.property_values import property_texts

Facts = set[tuple[str | None, str, str | None]]


def facts_of(graph: IndexedGraph) -> Facts:
    return {(graph.label(t.head), graph.relation_label(t.relation), graph.label(t.tail)) for t in graph}


EXPECTED: Facts = {
    ("Ann", "type", "Person"),
    ("Bob", "type", "Person"),
    ("Kismet", "type", "Film"),
    ("Ann", "born", "1964"),
    ("Ann", "languages", "en"),
    ("Ann", "languages", "fr"),
    ("Ann", "alive", "true"),
    ("Ann", "acted in", "Kismet"),
    ("Ann", "acted in (statement)", None),
    (None, "acted in", "Kismet"),
    (None, "role", "Neo"),
    ("Ann", "knows", "Bob"),
}


@pytest.fixture
def database(tmp_path: Path) -> Callable[..., Path]:
    ladybug = pytest.importorskip("ladybug", reason="ladybug is not installed: pip install 'kgqa[ladybug]'")

    def made(*queries: str) -> Path:
        path = tmp_path / "films.lbug"
        with ladybug.Database(str(path)) as base, ladybug.Connection(base) as connection:
            for query in queries:
                connection.execute(query)
        return path

    return made


FILMS = (
    "CREATE NODE TABLE Person(id SERIAL PRIMARY KEY, name STRING, born INT64, languages STRING[], "
    "alive BOOL)",
    "CREATE NODE TABLE Film(code STRING PRIMARY KEY)",
    "CREATE REL TABLE ACTED_IN(FROM Person TO Film, FROM Film TO Film, role STRING)",
    "CREATE REL TABLE KNOWS(FROM Person TO Person)",
    "CREATE (:Person {name: 'Ann', born: 1964, languages: ['en', 'fr'], alive: true})",
    "CREATE (:Person {name: 'Bob'})",
    "CREATE (:Film {code: 'Kismet'})",
    "MATCH (a:Person {name: 'Ann'}), (f:Film) CREATE (a)-[:ACTED_IN {role: 'Neo'}]->(f)",
    "MATCH (a:Person {name: 'Ann'}), (b:Person {name: 'Bob'}) CREATE (a)-[:KNOWS]->(b)",
)


def test_nodes_and_edges_of_ladybug_are_read(database: Callable[..., Path], tmp_path: Path) -> None:
    path = database(*FILMS)
    assert main(["build", str(path), "-o", str(tmp_path / "index")]) == 0
    graph = open_index(tmp_path / "index")
    assert facts_of(graph) == EXPECTED
    assert {"Person/0", "Film/Kismet"} <= set(graph.entities)
    assert detect_format(path.rename(tmp_path / "films.db")) == "ladybug"


def test_large_tables_are_read_in_pages(
    database: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = database(
        "CREATE NODE TABLE `A ``b`(id INT64 PRIMARY KEY)",
        "CREATE REL TABLE R(FROM `A ``b` TO `A ``b`)",
        "UNWIND range(1, 25) AS i CREATE (:`A ``b` {id: i})",
        "MATCH (n:`A ``b`), (m:`A ``b`) WHERE m.id = n.id + 1 CREATE (n)-[:R]->(m)",
        "MATCH (n:`A ``b` {id: 3}) DETACH DELETE n",
    )
    whole = set(GraphBuilder.of(read(path)))
    assert len(whole) == 24 + 22
    monkeypatch.setattr(ladybug_reader, "PAGE", 7)
    assert set(GraphBuilder.of(read(path))) == whole


def test_what_is_no_ladybug_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.lbug"
    for content in (b"", b"hello", b"LBUG"):
        path.write_bytes(content)
        with pytest.raises(ParseError, match="not ladybug"):
            list(read(path))
    monkeypatch.setitem(sys.modules, "ladybug", None)
    with pytest.raises(UsageError, match=r"pip install 'kgqa\[ladybug\]'"):
        open_graph(path)


class Days:
    """As the driver of Neo4j has them."""

    def iso_format(self) -> str:
        return "P3D"


@pytest.mark.parametrize(
    ("value", "texts"),
    [
        (None, []),
        (b"x", []),
        ("  ", []),
        (True, ["true"]),
        (1.5, ["1.5"]),
        (Decimal("1.50"), ["1.50"]),
        ([1, None, [2]], ["1", "2"]),
        ({"b": 1, "a": date(2020, 1, 2)}, ['{"b": 1, "a": "2020-01-02"}']),
        (date(2020, 1, 2), ["2020-01-02"]),
        (datetime(2020, 1, 2, 3, 4, 5), ["2020-01-02T03:04:05"]),
        (timedelta(days=3), ["P3D"]),
        (timedelta(days=1, seconds=90, microseconds=500_000), ["P1DT90.5S"]),
        (-timedelta(seconds=1), ["-P0DT1S"]),
        (Days(), ["P3D"]),
    ],
)
def test_values_are_texts(value: object, texts: list[str]) -> None:
    assert property_texts(value) == texts


@contextmanager
def server(query: str) -> Iterator[str]:
    pytest.importorskip("neo4j", reason="neo4j is not installed: pip install 'kgqa[neo4j]'")
    try:
        with falkordb_serving(query) as address:
            yield address
    except MissingServerError as error:
        pytest.skip(str(error))


def test_nodes_and_edges_of_a_server_are_read(tmp_path: Path) -> None:
    query = (
        "CREATE (a:Person {name: 'Ann', born: 1964, languages: ['en', 'fr'], alive: true}), "
        "(b:Person {name: 'Bob'}), (f:Film {title: 'Kismet'}), (a)-[:ACTED_IN {role: 'Neo'}]->(f), "
        "(a)-[:KNOWS]->(b), (:Thing {colour: 'red'})"
    )
    with server(query) as address:
        assert main(["build", "--from", address, "-o", str(tmp_path / "index")]) == 0
    graph = open_index(tmp_path / "index")
    assert facts_of(graph) == EXPECTED | {(None, "type", "Thing"), (None, "colour", "red")}
    (thing,) = (t.head for t in graph if t.relation == "colour")
    assert graph.kind(thing) is NodeKind.BLANK
    assert graph.facts_about["sources"] == [address]


def test_more_rows_than_fit_into_an_answer_are_read() -> None:
    with server(
        "UNWIND range(1, 2500) AS i CREATE (:N {name: toString(i)})-[:R]->(:M {name: 'm'})"
    ) as address:
        graph = GraphBuilder.of(read_bolt(f"{address}/films", SkipReport()))
    assert len(graph) == 5000 + 2500


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--from", "bolt://user:secret@localhost/films"], "give them in KGQA_BOLT_LOGIN"),
        (["--from", "bolt:///films"], "such as bolt://localhost:7687/films"),
        (["--from", "bolt://localhost:99999/"], "such as bolt://localhost:7687/films"),
        (["--from", "bolt://localhost:1/", "--around", "Ann"], "leave them out"),
        (["--from", "bolt://localhost:1/", "--named-graph", "urn:g"], "name a database as in"),
    ],
)
def test_what_a_database_does_not_take_is_said(
    options: list[str], message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("neo4j", reason="neo4j is not installed: pip install 'kgqa[neo4j]'")
    assert main(["build", *options, "-o", str(tmp_path / "index")]) == 2
    error = capsys.readouterr().err
    assert message in error
    assert "secret" not in error


def test_a_server_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("neo4j", reason="neo4j is not installed: pip install 'kgqa[neo4j]'")
    with pytest.raises(EndpointDownError, match=r"bolt://127\.0\.0\.1:1: cannot be used"):
        list(read_bolt("bolt://127.0.0.1:1", SkipReport()))
    monkeypatch.setitem(sys.modules, "neo4j", None)
    with pytest.raises(UsageError, match=r"pip install 'kgqa\[neo4j\]'"):
        list(read_bolt("bolt://127.0.0.1:1", SkipReport()))
