"""CSV files of Neo4j: nodes, edges, their properties."""

from __future__ import annotations

from pathlib import Path

import pytest

from kgqa.cli import main
from kgqa.errors import ParseError
from kgqa.graph import GraphBuilder, NodeKind, ValueKind, ValueTable, open_index
from kgqa.graph.readers import detect_format, read

PEOPLE = """personId:ID(Person),name,born:int,languages:string[],secret:IGNORE,:LABEL
1,Keanu Reeves,1964,en;fr,x,Person;Actor
2,Carrie-Anne Moss,1967,,x,Person
"""
MOVIES = """movieId:ID(Movie);title;year:int;:LABEL
1;"The Matrix; first part";1999;Movie
"""
ROLES = """:START_ID(Person),role,:END_ID(Movie),:TYPE
1,Neo,1,ACTED_IN
2,,1,ACTED_IN
"""


def write(folder: Path, **files: str) -> list[Path]:
    for name, content in files.items():
        (folder / f"{name}.csv").write_text(content, "utf-8")
    return [folder / f"{name}.csv" for name in files]


def test_nodes_and_edges_of_several_files_are_one_graph(tmp_path: Path) -> None:
    paths = write(tmp_path, people=PEOPLE, movies=MOVIES, roles=ROLES)
    assert [detect_format(path) for path in paths] == ["neo4j"] * 3
    out = tmp_path / "index"
    assert main(["build", *map(str, paths), "-o", str(out)]) == 0
    graph = open_index(out)
    facts = {(graph.label(t.head), graph.relation_label(t.relation), graph.label(t.tail)) for t in graph}
    assert facts == {
        ("Keanu Reeves", "type", "Person"),
        ("Keanu Reeves", "type", "Actor"),
        ("Carrie-Anne Moss", "type", "Person"),
        ("The Matrix; first part", "type", "Movie"),
        ("Keanu Reeves", "born", "1964"),
        ("Carrie-Anne Moss", "born", "1967"),
        ("The Matrix; first part", "year", "1999"),
        ("Keanu Reeves", "languages", "en"),
        ("Keanu Reeves", "languages", "fr"),
        ("Keanu Reeves", "acted in", "The Matrix; first part"),
        ("Carrie-Anne Moss", "acted in", "The Matrix; first part"),
        ("Keanu Reeves", "acted in (statement)", None),
        (None, "acted in", "The Matrix; first part"),
        (None, "role", "Neo"),
    }
    table = ValueTable.of(graph)
    assert table.relation_kind(graph.relation_id("born")) is ValueKind.DATE


def test_what_apoc_exports_in_one_file_is_read(tmp_path: Path) -> None:
    (path,) = write(
        tmp_path,
        all='"_id","_labels","name","_start","_end","_type","since"\n'
        '"0",":Person:Actor","Ann",,,,\n"1",":Person","Bob",,,,\n,,,"0","1","KNOWS","1990"\n',
    )
    assert detect_format(path) == "neo4j"
    graph = GraphBuilder.of(read(path))
    facts = {(graph.label(t.head), graph.relation_label(t.relation), graph.label(t.tail)) for t in graph}
    assert {("Ann", "knows", "Bob"), ("Ann", "type", "Actor"), (None, "since", "1990")} <= facts
    (node,) = [t.tail for t in graph if t.relation.endswith("~statement")]
    assert graph.kind(node) is NodeKind.BLANK


def test_edges_of_two_files_have_mediators_of_their_own(tmp_path: Path) -> None:
    paths = write(tmp_path, one=ROLES, two=ROLES.replace("Neo", "Thomas"))
    graph = GraphBuilder.of(statement for path in paths for statement in read(path))
    assert len({t.tail for t in graph if t.relation.endswith("~statement")}) == 2


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("1,Neo,1", "3 fields instead of 4"),
        (",Neo,1,ACTED_IN", "the head is empty"),
        ("1,Neo,,ACTED_IN", "the tail is empty"),
        ("1,Neo,1,", "the relation is empty"),
        ('1,"Neo,1,ACTED_IN', "unexpected end of data"),
    ],
)
def test_a_bad_row_is_named_and_can_be_skipped(tmp_path: Path, line: str, reason: str) -> None:
    (path,) = write(tmp_path, roles=f"{ROLES}{line}\n")
    with pytest.raises(ParseError, match=reason) as raised:
        list(read(path))
    assert raised.value.line == 4
    assert len(GraphBuilder.of(read(path, skip_bad=1))) == 5


def test_other_tables_are_no_property_graphs(tmp_path: Path) -> None:
    for header in (
        "head,relation,tail",
        "id,name,label",
        "a:b,c:d,e:f",
        "start,type,end",
        "time:12:30,x,y",
        "",
    ):
        (path,) = write(tmp_path, table=f"{header}\n1,2,3\n")
        assert detect_format(path) == "csv"
    (path,) = write(tmp_path, table="head,relation,tail\na,r,b\n")
    with pytest.raises(ParseError, match="no column names of Neo4j"):
        list(read(path, "neo4j"))
