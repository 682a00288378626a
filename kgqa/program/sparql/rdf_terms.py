"""A graph as RDF: the terms of its nodes and relations, and all of it as quads."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple, Self
from urllib.parse import quote

import numpy as np

from kgqa.graph import IndexedGraph, NodeKind, ValueKind, ValueTable
from kgqa.graph.values.date import read_date

if TYPE_CHECKING:
    import pyoxigraph

__all__ = ["KGQA", "RDFS_LABEL", "SKOS_ALT_LABEL", "VALUE", "XSD", "LiteralTerm", "RdfTerms", "to_quads"]

KGQA = "urn:kgqa:"
"""The start of the IRIs of what has none of its own; the percent-encoded identifier follows."""
VALUE = KGQA + "value"
"""From a cell of an untyped table to what it means, as a typed literal."""
RDFS_LABEL = "http://www.w3.org/2000/01/rdf-schema#label"
SKOS_ALT_LABEL = "http://www.w3.org/2004/02/skos/core#altLabel"
XSD = "http://www.w3.org/2001/XMLSchema#"

_IRI = re.compile(
    r"[A-Za-z][A-Za-z0-9+.-]*:(?://[A-Za-z0-9.-]+(?::[0-9]+)?(?=[/?#]|$))?"
    r"(?!//)(?:[A-Za-z0-9._~:/?@!$&'()*+,;=\u00c0-\u02ff\u0370-\u167f\u2c00-\ud7ff-]|%[0-9A-Fa-f]{2})*"
    r"(?:#(?:[A-Za-z0-9._~:/?@!$&'()*+,;=\u00c0-\u02ff\u0370-\u167f\u2c00-\ud7ff-]|%[0-9A-Fa-f]{2})*)?"
)
_LITERAL = re.compile(r'"(.*)"(?:@([A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*)|\^\^<([^<>]+)>)?', re.DOTALL)
_ESCAPE = re.compile(r'\\(u0000|[\\"nr])')
_ESCAPED = {"n": "\n", "r": "\r", "u0000": "\0"}
_FORMS = {1: "gYear", 2: "gYearMonth", 3: "date", 4: "dateTime"}
_ERA = re.compile(r"(?:AD )?([0-9]{1,4}) ?(BCE?|CE|AD)?")


class LiteralTerm(NamedTuple):
    """A literal of RDF: its text, and the IRI of its datatype or its language where it has one."""

    text: str
    datatype: str = ""
    language: str = ""


class RdfTerms:
    """The RDF terms of the nodes and relations of a graph, by their numbers.

    IRIs and literals stay what they are. Any other identifier, also that of a blank node and of a literal
    that is the head of a fact, becomes an IRI: `urn:kgqa:` and the identifier, percent-encoded.
    """

    def __init__(self, graph: IndexedGraph) -> None:
        self.graph = graph

    @classmethod
    def of(cls, graph: IndexedGraph) -> Self:
        """The terms of a graph, kept with it."""
        return graph.derive(cls)

    def node(self, number: int) -> str | LiteralTerm:
        """The IRI or the literal of a node."""
        identifier = self.graph.entity(number)
        if self.graph.kinds[number] == NodeKind.LITERAL and not self.graph.outward.degree(number):
            literal = literal_of(identifier)
            if literal is not None:
                return literal
        return iri_of(identifier)

    def relation(self, number: int) -> str:
        """The IRI of a relation."""
        return iri_of(self.graph.relation(number))


def iri_of(identifier: str) -> str:
    """The IRI of an identifier.

    >>> iri_of("http://example.org/Paris"), iri_of("New York")
    ('http://example.org/Paris', 'urn:kgqa:New%20York')
    """
    if _IRI.fullmatch(identifier) and not identifier.lower().startswith(KGQA):
        return identifier
    return KGQA + quote(identifier, safe="")


def literal_of(identifier: str) -> LiteralTerm | None:
    """The literal that an identifier in the form of N-Triples stands for; None for other texts.

    >>> literal_of('"Paris"@en'), literal_of("Paris")
    (LiteralTerm(text='Paris', datatype='', language='en'), None)
    """
    found = _LITERAL.fullmatch(identifier)
    if found is None or (found[3] and not _IRI.fullmatch(found[3])):
        return None
    text = _ESCAPE.sub(lambda escape: _ESCAPED.get(escape[1], escape[1]), found[1])
    return LiteralTerm(text, found[3] or "", found[2] or "")


def to_quads(graph: IndexedGraph) -> Iterator[pyoxigraph.Quad]:
    """A graph as RDF, so that any graph can be loaded into a SPARQL endpoint and asked `to_sparql`.

    Facts have the terms of `RdfTerms`. Names are written as `rdfs:label`, aliases as `skos:altLabel`. What
    the cells of an untyped table mean is written as facts of their own (`urn:kgqa:value`).

    >>> from kgqa.graph import GraphBuilder
    >>> print(*to_quads(GraphBuilder.of([("Kismet", "directed_by", "William Dieterle")])), sep="\\n")
    <urn:kgqa:Kismet> <urn:kgqa:directed_by> <urn:kgqa:William%20Dieterle>
    <urn:kgqa:Kismet> <http://www.w3.org/2000/01/rdf-schema#label> "Kismet"
    <urn:kgqa:William%20Dieterle> <http://www.w3.org/2000/01/rdf-schema#label> "William Dieterle"
    """
    from pyoxigraph import Literal, NamedNode, Quad

    def of(term: str | LiteralTerm) -> NamedNode | Literal:
        if isinstance(term, str):
            return NamedNode(term)
        if term.language:
            return Literal(term.text, language=term.language)
        return Literal(term.text, datatype=NamedNode(term.datatype)) if term.datatype else Literal(term.text)

    terms = RdfTerms.of(graph)
    nodes = [of(terms.node(number)) for number in range(graph.entity_count)]
    relations = [NamedNode(terms.relation(number)) for number in range(graph.relation_count)]
    label, alias, value = NamedNode(RDFS_LABEL), NamedNode(SKOS_ALT_LABEL), NamedNode(VALUE)
    for head, node in enumerate(nodes):
        if isinstance(node, NamedNode):
            for relation, tail in zip(*graph.outward.row(head), strict=True):
                yield Quad(node, relations[relation], nodes[tail])
    for number, node in enumerate(nodes):
        entity = graph.entity(number)
        if isinstance(node, NamedNode) and entity in graph.entities:  # it has not lost its last fact
            if graph.labels[number]:
                yield Quad(node, label, Literal(graph.labels[number]))
            for text in graph.alias_texts(entity):
                yield Quad(node, alias, Literal(text))
    for number, literal in sorted(_cell_values(graph)):
        cell = nodes[number]
        if isinstance(cell, NamedNode):
            yield Quad(cell, value, of(literal))


def _cell_values(graph: IndexedGraph) -> set[tuple[int, LiteralTerm]]:
    """What the cells of all columns mean."""
    values = ValueTable.of(graph)
    found: set[tuple[int, LiteralTerm]] = set()
    for relation in values.comparable_relations.tolist():
        if not values.is_column(relation):
            continue
        facts = values.by_value(relation)
        tails, first = np.unique(facts.tails, return_index=True)
        kind = values.relation_kind(relation)
        for tail, low in zip(tails.tolist(), facts.low[first].tolist(), strict=True):
            literal = _cell_literal(graph.labels[tail].strip(), kind, low)
            if literal is not None:
                found.add((tail, literal))
    return found


def _cell_literal(text: str, kind: ValueKind, low: float) -> LiteralTerm | None:
    match kind:
        case ValueKind.NUMBER:
            return LiteralTerm(repr(low), XSD + "double")
        case ValueKind.BOOLEAN:
            return LiteralTerm("true" if low else "false", XSD + "boolean")
        case ValueKind.DURATION:
            return LiteralTerm(text, XSD + "duration")
    if era := _ERA.fullmatch(text):
        year = 1 - int(era[1]) if (era[2] or "").startswith("B") else int(era[1])
        text = f"{'-' * (year < 0)}{abs(year):04}"
    if len(text) > 10 and text[10] == " ":
        text = f"{text[:10]}T{text[11:]}"
    reading = read_date(text)
    return None if reading is None else LiteralTerm(text, XSD + _FORMS[reading[0]])
