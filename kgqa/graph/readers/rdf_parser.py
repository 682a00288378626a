"""The parser of RDF files: N-Triples, N-Quads, Turtle, TriG, RDF/XML, JSON-LD.

All are read in pieces by pyoxigraph, which is strict: what the grammars of the W3C do not allow is refused
with its line.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from functools import partial
from io import BufferedReader
from itertools import chain, islice
from pathlib import Path
from typing import IO, Any, cast

from kgqa.counted import counted
from kgqa.errors import ParseError
from kgqa.graph.readers.lines import open_bytes, read_lines
from kgqa.graph.readers.mediator import file_mark
from kgqa.graph.readers.rdf_star import Reifiers, is_about_statements
from kgqa.graph.readers.rdf_term import Fact, SourcedFact, Term, oxigraph_fact, oxigraph_term
from kgqa.graph.readers.skip_report import SkipReport
from kgqa.graph.readers.streams.chunk_stream import ChunkStream
from kgqa.graph.readers.streams.jsonld_chunks import jsonld_chunks
from kgqa.graph.readers.streams.xml_chunks import xml_chunks
from kgqa.graph.statement import NodeKind

__all__ = ["RDF_SYNTAXES", "parse_rdf"]

RDF_SYNTAXES = {
    "ntriples": "N_TRIPLES",
    "nquads": "N_QUADS",
    "turtle": "TURTLE",
    "trig": "TRIG",
    "rdfxml": "RDF_XML",
    "jsonld": "JSON_LD",
}
"""The names of the formats here and in pyoxigraph."""

_LINE_BASED = ("ntriples", "nquads")
_WITH_GRAPHS = ("nquads", "trig", "jsonld")
"""The formats that have named graphs."""
_LINES = 500
"""Lines that are parsed at once; one by one where one of them is wrong."""
_VERSION = re.compile(r'[ \t]*VERSION[ \t]+"[^"\\]*"[ \t]*(?:#.*)?')
"""A line that announces the version of RDF."""
_BOM = b"\xef\xbb\xbf"
_RANDOM = re.compile(r"_:[0-9a-f]{24,32}")
"""The names that the parser makes up."""
_CHUNK = 2**16


def parse_rdf(path: Path, syntax: str, report: SkipReport) -> Iterator[SourcedFact]:
    """The facts of an RDF file, each with its named graph as source; `syntax` is one of `RDF_SYNTAXES`.

    Blank nodes are numbered by their order in the file, and those of different files are different.
    Statements about statements that cannot be read are counted in a note of the report.
    """
    reifiers, mark = Reifiers(), file_mark(path)
    for fact, source in _facts(path, syntax, report, reifiers):
        yield _apart(fact, mark), _marked(source, mark)
    if reifiers.needs_review and os.path.isfile(path):
        reifiers.is_recorded = False
        for _ in _facts(path, syntax, SkipReport(len(report) + 1), reifiers):
            pass
    for fact, source in reifiers.facts():
        yield _apart(fact, mark), _marked(source, mark)
    if reifiers.left_out:
        told = "statement about a statement (RDF-star) is", "statements about statements (RDF-star) are"
        report.note(path, f"{counted(reifiers.left_out, *told)} left out")


def _facts(path: Path, syntax: str, report: SkipReport, reifiers: Reifiers) -> Iterator[SourcedFact]:
    """The facts of a file in their order; what is about facts goes to the reifiers."""
    numbers: dict[str, str] = {}
    parsed = _lines(path, syntax, report) if syntax in _LINE_BASED else _stream(path, syntax)
    has_graphs, source = syntax in _WITH_GRAPHS, ""
    for quad in parsed:
        triple = quad.triple
        if has_graphs:
            source = _source(quad.graph_name, numbers)
        if is_about_statements(triple):
            found = _reified(reifiers, triple, numbers)
            if reifiers.is_recorded:
                reifiers.note(found, source)
            continue
        fact = _numbered(oxigraph_fact(triple), numbers)
        reifiers.see(fact)
        yield fact, source


def _source(graph_name: Any, numbers: dict[str, str]) -> str:
    """The identifier of a named graph; empty for the default graph."""
    if type(graph_name).__name__ == "DefaultGraph":
        return ""
    return _numbered_term(oxigraph_term(graph_name), numbers).identifier


def _lines(path: Path, syntax: str, report: SkipReport) -> Iterator[Any]:
    import pyoxigraph

    form = getattr(pyoxigraph.RdfFormat, RDF_SYNTAXES[syntax])
    lines = read_lines(path)
    while block := list(islice(lines, _LINES)):
        content = "\n".join(line for _, line in block if line)
        try:
            found = list(pyoxigraph.parse(content, format=form))
        except SyntaxError:
            for number, line in block:
                try:
                    yield from list(pyoxigraph.parse(line, format=form))
                except SyntaxError as error:
                    if not _VERSION.fullmatch(line):
                        report.add(path, number, f"not {syntax} ({_reason(error)})")
        else:
            yield from found


def _stream(path: Path, syntax: str) -> Iterator[Any]:
    import pyoxigraph

    form = getattr(pyoxigraph.RdfFormat, RDF_SYNTAXES[syntax])
    with open_bytes(path) as stream:
        if syntax == "rdfxml":
            chunks = xml_chunks(stream, path)
        elif syntax == "jsonld":
            is_in_order, chunks = jsonld_chunks(stream, path)
            form = pyoxigraph.RdfFormat.STREAMING_JSON_LD if is_in_order else form
        else:
            chunks = _without_bom(stream)
        source = BufferedReader(ChunkStream(chunks), _CHUNK)
        try:
            yield from pyoxigraph.parse(source, format=form, base_iri=_base(path))
        except SyntaxError as error:
            if "nvalid UTF-8" in str(error):
                raise ParseError(path, error.lineno or 0, "not UTF-8") from error
            line = _xml_line(path) if syntax == "rdfxml" else error.lineno or 0
            raise ParseError(path, line, f"not {syntax} ({_reason(error)})") from error


def _base(path: Path) -> str:
    return path.absolute().as_uri()


def _without_bom(stream: IO[bytes]) -> Iterator[bytes]:
    start = stream.read(len(_BOM))
    return chain([start.removeprefix(_BOM)], iter(partial(stream.read, _CHUNK), b""))


def _reified(reifiers: Reifiers, triple: Any, numbers: dict[str, str]) -> tuple[Term, Fact] | None:
    found = reifiers.add(triple)
    if found is None:
        return None
    node, fact = found
    fact = _numbered(fact, numbers)
    return _numbered_term(node, numbers), fact


def _numbered(fact: Fact, numbers: dict[str, str]) -> Fact:
    subject, predicate, value = fact
    if subject.kind is not NodeKind.BLANK and value.kind is not NodeKind.BLANK:
        return fact
    return _numbered_term(subject, numbers), predicate, _numbered_term(value, numbers)


def _numbered_term(term: Term, numbers: dict[str, str]) -> Term:
    """Number nodes without a name by their order in the file: the parser gives them random names."""
    if term.kind is not NodeKind.BLANK or not _RANDOM.fullmatch(term.identifier):
        return term
    return term._replace(identifier=numbers.setdefault(term.identifier, f"_:.{len(numbers)}"))


def _apart(fact: Fact, mark: str) -> Fact:
    """Make the identifiers of blank nodes unique to the file with this mark."""
    if all(term.kind is not NodeKind.BLANK for term in fact):
        return fact
    subject, predicate, value = (term._replace(identifier=_marked(term.identifier, mark)) for term in fact)
    return subject, predicate, value


def _marked(identifier: str, mark: str) -> str:
    return f"{identifier}@{mark}" if identifier.startswith("_:") else identifier


def _xml_line(path: Path) -> int:
    """The line where RDF/XML is wrong, which pyoxigraph does not say: it is parsed again, line by line.

    0 for a pipe, which cannot be read again.
    """
    import pyoxigraph

    if not os.path.isfile(path):
        return 0
    line = 1

    def lines(content: IO[bytes]) -> Iterator[bytes]:
        nonlocal line
        is_complete = False
        for piece in iter(partial(content.readline, _CHUNK), b""):
            line += is_complete
            is_complete = piece.endswith(b"\n")
            yield piece

    with open_bytes(path) as stream:
        content = BufferedReader(ChunkStream(xml_chunks(stream, path)), _CHUNK)
        source = cast(IO[bytes], ChunkStream(lines(content)))
        try:
            for _ in pyoxigraph.parse(source, format=pyoxigraph.RdfFormat.RDF_XML, base_iri=_base(path)):
                pass
        except SyntaxError:
            return line
    return 0


def _reason(error: SyntaxError) -> str:
    """The message of an error in one line, without the place, which is named before."""
    text = " ".join(str(error).split())
    if "LoadDocumentCallback" in text:
        return "it names a @context on the web, which is never loaded; write the context into the file"
    text = re.sub(r"^Parser error (at|between) [^:]*: (.*) \(line \d+\)$", r"\2", text)
    return text if len(text) <= 160 else text[:157] + "..."
