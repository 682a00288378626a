"""Values: numbers, dates, durations and booleans that literals stand for."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from enum import IntEnum

__all__ = ["Value", "ValueKind", "date_interval", "guess_value", "read_value"]


class ValueKind(IntEnum):
    """The kind of a value; stored as one byte."""

    NONE = 0
    NUMBER = 1
    DATE = 2
    DURATION = 3
    BOOLEAN = 4
    TEXT = 5


@dataclass(frozen=True)
class Value:
    """A value with its bounds: a date is the half-open interval of days that it covers."""

    kind: ValueKind
    low: float
    high: float
    text: str
    unit: str = ""


def date_interval(year: int, month: int | None = None, day: int | None = None) -> tuple[float, float]:
    """The days that a date covers, counted from the year 1."""
    if month is None:
        return _days(year, 1, 1), _days(year + 1, 1, 1)
    if day is None:
        return _days(year, month, 1), _days(year + month // 12, month % 12 + 1, 1)
    first = _days(year, month, day)
    return first, first + 1


def _days(year: int, month: int, day: int) -> float:
    era, within = divmod(year - 1, 400)
    return float(date(within + 1, month, day).toordinal() + era * 146097)


_DATE = re.compile(r"(-?\d{4,})(?:-(\d\d)(?:-(\d\d))?)?(?:T.*|Z|[+-]\d\d:\d\d)?")
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")


def read_value(text: str, datatype: str = "", language: str = "") -> Value:
    """The value of an RDF literal."""
    del language  # texts have no value that could be compared
    name = datatype.rpartition("#")[2]
    if name == "boolean" and text in ("true", "false", "1", "0"):
        number = float(text in ("true", "1"))
        return Value(ValueKind.BOOLEAN, number, number, text)
    if name in ("date", "gYear", "gYearMonth", "dateTime"):
        found = _DATE.fullmatch(text)
        if found:
            try:
                low, high = date_interval(
                    int(found[1]), found[2] and int(found[2]), found[3] and int(found[3])
                )
                return Value(ValueKind.DATE, low, high, text)
            except ValueError:
                pass
    elif name and name not in ("string", "langString") and _NUMBER.fullmatch(text):
        return Value(ValueKind.NUMBER, float(text), float(text), text)
    return Value(ValueKind.TEXT, float("nan"), float("nan"), text)


def guess_value(text: str) -> Value:
    """The value of an untyped cell."""
    plain = text.replace(",", "")
    if _NUMBER.fullmatch(plain):
        return Value(ValueKind.NUMBER, float(plain), float(plain), plain)
    return read_value(text, "#date")
