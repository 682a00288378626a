"""Dumps of Freebase and DBpedia, in the forms that they were published in."""

from __future__ import annotations

import gzip
from pathlib import Path

from kgqa.graph import GraphBuilder, IndexedGraph, ValueTable
from kgqa.graph.readers import detect_format, read

NS = "http://rdf.freebase.com/ns/"
XSD = "http://www.w3.org/2001/XMLSchema#"
FREEBASE = "".join(
    f"<{NS}{subject}>\t<{NS}{predicate}>\t{value}\t.\n"
    for subject, predicate, value in [
        ("m.02mjmr", "type.object.name", '"Barack Obama"@en'),
        ("m.02mjmr", "type.object.name", '"Барак Обама"@ru'),
        ("m.02mjmr", "common.topic.alias", '"Barry"@en'),
        ("m.02mjmr", "people.person.place_of_birth", f"<{NS}m.02hrh0_>"),
        ("m.02hrh0_", "type.object.name", '"Honolulu"@en'),
        ("m.02mjmr", "people.person.date_of_birth", f'"1961-08-04"^^<{XSD}date>'),
        ("m.02mjmr", "people.person.spouse_s", f"<{NS}m.02nqglv>"),
        ("m.02nqglv", "people.marriage.spouse", f"<{NS}m.025s5v9>"),
        ("m.02nqglv", "people.marriage.from", f'"1992-10-03"^^<{XSD}date>'),
        ("m.025s5v9", "type.object.name", '"Michelle Obama"@en'),
    ]
)
DBPEDIA = """@prefix dbr: <http://dbpedia.org/resource/> . @prefix dbo: <http://dbpedia.org/ontology/> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> . @prefix foaf: <http://xmlns.com/foaf/0.1/> .
dbr:Danube rdfs:label "Danube"@en, "Donau"@de ; a dbo:River ; foaf:name "Danube River"@en ;
    dbo:length "2850.0"^^<http://dbpedia.org/datatype/kilometre> ; dbo:riverMouth dbr:Black_Sea .
dbr:Black_Sea rdfs:label "Black Sea"@en . dbo:riverMouth rdfs:label "river mouth"@en .
dbo:River rdfs:label "river"@en .
"""


def facts(graph: IndexedGraph) -> set[tuple[str | None, str, str | None]]:
    return {(graph.label(t.head), graph.relation_label(t.relation), graph.label(t.tail)) for t in graph}


def test_freebase_has_names_and_mediators(tmp_path: Path) -> None:
    path = tmp_path / "freebase-rdf-latest.gz"
    path.write_bytes(gzip.compress(FREEBASE.encode()))
    assert detect_format(path) == "ntriples"
    graph = GraphBuilder.of(read(path))
    assert facts(graph) == {
        ("Barack Obama", "people.person.place_of_birth", "Honolulu"),
        ("Barack Obama", "people.person.date_of_birth", "1961-08-04"),
        ("Barack Obama", "people.person.spouse_s", None),
        (None, "people.marriage.spouse", "Michelle Obama"),
        (None, "people.marriage.from", "1992-10-03"),
    }
    assert graph.alias_texts(f"{NS}m.02mjmr") == ("Барак Обама", "Barry")


def test_dbpedia_has_names_and_units(tmp_path: Path) -> None:
    path = tmp_path / "a.ttl"
    path.write_text(DBPEDIA, "utf-8")
    graph = GraphBuilder.of(read(path))
    assert facts(graph) == {
        ("Danube", "type", "river"),
        ("Danube", "length", "2850.0"),
        ("Danube", "river mouth", "Black Sea"),
    }
    assert graph.alias_texts("http://dbpedia.org/resource/Danube") == ("Danube River", "Donau")
    assert ValueTable.of(graph).unit_of(graph.relation_id("http://dbpedia.org/ontology/length")) == "km"
