"""The facts of an endpoint between given nodes, whatever else these have."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from kgqa.graph.endpoint.client import SparqlClient
from kgqa.graph.endpoint.facts import chunks, counted_rows
from kgqa.graph.endpoint.query_text import between_query
from kgqa.graph.endpoint.usage import EndpointUsage
from kgqa.graph.readers.rdf_term import Fact, Term

__all__ = ["Pair", "facts_between"]

_AT_ONCE = 100


class Pair(NamedTuple):
    """Two nodes, or a node and the text of a literal, between which there may be facts."""

    head: Term
    tail: Term | None
    text: str = ""


def facts_between(pairs: Sequence[Pair], client: SparqlClient, usage: EndpointUsage) -> list[Fact]:
    """All facts between the nodes of each pair, in its direction. Raises `EndpointError`."""
    rows = (
        row
        for some in chunks(pairs, _AT_ONCE)
        for row in counted_rows(some, between_query, _what, client, usage)
    )
    return [(row["s"], row["p"], row["o"]) for row in rows if row.keys() >= {"s", "p", "o"}]


def _what(pair: Pair) -> str:
    return f"facts of {pair.head.identifier[:100]} that were asked for"
