"""Ranking of relation paths and of programs by the direction that a question asks in."""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from kgqa.answer.direction.asked_side import asked_side
from kgqa.answer.direction.relation_sides import relation_sides
from kgqa.constraint import ProgramWalk
from kgqa.decode import Hypothesis
from kgqa.graph import Chain, IndexedGraph
from kgqa.program import Follow, Named, Program

__all__ = ["PathDirection"]


class _Step(NamedTuple):
    """A step from a name: the name, the relation's words, its direction, and all else that is written."""

    start: str
    relation: str
    inverse: bool
    others: Hashable


@dataclass(frozen=True)
class PathDirection:
    """Divides the weight of a relation between its two directions by the grammar of the question.

    Where a relation leads from a topic both ways ("subsidiary of"), a model that knows the relation may
    still take the wrong way. The words of the question and of the relation say which is asked: "what
    replaced it?" over "replaces" goes against the facts. If both paths of one step were found and the grammar
    speaks, their common weight (exp of the scores) is kept, and the log-odds of the way along the facts are
    `own` times the difference of their scores, plus or minus `nats`. The same holds for two programs that
    differ in the direction of their first step from a name only ("how many did she manage?"). All other
    hypotheses keep their scores.
    """

    nats: float = 3.0
    own: float = 0.25

    def prepare(self, question: str, topics: Sequence[str]) -> None:
        """Nothing is batched over questions."""

    def rank(
        self, question: str, _topics: Sequence[str], hypotheses: Sequence[Hypothesis], graph: IndexedGraph
    ) -> list[Hypothesis]:
        """The hypotheses with their new scores, best first."""
        ways: dict[Hashable, dict[bool, int]] = {}
        asked: dict[Hashable, _Step] = {}
        for number, hypothesis in enumerate(hypotheses):
            step = _first_step(hypothesis, graph)
            if step is not None:
                ways.setdefault(step.others, {})[step.inverse] = number
                asked[step.others] = step
        found = list(hypotheses)
        for others, by_way in ways.items():
            if len(by_way) < 2:
                continue
            sides = relation_sides(asked[others].relation)
            along = asked_side(question, asked[others].start, sides) if sides else None
            if along is None:
                continue
            first, second = found[by_way[False]], found[by_way[True]]
            odds = self.own * (first.score - second.score) + (self.nats if along else -self.nats)
            both = _log_sum(first.score, second.score)
            found[by_way[False]] = first.rescored(both - _log_sum(0.0, -odds))
            found[by_way[True]] = second.rescored(both - _log_sum(0.0, odds))
        return sorted(found, key=lambda hypothesis: hypothesis.rank)


def _first_step(hypothesis: Hypothesis, graph: IndexedGraph) -> _Step | None:
    walk = hypothesis.constraint
    if isinstance(walk, ProgramWalk):
        return _of_program(walk.programs(hypothesis.state)[0], graph)
    return _of_chain(hypothesis.chain, graph)


def _of_chain(chain: Chain, graph: IndexedGraph) -> _Step | None:
    """The step of a path that has no other."""
    if len(chain.hops) != 1:
        return None
    (hop,) = chain.hops
    start, relation = graph.label(chain.start) or "", graph.relation_label(hop.relation)
    return _Step(start, relation, hop.inverse, (chain.start, hop.relation))


def _of_program(program: Program, graph: IndexedGraph) -> _Step | None:
    """The step from a name that a program begins with."""
    if not (isinstance(program.start, Named) and len(program.start.groups) == 1 and program.clauses):
        return None
    first, *later = program.clauses
    if not isinstance(first, Follow):
        return None
    (nodes,), step = program.start.groups, first.step
    start = graph.label(nodes[0]) or ""
    return _Step(start, step.relation, step.inverse, (nodes, step.relation, *later, program.final))


def _log_sum(first: float, second: float) -> float:
    best = max(first, second)
    return best + math.log1p(math.exp(min(first, second) - best)) if math.isfinite(best) else best
