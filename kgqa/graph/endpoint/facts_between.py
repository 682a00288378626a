"""The facts of an endpoint between given nodes, whatever else these have."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from kgqa.graph.endpoint.client import SparqlClient
from kgqa.graph.endpoint.facts import chunks
from kgqa.graph.endpoint.failure import CutError
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
    return [fact for some in chunks(pairs, _AT_ONCE) for fact in _asked(some, client, usage)]


def _asked(pairs: Sequence[Pair], client: SparqlClient, usage: EndpointUsage) -> list[Fact]:
    try:
        rows = client.select(between_query(pairs), usage)
    except CutError:
        if len(pairs) == 1:
            raise
        rows, is_whole = [], False
    else:
        counts = [row for row in rows if "c" in row]
        is_whole = len(counts) == 1 and client.number(counts[0], "c") <= len(rows) - 1
    if not is_whole and len(pairs) > 1:
        middle = len(pairs) // 2
        return _asked(pairs[:middle], client, usage) + _asked(pairs[middle:], client, usage)
    if not is_whole:
        usage.note(
            f"The endpoint gave not all facts of {pairs[0].head.identifier[:100]} that were asked for."
        )
    return [(row["s"], row["p"], row["o"]) for row in rows if row.keys() >= {"s", "p", "o"}]
