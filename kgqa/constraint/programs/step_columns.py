"""The facts of many nodes by the steps over them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from kgqa.graph import COMPARABLE
from kgqa.graph.adjacency import Ids
from kgqa.program import Executor, Step
from kgqa.program.sets import first_of_runs

__all__ = ["Facts", "Numbers", "Onward", "StepColumns"]

Numbers = NDArray[np.int64]


class Facts(NamedTuple):
    """Facts of nodes, sorted by the node's place: `first[i]` to `first[i + 1]` are those of the i-th node.

    `steps` are numbers of `StepColumns.steps`, `ends` what they reach.
    """

    first: Numbers
    steps: Numbers
    ends: Ids


class Onward(NamedTuple):
    """What each step reaches from a set: of the i-th step, `ends` from `first[i]` on, distinct and sorted."""

    steps: list[Step]
    first: Numbers
    ends: Ids

    def parts(self) -> Iterator[tuple[Step, Ids]]:
        """Each step with what it reaches."""
        lasts = [*self.first[1:].tolist(), len(self.ends)]
        for step, first, last in zip(self.steps, self.first.tolist(), lasts, strict=True):
            yield step, self.ends[first:last]


class StepColumns:
    """Steps as numbers: two for each text of a relation, first along it, then against it."""

    def __init__(self, executor: Executor, inverse: bool) -> None:
        self.executor = executor
        self.graph = executor.graph
        self.inverse = inverse
        index = executor.steps
        texts = sorted(index.by_text)
        numbers = {text: number for number, text in enumerate(texts)}
        self.steps = [Step(text, back) for text in texts for back in (False, True)]
        self.text_of = np.full(self.graph.relation_count, -1, dtype=np.int64)
        for text, relations in index.by_text.items():
            self.text_of[list(relations)] = numbers[text]
        schema = {*executor.classes.type_relations, *executor.classes.subclass_relations}
        self.schema = np.array([schema.issuperset(index.by_text[text]) for text in texts], dtype=np.bool_)
        """Whether the text is one of relations to classes only, which paths in clauses do not take."""
        kinds = executor.values.relation_kind
        self.comparable = [any(kinds(number) in COMPARABLE for number in index.by_text[t]) for t in texts]
        """Whether the text is one of relations to values that can be compared."""

        self.valued_steps = np.zeros(2 * len(texts), dtype=np.bool_)
        self.valued_steps[::2] = self.comparable
        """Whether a step leads to values that can be compared."""
        self._numbers = numbers

    def to_values(self, step: Step) -> bool:
        """Whether a step leads to values that can be compared."""
        return bool(not step.inverse and self.comparable[self._numbers[step.relation]])

    def of_values(self, step: Step) -> bool:
        """Whether a step leads from values to what has them."""
        return bool(step.inverse and self.comparable[self._numbers[step.relation]])

    def number_of(self, step: Step) -> int:
        """The number of a step."""
        return 2 * self._numbers[step.relation] + step.inverse

    def steps_of(self, nodes: Ids) -> list[Step]:
        """The steps that some of the nodes have."""
        found: list[Step] = []
        count = len(self.steps) // 2
        for inverse in (False, True) if self.inverse else (False,):
            adjacency = self.graph.inward if inverse else self.graph.outward
            if len(nodes) == 1:
                relations, _ = adjacency.row(int(nodes[0]))
            else:
                _, relations, _ = adjacency.gather(nodes)
            texts = self.text_of[relations]
            counts = np.bincount(texts[texts >= 0], minlength=count)
            there = np.flatnonzero(counts)
            found += [
                self.steps[2 * text + inverse]
                for text in there.tolist()
                if not inverse or not self.schema[text]
            ]
        return sorted(found)

    def degrees(self, nodes: Ids) -> Numbers:
        """How many facts each node has."""
        found: Numbers = self.graph.outward.degrees(nodes)
        return found + self.graph.inward.degrees(nodes) if self.inverse else found

    def facts(self, nodes: Ids, schema: bool = False, most: int | None = None) -> Facts:
        """The facts of some nodes; those of the schema only where asked for, and never against them.

        Of each node, at most the `most` first facts of a relation.
        """
        places, steps, ends = [], [], []
        for inverse in (False, True) if self.inverse else (False,):
            adjacency = self.graph.inward if inverse else self.graph.outward
            place, relations, targets = adjacency.gather(nodes)
            if most is not None and len(place):
                changes = np.flatnonzero((place[1:] != place[:-1]) | (relations[1:] != relations[:-1])) + 1
                starts = np.concatenate([[0], changes])
                lengths = np.diff(np.concatenate([starts, [len(place)]]))
                few = np.arange(len(place)) - np.repeat(starts, lengths) < most
                place, relations, targets = place[few], relations[few], targets[few]
            texts = self.text_of[relations]
            keep = texts >= 0
            if inverse or not schema:
                keep &= ~self.schema[texts]
            places.append(place[keep])
            steps.append(2 * texts[keep] + inverse)
            ends.append(targets[keep])
        place = np.concatenate(places)
        order = np.argsort(place, kind="stable")
        place = place[order]
        first = np.searchsorted(place, np.arange(len(nodes) + 1))
        return Facts(first, np.concatenate(steps)[order], np.concatenate(ends)[order])

    def reached(self, nodes: Ids) -> Onward:
        """What each step reaches from some nodes."""
        _, steps, ends = self.facts(nodes, schema=True)
        keys = np.sort(steps * self.graph.entity_count + ends)
        steps, ends = np.divmod(keys[first_of_runs(keys)], self.graph.entity_count)
        first = first_of_runs(steps)
        return Onward([self.steps[number] for number in steps[first].tolist()], first, ends.astype(np.int32))
