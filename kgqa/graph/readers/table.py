"""Tables of facts: data frames of any library, and parquet files."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from kgqa.counted import counted
from kgqa.errors import ParseError, UsageError
from kgqa.graph.builder import GraphBuilder
from kgqa.graph.indexed_graph import IndexedGraph
from kgqa.graph.readers.columns import Columns, guessed_columns, header_columns, named
from kgqa.graph.readers.layout import (
    DATA_FRAME,
    BadRow,
    Layout,
    TripleLayout,
    WideLayout,
    refuse_table,
    wide_layout,
)
from kgqa.graph.readers.lines import open_bytes
from kgqa.graph.readers.skip_report import SkipReport
from kgqa.graph.readers.table_shape import SAMPLE, why_no_triples
from kgqa.graph.statement import RelationName, Triple

if TYPE_CHECKING:
    from narwhals.typing import IntoDataFrame, IntoLazyFrame

__all__ = ["parquet_columns", "parquet_rows", "read_dataframe", "read_parquet"]

BATCH = 16_384
_ANY = Columns()


def read_dataframe(
    frame: IntoDataFrame | IntoLazyFrame,
    head: str | None = None,
    relation: str | None = None,
    tail: str | None = None,
    *,
    table: bool = False,
    split: str | None = None,
    entity_type: str | None = None,
    report: SkipReport | None = None,
) -> IndexedGraph:
    """The graph of a data frame with one fact a row: pandas, polars, pyarrow, duckdb, modin and others.

    `head`, `relation` and `tail` name the columns. A name that is not given is looked for among the usual
    ones (`subject`, `predicate`, `object`; see `HEADERS`); where none of the three is given and none found,
    three columns are taken in their order. With `table`, the column `head` (by default the first) is an
    entity and every other column a relation; the entities are of the type `entity_type`, by default what
    their column is called. `split` separates several values in one cell. Numbers become texts, whole ones
    without a decimal point, because pandas turns a column of integers into floats as soon as one is missing.

    A missing value is no fact in a table of entities. Elsewhere it makes a bad row, counted from 1: that
    raises `ParseError`, or goes to the `report` if that allows it. Raises `UsageError` for an unknown column
    and for what is no data frame, `ParseError` for columns that do not look like triples.

    >>> import pandas
    >>> row = {"film": "Kismet", "relation": "directed_by", "who": "William Dieterle"}
    >>> list(read_dataframe(pandas.DataFrame([row]), head="film", tail="who"))
    [Triple(head='Kismet', relation='directed_by', tail='William Dieterle')]
    >>> list(read_dataframe(pandas.DataFrame([{"film": "Kismet", "year": 1944}]), table=True))
    [Triple(head='Kismet', relation='type', tail='film'), Triple(head='Kismet', relation='year', tail='1944')]
    """
    import narwhals as nw

    columns = Columns(head, relation, tail, table=table, split=split, entity_type=entity_type)
    try:
        native = nw.from_native(cast(Any, frame))
        names = list(native.collect_schema().names())
        plan = _plan([str(name) for name in names], columns, DATA_FRAME, report)
        if isinstance(native, nw.LazyFrame):
            native = native.select(*(names[place] for place in plan.places)).collect()
            found = [native[:, place].to_list() for place in range(len(plan.places))]
        else:
            found = [native[:, place].to_list() for place in plan.places]
    except (ParseError, UsageError):
        raise
    except Exception as error:  # each of the libraries has errors of its own
        raise UsageError(
            f"{DATA_FRAME}: cannot be read ({type(error).__name__}: {_first_line(error)})"
        ) from error
    rows = enumerate(zip(*found, strict=True), 1)
    return GraphBuilder.of(_triples(rows, plan, SkipReport() if report is None else report, DATA_FRAME))


def read_parquet(path: Path, report: SkipReport, columns: Columns = _ANY) -> Iterator[Triple | RelationName]:
    """The facts of a parquet file, a row each, read in batches; otherwise like `read_dataframe`."""
    names = parquet_columns(path)
    plan = _plan(names, columns, path, report)
    chosen = [names[place] for place in plan.places]
    rows = ((row, tuple(fields[name] for name in chosen)) for row, fields in parquet_rows(path, chosen))
    return _triples(rows, plan, report, str(path))


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


class _Plan(NamedTuple):
    """What is read of a table with column names: which columns, and how a row of these is laid out."""

    places: Sequence[int]
    layout: Layout
    is_guess: bool = False


def _plan(names: Sequence[str], columns: Columns, source: object, report: SkipReport | None) -> _Plan:
    if columns.table:
        return _Plan(range(len(names)), wide_layout(source, names, columns, report))
    usual = header_columns(names) or guessed_columns(names)
    layout = TripleLayout(split=columns.split)
    if columns.is_mapped:
        return _Plan(columns.positions(names, len(names), source), layout)
    if usual is None and len(names) != 3:
        raise refuse_table(source, f"{counted(len(names), 'column')} ({named(names)})")
    return _Plan(usual or (0, 1, 2), layout, is_guess=usual is None)


def _triples(
    rows: Iterable[tuple[int, tuple[Any, ...]]], plan: _Plan, report: SkipReport, source: str
) -> Iterator[Triple | RelationName]:
    if isinstance(plan.layout, WideLayout):
        yield from plan.layout.relation_names
    texts = ((number, [c if isinstance(c, str) else _cell_text(c) for c in cells]) for number, cells in rows)
    first = list(islice(texts, SAMPLE)) if plan.is_guess else []
    sample = [[cell or "" for cell in cells] for _, cells in first]
    if sample and (reason := why_no_triples(sample, may_have_header=False)):
        raise refuse_table(source, reason)
    for number, cells in chain(first, texts):
        try:
            found = plan.layout.triples([cell or "" for cell in cells])
        except BadRow as wrong:
            has_gap = isinstance(plan.layout, TripleLayout) and None in cells
            report.add(source, number, "a value is missing" if has_gap else str(wrong))
        else:
            yield from found


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
