"""The layout of a table: how each of its rows is read as facts."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from kgqa.counted import counted
from kgqa.errors import ParseError
from kgqa.graph.name import clean_name
from kgqa.graph.readers.columns import Columns, guessed_columns, header_columns, named
from kgqa.graph.readers.conceptnet import conceptnet_columns
from kgqa.graph.readers.skip_report import SkipReport
from kgqa.graph.readers.table_shape import (
    list_separator,
    looks_like_header,
    marks_of_nothing,
    may_be_header,
    usual_width,
    why_no_triples,
)
from kgqa.graph.statement import RelationName, Triple

__all__ = [
    "DATA_FRAME",
    "BadRow",
    "Layout",
    "TripleLayout",
    "WideLayout",
    "choose_layout",
    "missing_part",
    "refuse_table",
    "wide_layout",
]

_BRACKETS = re.compile(r"\s*[(\[][^()\[\]]*[)\]]\s*$")
TYPE = "type"
"""The relation from an entity of a table to its type."""
_NO_TYPES = ("", "id", "identifier", "key", "code", "name", "label", "title", "entity", "item", "node")
"""Names of columns that do not say what the entities in them are."""
DATA_FRAME = "data frame"
"""The source of what is no file, in messages."""
_OF_FILES = (
    "kgqa build reads it with --table if its first column is an entity and the others are relations, "
    "else name three columns with --head --relation --tail (in Python with Columns)"
)
_OF_DATA_FRAMES = (
    "give table=True if its first column is an entity and the others are relations, "
    "else name three columns with head=, relation=, tail="
)


class BadRow(Exception):
    """A row that cannot be read; the message is the reason."""


@dataclass(frozen=True)
class TripleLayout:
    """One fact a row, in three of its columns."""

    head: int = 0
    relation: int = 1
    tail: int = 2
    width: int = 3
    split: str | None = None

    def triples(self, cells: Sequence[str]) -> list[Triple]:
        """The facts of a row. Raises `BadRow`."""
        if len(cells) != self.width:
            raise BadRow(f"{counted(len(cells), 'field')} instead of {self.width}")
        triple = Triple(cells[self.head], cells[self.relation], cells[self.tail])
        if wrong := missing_part(*triple):
            raise BadRow(wrong)
        if self.split is None:
            return [triple]
        return [Triple(triple.head, triple.relation, part) for part in _parts(triple.tail, self.split)]


@dataclass(frozen=True)
class WideLayout:
    """An entity a row, of a type; every other column with a name is a relation, its cells the tails.

    `marks` has the cells of each column that are read as empty ones.
    """

    entity: int
    names: tuple[str, ...]
    split: str | None = None
    entity_type: str = ""
    marks: tuple[frozenset[str], ...] = ()

    @property
    def relation_names(self) -> list[RelationName]:
        """The names of columns without what stands behind them in brackets, where that leaves them apart.

        "mass (kg)" is called mass; the relation's identifier tells the unit.
        """
        short = [clean_name(_BRACKETS.sub("", name)) for name in self.names]
        return [
            RelationName(name, plain)
            for name, plain in zip(self.names, short, strict=True)
            if plain and plain != clean_name(name) and short.count(plain) == 1
        ]

    def triples(self, cells: Sequence[str]) -> list[Triple]:
        """The facts of a row: what it is, and one for each cell; none for an empty cell or row.

        Raises `BadRow`.
        """
        if len(cells) != len(self.names):
            raise BadRow(f"{counted(len(cells), 'field')} instead of {len(self.names)}")
        if not any(map(str.strip, cells)):
            return []
        found = [Triple(cells[self.entity], TYPE, self.entity_type)] if self.entity_type else []
        for place, cell in enumerate(cells):
            if (
                place == self.entity
                or not (said := cell.strip())
                or (self.marks and said in self.marks[place])
            ):
                continue
            if not clean_name(self.names[place]):
                raise BadRow(f"a value in column {place + 1}, which has no name")
            tails = (cell,) if self.split is None else _parts(cell, self.split)
            found += [Triple(cells[self.entity], self.names[place], tail) for tail in tails]
        for triple in found:
            if wrong := missing_part(*triple):
                raise BadRow(wrong)
        return found


Layout = TripleLayout | WideLayout


def choose_layout(
    source: object, rows: Sequence[Sequence[str]], columns: Columns, report: SkipReport
) -> tuple[Layout, bool]:
    """The layout of a text file, from its first rows, and whether the first one has the column names.

    A guess is noted in the report. Raises `ParseError` for rows that are no triples, unless `columns` says
    what they are, and `UsageError` for a column that is not there.
    """
    if not rows:
        return TripleLayout(split=columns.split), False
    first = rows[0]
    if columns.table:
        return wide_layout(source, first, columns, report, rows[1:]), True
    usual = None if columns.header is False else header_columns(first)
    guessed = None if columns.header is False or usual else guessed_columns(first)
    has_header = columns.header or columns.needs_names or bool(usual or guessed)
    if columns.is_mapped:
        return _mapped(source, rows, columns, has_header, report)
    if usual or guessed:
        if guessed:
            _note_roles(source, first, guessed, report)
        return TripleLayout(*(usual or guessed or (0, 1, 2)), len(first), columns.split), True
    if found := conceptnet_columns(rows):
        report.note(source, "read as ConceptNet: the relation comes first (--head --relation --tail)")
        return TripleLayout(*found, usual_width(rows), columns.split), False
    _refuse_other_tables(source, rows, columns, report)
    return TripleLayout(split=columns.split), bool(columns.header)


def wide_layout(
    source: object,
    names: Sequence[str],
    columns: Columns,
    report: SkipReport | None = None,
    rows: Sequence[Sequence[str]] = (),
) -> WideLayout:
    """The layout of a table of entities with these column names. Raises `UsageError`, `ParseError`.

    A type of the entities that is a guess is noted in the report, and so is what the first rows have in
    columns of values for none.
    """
    if len(names) < 2:
        raise ParseError(
            str(source), 1, f"{counted(len(names), 'column')}; a table has an entity and its relations"
        )
    entity = 0 if columns.head is None else columns.position(columns.head, names, len(names), source)
    entity_type = _guessed_type(source, names[entity]) if columns.entity_type is None else columns.entity_type
    if report is not None and columns.entity_type is None and entity_type:
        report.note(source, f"each row is of the type {entity_type!r} (--type says otherwise)")
    marks = tuple(marks_of_nothing(rows, place) for place in range(len(names)))
    for place, found in enumerate(marks):
        if found and report is not None and place != entity:
            said = ", ".join(map(repr, sorted(found)))
            report.note(source, f"in the column {names[place]!r}, {said} is read as an empty cell")
        mark = list_separator(rows, place) if columns.split is None and place != entity else None
        if mark and report is not None:
            report.note(source, f"cells of the column {names[place]!r} look like lists (--split {mark!r})")
    return WideLayout(entity, tuple(names), columns.split, entity_type, marks)


def _guessed_type(source: object, column: str) -> str:
    """What the entities of a table are: what their column is called, else the file."""
    name = clean_name(column)
    if name.casefold() not in _NO_TYPES:
        return name
    return clean_name(source.name.partition(".")[0]) if isinstance(source, Path) else ""


def refuse_table(source: object, reason: str) -> ParseError:
    """The error for a table that is no triples."""
    options = _OF_DATA_FRAMES if source == DATA_FRAME else _OF_FILES
    return ParseError(str(source), 0, f"no head, relation and tail: {reason}; {options}")


def missing_part(head: str, relation: str, tail: str) -> str | None:
    """Why a triple is not valid; None if it is."""
    if not head or head.isspace():
        return "the head is empty"
    if not clean_name(relation):
        return "the relation is empty"
    if not tail or tail.isspace():
        return "the tail is empty"
    if "\0" in head or "\0" in relation or "\0" in tail:
        return "a NUL character; is this a text file?"
    return None


def _mapped(
    source: object,
    rows: Sequence[Sequence[str]],
    columns: Columns,
    has_header: bool,
    report: SkipReport,
) -> tuple[Layout, bool]:
    """The layout where columns are named; a first row may have names all the same."""
    first, width = rows[0], len(rows[0]) if has_header else usual_width(rows)
    if columns.header is None and not has_header:
        whole = [row for row in rows if len(row) == width]
        if whole and whole[0] is first and looks_like_header(whole):
            has_header = True
            report.note(source, f"the first row ({named(first)}) is taken for column names (--no-header)")
    names = first if has_header else None
    positions = columns.positions(names, width, source)
    return TripleLayout(*positions, width, columns.split), has_header


def _refuse_other_tables(
    source: object, rows: Sequence[Sequence[str]], columns: Columns, report: SkipReport
) -> None:
    width = usual_width(rows)
    if width == 1:  # no table: each row is a bad line
        return
    if width != 3:
        raise refuse_table(source, f"{counted(width, 'column')} ({named(rows[0])})")
    whole = [row for row in rows if len(row) == width]
    below = whole[1:] if columns.header else whole
    may_have_header = columns.header is None and bool(whole) and whole[0] is rows[0]
    if below and (reason := why_no_triples(below, may_have_header=may_have_header)):
        raise refuse_table(source, reason)
    if may_have_header and may_be_header(whole):
        report.note(source, f"the first row ({named(rows[0])}) is read as a fact (--header if it is none)")
    if columns.header:
        _note_roles(source, rows[0], (0, 1, 2), report)


def _note_roles(
    source: object, names: Sequence[str], positions: tuple[int, int, int], report: SkipReport
) -> None:
    roles = named([names[place] for place in positions]) if max(positions) < len(names) else "1, 2, 3"
    report.note(source, f"columns read as head, relation, tail: {roles} (--head --relation --tail)")


def _parts(cell: str, split: str) -> list[str]:
    return [part.strip() for part in cell.split(split) if part.strip()]
