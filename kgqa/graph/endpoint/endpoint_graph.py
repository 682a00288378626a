"""A graph that stays at its SPARQL endpoint; each question is given the part around its topics."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from typing import Self

from kgqa.errors import UsageError, check_names
from kgqa.graph.endpoint.access import EndpointAccess
from kgqa.graph.endpoint.client import SparqlClient
from kgqa.graph.endpoint.download import Download
from kgqa.graph.endpoint.limits import FetchLimits
from kgqa.graph.endpoint.part import EndpointHabits, EndpointPart
from kgqa.graph.endpoint.query_text import is_written
from kgqa.graph.endpoint.reply_cache import EndpointCache
from kgqa.graph.endpoint.summary import EndpointSummary
from kgqa.graph.endpoint.usage import EndpointUsage
from kgqa.graph.indexed_graph import IndexedGraph
from kgqa.graph.readers.names import NAME_RELATIONS, NameRelations
from kgqa.graph.readers.rdf import fact_statements
from kgqa.graph.readers.rdf_term import XSD_STRING, Term, literal_term
from kgqa.graph.statement import NodeKind, Statement

__all__ = ["EndpointGraph"]


@dataclass
class EndpointGraph:
    """A graph at a SPARQL endpoint, of which parts are fetched into memory as `IndexedGraph`s.

    Names, identifiers and kinds of nodes are those that the same RDF has in a file. `languages` are those of
    names, best first.
    """

    client: SparqlClient
    limits: FetchLimits = field(default_factory=FetchLimits)
    languages: Sequence[str] = ("en",)
    habits: EndpointHabits = field(default_factory=EndpointHabits, repr=False)

    def __post_init__(self) -> None:
        check_names(self.languages, "languages")
        for graph in self.client.named_graphs:
            if not is_written(Term(graph, NodeKind.RESOURCE)):
                raise UsageError(f"the name of a graph at an endpoint is an IRI, not {graph!r:.80}")
        for language in self.languages:
            if not is_written(literal_term("", XSD_STRING, language)):
                raise UsageError(f"a language is a tag such as en or pt-BR, not {language!r:.80}")

    @classmethod
    def at(
        cls,
        url: str,
        *,
        named_graphs: Sequence[str] = (),
        limits: FetchLimits | None = None,
        languages: Sequence[str] = ("en",),
        cache: EndpointCache | None = None,
        timeout: float = 60.0,
        concurrency: int = 4,
    ) -> Self:
        """The graph at an address; secrets come from the environment, see `EndpointAccess.of`."""
        client = SparqlClient(EndpointAccess.of(url, timeout, concurrency), tuple(named_graphs), cache)
        return cls(client, limits or FetchLimits(), languages)

    @property
    def url(self) -> str:
        """The address of the endpoint."""
        return self.client.access.url

    def part(self, usage: EndpointUsage | None = None) -> EndpointPart:
        """A part of the graph that is empty yet; what it costs is counted in `usage`."""
        return EndpointPart(
            self.client, self.limits, self.languages, EndpointUsage() if usage is None else usage, self.habits
        )

    def around(self, topics: Iterable[str], hops: int, usage: EndpointUsage | None = None) -> IndexedGraph:
        """The part of the graph on walks of at most `hops` hops from some entities (identifiers).

        What was not looked at is said in `usage`. Raises `EndpointError`.
        """
        part = self.part(usage)
        part.grow(topics, hops)
        return part.graph()

    def facts(
        self, usage: EndpointUsage | None = None, names: NameRelations = NAME_RELATIONS
    ) -> Iterator[Statement]:
        """All that the endpoint's graph says, as from a file. Raises `EndpointError`.

        What could not be fetched is said in `usage`; `names` are the relations that say names.
        """
        usage = EndpointUsage() if usage is None else usage
        return fact_statements(Download(self.client, usage, self.limits.rows).facts(), self.languages, names)

    def summary(self) -> EndpointSummary:
        """What the endpoint says that it has. Raises `EndpointError`."""
        return EndpointSummary.of(self.client, EndpointUsage())

    def describe(self) -> dict[str, object]:
        """What decides which facts are found, as JSON values."""
        return {
            "url": self.url,
            "named_graphs": list(self.client.named_graphs),
            "languages": list(self.languages),
            "limits": asdict(self.limits),
        }
