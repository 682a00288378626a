"""Made-up questions whose answers need programs, from a graph alone."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

from kgqa.constraint import Mentioned
from kgqa.constraint.grammars.grammar import Node
from kgqa.constraint.programs.program_grammar import ProgramGrammar
from kgqa.constraint.tables.reach import Reach
from kgqa.graph import IndexedGraph
from kgqa.linking.program_linker import ProgramLinker
from kgqa.program import Executor, Instances, Named, Program, node_text, program_segments
from kgqa.training.examples.drawing.program_drawer import ProgramDrawer
from kgqa.training.examples.phrasing.drawn_words import Unworded
from kgqa.training.examples.phrasing.question import worded
from kgqa.training.examples.program_example import ProgramExample

__all__ = ["accepted_program", "synthetic_programs"]

SOURCE = "made-up programs"
_MOST_FAILURES = 2000
_MOST_WORDS = 40


def synthetic_programs(
    graph: IndexedGraph,
    count: int,
    seed: int,
    *,
    hops: int = 3,
    source: str = SOURCE,
    outcomes: Counter[str] | None = None,
) -> Iterator[ProgramExample]:
    """`count` questions with the programs that answer them, drawn from a graph.

    Each program executes, every operator in it changes its result, and what the question says is enough for
    the constraint to allow the program (`accepted_program`), with up to `hops` steps. A graph with few such
    programs gives fewer questions. `outcomes` counts what became of each draw.
    """
    chance = random.Random(seed)
    drawer = ProgramDrawer(graph, chance)
    linker = ProgramLinker()
    outcomes = Counter() if outcomes is None else outcomes
    seen: set[str] = set()
    made = failures = 0
    while made < count and failures < _MOST_FAILURES:
        failures += 1
        program = drawer.program()
        if program is None:
            outcomes["not drawn"] += 1
            continue
        try:
            question = worded(program, graph, chance)
        except Unworded:
            outcomes["not worded"] += 1
            continue
        if len(question.split()) > _MOST_WORDS or question in seen:
            outcomes["too long or repeated"] += 1
            continue
        mentioned = linker.mentioned(question, graph)
        found = accepted_program(program, graph, mentioned, hops)
        if found is None:
            outcomes["not accepted"] += 1
            continue
        outcomes["made"] += 1
        seen.add(question)
        failures = 0
        made += 1
        yield ProgramExample(source, question, _topics(found, graph), found)


def accepted_program(
    program: Program, graph: IndexedGraph, mentioned: Mentioned, hops: int = 3
) -> Program | None:
    """The program with the text of another one that the constraint allows for what a question mentions.

    It is the same but for names with several nodes, and denotes the same; `None` where the text is not
    allowed.
    """
    reach = Reach.of(graph, True)
    grammar = ProgramGrammar(reach, mentioned, hops)
    program = _in_order(program, mentioned)
    segments = program_segments(program, graph)
    wanted = Executor.of(graph).execute(program).key()
    stack: list[tuple[Node, int]] = [(grammar.root, 0)]
    while stack:
        node, place = stack.pop()
        if place == len(segments):
            if grammar.accepts(node):
                found = grammar.program(node)
                if found == program or grammar.denotation(node).key() == wanted:
                    return found
            continue
        for phrase in grammar.phrases(node):
            size = len(phrase.segments)
            if segments[place : place + size] == tuple(phrase.segments):
                stack.append((phrase.node, place + size))
        if segments[place] in (" ->", " <-") and place + 1 < len(segments):
            inverse = segments[place] == " <-"
            stack += [
                (grammar.after_step(node, step), place + 2)
                for step in grammar.steps(node).tolist()
                if bool(step & 1) == inverse and reach.steps.texts[step >> 1] == segments[place + 1]
            ]
    return None


def _in_order(program: Program, mentioned: Mentioned) -> Program:
    """The names that a program starts from in the order in which the grammar offers them."""
    start = program.start
    if isinstance(start, Instances) or len(start.groups) < 2:
        return program
    known = [*mentioned.topics, *mentioned.nodes]
    if not all(group in known for group in start.groups):
        return program
    return replace(program, start=Named(tuple(sorted(start.groups, key=known.index))))


def _topics(program: Program, graph: IndexedGraph) -> tuple[str, ...]:
    """The names of the entities that a program begins with, and those within it."""
    if isinstance(program.start, Instances):
        return ()
    return tuple(node_text(nodes, graph)[1:] for nodes in program.start.groups)
