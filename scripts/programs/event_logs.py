"""Invented event logs with questions and programs, to train the program writer on."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace

from kgqa.errors import KgqaError
from kgqa.graph import IndexedGraph
from kgqa.linking import ProgramLinker
from kgqa.program import Executor
from kgqa.training.examples.program_example import ProgramExample
from kgqa.training.examples.program_synthesis import accepted_program
from kgqa.training.programs.encoded_programs import simplified
from scripts.logs.draft import Draft, Schema
from scripts.logs.log import EventLog, draw_log
from scripts.logs.patterns import PATTERNS, Asker
from scripts.logs.turtle import graph_of
from scripts.logs.wording import Wording

__all__ = ["SOURCE", "event_logs"]

SOURCE = "event logs"
_TRIES = 6
"""Drafts for each question, at most, before a log has fewer questions."""


def event_logs(
    seed: int, worlds: int, questions_each: int
) -> Iterator[tuple[IndexedGraph, list[ProgramExample]]]:
    """`worlds` logs, each with up to `questions_each` questions.

    Each program executes, and what the question says is enough for the constraint to allow it.
    """
    for world in range(worlds):
        chance = random.Random(f"{seed} {world}")
        log = draw_log(chance)
        graph = graph_of(log)
        yield graph, list(_examples(log, graph, questions_each, chance))


def _examples(
    log: EventLog, graph: IndexedGraph, count: int, chance: random.Random
) -> Iterator[ProgramExample]:
    seen: set[str] = set()
    for _ in range(count * _TRIES):
        if len(seen) == count:
            return
        part = chance.choice(log.parts)
        schema = Schema(log, part, graph)
        asker = Asker(Wording(log, part, chance), schema)
        pattern = chance.choices(tuple(PATTERNS), tuple(PATTERNS.values()))[0]
        draft = getattr(asker, pattern)()
        example = None if draft is None else _example(draft, schema, graph, chance)
        if example is not None and example.question not in seen:
            seen.add(example.question)
            yield example


def _example(
    draft: Draft, schema: Schema, graph: IndexedGraph, chance: random.Random
) -> ProgramExample | None:
    draft = replace(draft, question=_tidy(draft.question, chance))
    try:
        program = simplified(schema.program(draft), Executor.of(graph))
        mentioned = ProgramLinker().mentioned(draft.question, graph)
        accepted = accepted_program(program, graph, mentioned)
    except KgqaError:
        return None
    return None if accepted is None else ProgramExample(SOURCE, draft.question, (), accepted)


def _tidy(question: str, chance: random.Random) -> str:
    question = " ".join(question.split()).replace(" ,", ",")
    question = question[0].upper() + question[1:]
    return question if chance.random() < 0.06 else f"{question}{'?' if chance.random() < 0.95 else ''}"
