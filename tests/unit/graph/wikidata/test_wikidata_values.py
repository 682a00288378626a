"""Dates, quantities and claims of Wikidata one by one, as the dumps write them, and broken ones."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from wikidata_extract import PREFIXES

from kgqa.errors import ParseError
from kgqa.graph import Name, NodeKind, Triple, date_interval, read_value
from kgqa.graph.readers import SkipReport, read
from kgqa.graph.readers.wikidata.left_out import LeftOut
from kgqa.graph.readers.wikidata.unit_names import unit_datatype
from kgqa.graph.readers.wikidata.value_terms import date_term, quantity_term
from kgqa.graph.values.date import to_gregorian

WD, WDT, XSD = PREFIXES["wd"], PREFIXES["wdt"], PREFIXES["xsd"]
ADAMS = (
    '{"type":"item","id":"Q42","labels":{"en":{"language":"en","value":"Douglas Adams"}},"descriptions":{},'
    '"aliases":{"en":[{"language":"en","value":"DNA"}]},"claims":{"P569":[{"mainsnak":{"snaktype":"value",'
    '"property":"P569","hash":"63c0","datavalue":{"value":{"time":"+1952-03-11T00:00:00Z","timezone":0,'
    '"before":0,"after":0,"precision":11,"calendarmodel":"http://www.wikidata.org/entity/Q1985727"},'
    '"type":"time"},"datatype":"time"},"type":"statement","id":"q42$D8404CDA","rank":"normal"}]},'
    '"sitelinks":{},"pageid":138,"ns":0,"title":"Q42","lastrevid":1,"modified":"2026-01-01T00:00:00Z"}'
)
"""An item as the dump writes it, shortened."""


def statement(datavalue: Any, prop: str = "P1", datatype: str = "string", **more: Any) -> dict[str, Any]:
    snak = {"snaktype": "value", "property": prop, "datavalue": datavalue, "datatype": datatype}
    return {"mainsnak": snak, "type": "statement", "id": "Q1$a", "rank": "normal", **more}


def item(*statements: dict[str, Any], **more: Any) -> str:
    labels = {"en": {"language": "en", "value": "it"}}
    found = {"type": "item", "id": "Q1", "labels": labels, "claims": {"P1": list(statements)}, **more}
    return json.dumps(found)


def time(time: str, precision: int, calendar: str = "Q1985727") -> dict[str, Any]:
    value = {"time": time, "precision": precision, "calendarmodel": WD + calendar}
    return {"value": value, "type": "time"}


def tails(path: Path, *lines: str, report: SkipReport | None = None) -> list[str]:
    path.write_text("[\n" + ",\n".join(lines) + "\n]\n", "utf-8")
    found = read(path, "wikidata", report=report)
    return [s.tail for s in found if isinstance(s, Triple)]


def test_an_item_of_the_dump_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text(f"[\n{ADAMS}\n]\n", "utf-8")
    day = f'"1952-03-11"^^<{XSD}date>'
    found = list(read(path))
    assert Triple(f"{WD}Q42", f"{WDT}P569", day) in found
    assert [s for s in found if isinstance(s, Name)] == [
        Name(day, "1952-03-11"),
        Name(f"{WD}Q42", "Douglas Adams"),
        Name(f"{WD}Q42", "DNA", alias=True),
    ]


@pytest.mark.parametrize(
    ("written", "precision", "literal", "text"),
    [
        ("+1952-03-11T00:00:00Z", 11, '"1952-03-11"^^date', "1952-03-11"),
        ("+1952-00-00T00:00:00Z", 9, '"1952"^^gYear', "1952"),
        ("+1952-01-01T00:00:00Z", 9, '"1952"^^gYear', "1952"),
        ("+1952-07-00T00:00:00Z", 10, '"1952-07"^^gYearMonth', "1952-07"),
        ("+1952-07-00T00:00:00Z", 11, '"1952-07"^^gYearMonth', "1952-07"),
        ("+1952-00-00T00:00:00Z", 11, '"1952"^^gYear', "1952"),
        ("+1952-02-30T00:00:00Z", 11, '"1952-02"^^gYearMonth', "1952-02"),
        ("+0079-08-24T00:00:00Z", 11, '"0079-08-24"^^date', "0079-08-24"),
        ("-0044-03-15T00:00:00Z", 11, '"-0043-03-15"^^date', "15 March 44 BC"),
        ("-0001-00-00T00:00:00Z", 9, '"0000"^^gYear', "1 BC"),
        ("+1955-00-00T00:00:00Z", 8, '"1950s"', "1950s"),
        ("-0055-00-00T00:00:00Z", 8, '"50s BC"', "50s BC"),
        ("+1900-00-00T00:00:00Z", 7, '"19th century"', "19th century"),
        ("+1901-00-00T00:00:00Z", 7, '"20th century"', "20th century"),
        ("-0500-00-00T00:00:00Z", 7, '"5th century BC"', "5th century BC"),
        ("+2000-00-00T00:00:00Z", 6, '"2nd millennium"', "2nd millennium"),
        ("-66000000-00-00T00:00:00Z", 3, '"66,000,000 BC"', "66,000,000 BC"),
        ("-13798000000-00-00T00:00:00Z", 3, '"13,798,000,000 BC"', "13,798,000,000 BC"),
        ("+1969-07-20T20:17:40Z", 14, '"1969-07-20T20:17:40Z"^^dateTime', "1969-07-20T20:17:40Z"),
    ],
)
def test_a_date_is_as_exact_as_its_precision(
    tmp_path: Path, written: str, precision: int, literal: str, text: str
) -> None:
    path = tmp_path / "a.json"
    quoted, _, kind = literal.partition("^^")
    (tail,) = tails(path, item(statement(time(written, precision), datatype="time")))
    assert tail == (f"{quoted}^^<{XSD}{kind}>" if kind else quoted)
    assert Name(tail, text) in list(read(path))


@pytest.mark.parametrize(
    ("julian", "gregorian"),
    [
        ((1642, 12, 25), (1643, 1, 4)),
        ((1582, 10, 4), (1582, 10, 14)),
        ((1700, 2, 29), (1700, 3, 11)),
        ((250, 3, 1), (250, 3, 1)),
        ((-43, 3, 15), (-43, 3, 13)),
        ((1917, 10, 25), (1917, 11, 7)),
    ],
)
def test_days_of_the_julian_calendar(julian: tuple[int, int, int], gregorian: tuple[int, int, int]) -> None:
    assert to_gregorian(*julian) == gregorian


def test_days_of_the_julian_calendar_follow_each_other() -> None:
    months = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
    before = None
    for year in (-4, -3, 0, 4, 1500, 1600, 1700, 1900):
        for month in range(1, 13):
            for day in range(1, months[month - 1] + (month != 2 or year % 4 == 0)):
                low, _ = date_interval(*to_gregorian(year, month, day))
                assert before is None or low - before == 86_400 or (month, day) == (1, 1)
                before = low


def test_a_year_of_the_julian_calendar_stays_and_a_day_is_converted(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    julian = "Q1985786"
    year, day = time("+1642-00-00T00:00:00Z", 9, julian), time("+1642-12-25T00:00:00Z", 11, julian)
    assert tails(path, item(statement(year, datatype="time"))) == [f'"1642"^^<{XSD}gYear>']
    assert tails(path, item(statement(day, datatype="time"))) == [f'"1643-01-04"^^<{XSD}date>']
    none = time("+1642-13-25T00:00:00Z", 11, julian)
    assert tails(path, item(statement(none, datatype="time"))) == [f'"1642"^^<{XSD}gYear>']


def test_every_known_unit_is_one_that_values_have() -> None:
    for unit, expected in (("Q11573", "m"), ("Q25267", "°C"), ("Q232291", "sq mi"), ("Q182429", "m/s")):
        datatype = unit_datatype(WD + unit)
        assert datatype is not None
        assert read_value("5", datatype).unit == expected
    from kgqa.graph.readers.wikidata import unit_names

    for number in unit_names._NAMES:
        assert read_value("5", unit_datatype(WD + number) or "").unit


def test_a_quantity_in_an_unknown_unit_is_a_text(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    carats = {"value": {"amount": "+3106.75", "unit": f"{WD}Q192274999"}, "type": "quantity"}
    report = SkipReport()
    (tail,) = tails(path, item(statement(carats, datatype="quantity")), report=report)
    assert Name(tail, "3106.75 Q192274999") in list(read(path))
    assert "1 quantity is a text, since their units are not known: Q192274999" in report.notes[0]
    assert quantity_term("many", "1", LeftOut()) is None
    found = quantity_term("-40.5", f"{WD}Q25267", LeftOut())
    assert found is not None
    assert found.identifier == f'"-40.5"^^<{WD}Q25267#degree-celsius>'


def test_unknown_values_are_left_out_and_counted(tmp_path: Path) -> None:
    snaks = [{"snaktype": kind, "property": "P1", "datatype": "time"} for kind in ("somevalue", "novalue")]
    statements = [{"mainsnak": snak, "id": f"Q1${n}", "rank": "normal"} for n, snak in enumerate(snaks)]
    known = {"value": "x", "type": "string"}
    kept = statement(known, qualifiers={"P2": [snaks[0]]})
    report = SkipReport()
    assert tails(tmp_path / "a.json", item(*statements, kept), report=report) == ['"x"']
    assert "unknown values: 3" in report.notes[0]


def test_values_of_other_kinds(tmp_path: Path) -> None:
    values = [
        ({"value": "https://a.org/", "type": "string"}, "url", f'"https://a.org/"^^<{XSD}anyURI>'),
        (
            {"value": {"text": "Wien", "language": "de"}, "type": "monolingualtext"},
            "monolingualtext",
            '"Wien"@de',
        ),
        ({"value": {"entity-type": "item", "numeric-id": 5}, "type": "wikibase-entityid"}, "", f"{WD}Q5"),
        ({"value": {"id": "L7-F1"}, "type": "wikibase-entityid"}, "wikibase-form", f"{WD}L7-F1"),
    ]
    for value, datatype, expected in values:
        assert tails(tmp_path / "a.json", item(statement(value, datatype=datatype))) == [expected]
    for value, datatype in (
        ({"value": "not a url", "type": "string"}, "url"),
        ({"value": 7, "type": "of tomorrow"}, "new"),
        (time("yesterday", 11), "time"),
    ):
        report = SkipReport()
        assert tails(tmp_path / "a.json", item(statement(value, datatype=datatype)), report=report) == []
        assert "values that cannot be read: 1" in report.notes[0]


@pytest.mark.parametrize("value", [{"id": "P31"}, {"entity-type": "property", "numeric-id": 31}])
def test_a_property_is_no_entity(tmp_path: Path, value: dict[str, Any]) -> None:
    report = SkipReport()
    wrong = statement({"value": value, "type": "wikibase-entityid"}, datatype="wikibase-property")
    assert tails(tmp_path / "a.json", item(wrong), report=report) == []
    assert "left out: values that are properties: 1" in report.notes[0]


def test_a_place_on_another_globe_says_so(tmp_path: Path) -> None:
    place = {"latitude": 18.4, "longitude": 226.0, "globe": f"{WD}Q111"}
    (tail,) = tails(tmp_path / "a.json", item(statement({"value": place, "type": "globecoordinate"})))
    assert tail.startswith(f'"<{WD}Q111> Point(226.0 18.4)"')


def test_forms_and_senses_of_lexemes_are_counted(tmp_path: Path) -> None:
    lexeme = {"type": "lexeme", "id": "L7", "lemmas": {"en": {"language": "en", "value": "cat"}}}
    path = tmp_path / "a.json"
    path.write_text(json.dumps({**lexeme, "forms": [{"id": "L7-F1"}], "senses": [{"id": "L7-S1"}]}), "utf-8")
    report = SkipReport()
    assert list(read(path, "wikidata", report=report)) == [Name(f"{WD}L7", "cat")]
    assert "left out: forms and senses of lexemes: 2" in report.notes[0]


@pytest.mark.parametrize(("content", "is_said"), [("[\n{},\n", True), ("[\n{}\n]\n", False), ("{}\n", False)])
def test_a_list_without_an_end_is_said(tmp_path: Path, content: str, is_said: bool) -> None:
    path = tmp_path / "a.json"
    path.write_text(content.replace("{}", ADAMS), "utf-8")
    report = SkipReport()
    list(read(path, report=report))
    assert any("does not end" in note for note in report.notes) is is_said


BEST_IS_UNKNOWN = f"""
<{WD}Q1> <{PREFIXES["rdfs"]}label> "it"@en .
<{WD}Q1> <{PREFIXES["p"]}P1> <{PREFIXES["s"]}Q1-a> .
<{WD}Q1> <{PREFIXES["p"]}P1> <{PREFIXES["s"]}Q1-b> .
<{PREFIXES["s"]}Q1-a> <{PREFIXES["wikibase"]}rank> <{PREFIXES["wikibase"]}NormalRank> .
<{PREFIXES["s"]}Q1-a> <{PREFIXES["ps"]}P1> "x" .
<{PREFIXES["s"]}Q1-b> <{PREFIXES["wikibase"]}rank> <{PREFIXES["wikibase"]}PreferredRank> .
"""


@pytest.mark.parametrize("kind", ["somevalue", "novalue"])
def test_nothing_is_a_fact_where_the_best_statement_says_that_it_is_unknown(
    tmp_path: Path, kind: str
) -> None:
    unknown = {"mainsnak": {"snaktype": kind, "property": "P1"}, "id": "Q1$b", "rank": "preferred"}
    known = statement({"value": "x", "type": "string"})
    (tmp_path / "a.json").write_text(item(known, unknown), "utf-8")
    node = f"<{PREFIXES['s']}Q1-b>"
    said = {
        "somevalue": f"{node} <{PREFIXES['ps']}P1> _:unknown .",
        "novalue": f"{node} <{PREFIXES['rdf']}type> <{PREFIXES['wdno']}P1> .",
    }
    (tmp_path / "a.nt").write_text(BEST_IS_UNKNOWN + said[kind] + "\n", "utf-8")
    for name in ("a.json", "a.nt"):
        report = SkipReport()
        found = [s for s in read(tmp_path / name, report=report) if isinstance(s, Triple)]
        assert found == [
            Triple(f"{WD}Q1", f"{PREFIXES['p']}P1", f"{PREFIXES['s']}Q1-a"),
            Triple(f"{PREFIXES['s']}Q1-a", f"{PREFIXES['ps']}P1", '"x"'),
        ]
        assert "left out: unknown values: 1" in report.notes[0]


BROKEN = {
    "a truncated line": ADAMS[:200],
    "no JSON": "{not json}",
    "no object": "[1, 2]",
    "no id": '{"type": "item", "labels": {}}',
    "another id": '{"type": "item", "id": "../Q1", "labels": {}}',
    "labels that are a text": '{"type": "item", "id": "Q1", "labels": "it"}',
    "a label without a value": '{"type": "item", "id": "Q1", "labels": {"en": {"language": "en"}}}',
    "a statement that is a text": '{"type": "item", "id": "Q1", "claims": {"P1": ["x"]}}',
    "a statement without a value": item({"mainsnak": {"snaktype": "value", "property": "P1"}, "id": "Q1$a"}),
    "a statement without an id": '{"type":"item","id":"Q1","claims":{"P1":[{"mainsnak":{"snaktype":"value",'
    '"property":"P1","datavalue":{"value":"x","type":"string"}}}]}}',
    "another rank": item(statement({"value": "x", "type": "string"}, rank="best")),
    "a rank that is a list": item(statement({"value": "x", "type": "string"}, rank=[])),
    "a text that is an object": item(statement({"value": {"a": "b"}, "type": "string"})),
    "a text that is nothing": item(statement({"value": None, "type": "string"})),
    "an entity that is none": item(statement({"value": {"id": "Q1 x"}, "type": "wikibase-entityid"})),
    "entities that are a text": '{"entities": "Q1"}',
    "a time without a precision": item(
        statement({"value": {"time": "+1952-00-00T00:00:00Z"}, "type": "time"})
    ),
    "a precision that is a text": item(statement(time("+1952-00-00T00:00:00Z", "year"))),  # type: ignore[arg-type]
    "half a character": '{"id": "Q1", "labels": {"en": {"language": "en", "value": "\\ud800"}}}',
    "brackets without end": "[" * 100_000,
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_line_is_named_and_can_be_skipped(tmp_path: Path, case: str) -> None:
    path = tmp_path / "a.json"
    good = item(statement({"value": "x", "type": "string"}))
    path.write_text(f"[\n{good},\n{BROKEN[case]},\n{good}\n]\n", "utf-8")
    with pytest.raises(ParseError) as raised:
        list(read(path, "wikidata"))
    assert raised.value.line == 3
    assert "\n" not in str(raised.value)
    found = [s for s in read(path, "wikidata", skip_bad=1) if isinstance(s, Triple)]
    assert found == [Triple(f"{WD}Q1", f"{WDT}P1", '"x"')] * 2


def test_an_entity_with_very_many_claims_is_read(tmp_path: Path) -> None:
    value = {"value": "x", "type": "string"}
    many = item(*(statement({**value, "value": f"x{n}"}) for n in range(20_000)))
    assert len(set(tails(tmp_path / "a.json", many))) == 20_000


def test_date_term_is_a_literal_node() -> None:
    assert date_term(1952, 3, 11, 11).kind is NodeKind.LITERAL
