"""Tables of facts: data frames of any library, and parquet files."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from kgqa.errors import ParseError, UsageError
from kgqa.graph.builder import GraphBuilder
from kgqa.graph.indexed_graph import IndexedGraph
from kgqa.graph.name import clean_name
from kgqa.graph.readers.delimited import header_columns, missing_part
from kgqa.graph.readers.lines import open_bytes
from kgqa.graph.readers.skip_report import SkipReport
from kgqa.graph.statement import Triple

if TYPE_CHECKING:
    from narwhals.typing import IntoDataFrame, IntoLazyFrame

__all__ = ["parquet_columns", "parquet_rows", "read_dataframe", "read_parquet"]

BATCH = 16_384


def read_dataframe(
    frame: IntoDataFrame | IntoLazyFrame,
    head: str | None = None,
    relation: str | None = None,
    tail: str | None = None,
    *,
    report: SkipReport | None = None,
) -> IndexedGraph:
    """The graph of a data frame with one fact a row: pandas, polars, pyarrow, duckdb, modin and others.

    `head`, `relation` and `tail` name the columns. A name that is not given is looked for among the usual
    ones (`subject`, `predicate`, `object`; see `HEADERS`); where none of the three is given and none found,
    the first three columns are taken. Numbers become texts, whole ones without a decimal point, because
    pandas turns a column of integers into floats as soon as one is missing.

    A missing value makes a bad row, counted from 1: it raises `ParseError`, or goes to the `report` if that
    allows it. Raises `UsageError` for an unknown column and for what is no data frame.

    >>> import pandas
    >>> row = {"film": "Kismet", "relation": "directed_by", "who": "William Dieterle"}
    >>> list(read_dataframe(pandas.DataFrame([row]), head="film", tail="who"))
    [Triple(head='Kismet', relation='directed_by', tail='William Dieterle')]
    """
    import narwhals as nw

    source = "data frame"
    try:
        table = nw.from_native(cast(Any, frame))
        names = list(table.collect_schema().names())
        chosen = _choose(names, (head, relation, tail), source)
        if isinstance(table, nw.LazyFrame):
            table = table.select(*(names[position] for position in chosen)).collect()
            chosen = 0, 1, 2
        columns = [table[:, position].to_list() for position in chosen]
    except (ParseError, UsageError):
        raise
    except Exception as error:  # each of the libraries has errors of its own
        raise UsageError(
            f"{source}: cannot be read ({type(error).__name__}: {_first_line(error)})"
        ) from error
    rows = enumerate(zip(*columns, strict=True), 1)
    return GraphBuilder.of(_triples(rows, SkipReport() if report is None else report, source))


def read_parquet(path: Path, report: SkipReport) -> Iterator[Triple]:
    """The facts of a parquet file, a row each, read in batches; otherwise like `read_dataframe`."""
    names = parquet_columns(path)
    chosen = [names[position] for position in _choose(names, (None, None, None), str(path))]
    rows = ((row, tuple(fields[name] for name in chosen)) for row, fields in parquet_rows(path, chosen))
    return _triples(rows, report, str(path))


def parquet_columns(path: str | Path) -> list[str]:
    """The names of the columns of a parquet file. Raises `ParseError`."""
    with _open_parquet(path) as table:
        try:
            return [str(name) for name in table.schema_arrow.names]
        except Exception as error:
            raise ParseError(path, 0, f"no parquet file ({_first_line(error)})") from error


def parquet_rows(
    path: str | Path, columns: Sequence[str], batch: int = BATCH
) -> Iterator[tuple[int, dict[str, Any]]]:
    """The rows of a parquet file as plain Python values, with their numbers from 1."""
    with _open_parquet(path) as table:
        row = 0
        batches = iter(table.iter_batches(batch_size=batch, columns=list(columns)))
        while True:
            try:
                records = next(batches, None)
                found = [] if records is None else records.to_pylist()
            except Exception as error:  # pyarrow's errors derive from many classes
                raise ParseError(path, row + 1, f"damaged parquet file ({_first_line(error)})") from error
            if records is None:
                return
            for fields in found:
                row += 1
                yield row, fields


def _open_parquet(path: str | Path) -> AbstractContextManager[Any]:
    """A parquet file, for a `with`. Raises `ParseError` for what is none."""
    from pyarrow import parquet

    with open_bytes(path):  # says what is wrong with a missing file or a folder
        pass
    try:
        return cast(AbstractContextManager[Any], parquet.ParquetFile(path))
    except Exception as error:  # pyarrow's errors derive from many classes
        raise ParseError(path, 0, f"no parquet file ({_first_line(error)})") from error


def _first_line(error: Exception) -> str:
    return f"{str(error).partition(chr(10))[0]:.160}"


def _choose(
    names: Sequence[str], wanted: tuple[str | None, str | None, str | None], source: str
) -> tuple[int, int, int]:
    found = header_columns([str(name) for name in names])
    if wanted == (None, None, None) and found is None:
        if len(names) < 3:
            raise ParseError(source, 0, f"{len(names)} columns, head, relation and tail were expected")
        return 0, 1, 2
    usual = ("head", "relation", "tail") if found is None else tuple(names[position] for position in found)
    columns = [own or other for own, other in zip(wanted, usual, strict=True)]
    for column in columns:
        if column not in names:
            there = ", ".join(clean_name(str(name)) for name in names)
            raise UsageError(f"{source}: no column {column!r}; it has {there:.200}")
    return names.index(columns[0]), names.index(columns[1]), names.index(columns[2])


def _triples(
    rows: Iterable[tuple[int, tuple[Any, ...]]], report: SkipReport, source: str
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
