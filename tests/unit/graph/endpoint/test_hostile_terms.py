"""What endpoints and users say is one term in a query, or not in it: no text ends its quotes."""

from __future__ import annotations

from typing import Any

import pyoxigraph
import pytest
from lying_endpoint import Asked, lying

from kgqa.errors import UnknownEntityError, UsageError
from kgqa.graph import NodeKind
from kgqa.graph.endpoint import EndpointGraph, EndpointUsage
from kgqa.graph.endpoint.query_text import is_written, term_text
from kgqa.graph.readers.rdf_term import XSD_STRING, Term, literal_term

KENYA = "http://a/kenya"
FACTS = """
@prefix : <http://a/> . @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
:kenya rdfs:label "Kenya" ; :capital :nairobi . :nairobi rdfs:label "Nairobi" .
"""
TEXTS = [
    'a"b',
    "a\\",
    'a\\"b',
    "a\nb",
    "a\r\n",
    "a\tb\b\f",
    "<a>",
    "a' } UNION",
    "\\u0022",
    "Ünï 漢字 😀",
    "\x1b[31m\u202e",
]


@pytest.mark.parametrize("text", [*TEXTS, "a\0b"])
@pytest.mark.parametrize("language", [None, "en", "pt-BR"])
def test_a_literal_is_found_by_its_text(text: str, language: str | None) -> None:
    store = pyoxigraph.Store()
    value = pyoxigraph.Literal(text, language=language)
    store.add(pyoxigraph.Quad(pyoxigraph.NamedNode(KENYA), pyoxigraph.NamedNode("http://a/says"), value))
    term = literal_term(text, XSD_STRING, language)
    assert is_written(term)
    if "\0" not in text:  # pyoxigraph reads the escape of NUL, but prints another term
        assert len(list(store.query(f"SELECT ?s WHERE {{ ?s ?p {term_text(term)} }}"))) == 1  # type: ignore[arg-type]


def uri(text: str) -> dict[str, str]:
    return {"type": "uri", "value": text}


@pytest.mark.parametrize(
    ("said", "is_kept"),
    [
        *[(uri(f"http://a/x{text}"), True) for text in TEXTS],
        *[({"type": "literal", "value": text}, True) for text in [*TEXTS, "a\0b"]],
        (uri("no iri"), True),
        ({"type": "literal", "value": "x", "datatype": "http://d> } UNION { ?s ?p ?o"}, True),
        ({"type": "literal", "value": "x", "datatype": 'http://d"^^<http://d'}, True),
        ({"type": "literal", "value": "x", "xml:lang": "en } UNION { ?s ?p ?o"}, True),
        ({"type": "literal", "value": "x", "xml:lang": "\u212a"}, True),
        ({"type": "bnode", "value": "nodeID://x> } UNION { ?s ?p ?o"}, True),
        (uri(""), False),
        (uri(" "), False),
        (uri("http://a/\ud800"), False),
        (uri("http://a/x\0y"), False),
        ({"type": "literal", "value": "\ud800"}, False),
        ({"type": "triple", "value": {"subject": uri("http://a/x")}}, False),
    ],
)
def test_a_hostile_term_breaks_no_query(said: dict[str, Any], is_kept: bool) -> None:
    def lie(asked: Asked) -> None:
        def counted(rows: list[Any]) -> list[Any]:
            for row in rows:
                if row["n"]["value"] == KENYA:
                    row["c"]["value"] = "3"
            return rows

        if asked.query.startswith("SELECT ?n (COUNT"):
            asked.send(body=asked.with_rows(counted))
        elif asked.query.startswith("SELECT ?n ?p ?o ?s"):
            odd = {"n": uri(KENYA), "p": uri("http://a/odd"), "o": said}
            asked.send(body=asked.with_rows(lambda rows: [*rows, odd]))
        else:
            asked.send()

    with lying(FACTS, lie) as server:
        usage = EndpointUsage()
        graph = EndpointGraph.at(server.url).around([KENYA], 2, usage)
    assert (KENYA, "http://a/capital", "http://a/nairobi") in graph
    assert any(relation == "http://a/odd" for _, relation, _ in graph) is is_kept
    left_out = "The endpoint gave terms that no graph can hold, such as triples; they were left out."
    assert (left_out in usage.partial) is not is_kept
    if (
        said["type"] == "uri"
        and said["value"].strip()
        and not is_written(Term(said["value"], NodeKind.RESOURCE))
    ):
        assert not is_kept or "Nodes whose IRI is not valid were not looked at" in usage.partial[0]


@pytest.mark.parametrize(
    "name", [*TEXTS, "a\0b", "\udcff", "http://a/\udcff", "http://a/> } UNION { ?s ?p ?o"]
)
def test_a_hostile_name_of_a_user_is_only_not_found(name: str) -> None:
    with lying(FACTS) as server:
        part = EndpointGraph.at(server.url).part()
        assert part.named(f"What is the capital of {name}?").find("Kenya")
        with pytest.raises(UnknownEntityError, match="no such label"):
            part.resolve([name])


@pytest.mark.parametrize("graph", ["films", "http://a/b c", "http://a/\udcff"])
def test_the_name_of_a_graph_is_an_iri(graph: str) -> None:
    with pytest.raises(UsageError, match="the name of a graph at an endpoint is an IRI"):
        EndpointGraph.at("http://127.0.0.1:9/sparql", named_graphs=[graph])


@pytest.mark.parametrize("language", ['en"', "en } UNION", "e n"])
def test_a_language_is_a_tag(language: str) -> None:
    with pytest.raises(UsageError, match="a language is a tag such as en"):
        EndpointGraph.at("http://127.0.0.1:9/sparql", languages=[language])
