"""Databases of Ladybug, an embedded property graph database (the successor of Kuzu)."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kgqa.errors import ParseError, UsageError
from kgqa.graph.readers.mediator import file_mark
from kgqa.graph.readers.property_graph.mapping import (
    edge_statements,
    node_statements,
    relation_names,
    wrong_fact,
)
from kgqa.graph.readers.property_graph.property_values import property_pairs, property_texts
from kgqa.graph.readers.skip_report import SkipReport
from kgqa.graph.statement import Name, Statement, Triple

__all__ = ["is_ladybug", "read_ladybug"]

MAGIC = b"LBUG"
PAGE = 200_000
"""Nodes that are asked for at a time, with the edges that leave them: an answer is held in memory."""
_NUMBERS = ("INT", "UINT", "SERIAL", "UUID")
"""Types of keys that say nothing about what they identify."""


def is_ladybug(path: Path) -> bool:
    """Whether a file is such a database, by its first bytes."""
    if not os.path.isfile(path):  # a pipe is not opened twice
        return False
    try:
        with path.open("rb") as stream:
            return stream.read(len(MAGIC)) == MAGIC
    except OSError:
        return False


def read_ladybug(path: Path, report: SkipReport) -> Iterator[Statement]:
    """The nodes and edges of a database, which is opened read-only; mapped as Neo4j's CSV files are.

    A node is identified by its table and its primary key (`Person/1`), and has the table as its type. A key
    that is a text is its name where it has no property for that.

    Raises `ParseError` for what is no database or is locked, `UsageError` where `ladybug` is not installed.
    """
    try:
        import ladybug
    except ImportError as error:
        raise UsageError(f"{path}: reading it needs ladybug; pip install 'kgqa[ladybug]'") from error
    if not is_ladybug(path):
        raise ParseError(path, 0, "not ladybug (it does not begin with LBUG)")
    try:
        with (
            ladybug.Database(str(path), read_only=True) as database,
            ladybug.Connection(database) as connection,
        ):
            yield from _Reader(connection, path, report).statements()
    except RuntimeError as error:
        raise ParseError(path, 0, f"not ladybug ({' '.join(str(error).split()):.160})") from error


@dataclass(frozen=True)
class _Table:
    """A table of nodes."""

    name: str
    key: str
    key_is_text: bool
    nodes: int
    """One more than the number of the last node."""


class _Reader:
    def __init__(self, connection: Any, path: Path, report: SkipReport) -> None:
        self._connection = connection
        self._path = path
        self._report = report
        self._mark = file_mark(path)
        self._relations: dict[str, None] = {}
        self._edges = 0

    def statements(self) -> Iterator[Statement]:
        """All nodes, then all edges, page by page."""
        kinds = [(str(row[1]), str(row[2])) for row in self._rows("CALL show_tables() RETURN *")]
        tables = {name: self._table(name) for name, kind in sorted(kinds) if kind == "NODE"}
        for table in tables.values():
            yield from self._nodes(table)
        for name in sorted(name for name, kind in kinds if kind == "REL"):
            for start, end, *_ in self._rows(f"CALL show_connection({_text(name)}) RETURN *"):
                yield from self._edges_of(name, tables[start], tables[end])
        yield from relation_names(self._relations)

    def _table(self, name: str) -> _Table:
        columns = self._rows(f"CALL table_info({_text(name)}) RETURN *")
        key, kind = next((str(row[1]), str(row[2])) for row in columns if row[4])
        ((last,),) = self._rows(f"MATCH (n:{_quoted(name)}) RETURN max(offset(id(n)))")
        return _Table(name, key, not kind.startswith(_NUMBERS), 0 if last is None else int(last) + 1)

    def _nodes(self, table: _Table) -> Iterator[Statement]:
        for where in _pages(table):
            for (node,) in self._rows(f"MATCH (n:{_quoted(table.name)}) WHERE {where} RETURN n"):
                identifier = _identifier(table, node[table.key])
                yield from self._checked(self._node(table, identifier, node), identifier)

    def _node(self, table: _Table, identifier: str, node: dict[str, Any]) -> list[Statement]:
        """What a node says; its key is its name if it has no other, and is a value only if it is a text."""
        key = node[table.key]
        others = {name: node[name] for name in node if name not in ("_ID", "_LABEL", table.key)}
        values = property_pairs(others)
        own = property_pairs({table.key: key}) if table.key_is_text else []
        found = node_statements(identifier, [table.name], own + values)
        if own and not any(isinstance(one, Name) for one in found):
            return [*node_statements(identifier, [table.name], values), Name(identifier, str(key))]
        return found

    def _edges_of(self, kind: str, start: _Table, end: _Table) -> Iterator[Statement]:
        match = f"MATCH (n:{_quoted(start.name)})-[r:{_quoted(kind)}]->(m:{_quoted(end.name)})"
        result = f"n.{_quoted(start.key)}, r, m.{_quoted(end.key)}"
        for where in _pages(start):
            for head, edge, tail in self._rows(f"{match} WHERE {where} RETURN {result}"):
                self._edges += 1
                pairs = property_pairs({name: edge[name] for name in edge if not name.startswith("_")})
                blank = f"_:{self._edges}@{self._mark}"
                ends = _identifier(start, head), _identifier(end, tail)
                yield from self._checked(
                    edge_statements(ends[0], kind, ends[1], pairs, blank), " to ".join(ends)
                )

    def _checked(self, found: list[Statement], what: str) -> list[Statement]:
        """What was found, if it can be stored."""
        if wrong := wrong_fact(found):
            self._report.add(self._path, 0, f"{what}: {wrong}")
            return []
        self._relations.update((one.relation, None) for one in found if isinstance(one, Triple))
        return found

    def _rows(self, query: str) -> Iterator[Any]:
        result = self._connection.execute(query)
        while result.has_next():
            yield result.get_next()


def _pages(table: _Table) -> Iterator[str]:
    for first in range(0, table.nodes, PAGE):
        yield f"offset(id(n)) >= {first} AND offset(id(n)) < {first + PAGE}"


def _identifier(table: _Table, key: object) -> str:
    return f"{table.name}/{';'.join(property_texts(key))}"


def _quoted(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"


def _text(name: str) -> str:
    return "'" + name.replace("\\", "\\\\").replace("'", "\\'") + "'"
