"""What literals mean, computed in SPARQL 1.1: numbers and intervals of time."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Self, TypeAlias

import numpy as np

from kgqa.graph import IndexedGraph, NodeKind, ValueKind, ValueTable
from kgqa.graph.values.date import DAY_SECONDS
from kgqa.graph.values.duration import MONTH_SECONDS
from kgqa.graph.values.number import NUMBERS
from kgqa.program.measure import Path
from kgqa.program.sparql.rdf_terms import VALUE, XSD, literal_of
from kgqa.program.steps import StepIndex

__all__ = ["KEY_SPAN", "ValueReading", "value_lines"]

KEY_SPAN = 10**12
"""The sort key of a date is its first second, and its length divided by this."""

Iri: TypeAlias = Callable[[str], str]
"""Writes an IRI, shortened by a prefix where there is one."""

_ZONE = "(Z|[+-](0[0-9]|1[0-3]):[0-5][0-9]|[+-]14:00)?"
_YEAR, _MONTH, _DAY = "-?([1-9][0-9]{3,11}|0[0-9]{3})", "-(0[1-9]|1[0-2])", "-([0-2][0-9]|3[01])"
_TIME = "T(([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\\\\.[0-9]+)?|24:00:00(\\\\.0+)?)"
DATE_FORMS = {
    "gYear": _YEAR,
    "gYearMonth": _YEAR + _MONTH,
    "date": _YEAR + _MONTH + _DAY,
    "dateTime": _YEAR + _MONTH + _DAY + _TIME,
}
_PARTS = "^(-?[0-9]+)(-([0-9]{2}))?(-([0-9]{2}))?(T([0-9]{2}):([0-9]{2}):([0-9.]+))?([+-][0-9:]{5}|Z)?$"
_DATES = "^-?P(([0-9]+)Y)?(([0-9]+)M)?(([0-9]+)D)?(T.*)?$"
_CLOCK = "^-?P[^T]*T(([0-9]+)H)?(([0-9]+)M)?(([0-9.]+)S)?$"
_TIME_PARTS = "^([0-9]{2}):([0-9]{2}):([0-9.]+)(Z|[+-].*)?$"
_ZONED = re.compile(r"(?:Z|[+-][0-9]{2}:[0-9]{2})$")
_DATATYPES = {
    ValueKind.DATE: tuple(DATE_FORMS),
    ValueKind.BOOLEAN: ("boolean",),
    ValueKind.DURATION: ("duration",),
    ValueKind.NUMBER: ("double",),
}
_DERIVED = frozenset(NUMBERS) - {"double", "float", "decimal"}


@dataclass(frozen=True)
class ValueReading:
    """How the ends of a step are read: as which kind, from literals of which datatypes, or from cells.

    `datatypes` are IRIs, sorted. `cells` are those of an untyped table, whose meaning is a fact of its own
    (`to_quads`); `strings` are plain literals that are read as dates. `unread`: some literals have a text
    that their datatype does not allow; `zoned`: some dates have a time zone.
    """

    kind: ValueKind
    datatypes: tuple[str, ...] = ()
    cells: bool = False
    strings: bool = False
    unread: bool = False
    zoned: bool = False
    refused: tuple[str, ...] = ()
    """The datatypes of literals without a value."""

    @classmethod
    def of(cls, graph: IndexedGraph, path: Path) -> Self:
        """How the ends of a path are read; kind NONE where they are nothing to compare."""
        relations = StepIndex.of(graph).relations(path[-1])
        kind = ValueTable.of(graph).step_kind(relations)
        if path[-1].inverse or kind is ValueKind.NONE:
            return cls(ValueKind.NONE)
        readings = [_reading(graph, relation, relations, kind) for relation in relations]
        datatypes = {datatype for found in readings for datatype in found.datatypes}
        refused = {datatype for found in readings for datatype in found.refused}
        return cls(
            kind,
            tuple(sorted(datatypes)),
            any(found.cells for found in readings),
            any(found.strings for found in readings),
            any(found.unread for found in readings) or not datatypes.isdisjoint(refused),
            any(found.zoned for found in readings),
            tuple(sorted(refused)),
        )


def _reading(graph: IndexedGraph, relation: int, relations: tuple[int, ...], kind: ValueKind) -> ValueReading:
    """How the tails of one of the relations of a step are read; kept with the graph."""
    kept = graph.derived.setdefault(_reading, {})
    assert isinstance(kept, dict)
    key = relation, relations, kind
    if key not in kept:
        kept[key] = _read(graph, *key)
    found: ValueReading = kept[key]
    return found


def _read(graph: IndexedGraph, relation: int, relations: tuple[int, ...], kind: ValueKind) -> ValueReading:
    """Look at every distinct tail of a relation."""
    values = ValueTable.of(graph)
    tails = np.unique(graph.outward.targets[graph.outward.relations == relation])
    literals = graph.kinds[tails] == NodeKind.LITERAL
    if values.is_column(relation) and values.relation_kind(relation) == kind:
        return ValueReading(kind, (), bool((~literals).any()), bool(literals.any()), True, True)
    known = np.zeros(len(tails), dtype=np.bool_)
    for other in relations:
        if values.relation_kind(other) == kind:
            known |= ~np.isnan(values.values_of(other, tails)[0])
    valued: set[str] = set()
    unread: set[str] = set()
    zoned = False
    for tail, has in zip(tails[literals].tolist(), known[literals].tolist(), strict=True):
        literal = literal_of(graph.entity(tail))
        if literal is not None and literal.datatype:
            (valued if has else unread).add(literal.datatype)
            zoned = zoned or _ZONED.search(literal.text) is not None
    return ValueReading(kind, tuple(sorted(valued)), zoned=zoned, refused=tuple(sorted(unread)))


def value_lines(reading: ValueReading, end: str, names: Mapping[str, str], iri: Iri) -> Iterator[str]:
    """Patterns that bind the value of `?end`: `names` has the variables.

    `?n` is a number to sort and compare by; of dates `?low` and `?high` are the seconds since 1970-01-01 at
    which they begin and end (of an instant both are the same).
    """
    source = end
    datatypes = _with_widest(reading.datatypes)
    if reading.cells:
        source = names["literal"]
        if datatypes or reading.strings:
            cell = names["cell"]
            yield f"OPTIONAL {{ {end} {iri(VALUE)} {cell} }}"
            yield f"BIND(COALESCE({cell}, {end}) AS {source})"
        else:
            yield f"{end} {iri(VALUE)} {source} ."
        datatypes = tuple(sorted({*datatypes, *(XSD + name for name in _DATATYPES[reading.kind])}))
    if reading.strings:
        datatypes = ()
    if datatypes:
        yield f"FILTER({_is_one(f'DATATYPE({source})', [iri(datatype) for datatype in datatypes])})"
    match reading.kind:
        case ValueKind.DATE:
            yield from _date_lines(reading, datatypes, source, names, iri)
        case ValueKind.NUMBER:
            yield from _number_lines(reading, datatypes, source, names["n"], iri)
        case ValueKind.BOOLEAN:
            yield f'BIND(IF(STR({source}) IN ("true", "1"), 1, 0) AS {names["n"]})'
            if reading.unread:
                yield f'FILTER(STR({source}) IN ("true", "false", "1", "0"))'
        case ValueKind.DURATION:
            yield from _duration_lines(reading, source, names["n"], iri)


def _with_widest(datatypes: tuple[str, ...]) -> tuple[str, ...]:
    """With `xsd:integer`, which some stores make of the types derived from it."""
    if any(datatype.removeprefix(XSD) in _DERIVED for datatype in datatypes):
        return tuple(sorted({*datatypes, XSD + "integer"}))
    return datatypes


def _is_one(value: str, of: list[str]) -> str:
    return f"{value} = {of[0]}" if len(of) == 1 else f"{value} IN ({', '.join(of)})"


def _number_lines(
    reading: ValueReading, datatypes: tuple[str, ...], source: str, number: str, iri: Iri
) -> Iterator[str]:
    double = iri(XSD + "double")
    if XSD + "float" in datatypes:
        single = f"DATATYPE({source}) = {iri(XSD + 'float')}"
        yield f"BIND(IF({single}, {double}({source}), {double}(STR({source}))) AS {number})"
    else:
        yield f"BIND({double}(STR({source})) AS {number})"
    if reading.unread or reading.cells:
        yield f'FILTER(ABS({number}) < "INF"^^{double})'
        yield f'FILTER(isNumeric({source}) || REGEX(STR({source}), "^[+-]?[0-9]{{19,}}$"))'


def _duration_lines(reading: ValueReading, source: str, number: str, iri: Iri) -> Iterator[str]:
    integer, decimal = iri(XSD + "integer"), iri(XSD + "decimal")

    def part(pattern: str, group: int, cast: str = integer) -> str:
        return f'COALESCE({cast}(REPLACE(STR({source}), "{pattern}", "${group}")), 0)'

    terms = [
        f"{MONTH_SECONDS:.0f} * (12 * {part(_DATES, 2)} + {part(_DATES, 4)})",
        f"{DAY_SECONDS} * {part(_DATES, 6)}",
        f"3600 * {part(_CLOCK, 2)}",
        f"60 * {part(_CLOCK, 4)}",
        part(_CLOCK, 6, decimal),
    ]
    if XSD + "time" in reading.datatypes:
        terms += [f"3600 * {part(_TIME_PARTS, 1)}", f"60 * {part(_TIME_PARTS, 2)}"]
        terms += [part(_TIME_PARTS, 3, decimal), f"-({_zone_seconds(source, integer)})"]
    yield "# seconds; a month is a twelfth of the mean year"
    yield f'BIND(IF(STRSTARTS(STR({source}), "-"), -1, 1) * ('
    yield from (f"  {term}{' +' if place < len(terms) - 1 else ''}" for place, term in enumerate(terms))
    yield f") AS {number})"
    if reading.unread:
        yield (
            f'FILTER(REGEX(STR({source}), "^-?P[0-9]*[0-9YMDTHS.]*[YMDHS]$") || '
            f'REGEX(STR({source}), "^[0-9]{{2}}:[0-9]{{2}}:[0-9]{{2}}"))'
        )


def _zone_seconds(source: str, integer: str) -> str:
    zone = "^.*([+-])([0-9]{2}):([0-9]{2})$"
    hours, minutes = (f'{integer}(REPLACE(STR({source}), "{zone}", "$1${group}"))' for group in (2, 3))
    return f'IF(REGEX(STR({source}), "[+-][0-9]{{2}}:[0-9]{{2}}$"), 3600 * {hours} + 60 * {minutes}, 0)'


def _date_lines(
    reading: ValueReading, datatypes: tuple[str, ...], source: str, names: Mapping[str, str], iri: Iri
) -> Iterator[str]:
    integer, decimal = iri(XSD + "integer"), iri(XSD + "decimal")
    year, month, day, from_march = (names[part] for part in ("year", "month", "day", "months"))
    first, following = names["first"], names["following"]
    low, high = names["low"], names["high"]

    def part(group: int, cast: str = integer) -> str:
        return f'COALESCE({cast}(REPLACE(STR({source}), "{_PARTS}", "${group}")), 0)'

    if reading.unread:
        yield from _valid_lines(datatypes, source, iri)
    yield f'BIND({integer}(REPLACE(STR({source}), "{_PARTS}", "$1")) AS {year})'
    yield f"BIND({part(3)} AS {month}) # 0 where the date has none"
    yield f"BIND({part(5)} AS {day})"
    yield f"BIND(12 * {year} + IF({month} = 0, 0, {month} - 1) - 2 AS {from_march}) # since March of year 0"
    yield f"BIND({from_march} + IF({month} = 0, 12, 1) AS {names['after']}) # when it ends"
    yield from _day_lines(from_march, names["year_of_month"], f"{first}) # days since 1970-01-01")
    yield from _day_lines(names["after"], names["year_after"], f"{following})")
    begin = f"{DAY_SECONDS} * ({first} + IF({day} = 0, 0, {day} - 1))"
    end = f"{DAY_SECONDS} * IF({day} = 0, {following}, {first} + {day})"
    timed = reading.strings or any("dateTime" in name for name in datatypes)
    if timed:
        clock = f"3600 * {part(7)} + 60 * {part(8)} + {part(9, decimal)}"
        begin = f"{begin} + {clock}"
    if reading.zoned or reading.cells:
        begin, end = (f"{moment} - {_zone_seconds(source, integer)}" for moment in (begin, end))
    yield f"BIND({begin} AS {low}) # seconds since 1970-01-01T00:00:00Z"
    if timed:
        end = f'IF(CONTAINS(STR({source}), "T"), {low}, {end})'
    yield f"BIND({end} AS {high})"
    yield f"BIND({low} + ({high} - {low}) / {KEY_SPAN}.0 AS {names['n']})"
    if reading.unread:
        yield f"FILTER({first} + {day} <= {following}) # a day of the month"


def _valid_lines(datatypes: tuple[str, ...], source: str, iri: Iri) -> Iterator[str]:
    """Leave out texts that are no dates, or not of their datatype."""
    forms = [
        (datatype, DATE_FORMS["dateTime" if name == "dateTimeStamp" else name])
        for datatype in datatypes
        if (name := datatype.removeprefix(XSD)) in (*DATE_FORMS, "dateTimeStamp")
    ]
    tests = [
        f'(DATATYPE({source}) = {iri(datatype)} && REGEX(STR({source}), "^{form}{_ZONE}$"))'
        for datatype, form in forms
    ] or [f'REGEX(STR({source}), "^{form}{_ZONE}$")' for form in DATE_FORMS.values()]
    yield "FILTER("
    yield from (f"  {test}{' ||' if place < len(tests) - 1 else ''}" for place, test in enumerate(tests))
    yield ")"


def _day_lines(months: str, year: str, end: str) -> Iterator[str]:
    """The days from 1970-01-01 to the first of a month, given as months since March of the year 0."""
    yield f"BIND(FLOOR({months} / 12) AS {year})"
    leap = f"FLOOR({year} / 4) - FLOOR({year} / 100) + FLOOR({year} / 400)"
    yield f"BIND(365 * {year} + {leap} + FLOOR((153 * ({months} - 12 * {year}) + 2) / 5) - 719468 AS {end}"
