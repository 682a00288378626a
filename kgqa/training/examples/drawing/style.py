"""One style for what two programs say."""

from __future__ import annotations

from kgqa.graph import ValueKind
from kgqa.program import (
    Average,
    Clause,
    Compare,
    Executor,
    Follow,
    InClass,
    Instances,
    Is,
    Keep,
    Named,
    Program,
)
from kgqa.training.examples.phrasing.graph_words import GraphWords

__all__ = ["canonical"]


def canonical(program: Program, executor: Executor) -> Program:
    """The program in the style of the gold ones: it starts at the first named thing that members must have.

    "All employees where home town is Paris" becomes "Paris, against home town". The class stays as a clause
    where it leaves something out. Filters that say no, and those by true and false, do not change places.
    """
    if not isinstance(program.start, Instances):
        return program
    for place, clause in enumerate(program.clauses):
        if not isinstance(clause, Keep) or _depends(clause):
            return program
        condition = clause.condition
        if not isinstance(condition, Is) or clause.negated or len(condition.path) != 1:
            continue
        if GraphWords.of(executor.graph).kind(condition.path) is ValueKind.BOOLEAN:
            continue
        step = condition.path[0]
        start = Named((condition.nodes,))
        clauses: tuple[Clause, ...] = (Follow(step.turned()),)
        reached = executor.set_of(Program(start, clauses))
        inside = Keep(InClass(program.start.nodes))
        if len(executor.apply(inside, reached)) < len(reached):
            clauses = (*clauses, inside)
        others = (*program.clauses[:place], *program.clauses[place + 1 :])
        found = Program(start, (*clauses, *others), program.final)
        same = executor.execute(found).key() == executor.execute(program).key()
        return found if same else program
    return program


def _depends(keep: Keep) -> bool:
    """Whether the condition is about the whole set, so that its place matters."""
    condition = keep.condition
    return isinstance(condition, Compare) and (
        isinstance(condition.operand, Average) or bool(condition.measure.by)
    )
