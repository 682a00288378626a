"""Wikibase's RDF one triple at a time: truthy values, other graphs beside it, triples out of order."""

from __future__ import annotations

from pathlib import Path

import pytest
from wikidata_extract import PREFIXES
from wikidata_rdf import full_rdf

from kgqa.graph import GraphBuilder, Name, Triple
from kgqa.graph.readers import SkipReport, read
from kgqa.graph.readers.wikidata import rdf_entities

WD, WDT, XSD = PREFIXES["wd"], PREFIXES["wdt"], PREFIXES["xsd"]
LABEL = f"<{PREFIXES['rdfs']}label>"


RDF_CASES = {
    "an unknown datatype": ('"5"^^<urn:apples>', '"5"^^<urn:apples>'),
    "a date that is none": (f'"soon"^^<{XSD}dateTime>', f'"soon"^^<{XSD}dateTime>'),
    "a time of day": (f'"1969-07-20T20:17:40Z"^^<{XSD}dateTime>', f'"1969-07-20T20:17:40Z"^^<{XSD}dateTime>'),
    "a decimal that is none": (f'"many"^^<{XSD}decimal>', f'"many"^^<{XSD}decimal>'),
    "a day before Christ": (f'"-0043-03-15T00:00:00Z"^^<{XSD}dateTime>', f'"-0043-03-15"^^<{XSD}date>'),
    "a year": (f'"1952-01-01T00:00:00Z"^^<{XSD}dateTime>', f'"1952"^^<{XSD}gYear>'),
    "an address": ("<https://a.org/>", f'"https://a.org/"^^<{XSD}anyURI>'),
}


@pytest.mark.parametrize("case", RDF_CASES)
def test_truthy_values(tmp_path: Path, case: str) -> None:
    written, expected = RDF_CASES[case]
    path = tmp_path / "a.nt"
    path.write_text(f"<{WD}Q1> <{WDT}P1> {written} .\n", "utf-8")
    found = [s for s in read(path) if isinstance(s, Triple)]
    assert found == [Triple(f"{WD}Q1", f"{WDT}P1", expected)]


def test_a_statement_without_a_value_is_no_fact(tmp_path: Path) -> None:
    path = tmp_path / "a.nt"
    path.write_text(
        f"<{WD}Q1> <{PREFIXES['p']}P1> <{PREFIXES['s']}Q1-a> .\n"
        f"<{PREFIXES['s']}Q2-b> <{PREFIXES['ps']}P1> <{WD}Q2> .\n",  # of an entity that is not there
        "utf-8",
    )
    assert not any(isinstance(s, Triple) for s in read(path))


def test_another_wikibase_is_read_where_its_ontology_is_used(tmp_path: Path) -> None:
    path = tmp_path / "a.ttl"
    base = "https://museum.wikibase.cloud/"
    path.write_text(
        f'<{base}entity/P7> a <http://wikiba.se/ontology#Property> ; {LABEL} "painted by"@en .\n'
        f'<{base}entity/Q1> {LABEL} "Night Watch"@en ; <{base}prop/direct/P7> <{base}entity/Q2> .\n'
        f'<{base}entity/Q2> {LABEL} "Rembrandt"@en .\n',
        "utf-8",
    )
    graph = GraphBuilder.of(read(path))
    assert [(graph.label(t.head), graph.relation_label(t.relation), graph.label(t.tail)) for t in graph] == [
        ("Night Watch", "painted by", "Rembrandt")
    ]


def test_other_graphs_with_such_addresses_are_not_taken_for_wikibase(tmp_path: Path) -> None:
    path = tmp_path / "a.ttl"
    path.write_text(
        '<http://e/a> <http://e/prop/direct/P7> <http://e/b> ; <http://schema.org/about> "x" .\n', "utf-8"
    )
    found = [s.relation for s in read(path) if isinstance(s, Triple)]
    assert found == ["http://e/prop/direct/P7", "http://schema.org/about"]


BESIDE = f"""
@prefix schema: <http://schema.org/> . @prefix owl: <http://www.w3.org/2002/07/owl#> .
<{WD}Q42> {LABEL} "Douglas Adams"@en ; <{WDT}P19> <{WD}Q350> ; schema:description "a writer"@en .
<urn:talk> schema:name "A talk"@en ; schema:author <{WD}Q42> ; a schema:Article ; schema:inLanguage "en" ;
    schema:about <{WD}Q42> ; schema:description "long" ; owl:sameAs <urn:lecture> .
<urn:Talk> a owl:Class ; {LABEL} "kind of talk"@en .
<https://en.wikipedia.org/wiki/X> a schema:Article ; schema:name "X"@en ; schema:about <{WD}Q42> ;
    schema:inLanguage "en" ; schema:isPartOf <https://en.wikipedia.org/> .
"""


