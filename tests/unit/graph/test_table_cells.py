"""Cells of tables: values as people write them, what stands for none, and how relations are called."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from kgqa import Columns, GraphBuilder, open_graph
from kgqa.graph import Triple, ValueKind, ValueTable
from kgqa.graph.readers import SkipReport, read

Write = Callable[[str, str | bytes], Path]

TABLE = Columns(table=True, entity_type="")


def triples(path: Path, report: SkipReport | None = None) -> list[Triple]:
    return [s for s in read(path, columns=TABLE, report=report) if isinstance(s, Triple)]


def test_what_stands_for_no_value_among_values_is_an_empty_cell(write: Write) -> None:
    path, report = write("kb.csv", "name,age,city\nAnn,30,NA\nBob,n/a,Rome\nCid,7,Oslo\n"), SkipReport()
    found = triples(path, report)
    assert [(t.relation, t.tail) for t in found if t.head == "Bob"] == [("city", "Rome")]
    assert Triple("Ann", "city", "NA") in found
    assert report.notes == [f"{path}: in the column 'age', 'n/a' is read as an empty cell"]


def test_lists_in_cells_are_said_and_not_split_unasked(write: Write) -> None:
    path = write("ships.csv", "ship,cargo,note\nA;x,iron;coal,\nB;y,tin;coal,one; two\nC,tin,\n")
    report, split = SkipReport(), SkipReport()
    assert Triple("A;x", "cargo", "iron;coal") in triples(path, report)
    assert report.notes == [f"{path}: cells of the column 'cargo' look like lists (--split ';')"]
    parts = read(path, report=split, columns=replace(TABLE, split=";"))
    assert Triple("A;x", "cargo", "coal") in list(parts)
    assert split.notes == []


def test_numbers_with_a_decimal_comma_are_read_on_request(write: Write) -> None:
    path = write("kb.csv", "Stadt;Einwohner;seit\nKöln;1.084.831,5;31.12.1990\nBonn;331.885;1.1.1970\n")
    graph = open_graph(path, use_cache=False, columns=Columns(table=True, decimal_comma=True))
    assert ("Köln", "Einwohner", "1084831.5") in graph
    table = ValueTable.of(graph)
    kinds = [table.relation_kind(graph.relation_id(name)) for name in ("Einwohner", "seit")]
    assert kinds == [ValueKind.NUMBER, ValueKind.DATE]
    tsv = write("kb.tsv", "Köln\tEinwohner\t1.084.831\nBonn\tEinwohner\t331.885\n")
    assert ("Köln", "Einwohner", "1084831") in open_graph(tsv, columns=Columns(decimal_comma=True))


def test_a_unit_in_brackets_is_no_part_of_what_a_relation_is_called(write: Write) -> None:
    names = "name,mass (kg),height (m),height (ft),(x)"
    graph = open_graph(
        write("kb.csv", f"{names}\nAnn,60,2,6,a\nBob,80,1,5,b\n"), use_cache=False, columns=TABLE
    )
    called = {graph.relation(n): graph.relation_labels[n] for n in range(graph.relation_count)}
    assert called == {name: name for name in names.split(",")[1:]} | {"mass (kg)": "mass"}
    assert ValueTable.of(graph).unit_of(graph.relation_id("mass (kg)")) == "kg"


def test_a_cell_may_be_longer_than_a_page(write: Write) -> None:
    (fact,) = triples(write("kb.csv", f"name,text\nAnn,{'x' * 200_000}\n"))
    assert len(fact.tail) == 200_000


def test_numbers_and_dates_in_cells_are_values(write: Write) -> None:
    path = write("kb.csv", "name,born,height in m,city\nAnn,1944-06-06,1.70,Oslo\nBob,1950-01-01,1.82,Bern\n")
    graph = GraphBuilder.of(read(path, columns=TABLE))
    values = ValueTable.of(graph)
    kinds = {name: values.relation_kind(graph.relation_id(name)) for name in ("born", "height in m", "city")}
    assert kinds["born"] is ValueKind.DATE
    assert kinds["height in m"] is ValueKind.NUMBER
    assert kinds["city"] is ValueKind.NONE
