"""Other writings of a program that denote the same: the one that the grammar leads to is learnt."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from kgqa.errors import KgqaError
from kgqa.linking import ProgramLinker
from kgqa.program import (
    Aggregate,
    Clause,
    Combine,
    Comparator,
    Compare,
    Condition,
    Constant,
    Follow,
    Instances,
    Is,
    Join,
    Keep,
    Measure,
    Named,
    Path,
    Program,
)
from kgqa.training.examples.program_synthesis import accepted_program
from scripts.programs.world import World

__all__ = ["reachable"]


def reachable(program: Program, world: World, question: str) -> Program:
    """The first writing that the grammar leads to for a question; the program itself if there is none."""
    mentioned = ProgramLinker().mentioned(question, world.graph)
    wanted = world.executor.execute(program).key()
    for other in (program, *_turned(program, world), *_without_values(program, world)):
        try:
            if world.executor.execute(other).key() != wanted:
                continue
            found = accepted_program(other, world.graph, mentioned)
        except (KgqaError, ValueError):
            continue
        if found is not None:
            return found
    return program


def _turned(program: Program, world: World) -> Iterator[Program]:
    """`all A | where <- r -> v is x` begun at the other end: `all B | where -> v is x | -> r`."""
    if not isinstance(program.start, Instances) or not program.clauses:
        return
    first, *rest = program.clauses
    if not isinstance(first, Keep) or first.negated:
        return
    path = _path(first.condition)
    for place in range(len(path) - 1, 0, -1):
        back = tuple(Follow(step.turned()) for step in reversed(path[:place]))
        condition = _with_path(first.condition, path[place:])
        reached = world.instances(program.start.nodes)
        for step in path[:place]:
            reached = world.steps.reached(reached, step)
        for nodes in world.classes.values():
            if np.isin(reached, world.instances(nodes)).any():
                yield Program(Instances(nodes), (Keep(condition), *back, *rest), program.final)
    if isinstance(first.condition, Is):
        back = tuple(Follow(step.turned()) for step in reversed(path))
        yield Program(Named((first.condition.nodes,)), (*back, *rest), program.final)


def _without_values(program: Program, world: World) -> Iterator[Program]:
    """`2004 or 2010 <- r` begun at a class: `all A | where -> r in 2004 | or ( all A | ... )`."""
    if not isinstance(program.start, Named) or not program.clauses:
        return
    first, *rest = program.clauses
    if not isinstance(first, Follow) or not first.step.inverse:
        return
    kind = world.kind(first.step.relation)
    values = [world.constant(world.label(nodes[0]), kind) for nodes in program.start.groups]
    known = [value for value in values if value is not None]
    if len(known) < len(values):
        return
    measure = Measure((first.step.turned(),))
    for nodes in world.classes.values():
        start = Instances(nodes)
        one, *others = (Keep(Compare(measure, Comparator.EQUALS, Constant(value))) for value in known)
        joined: list[Clause] = [Combine(Join.OR, Program(start, (other,))) for other in others]
        yield Program(start, (one, *joined, *rest), program.final)


def _path(condition: Condition) -> Path:
    if isinstance(condition, Is):
        return condition.path
    if isinstance(condition, Compare) and condition.measure.aggregate is Aggregate.VALUE:
        return condition.measure.path
    return ()


def _with_path(condition: Condition, path: Path) -> Condition:
    if isinstance(condition, Compare):
        return replace(condition, measure=replace(condition.measure, path=path))
    assert isinstance(condition, Is)
    return replace(condition, path=path)
