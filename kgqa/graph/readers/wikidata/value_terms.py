"""Dates and quantities of Wikidata as literals that `kgqa.graph.values` reads."""

from __future__ import annotations

import re
from typing import NamedTuple
from urllib.parse import quote

from kgqa.errors import UsageError
from kgqa.graph.readers.rdf_term import Term, literal_term
from kgqa.graph.readers.wikidata.left_out import LeftOut
from kgqa.graph.readers.wikidata.unit_names import NO_UNIT, unit_datatype
from kgqa.graph.values.date import MOST_YEAR, date_interval, date_text
from kgqa.graph.values.literal import XSD

__all__ = ["TimeOfDay", "date_term", "media_term", "quantity_term", "url_term"]

MILLENNIUM, CENTURY, DECADE, YEAR, MONTH, DAY = 6, 7, 8, 9, 10, 11
"""How exact a date of Wikidata is."""

_MEDIA = "http://commons.wikimedia.org/wiki/Special:FilePath/"
_NUMBER = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
_SUFFIXES = {1: "st", 2: "nd", 3: "rd"}


class TimeOfDay(NamedTuple):
    """Hour, minute and second of a date."""

    hour: int = 0
    minute: int = 0
    second: int = 0


MIDNIGHT = TimeOfDay()


def date_term(year: int, month: int, day: int, precision: int, time: TimeOfDay = MIDNIGHT) -> Term:
    """A date, as exact as `precision` says: 11 a day, 10 a month, 9 a year; below that a text.

    Years are counted as in XSD 1.1: 0 is 1 BC. A part that is 0 is not known, and then the date is less
    exact, as it is where the calendar does not have the day.

    >>> date_term(1952, 3, 11, 11).identifier
    '"1952-03-11"^^<http://www.w3.org/2001/XMLSchema#date>'
    >>> date_term(1952, 0, 0, 9).text, date_term(-43, 3, 15, 11).text, date_term(1850, 0, 0, 8).text
    ('1952', '15 March 44 BC', '1850s')
    """
    if abs(year) >= MOST_YEAR or precision < YEAR:
        return literal_term(_rough(year, precision), XSD + "string", None)
    parts = _known(year, month, day, precision)
    if precision > DAY and len(parts) == 3:
        clock = f"T{time.hour:02}:{time.minute:02}:{time.second:02}Z"
        return literal_term(_lexical(parts) + clock, XSD + "dateTime", None)
    term = literal_term(_lexical(parts), XSD + ("gYear", "gYearMonth", "date")[len(parts) - 1], None)
    return term if year > 0 else term._replace(text=date_text(*date_interval(*parts)))


def _known(year: int, month: int, day: int, precision: int) -> tuple[int, ...]:
    """The parts of a date that are known and that the calendar has."""
    if precision < MONTH or not 1 <= month <= 12:
        return (year,)
    if precision < DAY or day < 1:
        return (year, month)
    try:
        date_interval(year, month, day)
    except UsageError:
        return (year, month)
    return (year, month, day)


def _lexical(parts: tuple[int, ...]) -> str:
    year = parts[0]
    return "-".join([f"{'-' if year < 0 else ''}{abs(year):04}", *(f"{part:02}" for part in parts[1:])])


def _rough(year: int, precision: int) -> str:
    """A span of years in words: "1850s", "19th century", "2nd millennium BC", "66,000,000 BC"."""
    count, era = (year, "") if year > 0 else (1 - year, " BC")
    if precision == DECADE:
        return f"{count // 10 * 10}s{era}"
    if precision in (CENTURY, MILLENNIUM):
        span, name = (100, "century") if precision == CENTURY else (1000, "millennium")
        number = -(-count // span)
        return f"{number}{_suffix(number)} {name}{era}"
    return f"{count:,}{era}"


def _suffix(number: int) -> str:
    return "th" if number % 100 in (11, 12, 13) else _SUFFIXES.get(number % 10, "th")


def url_term(url: str) -> Term:
    """An address on the web: a value, and no entity, which would need a name."""
    return literal_term(url, XSD + "anyURI", None)


def media_term(name: str) -> Term:
    """A file of Wikimedia Commons, as its address.

    >>> media_term("Ada Lovelace.jpg").text
    'http://commons.wikimedia.org/wiki/Special:FilePath/Ada%20Lovelace.jpg'
    """
    return url_term(_MEDIA + quote(name))


def quantity_term(amount: str, unit: str, left_out: LeftOut) -> Term | None:
    """A number in a unit; a text where the unit is not known, None where the amount is no number."""
    if not _NUMBER.fullmatch(amount):
        return None
    number = amount.removeprefix("+")
    if unit in NO_UNIT:
        return literal_term(number, XSD + "decimal", None)
    datatype = unit_datatype(unit)
    if datatype is None:
        left_out.units[unit] += 1
        return literal_term(number, unit, None)._replace(text=f"{number} {unit.rpartition('/')[2]}")
    return literal_term(number, datatype, None)
