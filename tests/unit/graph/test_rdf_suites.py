"""Cases of the kinds in the W3C's suites for RDF/XML and JSON-LD, written anew.

`test_rdf_strictness.py` has those of Turtle and N-Triples, `test_quad_suites.py` those of TriG, N-Quads and
RDF-star. What is valid is compared with what it says.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from unit.graph.rdf_cases import RDF, XSD, E, facts, refused

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
