"""What an endpoint says that it has."""

from __future__ import annotations

from dataclasses import dataclass

from kgqa.errors import EndpointDownError, EndpointError
from kgqa.graph.endpoint.client import SparqlClient
from kgqa.graph.endpoint.usage import EndpointUsage
from kgqa.graph.readers.rdf import LABELS

__all__ = ["EndpointSummary"]


@dataclass(frozen=True)
class EndpointSummary:
    """Counts of an endpoint's graph; `None` where it does not manage to count."""

    server: str
    version: str
    facts: int | None
    labels: int | None
    relations: dict[str, int] | None
    """The relations with their numbers of facts, most frequent first."""

    @classmethod
    def of(cls, client: SparqlClient, usage: EndpointUsage) -> EndpointSummary:
        """Ask an endpoint. Raises `EndpointDownError` where it does not answer at all."""
        version = client.graph_version(usage)
        found: dict[str, int] | None = None
        try:
            rows = client.select("SELECT ?p (COUNT(*) AS ?c) WHERE { ?s ?p ?o } GROUP BY ?p", usage)
            found = {row["p"].identifier: client.number(row, "c") for row in rows if "p" in row}
        except EndpointDownError:
            raise
        except EndpointError:  # too much to count
            return cls(client.server, version, None, None, None)
        counts = {name: count for name, count in found.items() if name not in LABELS}
        relations = dict(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])))
        return cls(
            client.server,
            version,
            sum(counts.values()),
            sum(found.values()) - sum(counts.values()),
            relations,
        )
