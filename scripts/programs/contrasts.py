"""Questions about one name turned into questions about two: "but not", "both", "or"."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from kgqa.errors import KgqaError
from kgqa.graph import IndexedGraph
from kgqa.linking import ProgramLinker
from kgqa.program import Combine, Count, Executor, Follow, Join, Named, Nodes, Program
from kgqa.training.examples.program_example import ProgramExample
from kgqa.training.examples.program_synthesis import accepted_program

__all__ = ["SOURCE", "contrasts"]

SOURCE = "contrasts"
_MOST_MEMBERS = 3000
_MOST_NAME = 40
"""Characters of a name."""
_OTHERS = 60
"""Members from which a second name is looked for."""
_WEIGHTS = {Join.BUT_NOT: 6, Join.AND: 2, Join.OR: 1}
_BUT_NOT = ("but not ", "but not ", "but not ", "and not ", ", but not ")
_PREPOSITION = re.compile(r"\b(in|of|by|with|from|to|for|through|on|at)\s+$")


def contrasts(
    examples: Sequence[ProgramExample], graph: IndexedGraph, count: int, seed: int
) -> Iterator[ProgramExample]:
    """Up to `count` questions from those whose program is a name and one or two steps, or the count of these.

    The second name leads to some of what the first one leads to, and the constraint allows the program.
    """
    chance = random.Random(seed)
    asked = [example for example in examples if _is_path(example.program)]
    chance.shuffle(asked)
    made = 0
    for example in asked:
        if made == count:
            return
        found = _contrast(example, graph, chance)
        if found is not None:
            made += 1
            yield found


def _is_path(program: Program) -> bool:
    return (
        isinstance(program.start, Named)
        and len(program.start.groups) == 1
        and len(program.clauses) in (1, 2)
        and all(isinstance(clause, Follow) for clause in program.clauses)
        and (program.final is None or isinstance(program.final, Count))
    )


def _contrast(example: ProgramExample, graph: IndexedGraph, chance: random.Random) -> ProgramExample | None:
    program = example.program
    assert isinstance(program.start, Named)
    (first,) = program.start.groups
    name = graph.label(first[0]) or first[0]
    place = example.question.lower().find(name.lower())
    other = None if place < 0 else _other(replace(program, final=None), name, graph, chance)
    if other is None:
        return None
    second = other.lower() if example.question.islower() else other
    before, after = example.question[:place], example.question[place + len(name) :]
    (join,) = chance.choices(tuple(_WEIGHTS), tuple(_WEIGHTS.values()))
    name = example.question[place : place + len(name)]
    question = _worded(join, before, name, second, after, chance)
    groups = {graph.label(nodes[0]): nodes for nodes in ProgramLinker().mentioned(question, graph).topics}
    one, two = groups.get(graph.label(first[0])), groups.get(other)
    if one is None or two is None:
        return None
    found = _accepted(question, _joined(program, join, one, two), graph)
    return None if found is None else ProgramExample(SOURCE, question, (), found)


def _other(program: Program, name: str, graph: IndexedGraph, chance: random.Random) -> str | None:
    """The name of another start that leads to some of the same."""
    executor = Executor.of(graph)
    members = executor.set_of(program)
    if not 0 < len(members) <= _MOST_MEMBERS:
        return None
    some = chance.sample(members.tolist(), min(len(members), _OTHERS))
    back = np.array(sorted(some), dtype=np.int32)
    for clause in reversed(program.clauses):
        assert isinstance(clause, Follow)
        back = executor.steps.reached(back, clause.step.turned())
    names = [label for label in map(graph.labels.__getitem__, back.tolist()) if label and label != name]
    found = chance.choice(names) if names else None
    return found if found is not None and len(found) <= _MOST_NAME else None


def _worded(join: Join, before: str, one: str, two: str, after: str, chance: random.Random) -> str:
    preposition = _PREPOSITION.search(before)
    again = f"{preposition[1]} " if preposition and chance.random() < 0.5 else ""
    if join is Join.BUT_NOT:
        said = f"{before}{one} {chance.choice(_BUT_NOT)}{again}{two}{after}"
    elif join is Join.OR:
        said = f"{before}{one} or {again}{two}{after}"
    elif chance.random() < 0.6:
        said = f"{before}both {one} and {again}{two}{after}"
    else:
        said = f"{before}{one} and also {again}{two}{after}"
    return said.replace(" ,", ",")


def _joined(program: Program, join: Join, one: Nodes, two: Nodes) -> Program:
    if join is Join.OR:
        return replace(program, start=Named((one, two)))
    inner = Program(Named((two,)), program.clauses)
    return replace(program, start=Named((one,)), clauses=(*program.clauses, Combine(join, inner)))


def _accepted(question: str, program: Program, graph: IndexedGraph) -> Program | None:
    try:
        return accepted_program(program, graph, ProgramLinker().mentioned(question, graph))
    except KgqaError:
        return None
