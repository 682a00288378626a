"""Reads graph files in blocks of facts where their format is plain."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from kgqa.errors import ParseError
from kgqa.graph.building.fact_block import FactBlock
from kgqa.graph.name import clean_name
from kgqa.graph.readers import NAME_RELATIONS, Columns, NameRelations, SkipReport, detect_format, read
from kgqa.graph.readers.delimited import SEPARATORS, Row, TableReader, first_rows, split_rows
from kgqa.graph.readers.layout import TripleLayout
from kgqa.graph.readers.lines import decoded_lines, read_byte_lines
from kgqa.graph.statement import Statement

__all__ = ["read_blocks"]

BLOCK_BYTES = 2**23
PLAIN_FIRST = 0x20
"""Bytes up to this one, and those from 0x80 on, may begin white space."""

_Lines = list[tuple[int, bytes]]


def read_blocks(
    source: Path | str,
    format: str | None = None,
    *,
    report: SkipReport,
    languages: Sequence[str] = ("en",),
    columns: Columns,
    names: NameRelations = NAME_RELATIONS,
) -> Iterator[Statement | FactBlock]:
    """The statements of a graph file as `read` gives them, facts of plain tables in blocks.

    Plain are tables without quotes (TSV, MetaQA). A block that has anything odd in it (a bad line, a cell of
    white space) is read line by line.
    """
    path = Path(source)
    name = format or detect_format(path)
    separator = columns.separator or SEPARATORS.get(name, "")
    if columns.decimal_comma or name not in SEPARATORS or not separator.isascii() or len(separator) != 1:
        return read(path, name, report=report, languages=languages, columns=columns, names=names)
    return _table_blocks(path, separator, report, columns)


def _table_blocks(
    path: Path, separator: str, report: SkipReport, columns: Columns
) -> Iterator[Statement | FactBlock]:
    blocks = _blocks(path)

    def rows(lines: _Lines) -> Iterator[Row]:
        return split_rows(decoded_lines(path, lines), separator)

    first = next(blocks, [])
    table = TableReader.of(path, first_rows(rows(first)), report, columns)
    layout = table.layout
    reader = None
    if isinstance(layout, TripleLayout) and layout.split is None and table.names is None:
        reader = _PlainReader(layout, ord(separator))
    for lines in chain((first,), blocks):
        if table.has_header:
            header = next((at for at, (_, line) in enumerate(lines) if line.strip(b"\r\n")), len(lines))
            yield from table.statements(rows(lines[: header + 1]))
            lines = lines[header + 1 :]
        block = reader.block(lines) if reader else None
        if block is None:
            yield from table.statements(rows(lines))
        else:
            yield block


def _blocks(path: Path) -> Iterator[_Lines]:
    """The lines of a file, some at a time; what comes before damage is there."""
    lines: _Lines = []
    size = 0
    try:
        for line in read_byte_lines(path):
            lines.append(line)
            size += len(line[1])
            if size >= BLOCK_BYTES:
                yield lines
                lines, size = [], 0
    except ParseError:
        yield lines
        raise
    if lines:
        yield lines


@dataclass
class _PlainReader:
    """Reads lines that are all plain."""

    layout: TripleLayout
    separator: int
    known: set[str] = field(default_factory=set)
    """Relations that have a name."""

    def block(self, lines: _Lines) -> FactBlock | None:
        """The facts of some lines; None where one of them needs a closer look."""
        content = b"".join([line for _, line in lines])
        if b"\r" in content:
            content = content.replace(b"\r\n", b"\n")
        if not content or b"\r" in content or b"\0" in content or content.startswith(b"\xef\xbb\xbf"):
            return None
        if not content.endswith(b"\n"):
            content += b"\n"
        try:
            content.decode()
        except UnicodeDecodeError:
            return None
        return self._split(np.frombuffer(content, dtype=np.uint8))

    def _split(self, content: Any) -> FactBlock | None:
        ends = np.flatnonzero((content == self.separator) | (content == ord("\n")))
        width = self.layout.width
        marks = content[ends]
        is_line_end = np.zeros(width, dtype=np.bool_)
        is_line_end[-1] = True
        if len(marks) % width or ((marks == ord("\n")).reshape(-1, width) != is_line_end).any():
            return None
        starts = np.append(0, ends[:-1] + 1)
        if (starts == ends).any():  # an empty cell
            return None
        keep = np.ones(len(content), dtype=np.bool_)
        keep[ends] = False
        offsets = np.append(0, ends - np.arange(len(ends)))
        buffers = [None, pa.py_buffer(offsets), pa.py_buffer(content[keep])]
        cells = pa.Array.from_buffers(pa.large_string(), len(ends), buffers)
        first = content[starts]
        odd = (first <= PLAIN_FIRST) | (first >= 0x80)
        if odd.any() and any(map(str.isspace, cells.filter(pa.array(odd)).unique().to_pylist())):
            return None
        rows = np.arange(0, len(ends), width)
        places = (self.layout.head, self.layout.relation, self.layout.tail)
        block = FactBlock(*(cells.take(pa.array(rows + place)) for place in places))
        return block if self._are_relations(block.relations) else None

    def _are_relations(self, relations: Any) -> bool:
        new = set(relations.unique().to_pylist()) - self.known
        if not all(map(clean_name, new)):
            return False
        self.known |= new
        return True
