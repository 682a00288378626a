"""Programs whose result is known before the graph is asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from kgqa.answer.programs.rewritten import program_of
from kgqa.constraint import ProgramWalk
from kgqa.decode import Hypothesis
from kgqa.graph import COMPARABLE, IndexedGraph
from kgqa.graph.adjacency import Ids
from kgqa.program import (
    Aggregate,
    Combine,
    Compare,
    Condition,
    Count,
    Each,
    Executor,
    Follow,
    Is,
    Join,
    Keep,
    Measure,
    Named,
    Nodes,
    OwnValue,
    Program,
    Step,
    StepIndex,
    Test,
    step_kind,
)

__all__ = ["VacuousPrograms"]

_LOOKED_AT = 10
"""Members that a name is compared with."""


@dataclass(frozen=True, eq=False)
class VacuousPrograms:
    """Drops programs that do not ask what the graph says.

    - A count of names of the question ("Oslo | count" is 1), or of the one value of a name ("Oslo -> area |
      count": asked is the area).
    - A test whether a name is another ("Engineering | test is Ann"), whether a way there and back comes back
      ("Ann -> city | test <- city is Ann"), whether a thing is a value ("Ann -> salary | test is Oslo") or
      something that has no relation in common with it ("Ann -> city | test is Bob"), and whether a name is
      above, below or equal to itself, or among those that are.
    - Things or their values in one set: "Oslo | or ( Bergen -> area )".
    - The values of groups of members that have this value: "all city | by -> area each average -> area".
    """

    def prepare(self, question: str, topics: Sequence[str]) -> None:
        """Nothing is batched over questions."""

    def rank(
        self, _question: str, _topics: Sequence[str], hypotheses: Sequence[Hypothesis], graph: IndexedGraph
    ) -> list[Hypothesis]:
        """The hypotheses in their order, without those."""
        return [hypothesis for hypothesis in hypotheses if not _is_vacuous(hypothesis, graph)]


def _is_vacuous(hypothesis: Hypothesis, graph: IndexedGraph) -> bool:
    program = program_of(hypothesis)
    if any(_joins_values_to_things(program, place, graph) for place in range(len(program.clauses))):
        return True
    match program.final:
        case Each(Measure(path, aggregate, by)) if path and path == by and aggregate is not Aggregate.COUNT:
            return True
    if isinstance(program.final, Count):
        return _counts_names(program) or _counts_a_value(hypothesis, program, graph)
    return isinstance(program.final, Test) and _tests_nothing(program, program.final.condition, graph)


def _joins_values_to_things(program: Program, place: int, graph: IndexedGraph) -> bool:
    """Whether a clause is a union of which one side leads to numbers or dates, and the other does not."""
    match program.clauses[place]:
        case Combine(Join.OR, inner):
            before = replace(program, clauses=program.clauses[:place])
            return _leads_to_values(before, graph) != _leads_to_values(inner, graph)
    return False


def _leads_to_values(program: Program, graph: IndexedGraph) -> bool:
    steps = [clause.step for clause in program.clauses if isinstance(clause, Follow)]
    return bool(steps) and step_kind(steps[-1], graph) in COMPARABLE


def _counts_names(program: Program) -> bool:
    """Whether it is the number of its names, each of one node."""
    if not isinstance(program.start, Named) or program.clauses:
        return False
    return all(len(nodes) == 1 for nodes in program.start.groups)


def _counts_a_value(hypothesis: Hypothesis, program: Program, graph: IndexedGraph) -> bool:
    """Whether it counts the value of a name, of which there is one."""
    if not isinstance(program.start, Named) or not program.clauses:
        return False
    if not all(isinstance(clause, Follow) for clause in program.clauses):
        return False
    walk, last = hypothesis.constraint, program.clauses[-1]
    assert isinstance(walk, ProgramWalk)
    assert isinstance(last, Follow)
    counted = walk.denotation(hypothesis.state).value
    return counted is not None and counted.low == 1 and step_kind(last.step, graph) in COMPARABLE


def _tests_nothing(program: Program, condition: Condition, graph: IndexedGraph) -> bool:
    own = program.start.groups if isinstance(program.start, Named) else ()
    if isinstance(condition, Compare) and isinstance(condition.operand, OwnValue) and not program.clauses:
        return condition.operand.nodes in own
    if not isinstance(condition, Is):
        return False
    if condition.path:
        last: Step | None = condition.path[-1]
        if condition.nodes in own:
            return True
    else:
        if isinstance(program.start, Named) and not program.clauses:
            return True
        if any(_is_against(clause, condition.nodes) for clause in program.clauses):
            return True
        final = program.clauses[-1] if program.clauses else None
        last = final.step if isinstance(final, Follow) else None
    if last is not None and step_kind(last, graph) in COMPARABLE:
        return not _is_value(condition.nodes, last, graph)
    executor = Executor.of(graph)
    members = executor.execute(replace(program, final=None)).members
    assert members is not None
    return not _may_be(condition.nodes, executor.follow(members[:_LOOKED_AT], condition.path), graph)


def _may_be(nodes: Nodes, ends: Ids, graph: IndexedGraph) -> bool:
    """Whether some of the nodes is an end, or takes part in a relation on the side where an end does too."""
    numbers = np.array(sorted(map(graph.entity_id, nodes)), dtype=np.int32)
    ends = ends[:_LOOKED_AT]
    if not len(ends) or len(np.intersect1d(numbers, ends)):
        return True
    index = StepIndex.of(graph)
    return not set(index.onward(numbers)).isdisjoint(index.onward(ends))


def _is_against(clause: object, nodes: Nodes) -> bool:
    """Whether a clause keeps what lies above or below a name."""
    if not isinstance(clause, Keep) or not isinstance(clause.condition, Compare):
        return False
    return clause.condition.operand == OwnValue(nodes)


def _is_value(nodes: Nodes, step: Step, graph: IndexedGraph) -> bool:
    """Whether some of the nodes is what a step leads to."""
    relations = StepIndex.of(graph).relations(step)
    numbers = map(graph.entity_id, nodes)
    return any(len(graph.inward.over(number, relation)) for number in numbers for relation in relations)
