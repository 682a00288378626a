"""The graph's adjacency, grouped by steps."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple, Self, TypeAlias

import numpy as np
from numpy.typing import NDArray

from kgqa.constraint.tables.step_texts import StepTexts
from kgqa.graph import IndexedGraph
from kgqa.graph.adjacency import Ids, search

__all__ = ["NamedEntities", "StepRows", "Steps", "distinct", "distinct_edges", "ranges"]

Steps: TypeAlias = tuple[int, ...]
"""Steps as numbers: twice the number of the relation's text, plus one if inverse."""

SORTED = 512
"""Up to this number of values, duplicates are removed by sorting; above, with a mask."""


class NamedEntities(NamedTuple):
    """Named entities except `without`: those of a group of `StepRows`, or (group -1) `entities`."""

    group: int
    without: tuple[int, ...]
    entities: Ids


@dataclass(frozen=True, eq=False)
class StepRows:
    """Every entity's neighbours, grouped by the step that leads to them.

    Relations with equal texts are one step. A *group* is a pair of entity and step; groups are
    sorted by both. `offsets` (entities + 1,) holds where an entity's groups begin; `owners` and
    `steps` have one entry for each group. The distinct neighbours of group `g` are the *slots* from
    `starts[g]` to `starts[g + 1]` of `targets`: named ones first, unnamed ones from `silent[g]` on,
    each by entity number.
    """

    texts: tuple[str, ...]
    relations: tuple[tuple[int, ...], ...]
    offsets: NDArray[np.int64]
    owners: Ids
    steps: Ids
    starts: NDArray[np.int64]
    silent: NDArray[np.int64]
    targets: Ids

    @classmethod
    def of(cls, graph: IndexedGraph) -> Self:
        """The rows of a graph, kept with it."""
        rows = graph.derived.get("step rows")
        if not isinstance(rows, cls):
            rows = graph.derived["step rows"] = cls._build(graph)
            rows._step_offsets, rows._by_step  # noqa: B018  (built now, not during a question)
        return rows

    @classmethod
    def _build(cls, graph: IndexedGraph) -> Self:
        texts = StepTexts.of(graph)
        sources, steps, targets = [], [], []
        for adjacency, inverse in ((graph.outward, 0), (graph.inward, 1)):
            degrees = np.diff(adjacency.offsets)
            sources.append(np.repeat(np.arange(graph.entity_count, dtype=np.int32), degrees))
            steps.append(texts.text_of[adjacency.relations] * 2 + inverse)
            targets.append(adjacency.targets)
        return cls._group(
            graph,
            (texts.texts, texts.relations),
            np.concatenate(sources),
            np.concatenate(steps),
            np.concatenate(targets),
        )

    @classmethod
    def _group(
        cls,
        graph: IndexedGraph,
        texts: tuple[tuple[str, ...], tuple[tuple[int, ...], ...]],
        sources: Ids,
        steps: Ids,
        targets: Ids,
    ) -> Self:
        wide = max(1, 2 * len(texts[0]))
        groups = sources.astype(np.int64) * wide + steps
        rank = targets + np.int64(graph.entity_count) * ~graph.named[targets]
        if graph.entity_count**2 * wide < 2**62:
            edges = np.sort(groups * (2 * graph.entity_count) + rank)
            edges = edges[distinct_edges(edges)]
            groups, rank = np.divmod(edges, max(1, 2 * graph.entity_count))
        else:
            order = np.lexsort((rank, groups))
            groups, rank = groups[order], rank[order]
            kept = distinct_edges(groups) | distinct_edges(rank)
            groups, rank = groups[kept], rank[kept]
        unnamed = rank >= graph.entity_count
        targets = (rank - graph.entity_count * unnamed).astype(np.int32)
        first = np.flatnonzero(distinct_edges(groups))
        starts = np.append(first, len(groups))
        silent = starts[1:] - np.add.reduceat(unnamed, first, dtype=np.int64) if len(first) else first
        owners, taken = np.divmod(groups[first], wide)
        offsets = np.zeros(graph.entity_count + 1, dtype=np.int64)
        np.cumsum(np.bincount(owners, minlength=graph.entity_count), out=offsets[1:])
        return cls(*texts, offsets, owners.astype(np.int32), taken.astype(np.int32), starts, silent, targets)

    @property
    def step_count(self) -> int:
        """The number of steps."""
        return 2 * len(self.texts)

    @property
    def entity_count(self) -> int:
        """The number of entities."""
        return len(self.offsets) - 1

    def group(self, entity: int, step: int) -> int:
        """The group of an entity and a step, -1 if the entity has no such step."""
        low, high = self.offsets[entity : entity + 2].tolist()
        at = low + search(self.steps[low:high], step)
        return at if at < high and self.steps[at] == step else -1

    def groups_of(self, entities: Ids) -> NDArray[np.int64]:
        """All groups of some entities, unordered."""
        if len(entities) == 1:
            low, high = self.offsets[entities[0] : entities[0] + 2].tolist()
            return np.arange(low, high)
        low_ends = self.offsets[entities]
        high_ends = self.offsets[entities + 1]
        if int((high_ends - low_ends).sum()) * 4 < len(self.owners):
            return ranges(low_ends, high_ends)
        return np.flatnonzero(self._mask(entities)[self.owners])

    def groups_over(self, entities: Ids, step: int) -> NDArray[np.int64]:
        """The groups of some entities with one step, unordered."""
        low, high = self._step_offsets[step : step + 2].tolist()
        groups: NDArray[np.int64] = self._by_step[low:high]
        if len(entities) * 16 > high - low:
            marked: NDArray[np.int64] = groups[self._mask(entities)[self.owners[groups]]]
            return marked
        owners = self.owners[groups]
        at = np.minimum(owners.searchsorted(entities), high - low - 1)
        found: NDArray[np.int64] = groups[at[owners[at] == entities]]
        return found

    def reached(self, groups: NDArray[np.int64]) -> Ids:
        """The distinct neighbours of some groups, unordered."""
        return self._targets(self.starts[groups], self.starts[groups + 1])

    def reached_named(self, groups: NDArray[np.int64]) -> Ids:
        """The distinct named neighbours of some groups, sorted."""
        return self._targets(self.starts[groups], self.silent[groups])

    def reached_unnamed(self, groups: NDArray[np.int64]) -> Ids:
        """The distinct unnamed neighbours of some groups, sorted."""
        return self._targets(self.silent[groups], self.starts[groups + 1])

    def _targets(self, low: NDArray[np.int64], high: NDArray[np.int64]) -> Ids:
        if len(low) == 1:
            return self.targets[low[0] : high[0]]
        return distinct(self.targets[ranges(low, high)], self.entity_count)

    def _mask(self, entities: Ids) -> NDArray[np.bool_]:
        mask = np.zeros(self.entity_count, dtype=np.bool_)
        mask[entities] = True
        return mask

    @cached_property
    def _by_step(self) -> NDArray[np.int64]:
        return np.argsort(self.steps, kind="stable")

    @cached_property
    def _step_offsets(self) -> NDArray[np.int64]:
        return np.append(0, np.cumsum(np.bincount(self.steps, minlength=self.step_count)))


def distinct_edges(values: NDArray[Any]) -> NDArray[np.bool_]:
    """A mask of the values that differ from the previous one."""
    differs = np.ones(len(values), dtype=np.bool_)
    np.not_equal(values[1:], values[:-1], out=differs[1:])
    return differs


def distinct(values: Ids, count: int) -> Ids:
    """The distinct values of some numbers below `count`, sorted."""
    if len(values) < 2:
        return values
    if len(values) <= SORTED or len(values) * 64 < count:
        ordered = np.sort(values)
        return ordered[distinct_edges(ordered)]
    mask = np.zeros(count, dtype=np.bool_)
    mask[values] = True
    return np.flatnonzero(mask).astype(np.int32)


def ranges(low: NDArray[np.int64], high: NDArray[np.int64]) -> NDArray[np.int64]:
    """The numbers of several half-open ranges, concatenated."""
    lengths = high - low
    ends = np.cumsum(lengths)
    total = int(ends[-1]) if len(ends) else 0
    numbers: NDArray[np.int64] = np.repeat(low - (ends - lengths), lengths)
    numbers += np.arange(total)
    return numbers
