"""Tables of facts: pandas DataFrames and parquet files."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kgqa.errors import ParseError, UsageError
from kgqa.graph.readers.delimited import header_columns, missing_part
from kgqa.graph.readers.lines import open_bytes
from kgqa.graph.readers.skip_report import SkipReport
from kgqa.graph.triple import Triple

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["open_parquet", "parquet_rows", "read_frame", "read_parquet"]

BATCH = 16_384


def read_frame(
    frame: pd.DataFrame,
    columns: tuple[str, str, str] | None = None,
    report: SkipReport | None = None,
    name: str = "DataFrame",
) -> Iterator[Triple]:
    """The facts of a DataFrame, a row each.

    Without `columns`, head, relation and tail are the columns of these names (or `subject`,
    `predicate`, `object`; see `HEADERS`), else the first three. A missing value makes a bad row;
    rows count from 1. Numbers are written as texts, whole ones without a decimal point, because
    pandas turns a column of integers into floats as soon as one is missing.
    """
    chosen = _choose([str(column) for column in frame.columns], columns, name)
    values = (frame.iloc[:, position].tolist() for position in chosen)
    return _triples(enumerate(zip(*values, strict=True), 1), SkipReport() if report is None else report, name)


def read_parquet(
    path: Path, report: SkipReport, columns: tuple[str, str, str] | None = None
) -> Iterator[Triple]:
    """The facts of a parquet file, a row each, read in batches; otherwise like `read_frame`."""
    with open_parquet(path) as table:
        names = [str(name) for name in table.schema_arrow.names]
    chosen = [names[position] for position in _choose(names, columns, str(path))]
    rows = ((row, tuple(fields[name] for name in chosen)) for row, fields in parquet_rows(path, chosen))
    return _triples(rows, report, str(path))


def parquet_rows(
    path: Path, columns: Sequence[str], batch: int = BATCH
) -> Iterator[tuple[int, dict[str, Any]]]:
    """The rows of a parquet file as plain Python values, with their numbers from 1."""
    with open_parquet(path) as table:
        row = 0
        try:
            for records in table.iter_batches(batch_size=batch, columns=list(columns)):
                for fields in records.to_pylist():
                    row += 1
                    yield row, fields
        except (ValueError, OSError) as error:  # pyarrow's errors derive from these
            raise ParseError(path, row + 1, f"damaged parquet file ({_first_line(error)})") from error


def open_parquet(path: Path) -> Any:
    """A parquet file, for a `with`. Raises `ParseError` for what is none, `UsageError` without pyarrow."""
    try:
        from pyarrow import parquet
    except ImportError as error:
        raise UsageError('parquet files need pyarrow: pip install "kgqa[tables]"') from error
    with open_bytes(path):  # says what is wrong with a missing file or a folder
        pass
    try:
        return parquet.ParquetFile(path)
    except (ValueError, OSError) as error:  # pyarrow's errors derive from these
        raise ParseError(path, 0, f"no parquet file ({_first_line(error)})") from error


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0]


def _choose(names: Sequence[str], columns: tuple[str, str, str] | None, source: str) -> tuple[int, int, int]:
    if columns is not None:
        for column in columns:
            if column not in names:
                raise UsageError(f"{source}: no column {column!r}; it has {', '.join(names)}")
        return names.index(columns[0]), names.index(columns[1]), names.index(columns[2])
    if found := header_columns(names):
        return found
    if len(names) < 3:
        raise ParseError(source, 0, f"{len(names)} columns, head, relation and tail were expected")
    return 0, 1, 2


def _triples(
    rows: Iterator[tuple[int, tuple[Any, ...]]] | enumerate[tuple[Any, ...]], report: SkipReport, source: str
) -> Iterator[Triple]:
    for number, cells in rows:
        head, relation, tail = (cell if isinstance(cell, str) else _cell_text(cell) for cell in cells)
        wrong = missing_part(head or "", relation or "", tail or "")
        if head is None or relation is None or tail is None or wrong:
            report.add(source, number, wrong or "a value is missing")
        else:
            yield Triple(head, relation, tail)


def _cell_text(cell: Any) -> str | None:
    """A cell as text; None for a missing value and for what is not a single value."""
    if cell is None or isinstance(cell, bytes | list | tuple | dict | set):
        return None
    if isinstance(cell, float):
        if math.isnan(cell):
            return None
        return str(int(cell)) if cell.is_integer() else repr(float(cell))
    text = str(cell)
    return None if text in ("<NA>", "NaT") or hasattr(cell, "__len__") else text
