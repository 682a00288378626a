"""The last touches of style: one form for what two gold forms say."""

from __future__ import annotations

import re
from dataclasses import replace

from kgqa.graph import fold_name
from kgqa.program import (
    Aggregate,
    Clause,
    Extreme,
    Follow,
    InClass,
    Keep,
    Measure,
    Named,
    Program,
    Summary,
)
from scripts.programs.world import World

__all__ = ["styled"]


def styled(program: Program, world: World, set_name: str, question: str) -> Program:
    """The same program without classes that the question does not name and that change nothing."""
    if set_name == "geoquery":
        program = superlative(program)
    clauses = [own for at, own in enumerate(program.clauses) if not repeats(program, at)]
    program = replace(program, clauses=tuple(clauses))
    wanted = world.executor.execute(program).key()
    for place in reversed(range(len(program.clauses))):
        clause = program.clauses[place]
        if isinstance(clause, Keep) and isinstance(clause.condition, InClass) and not clause.negated:
            label = world.label(clause.condition.nodes[0])
            before = program.clauses[place - 1] if place else None
            said = isinstance(before, Follow) and fold_name(before.step.relation) == fold_name(label)
            if names(question, label) and not said:
                continue
            shorter = replace(program, clauses=(*program.clauses[:place], *program.clauses[place + 1 :]))
            if world.executor.execute(shorter).key() == wanted:
                program = shorter
    return program


def repeats(program: Program, place: int) -> bool:
    """Whether a clause is a condition like the one before it."""
    own = program.clauses[place]
    return isinstance(own, Keep) and place > 0 and program.clauses[place - 1] == own


def superlative(program: Program) -> Program:
    """`highest -> area` is `most -> area | -> area`: the area of the largest, as the others are asked for."""
    final = program.final
    if not isinstance(final, Summary) or final.aggregate not in (Aggregate.HIGHEST, Aggregate.LOWEST):
        return program
    steps: tuple[Clause, ...] = tuple(map(Follow, final.path))
    if isinstance(program.start, Named) and not program.clauses:
        return Program(program.start, steps)
    extreme = Extreme(Measure(final.path), final.aggregate is Aggregate.LOWEST)
    return Program(program.start, (*program.clauses, extreme, *steps))


def names(question: str, label: str) -> bool:
    """Whether a question has a class's name, in the singular or plural."""
    stem = re.escape(re.sub(r"(es|s|e|y)$", "", fold_name(label)))
    return re.search(rf"\b{stem}(es|s|e|y|ies)?\b", fold_name(question)) is not None
