"""The names of some entities in the order of their tokens, with nothing computed for the others."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Self

import numpy as np

from kgqa.cache_memory import cache_bytes
from kgqa.constraint.tables.array_cache import ArrayCache
from kgqa.constraint.tables.token_table import TokenTable, encode_or_refuse
from kgqa.constraint.tokenizer import Tokenizer
from kgqa.constraint.verbalize import entity_text
from kgqa.graph import IndexedGraph
from kgqa.graph.adjacency import Ids

__all__ = ["EntityNames", "NameLookup", "between"]

SHARE = 0.064
"""What is kept of names, as a share of the memory of all caches."""


@dataclass(frozen=True, eq=False)
class EntityNames:
    """The token sequences of names, in order, ties by number; `entities` has the entity at each place."""

    tokens: TokenTable
    entities: Ids

    @classmethod
    def of(cls, graph: IndexedGraph, entities: Ids, tokenizer: Tokenizer) -> Self:
        """The names of some entities (sorted) of a graph."""
        texts = [entity_text(graph.labels[number]) for number in entities.tolist()]
        known = list(dict.fromkeys(texts))
        ids = dict(zip(known, encode_or_refuse(tokenizer, known), strict=True))
        tokens, order = TokenTable.of([ids[text] for text in texts])
        return cls(tokens, entities[order])

    @property
    def nbytes(self) -> int:
        """The bytes of its arrays."""
        tokens = self.tokens
        return sum(part.nbytes for part in (tokens.ids, tokens.starts, tokens.lengths, self.entities))

    def spans(self, without: Collection[int]) -> Iterator[tuple[Ids, int, int]]:
        """The places of all but some entities, as `NameTable.spans`."""
        members = np.arange(len(self.entities), dtype=np.int32)
        holes = np.flatnonzero(np.isin(self.entities, list(without))).tolist()
        for low, high in between(holes, 0, len(members)):
            yield members, low, high


class NameLookup:
    """Makes the names of what a walk comes to, and keeps those that were asked for last."""

    def __init__(self, graph: IndexedGraph, tokenizer: Tokenizer) -> None:
        self._graph = graph
        self._tokenizer = tokenizer
        self._kept = ArrayCache(self._build, cache_bytes(SHARE))

    def of(self, entities: Ids) -> EntityNames:
        """The names of some entities (sorted)."""
        return self._kept(entities.tobytes())

    def _build(self, numbers: bytes) -> EntityNames:
        return EntityNames.of(self._graph, np.frombuffer(numbers, dtype=np.int32), self._tokenizer)


def between(holes: list[int], low: int, high: int) -> Iterator[tuple[int, int]]:
    """What is left of a range without some numbers in it, sorted, as ranges.

    >>> list(between([2, 5], 0, 6))
    [(0, 2), (3, 5)]
    """
    for hole in holes:
        if low < hole:
            yield low, hole
        low = hole + 1
    if low < high:
        yield low, high
