"""Names of a program spread over all nodes that have them, as its text means them."""

from __future__ import annotations

from dataclasses import replace

from kgqa.graph import clean_name
from kgqa.program import (
    Combine,
    Compare,
    Condition,
    InClass,
    Instances,
    Is,
    Keep,
    Named,
    Nodes,
    OwnValue,
    Program,
    Test,
)
from scripts.programs.world import World

__all__ = ["spread"]


def spread(program: Program, world: World) -> Program | None:
    """The program over all nodes of each name.

    Where that changes what it denotes, the start is restricted to its class; `None` where that does not help.
    """
    wide = _program(program, world)
    if wide == program:
        return wide
    wanted = world.executor.execute(program).key()
    if world.executor.execute(wide).key() == wanted:
        return wide
    if isinstance(program.start, Named):
        for label, classes in world.classes.items():
            del label
            inside = set(world.instances(classes).tolist())
            if all(world.graph.entity_id(node) in inside for group in program.start.groups for node in group):
                narrow = replace(wide, clauses=(Keep(InClass(classes)), *wide.clauses))
                if world.executor.execute(narrow).key() == wanted:
                    return narrow
    return None


def _program(program: Program, world: World) -> Program:
    start = program.start
    if isinstance(start, Named):
        start = Named(tuple(_nodes(group, world) for group in start.groups))
    else:
        start = Instances(start.nodes)
    clauses = []
    for clause in program.clauses:
        if isinstance(clause, Keep):
            clause = Keep(_condition(clause.condition, world), clause.negated)
        elif isinstance(clause, Combine):
            clause = Combine(clause.join, _program(clause.program, world))
        clauses.append(clause)
    final = program.final
    if isinstance(final, Test):
        final = Test(_condition(final.condition, world), final.negated)
    return Program(start, tuple(clauses), final)


def _condition(condition: Condition, world: World) -> Condition:
    if isinstance(condition, Is):
        return Is(condition.path, _nodes(condition.nodes, world))
    if isinstance(condition, Compare) and isinstance(condition.operand, OwnValue):
        return replace(condition, operand=OwnValue(_nodes(condition.operand.nodes, world)))
    return condition


def _nodes(nodes: Nodes, world: World) -> Nodes:
    name = clean_name(world.label(nodes[0]))
    alike = world.named(name)
    return tuple(sorted(node for node in alike if clean_name(world.label(node)) == name)) or nodes
