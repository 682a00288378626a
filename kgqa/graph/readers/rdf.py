"""RDF: N-Triples, N-Quads, Turtle, TriG, RDF/XML.

N-Triples and N-Quads are read line by line. Other formats are parsed by pyoxigraph, which is many times
faster than rdflib. If pyoxigraph fails, rdflib parses the file again, for two reasons: pyoxigraph refuses
prefixed names with several dots, such as most relations of Freebase, and rdflib reports the line of an error.
"""

from __future__ import annotations

import hashlib
import logging
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from kgqa.errors import ParseError, StatementError, check_names
from kgqa.graph.builder import GraphBuilder
from kgqa.graph.indexed_graph import IndexedGraph
from kgqa.graph.readers.lines import open_bytes, read_lines
from kgqa.graph.readers.skip_report import SkipReport
from kgqa.graph.readers.xml_entities import check_entities
from kgqa.graph.statement import Name, Node, NodeKind, RelationName, Statement, Triple

if TYPE_CHECKING:
    import rdflib

__all__ = ["RDF_SYNTAXES", "read_rdf", "read_rdflib"]

RDF_SYNTAXES = {
    "ntriples": "N_TRIPLES",
    "nquads": "N_QUADS",
    "turtle": "TURTLE",
    "trig": "TRIG",
    "rdfxml": "RDF_XML",
}
"""The names of the formats here and in pyoxigraph."""

_LINE_BASED = ("ntriples", "nquads")
_RDFLIB = {"turtle": "turtle", "trig": "trig", "rdfxml": "xml"}

RDFS_LABEL = "http://www.w3.org/2000/01/rdf-schema#label"
SKOS = "http://www.w3.org/2004/02/skos/core#"
XSD_STRING = "http://www.w3.org/2001/XMLSchema#string"
_ESCAPES = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\0": "\\u0000"})
LABELS = {RDFS_LABEL: False, SKOS + "prefLabel": False, SKOS + "altLabel": True}
"""The predicates of names, and whether these are aliases."""


class Term(NamedTuple):
    """A term of RDF: its identifier, and of a literal its value and language."""

    identifier: str
    kind: NodeKind
    text: str = ""
    language: str = ""


Fact = tuple[Term, Term, Term]


def read_rdf(
    path: Path, syntax: str, report: SkipReport, languages: Sequence[str] = ("en",)
) -> Iterator[Statement]:
    """The facts and names of an RDF file; `syntax` is one of `RDF_SYNTAXES`.

    `rdfs:label` and `skos:prefLabel` are labels, `skos:altLabel` aliases; none of them is a fact.
    The name is the label in the first of `languages` that has one, else a label without a language, else
    any label; the other labels are aliases. Each literal is a node whose name is its value. Blank nodes of
    different files are different nodes. Graph names of quads are dropped.

    Bad lines of line-based files go to the report; a syntax error elsewhere raises `ParseError`, as do XML
    entities that expand to too much.
    """
    return _statements(_facts(path, syntax, report), languages)


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
            (_rdflib_term(subject), _rdflib_term(predicate), _rdflib_term(value))
            for subject, predicate, value, *_ in _rdflib_triples(graph)
        ]
    except _NoFact as error:
        raise StatementError(str(error)) from error
    return GraphBuilder.of(_statements(facts, languages))


def _rdflib_triples(graph: rdflib.Graph) -> Iterable[tuple[Any, ...]]:
    import rdflib

    return graph.quads() if isinstance(graph, rdflib.ConjunctiveGraph | rdflib.Dataset) else graph


def _statements(facts: Iterable[Fact], languages: Sequence[str]) -> Iterator[Statement]:
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
    for subject, found in names.items():
        ranked = sorted(found, key=lambda pair: (pair[0], _preference(pair[1], languages)))
        if subject in relations:
            yield RelationName(subject, ranked[0][1].text)
            continue
        if subject in kinds:
            yield Node(subject, kinds[subject].kind)
        for place, (_, term) in enumerate(ranked):
            yield Name(subject, term.text, alias=place > 0)


def _preference(term: Term, languages: Sequence[str]) -> tuple[int, str, str]:
    tag = term.language.lower()
    for rank, wanted in enumerate(languages):
        if tag == wanted.lower() or tag.startswith(wanted.lower() + "-"):
            return rank, tag, term.text
    return len(languages) + bool(tag), tag, term.text


