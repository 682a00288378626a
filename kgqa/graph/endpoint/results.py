"""What an endpoint answers to a query: SPARQL JSON results."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from kgqa.errors import StatementError
from kgqa.graph.builder import check_identifier
from kgqa.graph.name import clean_name
from kgqa.graph.readers.rdf_term import XSD_STRING, Term, literal_term
from kgqa.graph.statement import NodeKind

__all__ = ["Row", "UnreadableError", "number_of", "read_rows"]

Row = Mapping[str, Term]
"""The terms of one solution, by the names of their variables; one that is unbound is left out."""

YES = "yes"
"""The variable of the row of an ASK query that holds."""


class UnreadableError(Exception):
    """A body that holds no whole result; `cut` where its end is missing, as far as can be told."""

    def __init__(self, reason: str, *, cut: bool = False) -> None:
        super().__init__(reason)
        self.cut = cut


def read_rows(body: bytes) -> tuple[list[Row], bool]:
    """The rows of SPARQL JSON results, and whether all their terms are in them. Raises `UnreadableError`.

    Terms that no graph can hold are left out, as if they were unbound.
    """
    try:
        value = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise _unreadable(body) from error
    if isinstance(value, dict) and isinstance(value.get("boolean"), bool):
        return [{YES: literal_term("yes", XSD_STRING, None)} if value["boolean"] else {}], True
    try:
        bindings = value["results"]["bindings"]
        rows: list[Row] = [
            {name: found for name, term in binding.items() if (found := _term(term)) is not None}
            for binding in bindings
        ]
    except (KeyError, TypeError, AttributeError) as error:
        raise UnreadableError("answered with JSON that is no result of a query") from error
    return rows, sum(map(len, rows)) == sum(map(len, bindings))


def _unreadable(body: bytes) -> UnreadableError:
    start = body.lstrip()[:200].lower()
    if start.startswith((b"<!doctype", b"<html")):
        return UnreadableError("answered with a web page")
    if start.startswith(b"<?xml") or b"<sparql" in start:
        return UnreadableError("answered with XML, though JSON was asked for")
    if start.startswith(b"{"):
        return UnreadableError("sent a result whose end is missing", cut=True)
    return UnreadableError("answered with something that is no result" if body else "sent an empty answer")


def _term(term: Mapping[str, Any]) -> Term | None:
    """A term; `None` for a triple, and for what no graph can hold: no text, NUL, a lone surrogate."""
    kind = term["type"]
    if kind == "triple":
        return None
    text = str(term["value"])
    if kind == "uri":
        found = Term(text, NodeKind.RESOURCE)
    elif kind == "bnode":
        found = Term(f"_:{text.removeprefix('_:')}", NodeKind.BLANK)
    else:
        found = literal_term(text, str(term.get("datatype") or XSD_STRING), term.get("xml:lang"))
    try:
        check_identifier(found.identifier)
    except StatementError:
        return None
    return found if clean_name(found.identifier) else None


def number_of(row: Row, name: str) -> int:
    """The whole number of a variable. Raises `UnreadableError` where it has none."""
    try:
        return int(float(row[name].text))
    except (KeyError, ValueError, OverflowError) as error:
        raise UnreadableError("answered a count with something that is no number") from error
