"""The laws of values: their order is that of SPARQL, Python's dates and decimals; their index is complete."""

from __future__ import annotations

import math
from collections import Counter
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import numpy as np
import pyoxigraph
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kgqa.graph import (
    COMPARABLE,
    GraphBuilder,
    IndexedGraph,
    Name,
    Node,
    NodeKind,
    Statement,
    Triple,
    Value,
    ValueKind,
    ValueTable,
    guess_value,
    read_value,
)
from kgqa.graph.values import extreme as extreme_module

XSD = "http://www.w3.org/2001/XMLSchema#"
STORE = pyoxigraph.Store()

ZONES = st.sampled_from(["", "Z", "+02:00", "-11:30", "+14:00"])
YEARS = st.integers(-4000, 4000)
SIGNS = st.sampled_from(["", "-"])


def year_text(year: int) -> str:
    return f"{'-' if year < 0 else ''}{abs(year):04}"


@st.composite
def duration_texts(draw: st.DrawFn, months: bool, days: bool) -> str:
    text = f"P{draw(st.integers(0, 50))}M" if months else "P"
    if days:
        text += (
            f"{draw(st.integers(0, 1600))}DT{draw(st.integers(0, 30))}H{draw(st.decimals(0, 99, places=2))}S"
        )
    return draw(SIGNS) + text


