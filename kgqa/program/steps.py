"""The edges of a graph by the texts of their relations."""

from __future__ import annotations

from functools import cached_property, lru_cache
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from kgqa.errors import UnknownRelationError
from kgqa.graph import IndexedGraph, clean_name, fold_name
from kgqa.graph.adjacency import Ids
from kgqa.program.measure import Path, Step

__all__ = ["Pairs", "StepIndex"]

RDF_TYPE = "http://www.w3.org/1999/02/22-rdf-syntax-ns#type"
_FEW = 4096
"""Up to so many members, rows are gathered; above, the edges of the relation are searched."""


class Pairs(NamedTuple):
    """Distinct pairs, sorted by both: the place of a member in its set (int64), and a node (int32)."""

    owners: NDArray[np.int64]
    ends: Ids


class StepIndex:
    """Finds what steps reach from sets of nodes. Relations with equal texts are one step."""

    def __init__(self, graph: IndexedGraph) -> None:
        self.graph = graph
        self._edges = lru_cache(maxsize=64)(self._edges_of)

    @classmethod
    def of(cls, graph: IndexedGraph) -> Self:
        """The index of a graph, kept with it."""
        found = graph.derived.get(cls)
        if not isinstance(found, cls):
            found = graph.derived[cls] = cls(graph)
        return found

    @cached_property
    def texts(self) -> list[str]:
        """The text of each relation: its label, or its identifier where that has no visible character."""
        return [relation_text(self.graph, number) for number in range(self.graph.relation_count)]

    @cached_property
    def by_text(self) -> dict[str, tuple[int, ...]]:
        """The relations (numbers) of each text.

        A relation of the domain with the label "type" is no step to the classes: rdf:type has no part in a
        text that it shares.
        """
        found: dict[str, tuple[int, ...]] = {}
        for number, text in enumerate(self.texts):
            found[text] = (*found.get(text, ()), number)
        for text, numbers in found.items():
            if len(numbers) > 1:
                found[text] = tuple(number for number in numbers if self.graph.relation(number) != RDF_TYPE)
        return found

    @cached_property
    def by_folded_text(self) -> dict[str, str]:
        """The texts without case, each with one that is written so."""
        return {fold_name(text): text for text in reversed(self.texts)}

    def relations(self, step: Step) -> tuple[int, ...]:
        """The relations (numbers) of a step. Raises `UnknownRelationError`."""
        found = self.by_text.get(step.relation)
        if found is None:
            raise UnknownRelationError(step.relation)
        return found

    def onward(self, members: Ids) -> list[Step]:
        """The steps that at least one of the members has, sorted."""
        found: list[Step] = []
        for adjacency, inverse in ((self.graph.outward, False), (self.graph.inward, True)):
            _, relations, _ = adjacency.gather(members)
            numbers = np.unique(relations).tolist()
            texts = {self.texts[number] for number in numbers if number in self.by_text[self.texts[number]]}
            found += [Step(text, inverse) for text in texts]
        return sorted(found)

    def reached(self, members: Ids, step: Step, back: bool = False) -> Ids:
        """The distinct nodes that a step reaches, sorted; with `back`, those that it reaches members from."""
        return np.unique(self._targets(members, step, back)[1])

    def pairs(self, members: Ids, path: Path) -> Pairs:
        """All distinct pairs of a member (its place) and an end of the path."""
        owners: NDArray[np.int64] = np.arange(len(members))
        ends = members
        for step in path:
            # each distinct node is followed once, for all members that reached it
            nodes, back = np.unique(ends, return_inverse=True)
            sources, targets = self._targets(nodes, step, False)
            order = np.argsort(sources, kind="stable")
            sources, targets = sources[order], targets[order]
            first = np.searchsorted(sources, back)
            counts = np.searchsorted(sources, back, side="right") - first
            at = np.repeat(first - (np.cumsum(counts) - counts), counts) + np.arange(int(counts.sum()))
            owners, ends = _distinct_pairs(np.repeat(owners, counts), targets[at])
        return Pairs(owners, ends)

    def _targets(self, members: Ids, step: Step, back: bool) -> tuple[NDArray[np.int64], Ids]:
        """The place of the source and the target of each edge."""
        relations = self.relations(step)
        inverse = step.inverse != back
        if len(members) == 1 and len(relations) == 1:
            adjacency = self.graph.inward if inverse else self.graph.outward
            targets = adjacency.over(int(members[0]), relations[0])
            return np.zeros(len(targets), dtype=np.int64), targets
        if len(members) <= _FEW:
            adjacency = self.graph.inward if inverse else self.graph.outward
            owners, found, targets = adjacency.gather(members)
            keep = np.isin(found, relations) if len(relations) > 1 else found == relations[0]
            return owners[keep], targets[keep]
        place = np.full(self.graph.entity_count, -1, dtype=np.int64)
        place[members] = np.arange(len(members))
        parts = [self._edges(relation) for relation in relations]
        heads, tails = (np.concatenate(column) for column in zip(*parts, strict=True))
        sources, targets = (tails, heads) if inverse else (heads, tails)
        owners = place[sources]
        keep = owners >= 0
        return owners[keep], targets[keep]

    def _edges_of(self, relation: int) -> tuple[Ids, Ids]:
        """Heads and tails of all facts of a relation."""
        edges = np.flatnonzero(self.graph.outward.relations == relation)
        heads = np.searchsorted(self.graph.outward.offsets, edges, side="right") - 1
        return heads.astype(np.int32), np.asarray(self.graph.outward.targets[edges])


def relation_text(graph: IndexedGraph, relation: int) -> str:
    """The text of a relation: its label, or its identifier where that has no visible character."""
    return clean_name(graph.relation_labels[relation]) or clean_name(graph.relation(relation))


def _distinct_pairs(owners: NDArray[np.int64], ends: Ids) -> Pairs:
    if not len(owners):
        return Pairs(owners, ends)
    order = np.lexsort((ends, owners))
    owners, ends = owners[order], ends[order]
    keep = np.ones(len(owners), dtype=np.bool_)
    np.logical_or(owners[1:] != owners[:-1], ends[1:] != ends[:-1], out=keep[1:])
    return Pairs(owners[keep], ends[keep])
