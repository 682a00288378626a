"""What the literals of RDF mean: their datatypes read as values."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial

from kgqa.graph.name import separate_words
from kgqa.graph.values.date import read_date, read_time
from kgqa.graph.values.duration import read_duration
from kgqa.graph.values.number import NUMBERS
from kgqa.graph.values.unit import unit_of_words
from kgqa.graph.values.value import Value, ValueKind

__all__ = ["Reading", "literal_reader", "read_value"]

XSD = "http://www.w3.org/2001/XMLSchema#"
SPACES = " \t\n\r"
"""What XSD takes for white space around a value."""

Reading = Callable[[str], tuple[float, float] | None]

_DATES = {"gYear": 1, "gYearMonth": 2, "date": 3, "dateTime": 4, "dateTimeStamp": 4}
_BOOLEANS = {"true": 1.0, "1": 1.0, "false": 0.0, "0": 0.0}


def read_value(text: str, datatype: str = "", language: str = "") -> Value:
    """The value of a literal, given its text, the IRI of its datatype, and its language.

    Read are the numeric types of XSD, `gYear`, `gYearMonth`, `date`, `dateTime`, `time`, the durations and
    `boolean`; also other datatypes that are named for a unit, such as DBpedia's `kilometre`, as numbers.
    A text that its datatype does not allow, NaN and infinity are a `TEXT`, as is everything else.

    >>> read_value("98315", "http://www.w3.org/2001/XMLSchema#integer").low
    98315.0
    >>> read_value("1944-02-30", "http://www.w3.org/2001/XMLSchema#date").kind
    <ValueKind.TEXT: 5>
    """
    kind, read, unit = literal_reader("" if language else datatype)
    found = read(text)
    if found is None:
        return Value(ValueKind.TEXT, math.nan, math.nan, text)
    return Value(kind, *found, text, unit)


def literal_reader(datatype: str) -> tuple[ValueKind, Reading, str]:
    """How the literals of a datatype are read: their kind, their numbers (None: a text), their unit."""
    name = datatype.removeprefix(XSD)
    if name == datatype:
        unit = unit_of_words(separate_words(datatype.replace("#", "/").rpartition("/")[2]))
        return (ValueKind.NUMBER, partial(_point, NUMBERS["double"]), unit) if unit else _TEXT
    if name in NUMBERS:
        return ValueKind.NUMBER, partial(_point, NUMBERS[name]), ""
    if name in _DATES:
        return ValueKind.DATE, partial(_date, _DATES[name], name == "dateTimeStamp"), ""
    if name == "time":
        return ValueKind.DURATION, partial(_point, read_time), ""
    if name in ("duration", "dayTimeDuration", "yearMonthDuration"):
        return ValueKind.DURATION, partial(_duration, name), ""
    if name == "boolean":
        return ValueKind.BOOLEAN, partial(_point, _BOOLEANS.get), ""
    return _TEXT


def _point(read: Callable[[str], float | None], text: str) -> tuple[float, float] | None:
    number = read(text.strip(SPACES))
    return None if number is None else (number, number)


def _date(exactness: int, needs_zone: bool, text: str) -> tuple[float, float] | None:
    found = read_date(text.strip(SPACES))
    if found is None or found[0] != exactness or (needs_zone and not found[3]):
        return None
    return found[1], found[2]


def _duration(name: str, text: str) -> tuple[float, float] | None:
    """A duration; two of the types have either years and months or the rest."""
    days, _, clock = text.partition("T")
    if name == "dayTimeDuration" and ("Y" in days or "M" in days):
        return None
    if name == "yearMonthDuration" and (clock or "D" in days):
        return None
    return _point(read_duration, text)


def _no_number(text: str) -> None:
    """No text has numbers."""


_TEXT: tuple[ValueKind, Reading, str] = ValueKind.TEXT, _no_number, ""
