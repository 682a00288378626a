"""What a graph offers to draw programs from."""

from __future__ import annotations

import random
import re
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from kgqa.graph import IndexedGraph, ValueKind, clean_name
from kgqa.graph.adjacency import Ids
from kgqa.program import Executor, Follow, Keep, Measure, Named, NodeNames, Nodes, Path, Step
from kgqa.program.text import node_text
from kgqa.training.examples.drawing.drawn import Drawn

__all__ = ["COMPARABLE", "THINGS", "GraphFacts", "Operations", "StepFacts"]

_MOST_MEMBERS, _LONGEST_NAME = 20_000, 45
_TRIES = 12
_KEPT_SETS = 512
_IDENTIFIER = re.compile(
    r"(?:.*[\W_])?(?:id|ids|uri|url|mid|guid|key|wiki[\w ]*|image|comment|abstract)", re.I
)
COMPARABLE = (ValueKind.NUMBER, ValueKind.DATE)
"""Kinds of values that questions compare."""
THINGS = (ValueKind.NONE, ValueKind.TEXT)
"""Kinds of ends that have names."""


class StepFacts(NamedTuple):
    """What a step is for the members of a set.

    `having` is the number of members with an end, `most` the largest number of ends of one member.
    """

    step: Step
    kind: ValueKind
    having: int
    most: int


