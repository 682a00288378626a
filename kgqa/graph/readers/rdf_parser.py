"""The parser of RDF files: N-Triples, N-Quads, Turtle, TriG, RDF/XML, JSON-LD.

N-Triples and N-Quads are read line by line, other formats as a whole, all by pyoxigraph, which is strict:
what the grammars of the W3C do not allow is refused with its line.
"""

from __future__ import annotations

import hashlib
import logging
import re
from collections.abc import Generator, Iterator
from itertools import chain
from pathlib import Path
from typing import Any

from kgqa.errors import ParseError
from kgqa.graph.readers.lines import open_bytes, read_lines
from kgqa.graph.readers.rdf_star import is_about_statements, reified_facts
from kgqa.graph.readers.rdf_term import Fact, oxigraph_fact
from kgqa.graph.readers.skip_report import SkipReport
from kgqa.graph.readers.xml_entities import check_entities
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
_VERSION = re.compile(r'[ \t]*VERSION[ \t]+"[^"\\]*"[ \t]*(?:#.*)?')
"""A line that announces the version of RDF."""
_BOM = b"\xef\xbb\xbf"
_XML_DECLARATION = re.compile(r"\s*<\?xml[^>]*\?>")
_XML_ENCODING = re.compile(rb"<\?xml[^>]*\bencoding\s*=\s*[\"']([A-Za-z][\w.-]{0,39})[\"']")


def parse_rdf(path: Path, syntax: str, report: SkipReport) -> Iterator[Fact]:
    """The facts of an RDF file; `syntax` is one of `RDF_SYNTAXES`.

    Blank nodes are numbered by their order in the file, and those of different files are different.
    Statements about statements that cannot be read are counted in a note of the report.
    """
    left_out = yield from _lines(path, syntax, report) if syntax in _LINE_BASED else _whole(path, syntax)
    if left_out:
        report.note(path, f"{left_out} statements about statements (RDF-star) are left out")


def _lines(path: Path, syntax: str, report: SkipReport) -> Generator[Fact, None, int]:
    import pyoxigraph

    form = getattr(pyoxigraph.RdfFormat, RDF_SYNTAXES[syntax])
    place, left_out = _place(path), 0
    for number, line in read_lines(path):
        if "VERSION" in line and _VERSION.fullmatch(line):
            continue
        try:
            triples = [quad.triple for quad in pyoxigraph.parse(line, format=form)]
        except SyntaxError as error:
            report.add(path, number, f"not {syntax} ({_reason(error)})")
            continue
        for triple in triples:
            if is_about_statements(triple):
                left_out += 1
            else:
                yield _apart(oxigraph_fact(triple), place)
    return left_out


def _whole(path: Path, syntax: str) -> Generator[Fact, None, int]:
    with open_bytes(path) as stream:
        content = stream.read()
    if syntax == "rdfxml":
        check_entities(content, path)
        content = _as_utf8(content, path)
    triples = _triples(path, content.removeprefix(_BOM), syntax)
    about = [triple for triple in triples if is_about_statements(triple)]
    facts: Iterator[Fact] = (oxigraph_fact(triple) for triple in triples if not is_about_statements(triple))
    found: list[Fact] = []
    left_out = 0
    if about:
        stated = list(facts)
        found, left_out = reified_facts(about, stated)
        facts = iter(stated)
    place, numbers = _place(path), dict[str, str]()
    for fact in chain(facts, found):
        yield _apart(_numbered(fact, numbers), place)
    return left_out


def _triples(path: Path, content: bytes, syntax: str) -> list[Any]:
    import pyoxigraph

    form = getattr(pyoxigraph.RdfFormat, RDF_SYNTAXES[syntax])
    base = path.absolute().as_uri()
    try:
        return [quad.triple for quad in pyoxigraph.parse(content, format=form, base_iri=base)]
    except SyntaxError as error:
        try:
            content.decode()
        except UnicodeDecodeError as wrong:
            line = content.count(b"\n", 0, wrong.start) + 1
            raise ParseError(path, line, "not UTF-8") from error
        line = _xml_line(content) if syntax == "rdfxml" else error.lineno or 0
        raise ParseError(path, line, f"not {syntax} ({_reason(error)})") from error


def _numbered(fact: Fact, numbers: dict[str, str]) -> Fact:
    """Number blank nodes by their order in the file: the parser gives some of them random names."""
    subject, predicate, value = (
        term._replace(identifier=numbers.setdefault(term.identifier, f"_:b{len(numbers)}"))
        if term.identifier.startswith("_:")
        else term
        for term in fact
    )
    return subject, predicate, value


def _apart(fact: Fact, place: str) -> Fact:
    """Make the identifiers of blank nodes unique to the file at this place."""
    if all(term.kind is not NodeKind.BLANK for term in fact):
        return fact
    subject, predicate, value = (
        term._replace(identifier=f"{term.identifier}@{place}") if term.identifier.startswith("_:") else term
        for term in fact
    )
    return subject, predicate, value


def _place(path: Path) -> str:
    """Which file this is; two files of the same name are at different places."""
    return f"{path.name}-{hashlib.sha256(str(path).encode()).hexdigest()[:8]}"


def _as_utf8(content: bytes, path: Path) -> bytes:
    """XML in UTF-8 whatever it declares to be in: the parser reads nothing else."""
    declared = _XML_ENCODING.match(content)
    encoding = declared[1].decode() if declared else "utf-8"
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        encoding = "utf-16"
    if encoding.lower().replace("_", "-") in ("utf-8", "utf8", "ascii", "us-ascii"):
        return content
    try:
        return _XML_DECLARATION.sub("", content.decode(encoding), count=1).encode()
    except (LookupError, ValueError) as error:
        raise ParseError(path, 0, f"not {encoding:.40} as it declares to be") from error


def _xml_line(content: bytes) -> int:
    """The line where RDF/XML is wrong, 0 if unknown: pyoxigraph does not say it, but rdflib does."""
    import rdflib

    log = logging.getLogger("rdflib.term")  # it warns about every IRI that it finds odd
    level = log.level
    log.setLevel(logging.ERROR)
    try:
        rdflib.Graph().parse(data=content, format="xml")
    except Exception as error:  # of its XML parser, its terms, its handlers: only the line is wanted of it
        if hasattr(error, "getLineNumber"):
            return int(error.getLineNumber() or 0)
        named = re.search(r"\bline (\d+)|^[^: ]*:(\d+):\d+: ", str(error))
        return int(named[1] or named[2]) if named else 0
    finally:
        log.setLevel(level)
    return 0


def _reason(error: SyntaxError) -> str:
    """The message of an error in one line, without the place, which is named before."""
    text = " ".join(str(error).split())
    if "LoadDocumentCallback" in text:
        return "it names a @context on the web, which is never loaded; write the context into the file"
    text = re.sub(r"^Parser error (at|between) [^:]*: (.*) \(line \d+\)$", r"\2", text)
    return text if len(text) <= 160 else text[:157] + "..."
