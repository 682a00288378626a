"""CSV files of Neo4j: those of `neo4j-admin database import`, and what APOC exports."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from kgqa.counted import counted
from kgqa.errors import ParseError
from kgqa.graph.name import clean_name
from kgqa.graph.readers.delimited import csv_rows
from kgqa.graph.readers.lines import read_lines
from kgqa.graph.readers.mediator import file_mark
from kgqa.graph.readers.property_graph.mapping import (
    edge_statements,
    node_statements,
    relation_names,
    wrong_fact,
)
from kgqa.graph.readers.skip_report import SkipReport
from kgqa.graph.statement import Statement, Triple

__all__ = ["is_neo4j_header", "read_neo4j_csv"]

Role = Literal["id", "label", "start", "end", "type", "property", "ignored"]

_COLUMN = re.compile(
    r"(?P<name>[^:]*):(?P<role>ID|LABEL|START_ID|END_ID|TYPE|IGNORE)(?:\((?P<space>[^)]*)\))?.*"
)
_TYPED = re.compile(r"(?P<name>.+):(?P<kind>[A-Za-z]+(?:\{.*\})?)(?P<array>\[\])?")
_ROLES: dict[str, Role] = {
    "ID": "id",
    "LABEL": "label",
    "START_ID": "start",
    "END_ID": "end",
    "TYPE": "type",
    "IGNORE": "ignored",
    "_id": "id",
    "_labels": "label",
    "_start": "start",
    "_end": "end",
    "_type": "type",
}
"""Column names of the importer (after a colon) and of APOC."""
_SEPARATORS = ",\t;|"


@dataclass(frozen=True)
class _Column:
    role: Role
    name: str = ""
    space: str = ""
    is_list: bool = False


class _Bad(Exception):
    """A row that cannot be read."""


def is_neo4j_header(line: str) -> bool:
    """Whether the first line of a file has the column names of such a file.

    >>> is_neo4j_header("personId:ID,name,:LABEL"), is_neo4j_header("person,employer,city")
    (True, False)
    """
    roles = {column.role for column in _columns(_cells(line))}
    is_of_nodes = "id" in roles and ("label" in roles or ":ID" in line)
    return is_of_nodes or {"start", "end"} <= roles


def read_neo4j_csv(path: Path, report: SkipReport) -> Iterator[Statement]:
    """The nodes and edges of a file; each file has its column names in the first line.

    Properties of a node are facts with values, but the one that names it; its labels are its types. An edge
    with properties is a fact, and a mediator that has them. Nodes of different ID spaces are different.
    """
    lines = read_lines(path)
    _, header = next(lines, (0, ""))
    columns = _columns(_cells(header))
    if not is_neo4j_header(header):
        raise ParseError(path, 1, "no column names of Neo4j, as in `personId:ID,name,:LABEL`")
    mark = file_mark(path)
    relations: dict[str, None] = {}
    for number, cells, wrong in csv_rows(lines, _separator(header)):
        if not wrong and not any(cells):
            continue
        try:
            if wrong:
                raise _Bad(wrong)
            found = _row(columns, cells, f"_:{number}@{mark}")
        except _Bad as bad:
            report.add(path, number, str(bad))
            continue
        relations.update((s.relation, None) for s in found if isinstance(s, Triple))
        yield from found
    yield from relation_names(relations)


def _separator(header: str) -> str:
    return max(_SEPARATORS, key=header.count)


def _cells(header: str) -> list[str]:
    try:
        return next(csv.reader([header], delimiter=_separator(header)), [])
    except csv.Error:
        return []


def _columns(cells: Sequence[str]) -> list[_Column]:
    return [_column(cell.strip()) for cell in cells]


def _column(cell: str) -> _Column:
    if cell in _ROLES and cell.startswith("_"):
        return _Column(_ROLES[cell])
    if found := _COLUMN.fullmatch(cell):
        return _Column(_ROLES[found["role"]], space=found["space"] or "")
    if found := _TYPED.fullmatch(cell):
        return _Column("property", found["name"], is_list=found["array"] is not None)
    return _Column("property" if clean_name(cell) else "ignored", cell)


def _row(columns: Sequence[_Column], cells: Sequence[str], blank: str) -> list[Statement]:
    if len(cells) != len(columns):
        raise _Bad(f"{counted(len(cells), 'field')} instead of {len(columns)}")
    given = [(column, cell) for column, cell in zip(columns, cells, strict=True) if cell.strip()]
    ends = {
        column.role: _identifier(column, cell)
        for column, cell in given
        if column.role in ("id", "start", "end")
    }
    properties = [
        (column.name, part)
        for column, cell in given
        if column.role == "property"
        for part in (cell.split(";") if column.is_list else (cell,))
        if part.strip()
    ]
    if "start" in ends or "end" in ends:
        kind = next((cell for column, cell in given if column.role == "type"), "")
        found = edge_statements(ends.get("start", ""), kind, ends.get("end", ""), properties, blank)
    elif "id" in ends:
        types = [part for column, cell in given if column.role == "label" for part in re.split("[;:]", cell)]
        found = node_statements(ends["id"], types, properties)
    else:
        raise _Bad("the id is empty")
    if wrong := wrong_fact(found):
        raise _Bad(wrong)
    return found


def _identifier(column: _Column, cell: str) -> str:
    return f"{column.space}/{cell}" if column.space else cell
