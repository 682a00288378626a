"""Names that mean nearly what a text means."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from kgqa.graph import IndexedGraph
from kgqa.lm import Embed

__all__ = ["Embed", "NearestNames"]


@dataclass(frozen=True, eq=False)
class NearestNames:
    """Searches the labels of a graph by the cosine of sentence embeddings.

    All labels are embedded at the first search, which takes a sentence encoder minutes for a
    hundred thousand; a caller that has their vectors passes an `embed` that looks them up.
    """

    graph: IndexedGraph
    embed: Embed

    def search(self, text: str, least: float, limit: int = 5) -> list[tuple[str, float]]:
        """Entities whose label's cosine with the text is at least `least`, the nearest first."""
        entities, vectors = self._labels
        if not entities:
            return []
        cosines = vectors @ _unit(self.embed([text]))[0]
        order = sorted(np.flatnonzero(cosines >= least), key=lambda at: (-cosines[at], entities[at]))
        return [(entities[at], min(float(cosines[at]), 1.0)) for at in order[:limit]]

    @cached_property
    def _labels(self) -> tuple[list[str], NDArray[np.float32]]:
        numbers = np.flatnonzero(self.graph.named).tolist()
        if not numbers:
            return [], np.empty((0, 0), dtype=np.float32)
        vectors = self.embed([self.graph.labels[number] for number in numbers])
        return [self.graph.entity(number) for number in numbers], _unit(vectors)


def _unit(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.maximum(lengths, np.finfo(np.float32).tiny), dtype=np.float32)
