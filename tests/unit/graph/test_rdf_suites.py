"""Cases of the kinds in the W3C's suites for RDF/XML, JSON-LD, TriG, N-Quads and RDF-star, written anew.

`test_rdf_strictness.py` has those of Turtle and N-Triples. What is valid is compared with what it says.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from kgqa.errors import ParseError
from kgqa.graph import NodeKind, Quad, Triple
from kgqa.graph.readers import SkipReport, read
from kgqa.graph.statement import Node

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
XSD = "http://www.w3.org/2001/XMLSchema#"
E = "http://e/"


def facts(path: Path, content: str, report: SkipReport | None = None) -> set[tuple[str, ...]]:
    """The facts of a file and their named graphs, with `e:` for example IRIs, `_` for every blank node."""
    path.write_text(content, "utf-8")
    found = list(read(path, report=report))
    blank = {s.entity for s in found if isinstance(s, Node) and s.kind is NodeKind.BLANK}

    def short(part: str) -> str:
        if part in blank or part.startswith("_:"):
            return "_"
        return part.replace(E, "e:").replace(RDF, "rdf:").replace(XSD, "xsd:").replace(path.as_uri(), "file:")

    return {tuple(map(short, fact)) for fact in found if isinstance(fact, Triple | Quad)}


def refused(path: Path, content: str) -> ParseError:
    path.write_text(content, "utf-8")
    with pytest.raises(ParseError) as raised:
        list(read(path, skip_bad=10**6))
    assert "\n" not in str(raised.value)
    return raised.value


# RDF/XML --------------------------------------------------------------------------------------------


def xml(body: str, attributes: str = "") -> str:
    return f'<rdf:RDF xmlns:rdf="{RDF}" xmlns:e="{E}" {attributes}>\n{body}\n</rdf:RDF>\n'


A = f'rdf:about="{E}a"'
XML = {
    "a typed node": (f"<e:Film {A}/>", {("e:a", "rdf:type", "e:Film")}),
    "an attribute as property": (f'<rdf:Description {A} e:p="x"/>', {("e:a", "e:p", '"x"')}),
    "a resource": (
        f'<rdf:Description {A}><e:p rdf:resource="{E}b"/></rdf:Description>',
        {("e:a", "e:p", "e:b")},
    ),
    "a node in a property": (
        f'<rdf:Description {A}><e:p><rdf:Description rdf:about="{E}b"/></e:p></rdf:Description>',
        {("e:a", "e:p", "e:b")},
    ),
    "parseType Resource": (
        f'<rdf:Description {A}><e:p rdf:parseType="Resource"><e:q>x</e:q></e:p></rdf:Description>',
        {("e:a", "e:p", "_"), ("_", "e:q", '"x"')},
    ),
    "parseType Literal": (
        f'<rdf:Description {A}><e:p rdf:parseType="Literal">x</e:p></rdf:Description>',
        {("e:a", "e:p", '"x"^^<rdf:XMLLiteral>')},
    ),
    "parseType Collection": (
        f'<rdf:Description {A}><e:p rdf:parseType="Collection"><rdf:Description rdf:about="{E}b"/></e:p>'
        "</rdf:Description>",
        {("e:a", "e:p", "_"), ("_", "rdf:first", "e:b"), ("_", "rdf:rest", "rdf:nil")},
    ),
    "an empty collection": (
        f'<rdf:Description {A}><e:p rdf:parseType="Collection"/></rdf:Description>',
        {("e:a", "e:p", "rdf:nil")},
    ),
    "members of a container": (
        f"<rdf:Bag {A}><rdf:li>x</rdf:li><rdf:li>y</rdf:li></rdf:Bag>",
        {("e:a", "rdf:type", "rdf:Bag"), ("e:a", "rdf:_1", '"x"'), ("e:a", "rdf:_2", '"y"')},
    ),
    "a property with attributes": (
        f'<rdf:Description {A}><e:p e:q="x"/></rdf:Description>',
        {("e:a", "e:p", "_"), ("_", "e:q", '"x"')},
    ),
    "an empty property": (f"<rdf:Description {A}><e:p/></rdf:Description>", {("e:a", "e:p", '""')}),
    "a datatype": (
        f'<rdf:Description {A}><e:p rdf:datatype="{XSD}integer">7</e:p></rdf:Description>',
        {("e:a", "e:p", '"7"^^<xsd:integer>')},
    ),
    "a language that is inherited": (
        f'<rdf:Description {A} xml:lang="de"><e:p>x</e:p><e:q xml:lang="en">y</e:q></rdf:Description>',
        {("e:a", "e:p", '"x"@de'), ("e:a", "e:q", '"y"@en')},
    ),
    "an ID under a base": (
        f'<rdf:Description xml:base="{E}doc" rdf:ID="x" e:p="y"/>',
        {("e:doc#x", "e:p", '"y"')},
    ),
    "an ID in the file": ('<rdf:Description rdf:ID="x" e:p="y"/>', {("file:#x", "e:p", '"y"')}),
    "an ID of a property": (
        f'<rdf:Description {A} xml:base="{E}doc"><e:p rdf:ID="r">x</e:p></rdf:Description>',
        {
            ("e:a", "e:p", '"x"'),
            ("e:doc#r", "rdf:type", "rdf:Statement"),
            ("e:doc#r", "rdf:subject", "e:a"),
            ("e:doc#r", "rdf:predicate", "e:p"),
            ("e:doc#r", "rdf:object", '"x"'),
        },
    ),
    "a named blank node": (
        f'<rdf:Description rdf:nodeID="n" e:p="x"/>'
        f'<rdf:Description {A}><e:q rdf:nodeID="n"/></rdf:Description>',
        {("_", "e:p", '"x"'), ("e:a", "e:q", "_")},
    ),
    "comments and instructions": (
        f"<!-- x --><?y z?><rdf:Description {A}><!-- b --><e:p>ac</e:p></rdf:Description>",
        {("e:a", "e:p", '"ac"')},
    ),
    "escapes": (f"<rdf:Description {A}><e:p>&lt;&#x41;</e:p></rdf:Description>", {("e:a", "e:p", '"<A"')}),
    "CDATA": (
        f"<rdf:Description {A}><e:p><![CDATA[<b>]]></e:p></rdf:Description>",
        {("e:a", "e:p", '"<b>"')},
    ),
}


@pytest.mark.parametrize("case", XML)
def test_what_rdf_xml_allows_is_read(tmp_path: Path, case: str) -> None:
    body, expected = XML[case]
    assert facts(tmp_path / "a.rdf", xml(body)) == expected


@pytest.mark.parametrize("text", ["a<!-- b -->c", "a<![CDATA[b]]>", '<e:p xml:lang="">a</e:p>'])
def test_valid_rdf_xml_that_the_parser_does_not_take_is_refused_and_not_misread(
    tmp_path: Path, text: str
) -> None:
    body = text if text.startswith("<") else f"<e:p>{text}</e:p>"
    refused(tmp_path / "a.rdf", xml(f'<rdf:Description {A} xml:lang="de">{body}</rdf:Description>'))


BAD_XML = {
    "aboutEach": '<rdf:Description rdf:aboutEach="#x"><e:p>1</e:p></rdf:Description>',
    "li as an attribute": f'<rdf:Description {A} rdf:li="x"/>',
    "li as a node": "<rdf:li/>",
    "RDF as a node": "<rdf:RDF/>",
    "an ID that is no name": '<rdf:Description rdf:ID="333"/>',
    "an ID used twice": '<rdf:Description rdf:ID="a"/><rdf:Description rdf:ID="a"/>',
    "an ID and an IRI": f'<rdf:Description {A} rdf:ID="b"/>',
    "a nodeID that is no name": '<rdf:Description rdf:nodeID="1 2"><e:p>x</e:p></rdf:Description>',
    "a nodeID and an IRI": f'<rdf:Description rdf:nodeID="a" {A}/>',
    "a resource and a parseType": f'<rdf:Description {A}><e:p rdf:resource="{E}b" rdf:parseType="Literal"/>'
    "</rdf:Description>",
    "a resource and a nodeID": f'<rdf:Description {A}><e:p rdf:resource="{E}b" rdf:nodeID="c"/>'
    "</rdf:Description>",
    "text in a node": f"<rdf:Description {A}>text</rdf:Description>",
    "text beside a node": f"<rdf:Description {A}><e:p>text<e:B/></e:p></rdf:Description>",
    "two nodes in a property": f"<rdf:Description {A}><e:p><e:A/><e:B/></e:p></rdf:Description>",
    "an element without a namespace": f"<Description {A}/>",
    "a prefix without a namespace": f"<x:Description {A}/>",
    "an element that is not closed": f"<rdf:Description {A}>",
}


@pytest.mark.parametrize("case", BAD_XML)
def test_what_is_no_rdf_xml_is_refused_with_its_line(tmp_path: Path, case: str) -> None:
    assert refused(tmp_path / "a.rdf", xml("\n" * 7 + BAD_XML[case])).line in (9, 10)


# JSON-LD --------------------------------------------------------------------------------------------

P = f"{E}p"
JSON = {
    "an absolute property": ({"@id": f"{E}a", P: "x"}, {("e:a", "e:p", '"x"')}),
    "a prefix": ({"@context": {"e": E}, "@id": "e:a", "e:p": {"@id": "e:b"}}, {("e:a", "e:p", "e:b")}),
    "a vocabulary": (
        {"@context": {"@vocab": E}, "@id": f"{E}a", "p": 1},
        {("e:a", "e:p", '"1"^^<xsd:integer>')},
    ),
    "a base": ({"@context": {"@base": E}, "@id": "a", P: {"@id": "b"}}, {("e:a", "e:p", "e:b")}),
    "a term": ({"@context": {"t": P}, "@id": f"{E}a", "t": True}, {("e:a", "e:p", '"true"^^<xsd:boolean>')}),
    "a term of IRIs": (
        {"@context": {"t": {"@id": P, "@type": "@id"}}, "@id": f"{E}a", "t": f"{E}b"},
        {("e:a", "e:p", "e:b")},
    ),
    "a term of a type": (
        {"@context": {"t": {"@id": P, "@type": f"{XSD}date"}}, "@id": f"{E}a", "t": "1952-03-11"},
        {("e:a", "e:p", '"1952-03-11"^^<xsd:date>')},
    ),
    "a language for all": (
        {"@context": {"@language": "de"}, "@id": f"{E}a", P: "x"},
        {("e:a", "e:p", '"x"@de')},
    ),
    "a map of languages": (
        {
            "@context": {"t": {"@id": P, "@container": "@language"}},
            "@id": f"{E}a",
            "t": {"de": "x", "en": "y"},
        },
        {("e:a", "e:p", '"x"@de'), ("e:a", "e:p", '"y"@en')},
    ),
    "a type": ({"@id": f"{E}a", "@type": f"{E}T"}, {("e:a", "rdf:type", "e:T")}),
    "a value with a type": (
        {"@id": f"{E}a", P: {"@value": "7", "@type": f"{XSD}integer"}},
        {("e:a", "e:p", '"7"^^<xsd:integer>')},
    ),
    "a list": (
        {"@id": f"{E}a", P: {"@list": ["x"]}},
        {("e:a", "e:p", "_"), ("_", "rdf:first", '"x"'), ("_", "rdf:rest", "rdf:nil")},
    ),
    "an empty list": ({"@id": f"{E}a", P: {"@list": []}}, {("e:a", "e:p", "rdf:nil")}),
    "a set": ({"@id": f"{E}a", P: {"@set": ["x", "y"]}}, {("e:a", "e:p", '"x"'), ("e:a", "e:p", '"y"')}),
    "a reverse property": ({"@id": f"{E}a", "@reverse": {P: {"@id": f"{E}b"}}}, {("e:b", "e:p", "e:a")}),
    "nested nodes": (
        {"@id": f"{E}a", P: {f"{E}q": {"@id": f"{E}b"}}},
        {("e:a", "e:p", "_"), ("_", "e:q", "e:b")},
    ),
    "a graph": ({"@graph": [{"@id": f"{E}a", P: "x"}]}, {("e:a", "e:p", '"x"')}),
    "a named graph": (
        {"@id": f"{E}g", "@graph": [{"@id": f"{E}a", P: "x"}], P: "y"},
        {("e:a", "e:p", '"x"', "e:g"), ("e:g", "e:p", '"y"')},
    ),
    "a graph without an id": (
        {"@graph": [{"@id": f"{E}a", P: "x"}], P: "y"},
        {("e:a", "e:p", '"x"', "_"), ("_", "e:p", '"y"')},
    ),
    "a container of graphs": (
        {
            "@context": {"in": {"@id": f"{E}in", "@container": ["@graph", "@id"]}},
            "@id": f"{E}a",
            "in": {f"{E}g": {"@id": f"{E}a", P: "x"}},
        },
        {("e:a", "e:in", "e:g"), ("e:a", "e:p", '"x"', "e:g")},
    ),
    "an index": (
        {"@context": {"t": {"@id": P, "@container": "@index"}}, "@id": f"{E}a", "t": {"k": "x"}},
        {("e:a", "e:p", '"x"')},
    ),
    "included nodes": ({"@included": [{"@id": f"{E}a", P: "x"}]}, {("e:a", "e:p", '"x"')}),
    "null": ({"@id": f"{E}a", P: None, f"{E}q": "x"}, {("e:a", "e:q", '"x"')}),
    "a term that is switched off": (
        {"@context": {"@vocab": E, "t": None}, "@id": f"{E}a", "t": "x", "p": "y"},
        {("e:a", "e:p", '"y"')},
    ),
    "a list of documents": (
        [{"@id": f"{E}a", P: "x"}, {"@id": f"{E}b", P: "y"}],
        {("e:a", "e:p", '"x"'), ("e:b", "e:p", '"y"')},
    ),
}


@pytest.mark.parametrize("case", JSON)
def test_what_json_ld_allows_is_read(tmp_path: Path, case: str) -> None:
    document, expected = JSON[case]
    assert facts(tmp_path / "a.jsonld", json.dumps(document)) == expected


BAD_JSON: dict[str, Any] = {
    "an id that is a number": {"@id": 1, P: "x"},
    "a type that is a number": {"@id": f"{E}a", "@type": 1},
    "a language that is a number": {"@id": f"{E}a", P: {"@value": "x", "@language": 1}},
    "a value that is an object": {"@id": f"{E}a", P: {"@value": {"a": 1}}},
    "a value with an id": {"@id": f"{E}a", P: {"@value": "x", "@id": f"{E}b"}},
    "a keyword given a meaning": {"@context": {"@id": {"@id": f"{E}x"}}, "@id": f"{E}a", P: "x"},
    "a context that is a number": {"@context": 1, "@id": f"{E}a", P: "x"},
    "a context that goes in circles": {"@context": {"a": "b:c", "b": "a:c"}, "a": "x"},
    "a type and a language": {"@id": f"{E}a", P: {"@value": "x", "@language": "en", "@type": f"{E}t"}},
    "a list and a set": {"@id": f"{E}a", P: {"@list": [1], "@set": [2]}},
    "a text as reverse value": {"@id": f"{E}a", "@reverse": {P: "x"}},
    "an index that is a number": {"@id": f"{E}a", "@index": 1, P: "x"},
    "a context on the web": {"@context": "http://127.0.0.1:9/x", "@id": f"{E}a", P: "x"},
}


@pytest.mark.parametrize("case", BAD_JSON)
def test_what_is_no_json_ld_is_refused(tmp_path: Path, case: str) -> None:
    refused(tmp_path / "a.jsonld", json.dumps(BAD_JSON[case]))


@pytest.mark.parametrize(
    "text", ["", "{", '{"@id": "http://e/a",}', '{"@id": "http://e/a"} x', "[1, 2", "nothing"]
)
def test_what_is_no_json_is_refused(tmp_path: Path, text: str) -> None:
    refused(tmp_path / "a.jsonld", text)


# TriG and N-Quads -----------------------------------------------------------------------------------

FACT = "<http://e/a> <http://e/p> <http://e/b>"
ABP = ("e:a", "e:p", "e:b")
TRIG = {
    "a named graph": (f"<http://e/g> {{ {FACT} }}", {(*ABP, "e:g")}),
    "a full stop inside": (f"<http://e/g> {{ {FACT} . }}", {(*ABP, "e:g")}),
    "GRAPH": (f"GRAPH <http://e/g> {{ {FACT} }}", {(*ABP, "e:g")}),
    "the default graph in brackets": (f"{{ {FACT} }}", {ABP}),
    "the default graph": (f"{FACT} .", {ABP}),
    "a blank graph": (f"_:g {{ {FACT} }}", {(*ABP, "_")}),
    "a graph without a name": (f"[] {{ {FACT} }}", {(*ABP, "_")}),
    "an empty graph": (f"<http://e/g> {{ }} {FACT} .", {ABP}),
    "a graph twice": (f"<http://e/g> {{ {FACT} }} <http://e/g> {{ {FACT} }}", {(*ABP, "e:g")}),
    "a prefix between graphs": (
        f"<http://e/g> {{ {FACT} }} @prefix e: <http://e/> . e:h {{ e:a e:p e:b }}",
        {(*ABP, "e:g"), (*ABP, "e:h")},
    ),
    "a statement about a fact of another graph": (
        f"<http://e/g> {{ {FACT} }} <http://e/h> {{ << {FACT} ~ _:r >> <http://e/q> <http://e/c> }}",
        {
            (*ABP, "e:g"),
            ("e:a", "e:p~statement", "_", "e:h"),
            ("_", "rdf:object", "e:b", "e:h"),
            ("_", "e:q", "e:c", "e:h"),
        },
    ),
}


@pytest.mark.parametrize("case", TRIG)
def test_what_trig_allows_is_read(tmp_path: Path, case: str) -> None:
    content, expected = TRIG[case]
    assert facts(tmp_path / "a.trig", content) == expected


def test_graphs_without_a_name_are_sources_of_their_own(tmp_path: Path) -> None:
    found = []
    for name in ("a.trig", "b.trig"):
        path = tmp_path / name
        path.write_text(f"_:g {{ {FACT} }} [] {{ {FACT} }} [] {{ {FACT} }} _:g <http://e/p> _:g .", "utf-8")
        said = list(read(path))
        found.append({one.source for one in said if isinstance(one, Quad)})
        assert {one.head for one in said if isinstance(one, Triple)} < found[-1]
        assert found[-1] == {one.source for one in read(path) if isinstance(one, Quad)}
    assert list(map(len, found)) == [3, 3]
    assert not found[0] & found[1]


BAD_TRIG = {
    "a graph in a graph": f"<http://e/g> {{ <http://e/h> {{ {FACT} }} }}",
    "GRAPH without a name": f"GRAPH {{ {FACT} }}",
    "a literal as a name": f'"g" {{ {FACT} }}',
    "a list as a name": f"(1) {{ {FACT} }}",
    "a bracket that is not closed": f"<http://e/g> {{ {FACT}",
    "a prefix in a graph": "<http://e/g> { @prefix x: <urn:x> . }",
    "a full stop after a graph": f"<http://e/g> {{ {FACT} }} .",
    "an equals sign": f"<http://e/g> = {{ {FACT} }}",
}


@pytest.mark.parametrize("case", BAD_TRIG)
def test_what_is_no_trig_is_refused_with_its_line(tmp_path: Path, case: str) -> None:
    assert refused(tmp_path / "a.trig", f"\n{BAD_TRIG[case]}\n").line in (2, 3)


def test_quads_are_read_with_and_without_a_graph(tmp_path: Path) -> None:
    content = (
        f"{FACT} .\n{FACT} <http://e/g> .\n{FACT} _:g .\n{FACT.replace('b>', 'c>')} <http://e/h> . # x\n"
    )
    expected = {ABP, (*ABP, "e:g"), (*ABP, "_"), ("e:a", "e:p", "e:c", "e:h")}
    assert facts(tmp_path / "a.nq", content) == expected


@pytest.mark.parametrize(
    "line", [f"{FACT} <http://e/g> <http://e/h> .", f'{FACT} "g" .', f"{FACT} <g> .", f"{FACT} <http://e/g>"]
)
def test_what_is_no_quad_is_a_bad_line(tmp_path: Path, line: str) -> None:
    path = tmp_path / "a.nq"
    path.write_text(f"{FACT} .\n{line}\n", "utf-8")
    with pytest.raises(ParseError) as raised:
        list(read(path))
    assert raised.value.line == 2


# RDF-star -------------------------------------------------------------------------------------------

STAR = {
    "an annotation": f"{FACT} {{| <http://e/q> 1 |}} .",
    "two annotations in one": f"{FACT} {{| <http://e/q> 1 ; <http://e/r> 2 |}} .",
    "a named annotation": f"{FACT} ~ <http://e/n> {{| <http://e/q> 1 |}} .",
    "a statement as a subject": f"<< {FACT} >> <http://e/q> 1 . {FACT} .",
    "a named statement as a subject": f"<< {FACT} ~ <http://e/n> >> <http://e/q> 1 . {FACT} .",
    "a reifier of its own": f"{FACT} . _:r <{RDF}reifies> <<( {FACT} )>> ; <http://e/q> 1 .",
}


@pytest.mark.parametrize("name", ["a.ttl", "a.trig"])
@pytest.mark.parametrize("case", STAR)
def test_what_is_said_about_facts_is_read(tmp_path: Path, case: str, name: str) -> None:
    report = SkipReport()
    found = facts(tmp_path / name, STAR[case], report)
    assert {("e:a", "e:p", "e:b"), ("e:a", "e:p~statement", "_"), ("_", "rdf:object", "e:b")} <= found
    assert ("_", "e:q", '"1"^^<xsd:integer>') in found
    assert report.notes == []


@pytest.mark.parametrize("name", ["a.ttl", "a.trig"])
@pytest.mark.parametrize(
    "content",
    [
        f"<http://e/a> << {FACT} >> <http://e/b> .",
        "<< (1) <http://e/p> <http://e/b> >> <http://e/q> 1 .",
        f"<<( {FACT} )>> <http://e/q> 1 .",
        f"{FACT} {{| |}} .",
        f"{FACT} {{| <http://e/q> 1 .",
        "<http://e/a> {| <http://e/q> 1 |} <http://e/p> <http://e/b> .",
        '<< "a" <http://e/p> <http://e/b> >> <http://e/q> 1 .',
        f"<< {FACT} <http://e/q> 1 .",
        '<http://e/a> <http://e/p> "x"@ar--up .',
    ],
)
def test_what_is_no_statement_about_a_fact_is_refused(tmp_path: Path, content: str, name: str) -> None:
    assert refused(tmp_path / name, f"\n{content}\n").line in (2, 3)
