"""What the cells of untyped tables look like: numbers, dates, durations, booleans."""

from __future__ import annotations

import math
import re

from kgqa.graph.values.date import date_interval, read_date
from kgqa.graph.values.duration import read_duration
from kgqa.graph.values.number import read_cell_number
from kgqa.graph.values.unit import unit_of_symbol
from kgqa.graph.values.value import Value, ValueKind

__all__ = ["guess_value", "guess_year"]

_BOOLEANS = {"true": 1.0, "false": 0.0}
_ERA = re.compile(r"(?:([1-9][0-9]{0,3}) ?(BCE?|CE|AD)|(AD) ?([1-9][0-9]{0,3}))")
_YEAR = re.compile(r"-?[0-9]{4}")
_LEAST_YEAR, _MOST_YEAR = -3000, 2999
_NUMBER_WITH_UNIT = re.compile(r"([+\-\u2212]?[0-9.,]+(?:[eE][+-]?[0-9]+)?)\s*([^\s0-9.,]\S*)")


def guess_value(text: str) -> Value:
    """The value that a cell of a table without types most likely shows.

    Numbers may have groups of three digits ("1,234.5") and a unit ("12 km"); dates have the forms of XSD
    ("2017-08-01", "2017-08", "2017-08-01 10:30:00Z") or name an era ("44 BC"). Four digits are a number: only
    the other cells of a column and its name tell years from numbers (`ValueTable`). "NaN", "007", "1.234,5",
    "30 February", "10/11/12" and everything else is a `TEXT`.

    >>> [guess_value(text).kind.name for text in ("1,234.5", "2017-08-01", "true", "1944", "30 February")]
    ['NUMBER', 'DATE', 'BOOLEAN', 'NUMBER', 'TEXT']
    """
    cell = text.strip()
    number = read_cell_number(cell)
    if number is not None:
        return Value(ValueKind.NUMBER, number, number, text)
    dates = _date(cell)
    if dates is not None:
        return Value(ValueKind.DATE, *dates, text)
    truth = _BOOLEANS.get(cell.lower())
    if truth is not None:
        return Value(ValueKind.BOOLEAN, truth, truth, text)
    duration = read_duration(cell)
    if duration is not None:
        return Value(ValueKind.DURATION, duration, duration, text)
    parts = _NUMBER_WITH_UNIT.fullmatch(cell)
    unit = unit_of_symbol(parts[2]) if parts else ""
    if parts and unit and (number := read_cell_number(parts[1])) is not None:
        return Value(ValueKind.NUMBER, number, number, parts[1], unit)
    return Value(ValueKind.TEXT, math.nan, math.nan, text)


def guess_year(text: str) -> tuple[float, float] | None:
    """The year that four digits may stand for, as an interval of instants; None for other texts.

    >>> guess_year("1970"), guess_year("98315")
    ((0.0, 31536000.0), None)
    """
    cell = text.strip()
    if not _YEAR.fullmatch(cell) or not _LEAST_YEAR <= int(cell) <= _MOST_YEAR:
        return None
    return date_interval(int(cell))


def _date(cell: str) -> tuple[float, float] | None:
    if era := _ERA.fullmatch(cell):
        year = int(era[1] or era[4])
        return date_interval(1 - year if (era[2] or era[3]).startswith("B") else year)
    if len(cell) > 10 and cell[10] == " ":
        cell = f"{cell[:10]}T{cell[11:]}"
    found = read_date(cell)
    return None if found is None or found[0] == 1 else (found[1], found[2])
