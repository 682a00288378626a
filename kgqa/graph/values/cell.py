"""What the cells of untyped tables look like: numbers, dates, durations, booleans."""

from __future__ import annotations

import math
import re

from kgqa.errors import UsageError
from kgqa.graph.values.date import MONTHS, date_interval, read_date
from kgqa.graph.values.duration import read_duration
from kgqa.graph.values.number import read_cell_number
from kgqa.graph.values.unit import unit_of_symbol
from kgqa.graph.values.value import Value, ValueKind

__all__ = ["guess_value", "guess_year", "with_unit"]

_BOOLEANS = {"true": 1.0, "false": 0.0}
_ERA = re.compile(r"(?:([1-9][0-9]{0,3}) ?(BCE?|CE|AD)|(AD) ?([1-9][0-9]{0,3}))")
_YEAR = re.compile(r"-?[0-9]{4}")
_LEAST_YEAR, _MOST_YEAR = -3000, 2999
_NUMBER = r"[0-9.](?:[0-9., '\u2019\u00a0\u2009\u202f]*[0-9])?(?:[eE][+-]?[0-9]+)?"
_NUMBER_WITH_UNIT = re.compile(rf"([+\-\u2212]?{_NUMBER})\s*([^\s0-9.,]\S*)")
_MONEY = re.compile(rf"([+\-\u2212]?)\s?([$€£¥₹])\s?({_NUMBER})")
_MONTH = "(?P<name>[A-Za-z]{3,9})"
_DATES = tuple(
    re.compile(form)
    for form in (
        r"(?P<day>[0-9]{1,2})\.(?P<month>[0-9]{1,2})\.(?P<year>[0-9]{4})",
        r"(?P<year>[0-9]{4})/(?P<month>[0-9]{1,2})/(?P<day>[0-9]{1,2})",
        rf"(?:(?P<day>[0-9]{{1,2}})(?:st|nd|rd|th)?[ -])?{_MONTH}\.?[ -](?P<year>[0-9]{{4}})",
        rf"{_MONTH}\.? (?P<day>[0-9]{{1,2}})(?:st|nd|rd|th)?,? (?P<year>[0-9]{{4}})",
    )
)
"""Forms of dates in which nobody takes the day for the month."""


def guess_value(text: str) -> Value:
    """The value that a cell of a table without types most likely shows.

    Numbers may have groups of three digits ("1,234.5") and a unit ("12 km", "$5"); dates have the forms of
    XSD ("2017-08-01", "2017-08", "2017-08-01 10:30:00Z"), name an era ("44 BC") or the month ("1 August
    2017"), or are "1.8.2017" or "2017/8/1". Four digits are a number: only the other cells of a column and
    its name tell years from numbers (`ValueTable`). "NaN", "007", "1.234,5", "30 February", "10/11/2012" and
    everything else is a `TEXT`.

    >>> [guess_value(text).kind.name for text in ("1,234.5", "2017-08-01", "true", "1944", "30 February")]
    ['NUMBER', 'DATE', 'BOOLEAN', 'NUMBER', 'TEXT']
    >>> guess_value("$1,200.50").unit, str(guess_value("Aug 1, 2017").low == guess_value("1.8.2017").low)
    ('USD', 'True')
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
    digits, unit = _parts(cell)
    if unit and (number := read_cell_number(digits)) is not None:
        return Value(ValueKind.NUMBER, number, number, digits, unit)
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


def with_unit(number: str, unit: str) -> str:
    """The text of a number and its unit, if it has one and the text does not say it.

    >>> with_unit("6650", "km"), with_unit("$1.25", "USD"), with_unit("Nile", "")
    ('6650 km', '$1.25', 'Nile')
    """
    return number if not unit or _parts(number.strip())[1] else f"{number} {unit}"


def _parts(cell: str) -> tuple[str, str]:
    """The number of a cell and the unit behind it, or that of the sign of money before it."""
    if parts := _NUMBER_WITH_UNIT.fullmatch(cell):
        return parts[1], unit_of_symbol(parts[2])
    if parts := _MONEY.fullmatch(cell):
        return parts[1] + parts[3], unit_of_symbol(parts[2])
    return cell, ""


def _date(cell: str) -> tuple[float, float] | None:
    if era := _ERA.fullmatch(cell):
        year = int(era[1] or era[4])
        return date_interval(1 - year if (era[2] or era[3]).startswith("B") else year)
    if len(cell) > 10 and cell[10] == " ":
        cell = f"{cell[:10]}T{cell[11:]}"
    if found := read_date(cell):
        return None if found[0] == 1 else (found[1], found[2])
    if not cell[-1:].isdigit():
        return None  # as nearly all names: no form of `_DATES` ends otherwise
    return next(filter(None, (_of_parts(form.fullmatch(cell)) for form in _DATES)), None)


def _of_parts(form: re.Match[str] | None) -> tuple[float, float] | None:
    """The day or month that the parts of a form name; None where the calendar does not have it."""
    parts = form.groupdict() if form else {}
    month = MONTHS.get(parts["name"].lower(), 0) if "name" in parts else int(parts.get("month", 0))
    try:
        return date_interval(int(parts["year"]), month, int(parts["day"]) if parts["day"] else None)
    except (KeyError, UsageError):
        return None
