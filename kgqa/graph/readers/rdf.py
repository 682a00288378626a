"""RDF: what its facts say, and which of them are names."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kgqa.errors import StatementError, check_names
from kgqa.graph.builder import GraphBuilder, local_name
from kgqa.graph.indexed_graph import IndexedGraph
from kgqa.graph.readers.rdf_parser import RDF_SYNTAXES, parse_rdf
from kgqa.graph.readers.rdf_star import STATEMENT
from kgqa.graph.readers.rdf_term import Fact, NoFactError, Term, rdflib_term
from kgqa.graph.readers.skip_report import SkipReport
from kgqa.graph.readers.wikidata import wikibase_facts
from kgqa.graph.readers.wikidata.labels import ANY_LANGUAGE
from kgqa.graph.statement import Name, Node, NodeKind, RelationName, Statement, Triple

if TYPE_CHECKING:
    import rdflib

__all__ = ["LABELS", "RDF_SYNTAXES", "fact_statements", "read_rdf", "read_rdflib"]

RDFS_LABEL = "http://www.w3.org/2000/01/rdf-schema#label"
SKOS = "http://www.w3.org/2004/02/skos/core#"
LABELS = {RDFS_LABEL: False, SKOS + "prefLabel": False, SKOS + "altLabel": True}
"""The predicates of names, and whether these are aliases."""


def read_rdf(
    path: Path, syntax: str, report: SkipReport, languages: Sequence[str] = ("en",)
) -> Iterator[Statement]:
    """The facts and names of an RDF file; `syntax` is one of `RDF_SYNTAXES`.

    `rdfs:label` and `skos:prefLabel` are labels, `skos:altLabel` aliases; none of them is a fact.
    The name is the label in the first of `languages` that has one, else a label without a language, else
    any label; the other labels are aliases. Each literal is a node whose name is its value. Blank nodes of
    different files are different nodes. Graph names of quads are dropped. What a file says about its own
    facts (RDF-star) is about a mediator, see `rdf_star`. Wikidata is read as `wikibase_facts` says.

    Bad lines of line-based files go to the report; a syntax error elsewhere raises `ParseError`, as do XML
    entities that expand to too much.
    """
    facts = wikibase_facts(parse_rdf(path, syntax, report), path, report, languages)
    return fact_statements(facts, languages)


def read_rdflib(graph: rdflib.Graph, languages: Sequence[str] = ("en",)) -> IndexedGraph:
    """The graph of an rdflib graph or dataset; names, literals and blank nodes as in RDF files.

    Blank nodes keep the identifiers that rdflib gave them. Raises `StatementError` for what no triple can
    hold, such as a quoted graph.

    >>> from rdflib import Graph
    >>> graph = read_rdflib(Graph().parse(data='<urn:film> <urn:by> "Dieterle" .', format="turtle"))
    >>> [(hop.relation, graph.label(hop.entity)) for hop in graph.hops("urn:film")]
    [('urn:by', 'Dieterle')]
    """
    check_names(languages, "languages")
    try:
        facts = [
            (rdflib_term(subject), rdflib_term(predicate), rdflib_term(value))
            for subject, predicate, value, *_ in _rdflib_triples(graph)
        ]
    except NoFactError as error:
        raise StatementError(str(error)) from error
    return GraphBuilder.of(fact_statements(facts, languages))


def _rdflib_triples(graph: rdflib.Graph) -> Iterable[tuple[Any, ...]]:
    import rdflib

    return graph.quads() if isinstance(graph, rdflib.ConjunctiveGraph | rdflib.Dataset) else graph


def fact_statements(facts: Iterable[Fact], languages: Sequence[str]) -> Iterator[Statement]:
    """What facts of RDF say: triples, the kinds of nodes, then names; see `read_rdf`."""
    names: dict[str, list[tuple[bool, Term]]] = {}
    relations: dict[str, None] = {}
    kinds: dict[str, Term] = {}
    for subject, predicate, value in facts:
        if predicate.identifier in LABELS and value.kind is NodeKind.LITERAL:
            alias = LABELS[predicate.identifier]
            names.setdefault(subject.identifier, []).append((alias, value))
            if subject.kind is not NodeKind.RESOURCE:
                kinds[subject.identifier] = subject
            continue
        for term in (subject, value):
            if term.kind is not NodeKind.RESOURCE and term.identifier not in kinds:
                kinds[term.identifier] = term
                yield from _node(term)
        relations[predicate.identifier] = None
        yield Triple(subject.identifier, predicate.identifier, value.identifier)
    yield from _names(names, relations, kinds, languages)


def _node(term: Term) -> Iterator[Statement]:
    yield Node(term.identifier, term.kind)
    if term.kind is NodeKind.LITERAL:
        yield Name(term.identifier, term.text)


def _names(
    names: dict[str, list[tuple[bool, Term]]],
    relations: dict[str, None],
    kinds: dict[str, Term],
    languages: Sequence[str],
) -> Iterator[Statement]:
    """The names of entities and relations; a subject that is also a predicate is a relation."""
    for relation in relations:
        if relation.endswith(STATEMENT):
            plain = relation.removesuffix(STATEMENT)
            ranked = _ranked(names.get(plain, []), languages)
            label = ranked[0][1].text if ranked else local_name(plain)
            yield RelationName(relation, f"{label} (statement)")
    for subject, found in names.items():
        ranked = _ranked(found, languages)
        if subject in relations:
            yield RelationName(subject, ranked[0][1].text)
            continue
        if subject in kinds:
            yield Node(subject, kinds[subject].kind)
        for place, (_, term) in enumerate(ranked):
            yield Name(subject, term.text, alias=place > 0)


def _ranked(found: list[tuple[bool, Term]], languages: Sequence[str]) -> list[tuple[bool, Term]]:
    return sorted(found, key=lambda pair: (pair[0], _preference(pair[1], languages)))


def _preference(term: Term, languages: Sequence[str]) -> tuple[int, str, str]:
    tag = term.language.lower()
    for rank, wanted in enumerate(languages):
        if tag == wanted.lower() or tag.startswith(wanted.lower() + "-"):
            return rank, tag, term.text
    if tag == ANY_LANGUAGE:
        return len(languages), "", term.text
    return len(languages) + bool(tag), tag, term.text
