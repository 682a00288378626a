"""RDF is read as the grammars of the W3C say: what they allow is read, what they do not is refused."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from kgqa.errors import ParseError
from kgqa.graph import GraphBuilder, Name, NodeKind, RelationName, Triple
from kgqa.graph.readers import SkipReport, read

PREFIXES = "@prefix : <http://e/> .\n@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .\n"
E = "http://e/"

INVALID = {
    "an escape that is no number": ':a :p "\\uWXYZ" .',
    "an escape of half a surrogate pair": ':a :p "\\ud800" .',
    "an unknown escape": ':a :p "\\q" .',
    "a literal as subject": '"x" :p :b .',
    "a number as subject": "1 :p :b .",
    "a truth value as predicate": ":a true :b .",
    "a literal as predicate": ':a "p" :b .',
    "a blank node as predicate": ":a _:p :b .",
    "a language and a datatype": ':a :p "x"@en^^xsd:string .',
    "a space in an IRI": "<http://e/a b> :p :b .",
    "a bracket in an IRI": "<http://e/a{b}> :p :b .",
    "an escape for a space in an IRI": "<http://e/a\\u0020b> :p :b .",
    "an escape of characters in an IRI": "<http://e/a\\n> :p :b .",
    "a line end in a short text": ':a :p "x\ny" .',
    "no full stop": ":a :p :b",
    "two full stops": ":a :p :b . .",
    "a semicolon for a full stop": ":a :p :b ;",
    "an unknown prefix": "x:a :p :b .",
    "a prefix without a full stop": "@prefix x: <http://x/>\n:a :p :b .",
    "a SPARQL prefix with a full stop": "PREFIX x: <http://x/> .\n:a :p :b .",
    "a formula of N3": "{ :a :p :b } :q :c .",
    "a rule of N3": ":a => :b .",
    "equality of N3": ":a = :b .",
    "a path of N3": ":a!:p :q :b .",
    "a keyword of N3": "@keywords a . :x a :b .",
    "is of": ":a is :p of :b .",
    "a name with a dash in front": ":-a :p :b .",
    "a name with a dot in front": ":.a :p :b .",
    "a percent sign without digits": ":a%2 :p :b .",
    "a language tag of one dash": ':a :p "x"@- .',
    "an open bracket": ":a :p [ :q :b .",
    "an exponent without digits": ":a :p 1e .",
    "a collection as predicate": ":a (1) :b .",
    "no object": ":a :p .",
    "no predicate": ":a .",
}


@pytest.mark.parametrize("case", INVALID)
@pytest.mark.parametrize("name", ["a.ttl", "a.trig"])
def test_what_is_no_turtle_is_refused_with_its_line(tmp_path: Path, name: str, case: str) -> None:
    path = tmp_path / name
    path.write_text(PREFIXES + INVALID[case] + "\n", "utf-8")
    with pytest.raises(ParseError) as raised:
        list(read(path, skip_bad=10**6))
    assert raised.value.line >= 3 or case == "a blank node as predicate"
    assert "\n" not in str(raised.value)


VALID = {
    "dots in names": (":m.03_r3 :location.country.languages_spoken :a..b.c .", 1),
    "dots in a prefix": ("@prefix a.b: <http://x/> . a.b:x a.b:y.z a.b:w .", 1),
    "colons and digits": (":0a :b:c :d: .", 1),
    "escapes in names": (":a\\~b :p%20q :c\\,d .", 1),
    "long texts": (':a :p \'\'\'x\n\'y\'\n"z"\'\'\', """a\\"""" .', 2),
    "numbers": (":a :p 1, 1.0, 1e0, -.5, +01 .", 5),
    "truth values": (":a :p true, false .", 2),
    "collections": (":a :p (1 2), () .", 6),
    "nested nodes": ("[ :p [ :q :b ] ] .", 2),
    "semicolons": (":a :p :b ; ; :q :c ; .", 2),
    "SPARQL directives": ("BASE <http://e/>\nprefix x: <y/>\n<a> x:b <#c> .", 1),
    "comments": ("# :a :p :b .\n:a :p :b . # :c", 1),
    "a language with a region": (':a :p "x"@en-GB, "x"@EN-gb .', 2),
}


@pytest.mark.parametrize("case", VALID)
def test_what_turtle_allows_is_read(tmp_path: Path, case: str) -> None:
    content, count = VALID[case]
    for name in ("a.ttl", "a.trig"):
        path = tmp_path / name
        path.write_text(PREFIXES + content + "\n", "utf-8")
        report = SkipReport()
        assert sum(isinstance(s, Triple) for s in read(path, report=report)) == count
        assert report.notes == []


INVALID_LINES = {
    "a literal as subject": '"x" <urn:p> <urn:b> .',
    "a blank node as predicate": "<urn:a> _:p <urn:b> .",
    "a literal as predicate": '<urn:a> "p" <urn:b> .',
    "a relative IRI": "<a> <urn:p> <urn:b> .",
    "a relative datatype": '<urn:a> <urn:p> "x"^^<int> .',
    "a space in an IRI": "<urn:a b> <urn:p> <urn:b> .",
    "an escape of a space in an IRI": "<urn:a\\u0020b> <urn:p> <urn:b> .",
    "an escape that is no number": '<urn:a> <urn:p> "\\u00ZZ" .',
    "an unknown escape": '<urn:a> <urn:p> "\\a" .',
    "a prefixed name": "<urn:a> <urn:p> x:b .",
    "a prefix": "@prefix x: <urn:> .",
    "a base": "@base <urn:> .",
    "a list of objects": "<urn:a> <urn:p> <urn:b>, <urn:c> .",
    "a list of predicates": "<urn:a> <urn:p> <urn:b>; <urn:q> <urn:c> .",
    "a long text": '<urn:a> <urn:p> """x""" .',
    "a text in single quotes": "<urn:a> <urn:p> 'x' .",
    "a bare number": "<urn:a> <urn:p> 1 .",
    "a bare truth value": "<urn:a> <urn:p> true .",
    "a language of digits": '<urn:a> <urn:p> "x"@1 .',
    "no full stop": "<urn:a> <urn:p> <urn:b>",
    "an unknown direction": '<urn:a> <urn:p> "x"@en--up .',
    "a direction in capitals": '<urn:a> <urn:p> "x"@en--LTR .',
    "a direction without a language": '<urn:a> <urn:p> "x"@--ltr .',
    "a version in lower case": 'version "1.2"',
    "a version of Turtle": '@version "1.2" .',
    "a version that is no text": "VERSION 1.2",
    "a statement as subject": "<<( <urn:a> <urn:p> <urn:b> )>> <urn:p> <urn:b> .",
    "a statement as predicate": "<urn:a> <<( <urn:a> <urn:p> <urn:b> )>> <urn:b> .",
    "a literal in a statement": '<urn:a> <urn:p> <<( "a" <urn:p> <urn:b> )>> .',
    "a reified statement": "<< <urn:a> <urn:p> <urn:b> >> <urn:p> <urn:b> .",
    "an annotation": "<urn:a> <urn:p> <urn:b> {| <urn:q> <urn:c> |} .",
}


@pytest.mark.parametrize("case", INVALID_LINES)
@pytest.mark.parametrize("name", ["a.nt", "a.nq"])
def test_a_line_that_is_no_n_triples_is_named_and_can_be_skipped(
    tmp_path: Path, name: str, case: str
) -> None:
    path = tmp_path / name
    good = "<urn:a> <urn:p> <urn:b> .\n"
    path.write_text(f"{good}{INVALID_LINES[case]}\n{good}", "utf-8")
    with pytest.raises(ParseError) as raised:
        list(read(path))
    assert raised.value.line == 2
    assert list(read(path, skip_bad=1)) == [Triple("urn:a", "urn:p", "urn:b")] * 2


def test_lines_of_rdf_1_2_are_read(tmp_path: Path) -> None:
    path = tmp_path / "a.nt"
    path.write_text('VERSION "1.2" # of RDF\n<urn:a> <urn:p> "x"@en--ltr .\n', "utf-8")
    assert Triple("urn:a", "urn:p", '"x"@en') in list(read(path))


def test_a_byte_order_mark_is_no_part_of_turtle(tmp_path: Path) -> None:
    (tmp_path / "a.ttl").write_bytes(b"\xef\xbb\xbf<urn:a> <urn:p> <urn:b> .\n")
    assert list(read(tmp_path / "a.ttl")) == [Triple("urn:a", "urn:p", "urn:b")]


@pytest.mark.parametrize("encoding", ["iso-8859-1", "utf-16", "utf-8"])
def test_rdf_xml_is_read_in_the_encoding_that_it_declares(tmp_path: Path, encoding: str) -> None:
    text = (
        f'<?xml version="1.0" encoding="{encoding}"?>\n'
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:e="urn:e:">'
        '<rdf:Description rdf:about="urn:a"><e:says>Malmö</e:says></rdf:Description></rdf:RDF>'
    )
    path = tmp_path / "a.rdf"
    path.write_bytes(text.encode(encoding))
    assert Name('"Malmö"', "Malmö") in list(read(path))
    path.write_bytes(text.replace(encoding, "klingon").encode())
    with pytest.raises(ParseError, match="klingon"):
        list(read(path))


def test_an_iri_that_is_none_in_rdf_xml_is_refused_in_one_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "a.rdf"
    path.write_text(
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:e="urn:e:">\n'
        '<rdf:Description rdf:about="http://e/a b"><e:r>x</e:r></rdf:Description></rdf:RDF>',
        "utf-8",
    )
    with pytest.raises(ParseError, match="Invalid IRI"):
        list(read(path))
    assert caplog.records == []
    assert capsys.readouterr().err == ""


# statements about statements ------------------------------------------------------------------------

STAR = PREFIXES + ":ann :knows :bob {| :since 1990 ; :source :diary |} .\n:ann :likes :bob .\n"


def test_what_is_said_about_a_fact_is_about_a_mediator(tmp_path: Path) -> None:
    (tmp_path / "a.ttl").write_text(STAR, "utf-8")
    report = SkipReport()
    graph = GraphBuilder.of(read(tmp_path / "a.ttl", report=report))
    assert report.notes == []
    assert {hop.entity for hop in graph.hops(E + "ann") if hop.relation == E + "knows"} == {E + "bob"}
    ((node, relation),) = [
        (hop.entity, hop.relation) for hop in graph.hops(E + "ann") if hop.relation.endswith("~statement")
    ]
    assert graph.kind(node) is NodeKind.BLANK
    assert graph.label(node) is None
    assert graph.relation_label(relation) == "knows (statement)"
    ends = {(hop.relation, graph.label(hop.entity)) for hop in graph.hops(node) if not hop.inverse}
    assert ends == {
        ("http://www.w3.org/1999/02/22-rdf-syntax-ns#object", "bob"),
        (E + "since", "1990"),
        (E + "source", "diary"),
    }


def test_a_statement_has_the_label_of_its_relation_and_is_unnamed_with_an_iri_too(tmp_path: Path) -> None:
    label = ':knows <http://www.w3.org/2000/01/rdf-schema#label> "is friends with"@en .\n'
    content = PREFIXES + ":ann :knows :bob ~ :first {| :since 1990 |} .\n" + label
    (tmp_path / "a.ttl").write_text(content, "utf-8")
    found = list(read(tmp_path / "a.ttl"))
    assert RelationName(E + "knows~statement", "is friends with (statement)") in found
    assert GraphBuilder.of(found).label(E + "first") is None


@pytest.mark.parametrize(
    "content",
    [
        "<< :ann :hates :bob >> :claimed_by :eve .",  # nobody says that it is so
        ":eve :says <<( :ann :knows :bob )>> .",
        "<< << :ann :knows :bob >> :since 1990 >> :source :diary .",
    ],
)
def test_other_statements_about_statements_are_left_out_and_counted(tmp_path: Path, content: str) -> None:
    path = tmp_path / "a.ttl"
    path.write_text(f"{PREFIXES}{content}\n:ann :likes :tea .\n", "utf-8")
    report = SkipReport()
    found = list(read(path, report=report))
    assert Triple(E + "ann", E + "likes", E + "tea") in found
    assert not any(isinstance(s, Triple) and s.relation.endswith("~statement") for s in found)
    assert len(report.notes) == 1
    assert re.search(r"statements? about (a )?statements? \(RDF-star\) (is|are) left out", report.notes[0])


REIFIES = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#reifies>"


def test_what_n_triples_say_about_a_fact_is_about_a_mediator(tmp_path: Path) -> None:
    path = tmp_path / "a.nt"
    about = f"_:r {REIFIES} <<( <urn:a> <urn:p> <urn:b> )>> .\n_:r <urn:since> <urn:y> .\n"
    fact = "<urn:a> <urn:p> <urn:b> .\n"
    for content in (about + fact, fact + about):
        path.write_text(content, "utf-8")
        report = SkipReport()
        found = [s for s in read(path, report=report) if isinstance(s, Triple)]
        assert report.notes == []
        (node,) = [s.tail for s in found if s.relation == "urn:p~statement"]
        assert {s[1:] for s in found if s.head == node} == {
            ("http://www.w3.org/1999/02/22-rdf-syntax-ns#object", "urn:b"),
            ("urn:since", "urn:y"),
        }


def test_statements_in_n_triples_about_what_is_no_fact_are_left_out_and_counted(tmp_path: Path) -> None:
    path = tmp_path / "a.nt"
    path.write_text(f"_:r {REIFIES} <<( <urn:a> <urn:p> <urn:c> )>> .\n<urn:a> <urn:p> <urn:b> .\n", "utf-8")
    report = SkipReport()
    assert list(read(path, report=report)) == [Triple("urn:a", "urn:p", "urn:b")]
    assert report.notes == [f"{path}: 1 statement about a statement (RDF-star) is left out"]


# JSON-LD --------------------------------------------------------------------------------------------


def test_json_ld_is_read_with_its_context(tmp_path: Path) -> None:
    document = {
        "@context": {"@vocab": E, "label": "http://www.w3.org/2000/01/rdf-schema#label"},
        "@graph": [
            {"@id": E + "kismet", "label": "Kismet", "year": 1944, "directedBy": {"@id": E + "dieterle"}},
            {"@id": E + "dieterle", "label": {"@value": "William Dieterle", "@language": "en"}},
        ],
    }
    for name in ("a.jsonld", "a.json"):
        path = tmp_path / name
        path.write_text(json.dumps(document), "utf-8")
        graph = GraphBuilder.of(read(path))
        facts = {(graph.label(t.head), t.relation, graph.label(t.tail)) for t in graph}
        assert facts == {
            ("Kismet", E + "year", "1944"),
            ("Kismet", E + "directedBy", "William Dieterle"),
        }


def test_a_context_on_the_web_is_not_loaded(tmp_path: Path) -> None:
    (tmp_path / "a.jsonld").write_text('{"@context": "http://127.0.0.1:9/x", "@id": "urn:a", "p": "b"}')
    with pytest.raises(ParseError, match="never loaded"):
        list(read(tmp_path / "a.jsonld"))