class GraphFacts:
    """Answers what a graph offers to draw from; answers are kept."""

    def __init__(self, graph: IndexedGraph, chance: random.Random) -> None:
        self.graph = graph
        self.executor = Executor.of(graph)
        self._chance = chance
        self._names = NodeNames.of(graph)
        texts, classes = self.executor.steps.texts, self.executor.classes
        self._schema = {texts[n] for n in (*classes.type_relations, *classes.subclass_relations)}
        self.classes = [
            named for named in classes.named if 3 <= named.size <= _MOST_MEMBERS and clean_name(named.name)
        ]
        self._relations = [
            number
            for number in range(graph.relation_count)
            if texts[number] not in self._schema and not _IDENTIFIER.fullmatch(texts[number])
        ]
        self.edges = lru_cache(maxsize=_KEPT_SETS)(self._find_edges)
        self._found = lru_cache(maxsize=_KEPT_SETS)(self._find_facts)

    def is_topic(self, node: int) -> bool:
        """Whether a question may call a node by its name."""
        kind = self.executor.values.kinds_of(np.array([node]))[0]
        label = clean_name(self.graph.labels[node]) if self.graph.named[node] else ""
        if ": " in label:  # made of the names of others: nobody asks for it so
            return False
        return 1 < len(label) <= _LONGEST_NAME and kind in THINGS and not label.isdigit()

    def nodes(self, node: int) -> Nodes:
        """All nodes that have the name of one."""
        entity = self.graph.entity(node)
        return self._names.nodes(node_text((entity,), self.graph)[1:]) or (entity,)

    def steps(self, members: Ids) -> tuple[StepFacts, ...]:
        """The steps from some members, but for those of the schema."""
        return self._found(members.tobytes())

    def _find_facts(self, key: bytes) -> tuple[StepFacts, ...]:
        members = np.frombuffer(key, dtype=np.int32)
        found = []
        for step in self.executor.steps.onward(members):
            if step.relation in self._schema or _IDENTIFIER.fullmatch(step.relation):
                continue
            kind = ValueKind.NONE if step.inverse else self.kind((step,))
            owners = self.executor.pairs(members, (step,)).owners
            counts = np.bincount(owners)
            found.append(StepFacts(step, kind, int((counts > 0).sum()), int(counts.max())))
        return tuple(found)

    def kind(self, path: Path) -> ValueKind:
        """What the values at the end of a path are; `NONE` for entities."""
        if path[-1].inverse:
            return ValueKind.NONE
        kinds = [self.executor.values.relation_kind(r) for r in self.executor.steps.relations(path[-1])]
        return next((kind for kind in kinds if kind is not ValueKind.NONE), ValueKind.NONE)

    def some_step(self, members: Ids, kinds: tuple[ValueKind, ...], covered: float = 0.0) -> StepFacts | None:
        """A step whose values are of one of the kinds, and that enough of the members have."""
        found = [
            facts
            for facts in self.steps(members)
            if facts.kind in kinds and facts.having >= covered * len(members)
        ]
        return self._chance.choice(found) if found else None

    def named_pairs(self, members: Ids, path: Path) -> list[int]:
        """The ends of a path that a question can name, once for each member that reaches them."""
        ends = self.executor.pairs(members, path).ends
        return [end for end in ends.tolist() if self.is_topic(end)]

    def stepped(self, drawn: Drawn, step: Step) -> Drawn | None:
        """After one more step, unless it leads back to the start."""
        members = self.executor.follow(drawn.members, (step,))
        if not 0 < len(members) <= _MOST_MEMBERS or self.kind((step,)) is ValueKind.BOOLEAN:
            return None
        if isinstance(drawn.start, Named) and np.isin(members, self.executor.start(drawn.start)).any():
            return None
        return drawn.then(Follow(step), members)

    def kept(self, drawn: Drawn, keep: Keep) -> Drawn | None:
        """After a filter, if it keeps some members and not all."""
        members = self.executor.apply(keep, drawn.members)
        if not 0 < len(members) < len(drawn.members) or keep in drawn.clauses:
            return None
        return drawn.then(keep, members)

    def two_steps(self, members: Ids, kinds: tuple[ValueKind, ...]) -> Path | None:
        """A path of two steps that most members have, with such values at its end."""
        first = self.some_step(members, (ValueKind.NONE,), 0.4)
        if first is None or len(members) > 2000:
            return None
        ends = self.executor.follow(members, (first.step,))
        if len(ends) > 2000:
            return None
        second = self.some_step(ends, kinds, 0.4)
        if second is None or second.step.relation == first.step.relation:
            return None
        return (first.step, second.step)

    def goes_back(self, drawn: Drawn, step: Step) -> bool:
        """Whether a filter only says where the set came from."""
        return any(isinstance(clause, Follow) and clause.step == step.turned() for clause in drawn.clauses)

    def bounds(self, members: Ids, measure: Measure) -> tuple[list[float], list[float]]:
        """The distinct values of a measure, sorted."""
        measured = self.executor.measured(measure, members)
        pairs = sorted(set(zip(measured.low.tolist(), measured.high.tolist(), strict=True)))
        return [low for low, _ in pairs], [high for _, high in pairs]

    def _find_edges(self, relation: int) -> tuple[Ids, Ids]:
        """Heads and tails of all facts of a relation."""
        outward = self.graph.outward
        edges = np.flatnonzero(outward.relations == relation)
        heads = np.searchsorted(outward.offsets, edges, side="right") - 1
        return heads.astype(np.int32), np.asarray(outward.targets[edges])

    def edge(self, value: bool | None = None) -> tuple[int, Step, int] | None:
        """A named node, a step from it and an end, drawn evenly over relations."""
        for _ in range(_TRIES):
            if not self._relations:
                return None
            relation = self._chance.choice(self._relations)
            heads, tails = self.edges(relation)
            if not len(heads):
                continue
            kind = self.executor.values.relation_kind(relation)
            if value is not None and (kind in (ValueKind.NONE, ValueKind.TEXT, ValueKind.BOOLEAN)) == value:
                continue
            edge = self._chance.randrange(len(heads))
            inverse = value is None and kind in THINGS and self._chance.random() < 0.5
            source, target = (tails, heads) if inverse else (heads, tails)
            if self.is_topic(int(source[edge])):
                return (
                    int(source[edge]),
                    Step(self.executor.steps.texts[relation], inverse),
                    int(target[edge]),
                )
        return None


class Operations:
    """A family of operations on what is drawn so far."""

    def __init__(self, facts: GraphFacts, chance: random.Random) -> None:
        self._facts = facts
        self._chance = chance
        self._graph = facts.graph
        self._executor = facts.executor
