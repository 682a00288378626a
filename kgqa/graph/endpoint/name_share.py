"""Whether the IRIs of an endpoint have labels: then those without are nodes without a name."""

from __future__ import annotations

from typing import Literal

from kgqa.errors import EndpointError
from kgqa.graph.endpoint.client import SparqlClient
from kgqa.graph.endpoint.usage import EndpointUsage
from kgqa.graph.readers.rdf import LABELS

__all__ = ["unlabelled_nodes"]

_MOST_COUNTED = 1_000_000
"""In graphs with more facts a sample of IRIs is looked at."""
_SAMPLE = 1000


def unlabelled_nodes(
    client: SparqlClient, usage: EndpointUsage
) -> Literal["mediator", "verbatim", "identifier"]:
    """How a builder treats IRIs without a label, as it would decide on the whole graph.

    Without a name, if at least half of all IRIs have one. Where the graph is too large to count them, or the
    endpoint does not manage to, a sample of IRIs decides.
    """
    named = f"EXISTS {{ ?n ?l ?t FILTER(?l IN ({', '.join(f'<{one}>' for one in LABELS)})) }}"
    no_name = f"?p NOT IN ({', '.join(f'<{one}>' for one in LABELS)})"
    ends = f"{{ ?n ?p ?o FILTER({no_name}) }} UNION {{ ?s ?p ?n }}"
    nodes = f"SELECT DISTINCT ?n WHERE {{ {ends} FILTER(isIRI(?n)) }}"
    few = f"SELECT DISTINCT ?n WHERE {{ ?n ?p ?o FILTER(isIRI(?n) && {no_name}) }} LIMIT {_SAMPLE}"
    try:
        small = _count(client, usage, "?s ?p ?o") <= _MOST_COUNTED
    except EndpointError:
        small = False
    chosen = nodes if small else few
    every = _count(client, usage, f"{{ {chosen} }}")
    labelled = _count(client, usage, f"{{ {chosen} }} FILTER({named})")
    if labelled and 2 * labelled >= every:
        return "mediator"
    return "verbatim" if labelled else "identifier"


def _count(client: SparqlClient, usage: EndpointUsage, pattern: str) -> int:
    rows = client.select(f"SELECT (COUNT(*) AS ?c) WHERE {{ {pattern} }}", usage)
    return client.number(rows[0] if rows else {}, "c")
