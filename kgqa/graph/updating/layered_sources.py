"""Sources of the facts of a graph that has changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from itertools import pairwise

import marisa_trie
import numpy as np
from numpy.typing import NDArray

from kgqa.graph.adjacency import Adjacency, Ids
from kgqa.graph.sources.fact_sources import FactSources, Pairs, encode_pairs
from kgqa.graph.updating.layered_adjacency import LayeredAdjacency
from kgqa.graph.updating.layered_texts import LayeredDictionary

__all__ = ["LayeredSources"]

READ = 2**18
"""Entities of which the facts are read at a time."""

Numbers = tuple[int, ...]


class LayeredSources(FactSources):
    """The sources of `base`, but for some facts, whose sources are `changed`.

    `outward` are the facts with all changes. Facts are looked up without a copy of the rest; `of_facts`,
    `set_offsets` and `set_sources` are whole arrays, made when first read.
    """

    def __init__(
        self,
        base: FactSources | None,
        outward: LayeredAdjacency,
        changed: Mapping[tuple[int, int, int], Iterable[str]],
    ) -> None:
        known = marisa_trie.Trie() if base is None else base.names
        named = dict.fromkeys(source for sources in changed.values() for source in sources)
        names = LayeredDictionary(known, [source for source in named if source not in known])
        by_head: dict[int, dict[int, Numbers]] = {}
        for name, value in {"_base": base, "outward": outward, "names": names, "_changed": by_head}.items():
            object.__setattr__(self, name, value)
        for (head, relation, tail), sources in changed.items():
            numbers = tuple(sorted(map(self.number, sources)))
            by_head.setdefault(head, {})[relation << 32 | tail] = numbers

    _base: FactSources | None
    _changed: Mapping[int, Mapping[int, Numbers]]
    """By head the sources of its changed facts, these as one number of relation and tail."""
    outward: LayeredAdjacency

    def numbers(self, head: int, relation: int, tail: int) -> Numbers:
        """The numbers of the sources of a fact of the graph."""
        found = self._changed.get(head, {}).get(relation << 32 | tail)
        if found is None:
            found = self._base.numbers(head, relation, tail) if self._base and head < self._old_count else ()
        return found

    def leaving(self, first: int, stop: int) -> Pairs:
        """The sources of the facts of some entities; see `FactSources.leaving`."""
        rows = np.union1d(self.outward.changed, np.fromiter(self._changed, np.int64))
        rows = rows[(rows >= first) & (rows < stop)].tolist()
        begins = np.append(0, np.cumsum(self.outward.degrees(np.arange(first, stop))))
        parts: list[Pairs] = []
        for before, row in pairwise([first - 1, *rows, stop]):
            parts.append(self._of_base(before + 1, row).moved(int(begins[before + 1 - first])))
            if row < stop:
                parts.append(self._of_row(row).moved(int(begins[row - first])))
        return Pairs.joined(parts)

    @cached_property
    def of_facts(self) -> Ids:
        """The sources of facts; see `FactSources`."""
        return self._whole[0]

    @cached_property
    def set_offsets(self) -> NDArray[np.int64]:
        """Where each set of several sources begins."""
        return np.append(0, np.cumsum(self._whole[1]))

    @cached_property
    def set_sources(self) -> Ids:
        """The sources in sets."""
        return self._whole[2]

    @cached_property
    def _whole(self) -> tuple[Ids, NDArray[np.int64], Ids]:
        entities, facts = len(self.outward.offsets) - 1, 0
        parts: list[Pairs] = []
        for first in range(0, entities, READ):
            stop = min(first + READ, entities)
            parts.append(self.leaving(first, stop).moved(facts))
            facts = int(self.outward.offsets[stop])
        return encode_pairs(Pairs.joined(parts), facts)

    @property
    def _old_count(self) -> int:
        return 0 if self._base is None else len(self._base.outward.offsets) - 1

    def _of_base(self, first: int, stop: int) -> Pairs:
        """The sources of facts of entities that are as in the base."""
        stop = min(stop, self._old_count)
        return Pairs.joined([]) if self._base is None or first >= stop else self._base.leaving(first, stop)

    def _of_row(self, entity: int) -> Pairs:
        """The sources of the facts of one entity whose facts or sources have changed."""
        keys = _keys(self.outward, entity)
        own = self._changed.get(entity, {})
        changed = np.searchsorted(keys, np.array(list(own), dtype=np.int64))
        before = self._of_base(entity, entity + 1)
        if len(before.facts):
            assert self._base is not None
            old = _keys(self._base.outward, entity)
            places = np.searchsorted(keys, old)
            is_kept = np.isin(old, keys) & ~np.isin(places, changed)
            kept = is_kept[before.facts]
            before = Pairs(places[before.facts[kept]], before.sources[kept])
        numbers = list(own.values())
        facts = np.concatenate([before.facts, np.repeat(changed, [len(some) for some in numbers])])
        more = np.array([number for some in numbers for number in some], dtype=np.int32)
        order = np.argsort(facts, kind="stable")
        return Pairs(facts[order], np.concatenate([before.sources, more])[order])


def _keys(adjacency: Adjacency, entity: int) -> NDArray[np.int64]:
    """The facts of an entity, each as one number; sorted."""
    relations, targets = adjacency.row(entity)
    found: NDArray[np.int64] = relations.astype(np.int64) << 32 | targets
    return found
