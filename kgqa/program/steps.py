"""The edges of a graph by the texts of their relations."""

from __future__ import annotations

from functools import cached_property, lru_cache
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from kgqa.errors import UnknownRelationError
from kgqa.graph import IndexedGraph, ValueKind, ValueTable, clean_name, fold_name, split_humps
from kgqa.graph.adjacency import Ids
from kgqa.graph.relation_facts import FactsByRelation
from kgqa.program.measure import Path, Step
from kgqa.program.sets import distinct

__all__ = ["Pairs", "StepIndex", "step_kind"]

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
        self._edges = lru_cache(maxsize=32)(self._edges_of)

    @classmethod
    def of(cls, graph: IndexedGraph) -> Self:
        """The index of a graph, kept with it."""
        return graph.derive(cls)

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
        """The texts without case, and the names that they are made of, each with one that is written so."""
        plain = [_plain_text(self.graph, number) for number in range(self.graph.relation_count)]
        found = {
            fold_name(name): text for name, text in zip(reversed(plain), reversed(self.texts), strict=True)
        }
        return found | {fold_name(text): text for text in reversed(self.texts)}

    def relations(self, step: Step) -> tuple[int, ...]:
        """The relations (numbers) of a step. Raises `UnknownRelationError`."""
        found = self.by_text.get(step.relation) or self.by_text.get(split_humps(step.relation))
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
        relations = self.relations(step)
        if len(members) == 1 and len(relations) == 1:  # a slice, sorted as it is
            adjacency = self.graph.inward if step.inverse != back else self.graph.outward
            return adjacency.over(int(members[0]), relations[0])
        return distinct(self._edges_from(members, step, back)[1])

    def pairs(self, members: Ids, path: Path) -> Pairs:
        """All distinct pairs of a member (its place) and an end of the path."""
        owners: NDArray[np.int64] = np.arange(len(members))
        ends = members
        for place, step in enumerate(path):
            if not place:
                owners, ends = self._distinct(*self._edges_from(members, step))
                continue
            # each distinct node is followed once, for all members that reached it
            nodes = distinct(ends)
            sources, targets = self._edges_from(nodes, step)
            here = np.searchsorted(nodes, ends)
            lengths = np.bincount(sources, minlength=len(nodes))
            first, counts = (np.cumsum(lengths) - lengths)[here], lengths[here]
            at = np.repeat(first - (np.cumsum(counts) - counts), counts) + np.arange(int(counts.sum()))
            owners, ends = self._distinct(np.repeat(owners, counts), targets[at])
        return Pairs(owners, ends)

    def _edges_from(self, members: Ids, step: Step, back: bool = False) -> tuple[NDArray[np.int64], Ids]:
        """The place of the source and the target of each edge, sorted by the source."""
        relations = self.relations(step)
        inverse = step.inverse != back
        adjacency = self.graph.inward if inverse else self.graph.outward
        if len(members) == 1 and len(relations) == 1:
            targets = adjacency.over(int(members[0]), relations[0])
            return np.zeros(len(targets), dtype=np.int64), targets
        if len(members) <= _FEW:
            owners, found, targets = adjacency.gather(members)
            keep = np.isin(found, relations) if len(relations) > 1 else found == relations[0]
            return owners[keep], targets[keep]
        place = np.zeros(self.graph.entity_count, dtype=np.int32)  # 1 for the first: no memory is written
        place[members] = np.arange(1, len(members) + 1, dtype=np.int32)
        parts = [self._edges(relation, inverse) for relation in relations]
        sources, targets = parts[0] if len(parts) == 1 else map(np.concatenate, zip(*parts, strict=True))
        owners = place[sources].astype(np.int64) - 1
        keep = owners >= 0
        if not keep.all():
            owners, targets = owners[keep], targets[keep]
        if len(parts) > 1:
            order = np.argsort(owners, kind="stable")
            owners, targets = owners[order], targets[order]
        return owners, targets

    def _edges_of(self, relation: int, inverse: bool) -> tuple[Ids, Ids]:
        """Sources and targets of all edges over a relation, sorted by source."""
        heads, tails = FactsByRelation.of_graph(self.graph).of(relation)
        if not inverse:
            return heads, tails
        order = np.argsort(tails, kind="stable")
        return tails[order], heads[order]

    def _distinct(self, owners: NDArray[np.int64], ends: Ids) -> Pairs:
        """The distinct pairs, sorted by both; as they are where they already are so."""
        keys = owners * self.graph.entity_count + ends
        if not (keys[1:] > keys[:-1]).all():
            owners, ends = np.divmod(np.unique(keys), self.graph.entity_count)
        return Pairs(owners, ends.astype(np.int32, copy=False))


def step_kind(step: Step, graph: IndexedGraph) -> ValueKind:
    """What the ends of a step are compared as; NONE against a relation.

    >>> from kgqa.graph import GraphBuilder
    >>> graph = GraphBuilder.of([("Nile", "length in km", "6650"), ("Nile", "mouth", "Rosetta")])
    >>> step_kind(Step("length in km"), graph).name, step_kind(Step("mouth"), graph).name
    ('NUMBER', 'NONE')
    """
    if step.inverse:
        return ValueKind.NONE
    return ValueTable.of(graph).step_kind(StepIndex.of(graph).relations(step))


def relation_text(graph: IndexedGraph, relation: int) -> str:
    """The text of a relation: its label, or its identifier where that has no visible character.

    Camel case is written as words, as in all texts of chains.
    """
    return split_humps(_plain_text(graph, relation))


def _plain_text(graph: IndexedGraph, relation: int) -> str:
    return clean_name(graph.relation_labels[relation]) or clean_name(graph.relation(relation))
