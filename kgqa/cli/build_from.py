"""kgqa build --from: the graph of a SPARQL endpoint, fetched so that a killed build goes on."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from urllib.parse import urlsplit

from kgqa.errors import UsageError
from kgqa.graph import Statement
from kgqa.graph.endpoint import EndpointCache, EndpointGraph, EndpointUsage
from kgqa.graph.readers.names import NAME_RELATIONS, NameRelations

__all__ = ["FromEndpoint", "from_name"]


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