def test_other_facts_beside_wikidata_stay_as_they_are(tmp_path: Path) -> None:
    path = tmp_path / "a.ttl"
    path.write_text(BESIDE, "utf-8")
    found = list(read(path))
    assert {Name("urn:talk", "A talk"), Name("urn:Talk", "kind of talk")} <= set(found)
    triples = [s for s in found if isinstance(s, Triple)]
    of_talk = {s.relation.rpartition("/")[2] for s in triples if s.head == "urn:talk"}
    assert of_talk == {
        *("author", "22-rdf-syntax-ns#type", "inLanguage", "about", "description"),
        "owl#sameAs",
    }
    assert [s.tail for s in triples if s.head == "urn:Talk"] == ["http://www.w3.org/2002/07/owl#Class"]
    assert not any("wikipedia" in str(s) for s in found)
    assert [s.relation for s in triples if s.head == f"{WD}Q42"] == [f"{WDT}P19"]


def test_what_named_graphs_say_of_an_entity_is_read_apart(tmp_path: Path) -> None:
    path = tmp_path / "a.trig"
    p, s, ps = (PREFIXES[name] for name in ("p", "s", "ps"))
    path.write_text(
        f"<urn:g> {{ <{WD}Q1> <{WDT}P1> <{WD}Q2> ; <{p}P2> <{s}Q1-a> . <{s}Q1-a> <{ps}P2> <{WD}Q3> . }}\n"
        f"<urn:h> {{ <{WD}Q1> <{WDT}P1> <{WD}Q2> ; <{WDT}P3> <{WD}Q4> . }}\n"
        f"<{WD}Q1> <{WDT}P4> <{WD}Q5> .\n",
        "utf-8",
    )
    graph = GraphBuilder.of(read(path))
    found = {(fact.relation.rpartition("/")[2], *graph.sources(fact)) for fact in graph}
    assert found == {("P1", "urn:g", "urn:h"), ("P2", "urn:g"), ("P3", "urn:h"), ("P4",)}


def test_redirects_are_counted(tmp_path: Path) -> None:
    path = tmp_path / "a.ttl"
    path.write_text(f"<{WD}Q7> <http://www.w3.org/2002/07/owl#sameAs> <{WD}Q42> .\n", "utf-8")
    report = SkipReport()
    assert list(read(path, report=report)) == []
    assert "left out: redirects from one entity to another: 1" in report.notes[0]


def test_statements_that_stand_too_far_from_their_entity_are_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rdf_entities, "_OPEN", 5)
    path = tmp_path / "a.nt"
    lines = full_rdf().splitlines(keepends=True)
    report = SkipReport()
    path.write_text("".join(lines), "utf-8")
    whole = {s for s in read(path, report=report) if isinstance(s, Triple)}
    assert "apart" not in report.notes[0]
    path.write_text("".join(sorted(lines)), "utf-8")  # all statements come after all entities
    parted = {s for s in read(path, report=report) if isinstance(s, Triple)}
    assert len(parted) < len(whole)
    assert "statements that stand apart from their entity: " in report.notes[1]


def test_values_whose_precision_or_unit_comes_too_late_are_said(tmp_path: Path) -> None:
    path = tmp_path / "a.nt"
    lines = [line for line in full_rdf().splitlines(keepends=True) if f"<{PREFIXES['v']}" not in line[:40]]
    path.write_text("".join(lines), "utf-8")
    report = SkipReport()
    list(read(path, report=report))
    count = full_rdf().count("/value/P")
    assert (
        f"{count - 1} values are read without the precision or unit" in report.notes[1]
    )  # one is deprecated


def test_units_of_another_wikibase_are_not_taken_for_those_of_wikidata(tmp_path: Path) -> None:
    path = tmp_path / "a.nt"
    base, ontology = "https://museum.wikibase.cloud/", PREFIXES["wikibase"]
    five = f'"5"^^<{XSD}decimal>'
    path.write_text(
        f"<{base}value/v> <{ontology}quantityAmount> {five} .\n"
        f"<{base}value/v> <{ontology}quantityUnit> <{base}entity/Q11573> .\n"
        f"<{base}entity/Q1> <{base}prop/P1> <{base}entity/statement/Q1-a> .\n"
        f"<{base}entity/statement/Q1-a> <{base}prop/statement/P1> {five} .\n"
        f"<{base}entity/statement/Q1-a> <{base}prop/statement/value/P1> <{base}value/v> .\n",
        "utf-8",
    )
    assert Name(f'"5"^^<{base}entity/Q11573>', "5 Q11573") in list(read(path))
