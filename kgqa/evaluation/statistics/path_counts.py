"""What chains there are from some entities: counted, not listed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from kgqa.graph import IndexedGraph

__all__ = ["PathCounter", "PathCounts"]

Numbers = NDArray[np.int64]


class Layer(NamedTuple):
    """Where walks of one length are: arrays of one length, an entry for each way to be somewhere.

    `path` numbers the relation paths of this length, `start` the starts; `walks` says how many walks
    from the start over the relation path end at the entity.
    """

    path: Numbers
    start: Numbers
    entity: Numbers
    walks: NDArray[np.float64]


@dataclass(frozen=True)
class PathCounts:
    """The chains of 1 to some number of hops from some starts.

    `chains` counts them, `relation_paths` the relation paths behind them: exact up to 2**53.
    """

    chains: int
    relation_paths: int
    _layers: tuple[Layer, ...]
    _starts: Numbers
    _counter: PathCounter

    def distance(self, entity: int) -> int | None:
        """The fewest hops of a chain to an entity; None where none of the chains ends there."""
        if not self._counter.graph.named[entity]:
            return None
        for length, entities in enumerate(self._reached, 1):
            if _any_in(np.array([entity]), entities):
                return length
        sources = self._counter.sources(entity)
        for start, entities in self._before_last:
            if (start != entity or self._counter.allow_return) and _any_in(sources, entities):
                return len(self._layers)
        return None

    @cached_property
    def _reached(self) -> list[Numbers]:
        """The entities at the ends of the walks of 1, 2, ... hops, without those of the most hops."""
        return [np.unique(layer.entity) for layer in self._layers[1:]]

    @cached_property
    def _before_last(self) -> list[tuple[int, Numbers]]:
        """Each start, and the entities that walks from it leave by their last hop."""
        last = self._layers[-1]
        starts = enumerate(self._starts.tolist())
        return [(start, np.unique(last.entity[last.start == number])) for number, start in starts]


def _any_in(entities: Numbers, among: Numbers) -> bool:
    """Whether any of some entities is in a sorted array."""
    if not len(among):
        return False
    at = np.minimum(among.searchsorted(entities), len(among) - 1)
    return bool((among[at] == entities).any())


@dataclass(frozen=True, eq=False)
class PathCounter:
    """Counts the chains of up to `hops` hops from given entities of a graph; see `PathCounts`.

    The chains are those of the grammar `path`: they take steps against the triples when `inverse`, come
    back to their own start when `allow_return`, and end at named entities. The last hop is never
    taken: its ends are counted by the number of neighbours of each entity, and its relations
    by the entities' sets of relations, of which there are few.
    """

    graph: IndexedGraph
    hops: int
    inverse: bool = True
    allow_return: bool = False

    def of(self, starts: Sequence[int]) -> PathCounts:
        """The counts from some entities (numbers, each once)."""
        numbers = np.array(starts, dtype=np.int64)
        here = Layer(np.zeros_like(numbers), np.arange(len(numbers)), numbers, np.ones(len(numbers)))
        layers, chains, paths = [here], 0, 0
        for _ in range(self.hops - 1):
            here = self._after(here, numbers)
            layers.append(here)
            named = self.graph.named[here.entity]
            chains += int(here.walks[named].sum())
            paths += len(np.unique(here.path[named]))
        chains += self._last_chains(here, numbers)
        paths += self._last_paths(here, numbers)
        return PathCounts(chains, paths, tuple(layers), numbers, self)

    def sources(self, entity: int) -> Numbers:
        """The entities from which a hop leads to an entity."""
        found = [self.graph.inward.row(entity)[1]]
        if self.inverse:
            found.append(self.graph.outward.row(entity)[1])
        return np.concatenate(found).astype(np.int64)

    def _edges(self, entities: Numbers) -> tuple[Numbers, Numbers, Numbers]:
        """The edges that may be taken: place of the source in `entities`, step, target."""
        parts = [(*self.graph.outward.gather(entities), 0)]
        if self.inverse:
            parts.append((*self.graph.inward.gather(entities), 1))
        owners = np.concatenate([owner for owner, _, _, _ in parts])
        steps = np.concatenate([relations.astype(np.int64) * 2 + way for _, relations, _, way in parts])
        targets = np.concatenate([targets.astype(np.int64) for _, _, targets, _ in parts])
        return owners, steps, targets

    def _after(self, layer: Layer, starts: Numbers) -> Layer:
        """One hop on."""
        owners, steps, targets = self._edges(layer.entity)
        if not self.allow_return:
            kept = targets != starts[layer.start[owners]]
            owners, steps, targets = owners[kept], steps[kept], targets[kept]
        path = np.unique(layer.path[owners] * self._step_count + steps, return_inverse=True)[1]
        start = layer.start[owners]
        place = (path * len(starts) + start) * self.graph.entity_count + targets
        _, first, group = np.unique(place, return_index=True, return_inverse=True)
        walks = np.bincount(group, layer.walks[owners], len(first)).astype(np.float64)
        return Layer(path[first], start[first], targets[first], walks)

    def _last_chains(self, layer: Layer, starts: Numbers) -> int:
        ways = self._named_degrees[layer.entity].astype(np.float64)
        if not self.allow_return:
            for number, start in enumerate(starts.tolist()):
                if self.graph.named[start]:
                    back = np.bincount(self.sources(start), minlength=self.graph.entity_count)
                    mine = layer.start == number
                    ways[mine] -= back[layer.entity[mine]]
        return int((layer.walks * ways).sum())

    def _last_paths(self, layer: Layer, starts: Numbers) -> int:
        beside = np.zeros(len(layer.entity), dtype=np.bool_)
        if not self.allow_return:
            for number, start in enumerate(starts.tolist()):
                beside |= (layer.start == number) & np.isin(layer.entity, self.sources(start))
        kinds, offsets, steps = self._step_sets
        pairs = np.unique(layer.path[~beside] * len(offsets) + kinds[layer.entity[~beside]])
        paths, sets = np.divmod(pairs, len(offsets))
        lengths = offsets[sets + 1] - offsets[sets]
        at = np.arange(int(lengths.sum())) - np.repeat(np.cumsum(lengths) - lengths - offsets[sets], lengths)
        found = [np.repeat(paths, lengths) * self._step_count + steps[at]]
        # Beside the start a step may lead to nothing but the start: look at each edge.
        owners, taken, targets = self._edges(layer.entity[beside])
        owned = np.flatnonzero(beside)[owners]
        kept = self.graph.named[targets] & (targets != starts[layer.start[owned]])
        found.append(layer.path[owned][kept] * self._step_count + taken[kept])
        return len(np.unique(np.concatenate(found)))

    @property
    def _step_count(self) -> int:
        return max(1, 2 * self.graph.relation_count)

    @cached_property
    def _named_degrees(self) -> Numbers:
        """How many edges lead from each entity to named ones."""
        return np.bincount(self._named_edges[0], minlength=self.graph.entity_count)

    @cached_property
    def _named_edges(self) -> tuple[Numbers, Numbers]:
        """The source and step of every edge to a named entity."""
        sources, steps, targets = self._edges(np.arange(self.graph.entity_count))
        named = self.graph.named[targets]
        return sources[named], steps[named]

    @cached_property
    def _step_sets(self) -> tuple[Numbers, Numbers, Numbers]:
        """Which set of steps to named entities each entity has; offsets into the steps of the sets."""
        sources, steps = self._named_edges
        taken = np.unique(sources * self._step_count + steps)
        owners, steps = np.divmod(taken, self._step_count)
        bounds = np.searchsorted(owners, np.arange(self.graph.entity_count + 1))
        numbers: dict[bytes, int] = {}
        kinds = [
            numbers.setdefault(steps[start:stop].tobytes(), len(numbers))
            for start, stop in zip(bounds[:-1].tolist(), bounds[1:].tolist(), strict=True)
        ]
        sets = [np.frombuffer(text, dtype=np.int64) for text in numbers]
        offsets = np.cumsum([0, *map(len, sets)])
        return np.array(kinds, dtype=np.int64), offsets, np.concatenate([*sets, np.empty(0, dtype=np.int64)])
