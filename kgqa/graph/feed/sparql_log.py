"""Logs of SPARQL Update, as far as they say facts: INSERT DATA and DELETE DATA."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from kgqa.errors import ParseError
from kgqa.graph.feed.patch import Patch
from kgqa.graph.readers.lines import read_lines
from kgqa.graph.readers.rdf_term import Fact, NoFactError, SourcedFact, oxigraph_fact, oxigraph_source
from kgqa.graph.statement import NodeKind

__all__ = ["read_sparql_log"]

_IRI = r"<[^<>\"{}|^`\\\x00-\x20]*>"
_BETWEEN = re.compile(rf"\s+|#[^\n]*|;|(PREFIX\s+[^\s:<]*:\s*{_IRI}|BASE\s+{_IRI})", re.IGNORECASE)
_DATA = re.compile(r"(INSERT|DELETE)\s+DATA\s*(?=\{)", re.IGNORECASE)
_LONG, _SHORT = (
    "|".join(form.replace("Q", quote) for quote in "\"'")
    for form in (r"QQQ(?:[^Q\\]|\\.|Q(?!QQ))*QQQ", r"Q(?:[^Q\\\n]|\\.)*Q")
)
_INSIDE = re.compile(rf"{_LONG}|{_SHORT}|{_IRI}|#[^\n]*|\\.|[^{{}}<\"'#\\]+|.", re.DOTALL)
"""What is to be taken whole, so that no brace in it is counted."""
_PLACE = re.compile(r"error at (\d+):\d+: ")


class _Operation(NamedTuple):
    line: int
    """The line of its brace."""
    prologue: str
    is_added: bool
    data: str


def read_sparql_log(path: Path) -> Patch:
    """The changes of a file of updates, separated by semicolons or not.

    Blank nodes are new nodes in each operation. Raises `ParseError` for anything but prefixes, INSERT DATA
    and DELETE DATA: what other operations do depends on the graph that they were written for.
    """
    changes: dict[SourcedFact, bool] = {}
    text = "\n".join(line for _, line in read_lines(path))
    for number, operation in enumerate(_operations(path, text)):
        for fact in _facts(path, operation, f"{number}@{path.name}"):
            changes.pop(fact, None)
            changes[fact] = operation.is_added
    return Patch(changes)


def _operations(path: Path, text: str) -> Iterator[_Operation]:
    prologue: list[str] = []
    place, line = 0, 1
    while place < len(text):
        if found := _BETWEEN.match(text, place):
            if found[1]:
                prologue.append(" ".join(found[1].split()))
            line += found[0].count("\n")
            place = found.end()
            continue
        operation = _DATA.match(text, place)
        if operation is None:
            words = " ".join(text[place : place + 60].split())
            raise ParseError(
                path, line, f"only INSERT DATA, DELETE DATA and PREFIX can be applied, not {words!r:.50}"
            )
        line += operation[0].count("\n")
        end = _end_of_data(text, operation.end())
        if end is None:
            raise ParseError(path, line, "the brace is not closed")
        data = text[operation.end() : end]
        yield _Operation(line, " ".join(prologue), operation[1].upper() == "INSERT", data)
        line += data.count("\n")
        place = end


def _end_of_data(text: str, start: int) -> int | None:
    """Where the brace that opens at a place is closed."""
    depth = 0
    for token in _INSIDE.finditer(text, start):
        depth += {"{": 1, "}": -1}.get(token[0], 0)
        if not depth:
            return token.end()
    return None


def _facts(path: Path, operation: _Operation, mark: str) -> list[SourcedFact]:
    import pyoxigraph

    words = (
        ("INSERT",) if operation.is_added else ("DELETE", "INSERT")
    )  # what is deleted is inserted to be read
    try:
        for word in words:
            store = pyoxigraph.Store()
            store.update(f"{operation.prologue} {word} DATA {operation.data}")
        return _numbered(
            [(oxigraph_fact(quad.triple), oxigraph_source(quad.graph_name)) for quad in store], mark
        )
    except (SyntaxError, NoFactError) as error:
        place = _PLACE.match(str(error))
        line = operation.line + int(place[1]) - 1 if place else operation.line
        reason = " ".join(_PLACE.sub("", str(error)).split())
        raise ParseError(path, line, f"no SPARQL Update ({reason:.160})") from error


def _numbered(facts: list[SourcedFact], mark: str) -> list[SourcedFact]:
    """Facts in an order that does not depend on the names that the parser gave to blank nodes."""
    numbers: dict[str, str] = {}

    def masked(said: tuple[Fact, str]) -> list[str]:
        fact, source = said
        return [*("_:" if term.kind is NodeKind.BLANK else term.identifier for term in fact), source]

    def name(term: Any) -> Any:
        if term.kind is not NodeKind.BLANK:
            return term
        new = numbers.setdefault(term.identifier, f"_:{len(numbers)}.{mark}")
        return term._replace(identifier=new)

    return [((name(s), p, name(o)), source) for (s, p, o), source in sorted(facts, key=masked)]