DATES = st.dates(date(1, 1, 1), date(9999, 12, 31)).map(str)
TIMES = st.times().map(lambda time: time.replace(microsecond=time.microsecond // 1000 * 1000).isoformat())
FORMS: dict[str, st.SearchStrategy[str]] = {
    "integer": st.integers(-(2**53), 2**53).map(str) | st.sampled_from(["+7", "007", "-0", "7"]),
    "decimal": st.decimals(-(10**6), 10**6, places=3).map("{:f}".format)
    | st.sampled_from([".5", "0.50", "+.5"]),
    "double": st.floats(allow_nan=False, allow_infinity=False).map(repr)
    | st.sampled_from(["1E3", "1000.0", "-.5e-3"]),
    "float": st.floats(width=32, allow_nan=False, allow_infinity=False).map(repr)
    | st.sampled_from(["0.1", "16777217"]),
    "boolean": st.sampled_from(["true", "false", "1", "0"]),
    "gYear": YEARS.map(year_text),
    "gYearMonth": st.tuples(YEARS, st.integers(1, 12)).map(lambda p: f"{year_text(p[0])}-{p[1]:02}"),
    "date": DATES | st.sampled_from(["0000-02-29", "-0004-02-29", "-0001-12-31"]),
    "dateTime": st.builds("{}T{}Z".format, DATES, TIMES) | st.just("2016-12-31T24:00:00Z"),
    "time": TIMES.map("{}Z".format),
    "dayTimeDuration": duration_texts(months=False, days=True),
    "yearMonthDuration": duration_texts(months=True, days=False),
}
"""Texts of the types of XSD that SPARQL compares, dates of one time zone."""


def sparql(left: str, operator: str, right: str, datatype: str) -> bool | None:
    """What pyoxigraph says; None where it cannot say."""
    terms = (f'"{text}"^^<{XSD}{datatype}>' for text in (left, right))
    query = f"SELECT ({f' {operator} '.join(terms)} AS ?is) {{}}"
    (found,) = STORE.query(query)  # type: ignore[misc]
    answer = found["is"]
    return None if answer is None else answer.value == "true"


@pytest.mark.parametrize("datatype", FORMS)
@given(data=st.data())
def test_values_have_the_order_that_sparql_gives_them(datatype: str, data: st.DataObject) -> None:
    left, right = data.draw(FORMS[datatype]), data.draw(FORMS[datatype])
    one, other = (read_value(text, XSD + datatype) for text in (left, right))
    assert one.kind in COMPARABLE
    if datatype != "boolean":  # pyoxigraph has no order of these
        assert one.below(other) == sparql(left, "<", right, datatype)
        assert one.above(other) == sparql(left, ">", right, datatype)
    assert one.equals(other) == sparql(left, "=", right, datatype)
    assert one.equals(read_value(left, XSD + datatype))


@given(duration_texts(months=True, days=True), duration_texts(months=True, days=True))
@example("P1M", "P31DT1S")
def test_durations_with_months_have_the_order_of_sparql_where_it_has_one(left: str, right: str) -> None:
    one, other = (read_value(text, XSD + "duration") for text in (left, right))
    if sparql(left, "<", right, "duration"):
        assert one.below(other)
    if sparql(left, "=", right, "duration"):
        assert one.equals(other)


@given(st.datetimes(timezones=st.integers(-14, 14).map(lambda hours: timezone(timedelta(hours=hours)))))
def test_an_instant_is_where_python_has_it_and_inside_its_date(moment: datetime) -> None:
    value = read_value(moment.isoformat(), XSD + "dateTime")
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    seconds = (moment - epoch) / timedelta(seconds=1)
    assert value.low == pytest.approx(seconds, abs=1e-4)
    local = moment.isoformat()[:10] + (moment.isoformat()[-6:])
    day = read_value(local, XSD + "date")
    month, year = (
        read_value(local[:end] + local[10:], XSD + name) for end, name in ((7, "gYearMonth"), (4, "gYear"))
    )
    assert value.inside(day)
    assert day.inside(month)
    assert month.inside(year)
    assert not year.inside(day)


@given(st.dates())
def test_the_days_of_the_calendar_follow_each_other(day: date) -> None:
    value = read_value(day.isoformat(), XSD + "date")
    assert value.low == (day.toordinal() - date(1970, 1, 1).toordinal()) * 86_400
    assert value.high == value.low + 86_400
    assert str(value) == day.isoformat()
    assert value.equals(Value.date(day.year, day.month, day.day))


@given(st.decimals(allow_nan=False, allow_infinity=False), st.decimals(allow_nan=False, allow_infinity=False))
def test_no_number_is_ranked_against_its_decimal_value(left: Decimal, right: Decimal) -> None:
    one, other = (read_value(f"{number:f}", XSD + "decimal") for number in (left, right))
    if one.kind == other.kind == ValueKind.NUMBER:
        assert not (one.above(other) if left < right else one.below(other))


VALUES = st.sampled_from(
    [
        *(Value.number(n) for n in (-3, 0, 1, 2, 2.5)),
        Value(ValueKind.NUMBER, 1.0, 2.0),
        Value.number(2.5, "km"),
        Value.number(2.5, "m"),
        *(Value.date(*parts) for parts in ((1944,), (1944, 1), (1944, 1, 1), (1943,), (-1, 12))),
        *(read_value(text, XSD + "boolean") for text in ("true", "0")),
        *(read_value(text, XSD + "duration") for text in ("P1D", "PT24H")),
        read_value("NaN", XSD + "double"),
        read_value("a"),
    ]
)


@given(VALUES, VALUES, VALUES)
def test_comparisons_are_an_order(one: Value, two: Value, three: Value) -> None:
    assert one.below(two) == two.above(one)
    assert one.below(two) + one.above(two) + one.equals(two) <= 1
    assert one.equals(two) == two.equals(one)
    assert one.equals(one)
    if one.unit == two.unit == three.unit:
        assert not (one.below(two) and two.below(three)) or one.below(three)
        assert not (one.inside(two) and two.inside(three)) or one.inside(three)
    if one.kind != two.kind:
        assert not any((one.below(two), one.inside(two), one.equals(two)))


# The index -----------------------------------------------------------------------------------------

LITERALS = [
    *(("integer", text) for text in ("1", "01", "2", "3", "12345678901234567890123")),
    *(("double", text) for text in ("2.0", "NaN", "INF", "-0.0")),
    *(("date", text) for text in ("1944-01-01", "1944-02-30", "0000-01-01")),
    *(("gYear", text) for text in ("1944", "-0043")),
    *(("boolean", text) for text in ("true", "yes")),
    *(("duration", text) for text in ("P1D", "PT24H")),
    *(("string", text) for text in ("1944-05-01", "12", "word")),
]
CELLS = ["1", "2", "1,000", "1944", "1944-05-01", "word", "true", "12 km", "NaN", "007", "44 BC"]
RELATIONS = ["size", "year", "code", "length (km)"]


@st.composite
def valued_graphs(draw: st.DrawFn) -> IndexedGraph:
    facts: list[Statement] = []
    pools = {relation: draw(st.sampled_from(["literals", "cells", "both"])) for relation in RELATIONS}
    for head, relation, index in draw(
        st.lists(
            st.tuples(st.sampled_from("abcdef"), st.sampled_from(RELATIONS), st.integers(0, 60)), max_size=25
        )
    ):
        literals = [literal_id(*literal) for literal in LITERALS]
        pool = {"literals": literals, "cells": CELLS[: 1 + index % 11], "both": [*literals, *CELLS]}[
            pools[relation]
        ]
        facts.append(Triple(head, relation, pool[index % len(pool)]))
    for datatype, text in LITERALS:
        identifier = literal_id(datatype, text)
        if any(isinstance(fact, Triple) and fact.tail == identifier for fact in facts):
            facts += [Node(identifier, NodeKind.LITERAL), Name(identifier, text)]
    return GraphBuilder.of(facts)


def literal_id(datatype: str, text: str) -> str:
    return f'"{text}"' if datatype == "string" else f'"{text}"^^<{XSD}{datatype}>'


def typed_value(graph: IndexedGraph, node: int) -> Value:
    text, _, datatype = graph.entity(node).rpartition('"')
    return read_value(text[1:], datatype[3:-1])


def expected_values(graph: IndexedGraph, relation: int) -> tuple[ValueKind, dict[int, tuple[float, float]]]:
    """What a relation's tails are compared as, and the values of its tails, from the rules one by one."""
    tails = sorted({graph.entity_id(t.tail) for t in graph if t.relation == graph.relation(relation)})
    is_literal = {tail: graph.kinds[tail] == NodeKind.LITERAL for tail in tails}
    typed = {tail: typed_value(graph, tail) for tail in tails if is_literal[tail]}
    counts = Counter(value.kind for value in typed.values() if value.kind in COMPARABLE)
    if counts:
        kind = min(counts, key=lambda kind: (-counts[kind], kind))
        return kind, {tail: (v.low, v.high) for tail, v in typed.items() if v.kind is kind}
    without = (ValueKind.TEXT if typed else ValueKind.NONE), dict[int, tuple[float, float]]()
    name = graph.relation(relation)
    if name == "code" or not tails:
        return without
    cells = {tail: guess_value(graph.labels[tail]) for tail in tails}
    years = {
        tail: graph.labels[tail]
        for tail in tails
        if len(graph.labels[tail]) == 4 and graph.labels[tail].isdigit()
    }
    if all(cells[tail].kind is ValueKind.DATE or tail in years for tail in tails) and (
        name == "year" or len(years) < len(tails)
    ):
        dates = {tail: Value.date(int(years[tail])) if tail in years else cells[tail] for tail in tails}
        return ValueKind.DATE, {tail: (value.low, value.high) for tail, value in dates.items()}
    if len({(value.kind, value.unit) for value in cells.values()}) > 1 or any(is_literal.values()):
        return without
    kind = cells[tails[0]].kind
    if kind not in COMPARABLE:
        return without
    return kind, {tail: (value.low, value.high) for tail, value in cells.items()}


@given(valued_graphs())
def test_the_sorted_facts_of_a_relation_are_those_with_a_value(graph: IndexedGraph) -> None:
    table = ValueTable.of(graph)
    for relation in range(graph.relation_count):
        kind, values = expected_values(graph, relation)
        assert table.relation_kind(relation) is kind
        rows = [
            (*values[graph.entity_id(t.tail)], graph.entity_id(t.head), graph.entity_id(t.tail))
            for t in graph
            if t.relation == graph.relation(relation) and graph.entity_id(t.tail) in values
        ]
        facts = table.by_value(relation)
        found = [facts.low.tolist(), facts.high.tolist(), facts.heads.tolist(), facts.tails.tolist()]
        assert list(zip(*found, strict=True)) == sorted(rows)
        assert table.heads(relation).tolist() == sorted({row[2] for row in rows})
        nodes = np.arange(graph.entity_count)
        low, high = table.values_of(relation, nodes)
        for tail in {graph.entity_id(t.tail) for t in graph if t.relation == graph.relation(relation)}:
            assert (low[tail], high[tail]) == values[tail] if tail in values else math.isnan(low[tail])
    assert table.comparable_relations.tolist() == [
        relation for relation in range(graph.relation_count) if table.relation_kind(relation) in COMPARABLE
    ]


NUMBERS = [("integer", "1"), ("double", "1.0"), ("integer", "2"), ("integer", "-3")]
BEGINNINGS = [("gYear", "1944"), ("gYearMonth", "1944-01"), ("date", "1944-01-01"), ("gYear", "1943")]


@st.composite
def sizes(draw: st.DrawFn) -> IndexedGraph:
    """Heads with several values each, few enough that many are equal, and heads without a value."""
    pool = [literal_id(*literal) for literal in draw(st.sampled_from([NUMBERS, BEGINNINGS]))]
    rows = st.tuples(st.sampled_from("abcdefgh"), st.sampled_from(pool))
    nothing = literal_id("double", "NaN")
    facts: list[Statement] = [Triple("i", "size", nothing), Triple("j", "knows", "i")]
    facts += [Triple(head, "size", text) for head, text in draw(st.lists(rows, min_size=12, max_size=30))]
    facts += [Node(identifier, NodeKind.LITERAL) for identifier in (*pool, nothing)]
    return GraphBuilder.of(facts)


@given(sizes() | valued_graphs(), st.data())
def test_the_extreme_members_are_those_of_brute_force(graph: IndexedGraph, data: st.DataObject) -> None:
    table = ValueTable.of(graph)
    if not len(graph):
        return
    relations = ["size"] if "size" in graph.relation_names else list(graph.relation_names)
    relation = graph.relation_id(data.draw(st.sampled_from(relations)))
    members = sorted(data.draw(st.sets(st.integers(0, graph.entity_count - 1))))
    if data.draw(st.booleans()):
        members = sorted({*range(graph.entity_count)} - {*members})
    least, count = data.draw(st.booleans()), data.draw(st.integers(1, 6))
    _, values = expected_values(graph, relation)
    best: dict[int, tuple[float, float]] = {}
    for triple in graph:
        head, tail = graph.entity_id(triple.head), graph.entity_id(triple.tail)
        if triple.relation == graph.relation(relation) and head in members and tail in values:
            best[head] = (min if least else max)(best.get(head, values[tail]), values[tail])
    ranked = sorted(best.items(), key=lambda item: ([n if least else -n for n in item[1]], item[0]))
    winners = [(m, *value) for m, value in ranked if value in {value for _, value in ranked[:count]}]
    mask = np.zeros(graph.entity_count, dtype=np.bool_)
    mask[members] = True
    for chunk in (1, 2, 5, 1 << 16):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(extreme_module, "CHUNK", chunk)
            for given_members in (np.array(members, dtype=np.int32), mask):
                found = table.extreme(relation, given_members, least, count)
                assert found.valued == len(best)
                columns = [found.members.tolist(), found.low.tolist(), found.high.tolist()]
                assert list(zip(*columns, strict=True)) == winners
                low, high = table.values_of(relation, found.tails)
                assert low.tolist() == found.low.tolist()
                assert high.tolist() == found.high.tolist()
                for head, tail in zip(found.members, found.tails, strict=True):
                    assert Triple(graph.entity(head), graph.relation(relation), graph.entity(tail)) in graph
    assert mask.nonzero()[0].tolist() == members


@given(sizes() | valued_graphs(), st.sampled_from(["below", "above", "inside", "equals"]), st.data())
def test_facts_are_found_by_comparison_as_one_by_one(
    graph: IndexedGraph, comparison: str, data: st.DataObject
) -> None:
    table = ValueTable.of(graph)
    value = data.draw(VALUES | st.sampled_from([guess_value(cell) for cell in CELLS]))
    for relation in range(graph.relation_count):
        facts = table.by_value(relation)
        expected = [
            row
            for row, tail in enumerate(facts.tails)
            if getattr(table.value(relation, int(tail)), comparison)(value)
        ]
        assert table.where(relation, comparison, value).tolist() == expected  # type: ignore[arg-type]
