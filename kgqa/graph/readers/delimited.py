"""Facts in text files with columns: TSV, CSV, and the `a|r|b` of MetaQA."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Self, TypeVar

from kgqa.graph.readers.columns import Columns
from kgqa.graph.readers.conceptnet import ConceptNames, conceptnet_columns
from kgqa.graph.readers.layout import BadRow, Layout, WideLayout, choose_layout
from kgqa.graph.readers.lines import MAX_LINE_BYTES, read_lines
from kgqa.graph.readers.separator import separator_of
from kgqa.graph.readers.skip_report import SkipReport
from kgqa.graph.readers.table_shape import SAMPLE
from kgqa.graph.statement import Statement
from kgqa.graph.values.number import with_point

__all__ = [
    "SEPARATORS",
    "TableReader",
    "csv_rows",
    "first_rows",
    "read_csv",
    "read_metaqa",
    "read_tsv",
    "split_rows",
]

SEPARATORS = {"tsv": "\t", "metaqa": "|"}
"""What separates the columns of formats without quotes."""

SAMPLE_CHARACTERS = 2**20
"""The first rows are looked at up to this size, whatever their number."""

_ANY = Columns()
_SAID = re.compile(r'sep=([^"\r])', re.IGNORECASE)
"""The first line of a CSV file of a spreadsheet that names its separator."""


Row = tuple[int, Sequence[str], str]
"""A row of a file: the number of its first line, its cells or why it has none."""


def read_tsv(path: Path, report: SkipReport, columns: Columns = _ANY) -> Iterator[Statement]:
    """The facts of lines `head TAB relation TAB tail`.

    There are no quotes and no comments: all characters between the tabs, including spaces and quotes,
    belong to the identifier. Empty lines are skipped. If the first line has column names (`HEADERS`), the
    columns may have another order and there may be more of them; `columns` says what else a table is, see
    `choose_layout`.
    """
    return _statements(path, _split(path, columns.separator or SEPARATORS["tsv"]), report, columns)


def read_metaqa(path: Path, report: SkipReport, columns: Columns = _ANY) -> Iterator[Statement]:
    """The facts of lines `head|relation|tail`, the format of `kb.txt` of MetaQA; otherwise like TSV."""
    return _statements(path, _split(path, columns.separator or SEPARATORS["metaqa"]), report, columns)


def read_csv(path: Path, report: SkipReport, columns: Columns = _ANY) -> Iterator[Statement]:
    """The facts of lines with commas and optional quotes (RFC 4180); otherwise like TSV.

    Where semicolons, tabs or bars split the first lines better than commas, these are the separator, which
    is noted; a first line `sep=;` is no record. Messages name the first line of a record that spans
    several lines.
    """
    return _statements(path, _records(path, report, columns.separator), report, columns)


def _split(path: Path, separator: str) -> Iterator[Row]:
    return split_rows(read_lines(path), separator)


def split_rows(lines: Iterable[tuple[int, str]], separator: str) -> Iterator[Row]:
    """The rows of numbered lines without quotes; empty lines are none."""
    for number, line in lines:
        if line:
            yield number, line.split(separator), ""


def _records(path: Path, report: SkipReport, separator: str | None) -> Iterator[Row]:
    lines = read_lines(path)
    sample = _first(lines, lambda line: len(line[1]))
    said = _SAID.fullmatch(sample[0][1]) if sample else None
    if said:
        del sample[0]
    if separator is None:
        separator = said[1] if said else separator_of([line for _, line in sample])
        if separator != "," and not said:
            report.note(path, f"its columns are separated by {separator!r} (--separator)")
    yield from csv_rows(chain(sample, lines), separator)


def csv_rows(lines: Iterable[tuple[int, str]], separator: str) -> Iterator[Row]:
    """The rows of numbered lines with quotes, each with its first line; empty lines are none."""
    first = 0

    def texts() -> Iterator[str]:
        nonlocal first
        for number, line in lines:
            first = first or number
            yield f"{line}\n"

    csv.field_size_limit(max(MAX_LINE_BYTES, csv.field_size_limit()))  # of all readers, at first 128 KiB
    reader = csv.reader(texts(), strict=True, delimiter=separator)
    while True:
        first = 0
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield first, (), f"no CSV record ({error})"
            continue
        if cells:
            yield first, cells, ""


def _statements(path: Path, rows: Iterator[Row], report: SkipReport, columns: Columns) -> Iterator[Statement]:
    if columns.decimal_comma:
        rows = ((line, [with_point(cell) for cell in cells], wrong) for line, cells, wrong in rows)
    sample = first_rows(rows)
    return TableReader.of(path, sample, report, columns).statements(chain(sample, rows))


@dataclass
class TableReader:
    """Reads the rows of one file as statements, by what its first rows tell."""

    path: Path
    report: SkipReport
    layout: Layout
    has_header: bool
    """Whether the first whole row, which is still to come, has the names of columns."""
    names: ConceptNames | None

    @classmethod
    def of(cls, path: Path, sample: Sequence[Row], report: SkipReport, columns: Columns) -> Self:
        """The reader of a file that begins with these rows. Raises `ParseError`, `UsageError`."""
        whole = [cells for _, cells, wrong in sample if not wrong]
        layout, has_header = choose_layout(path, whole, columns, report)
        names = ConceptNames() if whole and conceptnet_columns(whole) else None
        return cls(path, report, layout, has_header, names)

    def statements(self, rows: Iterable[Row]) -> Iterator[Statement]:
        """The statements of rows; bad ones go to the report."""
        facts_of = self.layout.triples
        for line, cells, wrong in rows:
            if wrong:
                self.report.add(self.path, line, wrong)
                continue
            if self.has_header:  # the first row that is whole
                self.has_header = False
                if isinstance(self.layout, WideLayout):
                    yield from self.layout.relation_names
                continue
            try:
                triples = facts_of(cells)
            except BadRow as bad:
                self.report.add(self.path, line, str(bad))
                continue
            yield from triples
            if self.names is not None:
                for triple in triples:
                    yield from self.names.of(triple)


def first_rows(rows: Iterator[Row]) -> list[Row]:
    """The first rows of a table, to look at them."""
    return _first(rows, lambda row: sum(map(len, row[1])))


_Item = TypeVar("_Item")


def _first(items: Iterator[_Item], size: Callable[[_Item], int]) -> list[_Item]:
    """The first items, to look at them."""
    found: list[_Item] = []
    left = SAMPLE_CHARACTERS
    for item in items:
        found.append(item)
        left -= size(item)
        if len(found) >= SAMPLE or left <= 0:
            break
    return found
