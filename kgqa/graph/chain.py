"""A chain of hops: the proof of an answer."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from kgqa.graph.hop import Hop
from kgqa.graph.triple import Triple

__all__ = ["Chain"]


@dataclass(frozen=True, order=True)
class Chain:
    """Hops that start at `start`, each leaving an entity that the chain has visited.

    A *path* leaves every entity it has just reached. A *branching* chain (DoG, "Decoding on
    Graphs", ACL 2025) may go back to an earlier entity or to another topic entity: then `sources`
    says, hop by hop, which entity is left. An empty `sources` means a path.

    >>> chain = Chain("Kismet", (Hop("directed_by", "William Dieterle"),))
    >>> chain.end, chain.triples
    ('William Dieterle', (Triple(head='Kismet', relation='directed_by', tail='William Dieterle'),))

    Raises `ValueError` when `sources` has neither no item nor one for each hop.
    """

    start: str
    hops: tuple[Hop, ...]
    sources: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.sources and len(self.sources) != len(self.hops):
            raise ValueError(f"{len(self.hops)} hops need as many sources, not {len(self.sources)}")
        if self.sources and self.sources == self._path_sources():
            object.__setattr__(self, "sources", ())

    def _path_sources(self) -> tuple[str, ...]:
        return (self.start, *(hop.entity for hop in self.hops))[: len(self.hops)]

    @property
    def end(self) -> str:
        """The entity that the last hop reaches (`start` when there is no hop)."""
        return self.hops[-1].entity if self.hops else self.start

    @property
    def is_path(self) -> bool:
        """Whether every hop leaves the entity that the hop before it reached."""
        return not self.sources

    @property
    def triples(self) -> tuple[Triple, ...]:
        """The facts behind the hops, each in the graph's own direction, in order."""
        sources = self.sources or self._path_sources()
        return tuple(hop.triple(source) for hop, source in zip(self.hops, sources, strict=True))

    def is_connected(self, topics: Iterable[str] = ()) -> bool:
        """Whether every hop leaves `start`, one of `topics`, or an entity visited before."""
        visited = {self.start, *topics}
        for source, hop in zip(self.sources or self._path_sources(), self.hops, strict=True):
            if source not in visited:
                return False
            visited.add(hop.entity)
        return True
