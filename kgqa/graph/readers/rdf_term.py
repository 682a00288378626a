"""Terms of RDF, as the libraries give them, and as the identifiers of nodes."""

from __future__ import annotations

from typing import Any, NamedTuple

from kgqa.graph.statement import NodeKind

__all__ = [
    "XSD_STRING",
    "Fact",
    "NoFactError",
    "SourcedFact",
    "Term",
    "literal_term",
    "oxigraph_fact",
    "oxigraph_source",
    "oxigraph_term",
    "rdflib_term",
]

XSD_STRING = "http://www.w3.org/2001/XMLSchema#string"
_ESCAPES = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\0": "\\u0000"})


class NoFactError(Exception):
    """A statement that cannot be stored as a triple."""


class Term(NamedTuple):
    """A term of RDF: its identifier, and of a literal its value and language."""

    identifier: str
    kind: NodeKind
    text: str = ""
    language: str = ""


Fact = tuple[Term, Term, Term]

SourcedFact = tuple[Fact, str]
"""A fact and the source that says it, empty for none: the identifier of its named graph."""


def oxigraph_term(term: Any) -> Term:
    """A term of pyoxigraph. Raises `NoFactError` for a triple (RDF-star)."""
    match type(term).__name__:
        case "NamedNode":
            return Term(term.value, NodeKind.RESOURCE)
        case "BlankNode":
            return Term(str(term), NodeKind.BLANK)
        case "Literal":
            return literal_term(term.value, term.datatype.value, term.language)
        case kind:
            raise NoFactError(f"a {kind} (RDF-star) cannot be part of a fact")


def oxigraph_fact(triple: Any) -> Fact:
    """The terms of a triple of pyoxigraph. Raises `NoFactError` for a triple in it (RDF-star)."""
    subject, predicate, value = map(oxigraph_term, (triple.subject, triple.predicate, triple.object))
    return subject, predicate, value


def oxigraph_source(graph_name: Any) -> str:
    """The identifier of a named graph of pyoxigraph; empty for the default graph."""
    return "" if type(graph_name).__name__ == "DefaultGraph" else oxigraph_term(graph_name).identifier


def rdflib_term(term: Any) -> Term:
    """A term of rdflib. Raises `NoFactError` for a quoted graph, a variable."""
    import rdflib

    if isinstance(term, rdflib.URIRef):
        return Term(str(term), NodeKind.RESOURCE)
    if isinstance(term, rdflib.BNode):
        return Term(f"_:{term}", NodeKind.BLANK)
    if isinstance(term, rdflib.Literal):
        return literal_term(str(term), str(term.datatype or XSD_STRING), term.language)
    raise NoFactError(f"a {type(term).__name__} cannot be part of a fact")


def literal_term(text: str, datatype: str, language: str | None) -> Term:
    """A literal, identified by its canonical N-Triples form, which both parsers agree on."""
    form = f'"{text.translate(_ESCAPES)}"'
    if language:
        form += f"@{language.lower()}"
    elif datatype != XSD_STRING:
        form += f"^^<{datatype}>"
    return Term(form, NodeKind.LITERAL, text, language or "")
