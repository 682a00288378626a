"""What an endpoint answers to a query: SPARQL JSON results."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from kgqa.graph.readers.rdf_term import Term, literal_term
from kgqa.graph.statement import NodeKind

__all__ = ["Row", "UnreadableError", "number_of", "read_rows"]

Row = Mapping[str, Term]
"""The terms of one solution, by the names of their variables; one that is unbound is left out."""

YES = "yes"
"""The variable of the row of an ASK query that holds."""
XSD_STRING = "http://www.w3.org/2001/XMLSchema#string"


class UnreadableError(Exception):
    """A body that holds no whole result; `cut` where its end is missing, as far as can be told."""

    def __init__(self, reason: str, *, cut: bool = False) -> None:
        super().__init__(reason)
        self.cut = cut


def read_rows(body: bytes) -> list[Row]:
    """The rows of SPARQL JSON results. Raises `UnreadableError`."""
    try:
        value = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise _unreadable(body) from error
    if isinstance(value, dict) and isinstance(value.get("boolean"), bool):
        return [{YES: literal_term("yes", XSD_STRING, None)} if value["boolean"] else {}]
    try:
        bindings = value["results"]["bindings"]
        return [
            {name: _term(term) for name, term in binding.items() if term.get("type") != "triple"}
            for binding in bindings
        ]
    except (KeyError, TypeError, AttributeError) as error:
        raise UnreadableError("answered with JSON that is no result of a query") from error


def _unreadable(body: bytes) -> UnreadableError:
    start = body.lstrip()[:200].lower()
    if start.startswith((b"<!doctype", b"<html")):
        return UnreadableError("answered with a web page")
    if start.startswith(b"<?xml") or b"<sparql" in start:
        return UnreadableError("answered with XML, though JSON was asked for")
    if start.startswith(b"{"):
        return UnreadableError("sent a result whose end is missing", cut=True)
    return UnreadableError("answered with something that is no result" if body else "sent an empty answer")


def _term(term: Mapping[str, Any]) -> Term:
    text, kind = str(term["value"]), term["type"]
    if kind == "uri":
        return Term(text, NodeKind.RESOURCE)
    if kind == "bnode":
        return Term(f"_:{text.removeprefix('_:')}", NodeKind.BLANK)
    return literal_term(text, str(term.get("datatype") or XSD_STRING), term.get("xml:lang"))


def number_of(row: Row, name: str) -> int:
    """The whole number of a variable. Raises `UnreadableError` where it has none."""
    try:
        return int(float(row[name].text))
    except (KeyError, ValueError, OverflowError) as error:
        raise UnreadableError("answered a count with something that is no number") from error
