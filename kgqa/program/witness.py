"""Chains of facts from one node of a set to another along the steps of a program."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from kgqa.graph import Chain, Hop
from kgqa.graph.adjacency import Ids, holds
from kgqa.program.condition import Compare, Nodes
from kgqa.program.execution import Executor
from kgqa.program.measure import Path, Step
from kgqa.program.program import Combine, Extreme, Follow, Instances, Join, Keep, Program
from kgqa.program.sets import intersection

__all__ = ["Run", "Witnesses", "joined", "turned"]


@dataclass(frozen=True, eq=False)
class Run:
    """The sets (int32, sorted) that a program went through: `sets[0]` at the start, then after each clause.

    `inner` has the runs of the programs combined with, by the place of their clause.
    """

    program: Program
    sets: list[Ids]
    inner: dict[int, Run] = field(default_factory=dict)

    @classmethod
    def of(cls, executor: Executor, program: Program) -> Run:
        """The sets of a program, its final operator left out; raises as `Executor.execute`."""
        trace = executor.trace(Program(program.start, program.clauses))
        inner = {
            place: cls.of(executor, clause.program)
            for place, clause in enumerate(program.clauses)
            if isinstance(clause, Combine)
        }
        return cls(program, [trace.start, *trace.after], inner)


class Witnesses:
    """Finds chains of facts; each is the first by the numbers of its nodes."""

    def __init__(self, executor: Executor) -> None:
        self.graph = executor.graph
        self.steps = executor.steps
        self.classes = executor.classes

    def of_run(self, run: Run, node: int) -> Chain:
        """A chain from a start of the program to a member of its last set.

        A class is the start of a program over its instances.
        """
        chain = Chain(self.graph.entity(node), ())
        for place in range(len(run.program.clauses) - 1, -1, -1):
            clause, before = run.program.clauses[place], run.sets[place]
            if isinstance(clause, Combine) and clause.join is Join.OR and not holds(before, node):
                return joined(self.of_run(run.inner[place], node), chain)
            path = _walked(clause)
            if path:
                part = self.back(before, path, node)
                node, chain = self.graph.entity_id(part.start), joined(part, chain)
        start = run.program.start
        if isinstance(start, Instances):
            return joined(turned(self.to_class(node, start.nodes)), chain)
        return chain

    def onward(self, node: int, path: Path, ends: Ids | None = None) -> Chain:
        """A chain from a node along a path to the first of `ends` (sorted; None: all) that it reaches."""
        levels: list[Ids] = [np.array([node], dtype=np.int32)]
        for step in path:
            levels.append(self.steps.reached(levels[-1], step))
        here = end = int(intersection(levels[-1], ends)[0]) if ends is not None else int(levels[-1][0])
        hops: list[Hop] = []
        for step, sources in zip(reversed(path), reversed(levels[:-1]), strict=True):
            if len(sources) > 1:
                back = self.steps.reached(np.array([here], dtype=np.int32), step, back=True)
                sources = intersection(sources, back)
            hops.append(self._hop(int(sources[0]), step, here))
            here = int(sources[0])
        return Chain(self.graph.entity(node if path else end), tuple(reversed(hops)))

    def back(self, starts: Ids, path: Path, end: int) -> Chain:
        """A chain to a node along a path from the first of `starts` (sorted) that reaches it."""
        levels: list[Ids] = [np.array([end], dtype=np.int32)]
        for step in reversed(path):
            levels.append(self.steps.reached(levels[-1], step, back=True))
        here = start = int(intersection(levels[-1], starts)[0])
        hops: list[Hop] = []
        for step, targets in zip(path, reversed(levels[:-1]), strict=True):
            if len(targets) > 1:
                reached = self.steps.reached(np.array([here], dtype=np.int32), step)
                targets = intersection(targets, reached)
            hops.append(self._hop(here, step, int(targets[0])))
            here = int(targets[0])
        return Chain(self.graph.entity(start), tuple(hops))

    def to_class(self, node: int, classes: Nodes) -> Chain:
        """The chain from an instance over its type and wider classes to one of the classes; the shortest."""
        wanted = {self.graph.entity_id(name) for name in classes}
        types, wider = self.classes.type_relations, self.classes.subclass_relations
        chains: dict[int, tuple[Hop, ...]] = {}
        fresh: list[tuple[int, tuple[Hop, ...]]] = [(node, ())]
        relations = types
        while fresh:
            further: list[tuple[int, tuple[Hop, ...]]] = []
            for source, hops in fresh:
                for relation in relations:
                    for target in self.graph.outward.over(source, relation).tolist():
                        if target not in chains:
                            hop = Hop(self.graph.relation(relation), self.graph.entity(target))
                            chains[target] = (*hops, hop)
                            further.append((target, chains[target]))
            for target, hops in further:
                if target in wanted:
                    return Chain(self.graph.entity(node), hops)
            fresh, relations = further, wider
        raise AssertionError("an instance of a class has a chain to it")

    def _hop(self, source: int, step: Step, target: int) -> Hop:
        head, tail = (target, source) if step.inverse else (source, target)
        for relation in self.steps.relations(step):
            if holds(self.graph.outward.over(head, relation), tail):
                return Hop(self.graph.relation(relation), self.graph.entity(target), step.inverse)
        raise AssertionError("the ends of a step have a fact between them")


def _walked(clause: object) -> Path:
    """The steps from the members before a clause to those after it."""
    match clause:
        case Follow(step):
            return (step,)
        case Keep(Compare(measure)) | Extreme(measure):
            return measure.by
    return ()


def joined(first: Chain, second: Chain) -> Chain:
    """The chain over both; the second begins where the first ends."""
    return Chain(first.start, first.hops + second.hops)


def turned(chain: Chain) -> Chain:
    """The chain from its end to its start."""
    nodes = [chain.start, *(hop.entity for hop in chain.hops)]
    hops = (Hop(hop.relation, node, not hop.inverse) for hop, node in zip(chain.hops, nodes, strict=False))
    return Chain(chain.end, tuple(reversed(list(hops))))
