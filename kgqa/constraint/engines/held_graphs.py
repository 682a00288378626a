"""The graphs that an inference engine holds open."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Self

from kgqa.constraint.engines.walk_request import WalkRequest
from kgqa.constraint.spoken_identifiers import spoken_identifiers
from kgqa.errors import DataError, UsageError
from kgqa.graph import IndexedGraph, open_graph

__all__ = ["GRAPHS", "HeldGraphs"]

GRAPHS = "KGQA_GRAPHS"
"""The environment variable that names them: `name=folder`, several separated by `;`."""


class HeldGraphs:
    """Graphs by names; each is opened when it is first asked for, memory-mapped, and kept open.

    >>> HeldGraphs({}).of(WalkRequest(graph="films", topics=("Kismet",)))
    Traceback (most recent call last):
        ...
    kgqa.errors.DataError: no graph is held here; start the engine with KGQA_GRAPHS='name=folder'
    """

    def __init__(self, sources: Mapping[str, str]) -> None:
        self._sources = dict(sources)
        self._open: dict[str, IndexedGraph] = {}

    @classmethod
    def of_environment(cls) -> Self:
        """Those of `KGQA_GRAPHS`. Raises `UsageError` where it is set to something else."""
        sources: dict[str, str] = {}
        for part in os.environ.get(GRAPHS, "").split(";"):
            name, equals, source = (piece.strip() for piece in part.partition("="))
            if not (name or equals or source):
                continue
            if not (name and source) or name in sources:
                raise UsageError(f"{GRAPHS} must be NAME=FOLDER, several separated by ';', not {part!r}")
            sources[name] = source
        return cls(sources)

    def __bool__(self) -> bool:
        return bool(self._sources)

    def open_all(self) -> None:
        """Open each of them. Raises `DataError` or `UsageError` for one that cannot be opened."""
        for name in self._sources:
            self[name]

    def __getitem__(self, name: str) -> IndexedGraph:
        if name not in self._open:
            self._open[name] = open_graph(self._sources[name])
        return self._open[name]

    def of(self, request: WalkRequest) -> IndexedGraph:
        """The graph that a request means, its identifiers spoken where it asks for that.

        Raises `DataError` with the graphs that there are for one that is not there.
        """
        if not self:
            raise DataError(f"no graph is held here; start the engine with {GRAPHS}='name=folder'")
        wanted = request.checksum
        for name in self._sources if request.graph is None else (request.graph,):
            if name not in self._sources:
                raise DataError(f"there is no graph {name!r:.80} here; there are {self._listed(request)}")
            graph = self._spoken(name, request)
            if wanted in (None, graph.checksum):
                return graph
        if request.graph is not None:
            graph = self._spoken(request.graph, request)
            raise DataError(
                f"the graph {request.graph!r} here is another version: its checksum is {graph.checksum}, not "
                f"{wanted!r:.80}"
            )
        raise DataError(
            f"there is no graph with the checksum {wanted!r:.80} here; there are {self._listed(request)}"
        )

    def _spoken(self, name: str, request: WalkRequest) -> IndexedGraph:
        return spoken_identifiers(self[name]) if request.speak_identifiers else self[name]

    def _listed(self, request: WalkRequest) -> str:
        return ", ".join(f"{name!r} ({self._spoken(name, request).checksum})" for name in self._sources)
