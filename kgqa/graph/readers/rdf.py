"""RDF: what its facts say, and which of them are names."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kgqa.errors import StatementError, check_names
from kgqa.graph.builder import GraphBuilder
from kgqa.graph.indexed_graph import IndexedGraph
from kgqa.graph.naming import local_name
from kgqa.graph.readers.mediator import STATEMENT, statement_label
from kgqa.graph.readers.names import NAME_RELATIONS, HeldNames, NameRelations
from kgqa.graph.readers.rdf_parser import RDF_SYNTAXES, parse_rdf
from kgqa.graph.readers.rdf_term import Fact, NoFactError, SourcedFact, Term, rdflib_term
from kgqa.graph.readers.skip_report import SkipReport
from kgqa.graph.readers.wikidata import wikibase_facts
from kgqa.graph.statement import Name, Node, NodeKind, Quad, RelationName, Statement, Triple

if TYPE_CHECKING:
    import rdflib

__all__ = [
    "LABELS",
    "RDF_SYNTAXES",
    "fact_statements",
    "read_rdf",
    "read_rdflib",
    "sourced_statements",
]

LABELS = NAME_RELATIONS.ranks
"""The predicates of names."""
MOST_DESCRIBED = 2**18
"""Literals and blank nodes that are remembered to be described."""


def read_rdf(
    path: Path,
    syntax: str,
    report: SkipReport,
    languages: Sequence[str] = ("en",),
    names: NameRelations = NAME_RELATIONS,
) -> Iterator[Statement]:
    """The facts and names of an RDF file; `syntax` is one of `RDF_SYNTAXES`.

    Texts of the relations in `names` (`rdfs:label`, `skos:altLabel`, ...) are labels and aliases; none of
    them is a fact. The name is the label in the first of `languages` that has one, else a label without a
    language, else any label; the other labels are aliases. Each literal is a node whose name is its
    value. Blank nodes of different files are different nodes. Named graphs are the sources of facts. What a
    file says about its own facts (RDF-star) is about a mediator, see `rdf_star`. Wikidata is read as
    `wikibase_facts` says.

    Bad lines of line-based files go to the report; a syntax error elsewhere raises `ParseError`, as do XML
    entities that expand to too much.
    """
    facts = wikibase_facts(parse_rdf(path, syntax, report), path, report, languages)
    return sourced_statements(facts, languages, names)


def read_rdflib(graph: rdflib.Graph, languages: Sequence[str] = ("en",)) -> IndexedGraph:
    """The graph of an rdflib graph or dataset; names, literals, blank nodes and named graphs as in RDF files.

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
            ((rdflib_term(subject), rdflib_term(predicate), rdflib_term(value)), source)
            for subject, predicate, value, source in _rdflib_quads(graph)
        ]
    except NoFactError as error:
        raise StatementError(str(error)) from error
    return GraphBuilder.of(sourced_statements(facts, languages))


def _rdflib_quads(graph: rdflib.Graph) -> Iterator[tuple[Any, ...]]:
    """Triples with their named graph; empty for the default graph."""
    import rdflib
    from rdflib.graph import DATASET_DEFAULT_GRAPH_ID

    if not isinstance(graph, rdflib.ConjunctiveGraph | rdflib.Dataset):
        yield from ((*triple, "") for triple in graph)
        return
    is_dataset = isinstance(graph, rdflib.Dataset)
    unnamed = DATASET_DEFAULT_GRAPH_ID if is_dataset else graph.default_context.identifier
    for subject, predicate, value, context in graph.quads():
        name = context.identifier if isinstance(context, rdflib.Graph) else context
        yield subject, predicate, value, "" if name in (None, unnamed) else rdflib_term(name).identifier


def fact_statements(
    facts: Iterable[Fact], languages: Sequence[str], names: NameRelations = NAME_RELATIONS
) -> Iterator[Statement]:
    """What facts of RDF without sources say; see `sourced_statements`."""
    return sourced_statements(((fact, "") for fact in facts), languages, names)


def sourced_statements(
    facts: Iterable[SourcedFact], languages: Sequence[str], names: NameRelations = NAME_RELATIONS
) -> Iterator[Statement]:
    """What facts of RDF say: triples, quads, the kinds of nodes, names; see `read_rdf`.

    What is kept does not grow with the number of facts.
    """
    held = HeldNames(languages, names)
    relations: dict[str, None] = {}
    described: set[str] = set()
    for (subject, predicate, value), source in facts:
        if predicate.identifier in names.ranks and value.kind is NodeKind.LITERAL:
            held.add(subject, predicate.identifier, value)
            if held.are_many:
                yield from held.give_out(relations)
            continue
        for term in (subject, value):
            if term.kind is not NodeKind.RESOURCE and term.identifier not in described:
                if len(described) == MOST_DESCRIBED:
                    described.clear()  # what is said twice does no harm
                described.add(term.identifier)
                yield from _node(term)
        relations[predicate.identifier] = None
        fact = subject.identifier, predicate.identifier, value.identifier
        yield Quad(*fact, source) if source else Triple(*fact)
    yield from held.give_out(relations, everything=True)
    for relation in relations:
        if relation.endswith(STATEMENT):
            plain = relation.removesuffix(STATEMENT)
            label = held.of_relations.get(plain) or local_name(plain)
            yield RelationName(relation, statement_label(label))


def _node(term: Term) -> Iterator[Statement]:
    yield Node(term.identifier, term.kind)
    if term.kind is NodeKind.LITERAL:
        yield Name(term.identifier, term.text)