def _facts(path: Path, syntax: str, report: SkipReport) -> Iterator[Fact]:
    import pyoxigraph

    form = getattr(pyoxigraph.RdfFormat, RDF_SYNTAXES[syntax])
    if syntax in _LINE_BASED:
        for number, line in read_lines(path):
            try:
                yield from [
                    _fact(path, *map(_oxigraph_term, quad.triple))
                    for quad in pyoxigraph.parse(line, format=form)
                ]
            except Exception as error:  # pyoxigraph does not say which errors it raises
                report.add(path, number, f"not {syntax} ({_reason(error)})")
        return
    with open_bytes(path) as stream:
        content = stream.read()
    if syntax == "rdfxml":
        check_entities(content, path)
    base = path.absolute().as_uri()
    try:
        quads = list(pyoxigraph.parse(content, format=form, base_iri=base))
    except Exception:  # whatever pyoxigraph raises, rdflib says where the error is
        facts = _rdflib_facts(path, content, syntax, base)
    else:
        facts = (tuple(map(_oxigraph_term, quad.triple)) for quad in quads)
    blanks: dict[str, str] = {}
    try:
        for terms in facts:
            yield _fact(path, *(_numbered(term, blanks) for term in terms))
    except (_NoFact, ValueError, TypeError) as error:
        raise ParseError(path, 0, str(error)) from error


class _NoFact(Exception):
    """A statement that cannot be stored as a triple."""


def _numbered(term: Term, blanks: dict[str, str]) -> Term:
    """Number blank nodes by their order in the file: parsers give them random names."""
    if term.kind is not NodeKind.BLANK:
        return term
    return term._replace(identifier=blanks.setdefault(term.identifier, f"_:b{len(blanks)}"))


def _rdflib_facts(path: Path, content: bytes, syntax: str, base: str) -> Iterator[tuple[Term, ...]]:
    import rdflib

    dataset = rdflib.Dataset(default_union=True)
    try:
        text = content.decode("utf-8-sig") if syntax != "rdfxml" else content
        with _literals_as_written():
            dataset.parse(data=text, format=_RDFLIB[syntax], publicID=base)
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise ParseError(path, line, "not UTF-8") from error
    except Exception as error:  # each of rdflib's parsers has errors of its own, without a common base
        raise ParseError(path, _line_of(error), f"not {syntax} ({_reason(error)})") from error
    for subject, predicate, value, _ in dataset.quads():
        yield tuple(map(_rdflib_term, (subject, predicate, value)))


@contextmanager
def _literals_as_written() -> Iterator[None]:
    """Keep rdflib from rewriting "01" as "1", and from warnings about invalid numbers."""
    import rdflib

    before, log = rdflib.NORMALIZE_LITERALS, logging.getLogger("rdflib.term")
    level = log.level
    rdflib.NORMALIZE_LITERALS = False
    log.setLevel(logging.ERROR)
    try:
        yield
    finally:
        rdflib.NORMALIZE_LITERALS = before
        log.setLevel(level)


def _fact(path: Path, *terms: Term) -> Fact:
    subject, predicate, value = (
        _apart(term, path) if term.kind is NodeKind.BLANK else term for term in terms
    )
    return subject, predicate, value


def _apart(blank: Term, path: Path) -> Term:
    """Make the identifiers of blank nodes unique to the file, even if two files have the same name."""
    place = f"{path.name}-{hashlib.sha256(str(path).encode()).hexdigest()[:8]}"
    return blank._replace(identifier=f"{blank.identifier}@{place}")


def _oxigraph_term(term: Any) -> Term:
    match type(term).__name__:
        case "NamedNode":
            return Term(term.value, NodeKind.RESOURCE)
        case "BlankNode":
            return Term(str(term), NodeKind.BLANK)
        case "Literal":
            return _literal(term.value, term.datatype.value, term.language)
        case kind:
            raise _NoFact(f"a {kind} (RDF-star) cannot be part of a fact")


def _rdflib_term(term: Any) -> Term:
    import rdflib

    if isinstance(term, rdflib.URIRef):
        return Term(str(term), NodeKind.RESOURCE)
    if isinstance(term, rdflib.BNode):
        return Term(f"_:{term}", NodeKind.BLANK)
    if isinstance(term, rdflib.Literal):
        return _literal(str(term), str(term.datatype or XSD_STRING), term.language)
    raise _NoFact(f"a {type(term).__name__} cannot be part of a fact")


def _literal(text: str, datatype: str, language: str | None) -> Term:
    """A literal, identified by its canonical N-Triples form, which both parsers agree on."""
    form = f'"{text.translate(_ESCAPES)}"'
    if language:
        form += f"@{language.lower()}"
    elif datatype != XSD_STRING:
        form += f"^^<{datatype}>"
    return Term(form, NodeKind.LITERAL, text, language or "")


def _line_of(error: Exception) -> int:
    """The line of a parser's error, 0 if the error has none."""
    line = getattr(error, "lines", None)
    if isinstance(line, int):
        return line + 1
    get = getattr(error, "getLineNumber", None)
    if get is not None:
        return int(get() or 0)
    named = re.search(r"\bline (\d+)|^[^: ]*:(\d+):\d+: ", str(error))
    return int(named[1] or named[2]) if named else 0


def _reason(error: Exception) -> str:
    """The message of an error in one line, without the document that some parsers quote."""
    text = " ".join(str(error).split())
    text = re.sub(r"^Parser error (at|between) [^:]*: (.*) \(line \d+\)$", r"\2", text)
    return text if len(text) <= 160 else text[:157] + "..."
