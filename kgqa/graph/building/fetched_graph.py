"""The graph of a SPARQL endpoint, or of a database that speaks Bolt, from which an index is built."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from urllib.parse import urlsplit

from kgqa.errors import UsageError
from kgqa.graph.building.fact_block import FactBlock
from kgqa.graph.building.given_source import with_source
from kgqa.graph.building.read_settings import ReadSettings
from kgqa.graph.endpoint import EndpointCache, EndpointGraph, EndpointUsage
from kgqa.graph.readers import NAME_RELATIONS, SkipReport
from kgqa.graph.readers.property_graph import is_bolt, read_bolt
from kgqa.graph.statement import Statement

__all__ = ["FetchedDatabase", "FetchedEndpoint", "fetched_graph", "host_name"]


@dataclass(frozen=True)
class FetchedDatabase:
    """Reads a property graph database, from the beginning after each kill.

    `source` is that of its facts (`None`: they have none).
    """

    url: str
    source: str | None = None

    @property
    def names(self) -> list[str]:
        """The address."""
        return [self.url]

    def parts(self, report: SkipReport, _first: int = 0) -> Iterator[Iterator[Statement | FactBlock]]:
        """What the graph says, as the only part."""
        yield with_source(read_bolt(self.url, report), self.source)

    def facts_about(self) -> dict[str, object]:
        """What the index says of where it is from, beside the address."""
        return {}

    def finish(self) -> None:
        """There is nothing to forget."""


@dataclass(frozen=True)
class FetchedEndpoint:
    """Fetches an endpoint's graph, or what is within `hops` hops `around` some of its entities.

    Answers are kept beside `folder`, that of the index, until `finish`: a build that was killed takes from
    there what it had fetched before. `source` is that of facts which say none.
    """

    url: str
    folder: Path
    source: str | None = None
    settings: ReadSettings = field(default_factory=ReadSettings)
    named_graphs: Sequence[str] = ()
    around: Sequence[str] = ()
    hops: int = 2
    usage: EndpointUsage = field(default_factory=EndpointUsage, init=False)

    @property
    def names(self) -> list[str]:
        """The address."""
        return [self.url]

    def parts(self, report: SkipReport, _first: int = 0) -> Iterator[Iterator[Statement | FactBlock]]:
        """What the graph says, as the only part; what could not be fetched is noted in `report`."""
        yield with_source(self._fetched(), self.source)
        report.notes.extend(self.usage.warnings)
        report.notes.extend(self.usage.warnings)

    def facts_about(self) -> dict[str, object]:
        """What the index says of where it is from, beside the address."""
        return {"endpoint": self._endpoint.describe(), "fetched": self.usage.to_dict()}

    def finish(self) -> None:
        """Forget what was kept."""
        for suffix in ("", "-journal"):
            self._kept.with_name(self._kept.name + suffix).unlink(missing_ok=True)

    def _fetched(self) -> Iterator[Statement]:
        if not self.around:
            return self._endpoint.facts(self.usage, self.settings.names)
        part = self._endpoint.part(self.usage)
        part.grow(part.resolve(self.around), self.hops)
        return part.statements()

    @property
    def _kept(self) -> Path:
        return self.folder.with_name(f"{self.folder.name}.fetched")

    @cached_property
    def _endpoint(self) -> EndpointGraph:
        return EndpointGraph.at(
            self.url,
            named_graphs=self.named_graphs,
            languages=self.settings.languages,
            cache=EndpointCache(self._kept, max_age=math.inf, version="build"),
        )


def fetched_graph(
    url: str,
    folder: Path,
    source: str | None,
    settings: ReadSettings,
    *,
    named_graphs: Sequence[str],
    around: Sequence[str],
    hops: int,
) -> FetchedEndpoint | FetchedDatabase:
    """What fetches the graph at an address. Raises `UsageError` for what cannot be said of it."""
    has_names = settings.names != NAME_RELATIONS
    if is_bolt(url):
        if named_graphs:
            raise UsageError(
                "--named-graph is of SPARQL endpoints; name a database as in bolt://host:7687/films"
            )
        if around or has_names:
            raise UsageError("--around, --label and --alias are of SPARQL endpoints; leave them out")
        return FetchedDatabase(url, source)
    if around and has_names:
        raise UsageError("--label and --alias are for whole graphs; leave --around out")
    return FetchedEndpoint(url, folder, source, settings, named_graphs, around, hops)


def host_name(url: str) -> Path:
    """The host of an address, as the name of a file."""
    return Path(re.sub(r"[^\w-]+", "-", urlsplit(url).hostname or "endpoint"))
