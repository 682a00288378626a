"""kgqa build --from: the graph of a SPARQL endpoint, or of a database that speaks Bolt."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from urllib.parse import urlsplit

from kgqa.errors import UsageError
from kgqa.graph import Statement
from kgqa.graph.endpoint import EndpointCache, EndpointGraph, EndpointUsage
from kgqa.graph.readers import SkipReport
from kgqa.graph.readers.names import NAME_RELATIONS, NameRelations
from kgqa.graph.readers.property_graph import is_bolt, read_bolt

__all__ = ["FromDatabase", "FromEndpoint", "fetch_from", "from_name"]


def fetch_from(
    url: str, named_graphs: Sequence[str], languages: Sequence[str], folder: Path, report: SkipReport
) -> FromEndpoint | FromDatabase:
    """What fetches the graph at an address."""
    if not is_bolt(url):
        return FromEndpoint(url, named_graphs, languages, folder)
    if named_graphs:
        raise UsageError("--named-graph is of SPARQL endpoints; name a database as in bolt://host:7687/films")
    return FromDatabase(url, report)


class FromDatabase:
    """Reads a property graph database, from the beginning after each kill."""

    warnings: Sequence[str] = ()
    """What the index lacks."""

    def __init__(self, url: str, report: SkipReport) -> None:
        self._url = url
        self._report = report

    def statements(self, around: Sequence[str], _hops: int, names: NameRelations) -> Iterator[Statement]:
        """What the graph says."""
        if around or names != NAME_RELATIONS:
            raise UsageError("--around, --label and --alias are of SPARQL endpoints; leave them out")
        return read_bolt(self._url, self._report)

    @property
    def facts_about(self) -> dict[str, object]:
        """What the index says of where it is from, beside the address."""
        return {}

    def finish(self) -> None:
        """There is nothing to forget."""


class FromEndpoint:
    """Fetches an endpoint's graph; its answers are kept beside `folder` until `finish`.

    A build that was killed takes from there what it had fetched before.
    """

    def __init__(self, url: str, named_graphs: Sequence[str], languages: Sequence[str], folder: Path) -> None:
        self.usage = EndpointUsage()
        self._kept = folder.with_name(f"{folder.name}.fetched")
        self._endpoint = EndpointGraph.at(
            url,
            named_graphs=named_graphs,
            languages=languages,
            cache=EndpointCache(self._kept, max_age=math.inf, version="build"),
        )

    def statements(self, around: Sequence[str], hops: int, names: NameRelations) -> Iterator[Statement]:
        """What the graph says, or what it says around some entities."""
        if not around:
            return self._endpoint.facts(self.usage, names)
        if names != NAME_RELATIONS:
            raise UsageError("--label and --alias are for whole graphs; leave --around out")
        part = self._endpoint.part(self.usage)
        part.grow(part.resolve(around), hops)
        return part.statements()

    @property
    def warnings(self) -> Sequence[str]:
        """What the index lacks."""
        return self.usage.warnings

    @property
    def facts_about(self) -> dict[str, object]:
        """What the index says of where it is from."""
        return {"endpoint": self._endpoint.describe(), "fetched": self.usage.to_dict()}

    def finish(self) -> None:
        """Forget what was kept."""
        for suffix in ("", "-journal"):
            self._kept.with_name(self._kept.name + suffix).unlink(missing_ok=True)


def from_name(url: str) -> Path:
    """The name of an endpoint's index, after its host."""
    return Path(re.sub(r"[^\w-]+", "-", urlsplit(url).hostname or "endpoint"))
