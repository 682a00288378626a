"""Sorts the sources of facts outside of memory."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path

import marisa_trie
import numpy as np

from kgqa.graph.adjacency import Adjacency, Ids
from kgqa.graph.arrays.mapped_array import map_array
from kgqa.graph.building.array_file import ArrayFile
from kgqa.graph.building.fact_sort import Buckets, Edges
from kgqa.graph.index_folder import SOURCE_ARRAYS, SOURCES
from kgqa.graph.sources.fact_sources import NO_SOURCE, FactSources, encode_pairs, said_pairs

__all__ = ["SourceSort"]

_TYPES = {"of_facts": np.int32, "set_offsets": np.int64, "set_sources": np.int32}


class SourceSort:
    """Collects which source says which facts; then writes the sources of all facts of an index.

    Facts are divided by their heads into `buckets` of consecutive entities, so that only one bucket at a
    time is in memory.
    """

    def __init__(self, sources: Mapping[str, int], entities: int, buckets: int, folder: Path) -> None:
        self._names = marisa_trie.Trie(sources)
        self._numbers = np.array([self._names[source] for source in sources], dtype=np.int32)
        self._buckets = Buckets.of(entities, buckets, folder / "sources", columns=4)

    def add(self, facts: Edges, sources: Ids) -> None:
        """Add facts with the sources that say them, as the build numbers these; some have none."""
        said = np.flatnonzero(sources != NO_SOURCE)
        self._buckets.add([*(part[said] for part in facts), self._numbers[sources[said]]])

    def write(self, index: Path) -> FactSources:
        """Write the sources of the facts of an index, whose adjacency is written."""
        outward = Adjacency(
            *(map_array(index / f"outward_{part}.npy") for part in ("offsets", "relations", "targets"))
        )
        with ExitStack() as stack:
            files = {
                part: stack.enter_context(ArrayFile(index / f"{name}.npy", _TYPES[part]))
                for name, part in SOURCE_ARRAYS.items()
            }
            files["set_offsets"].append(np.zeros(1, dtype=np.int64))
            sets, members = 0, 0
            for bucket, (first, width) in enumerate(self._buckets.ranges()):
                owners, relations, targets = outward.gather(np.arange(first, first + width))
                facts = ((owners + first).astype(np.int32), relations, targets)
                pairs = said_pairs(facts, tuple(self._buckets.read(bucket).T))
                of_facts, lengths, found = encode_pairs(pairs, len(owners), sets)
                files["of_facts"].append(of_facts)
                files["set_offsets"].append(members + np.cumsum(lengths))
                files["set_sources"].append(found)
                sets, members = sets + len(lengths), members + len(found)
        self._names.save(str(index / SOURCES))
        arrays = {part: map_array(index / f"{name}.npy") for name, part in SOURCE_ARRAYS.items()}
        return FactSources(self._names, outward, **arrays)
