"""Programs of the gold forms of question sets, each checked to denote the gold answers."""

from __future__ import annotations

import gzip
import itertools
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from kgqa.errors import KgqaError
from kgqa.graph import NodeKind
from kgqa.program import Combine, Program
from scripts.programs.alternatives import reachable
from scripts.programs.answers import is_gold
from scripts.programs.lambda_dcs import LambdaReader
from scripts.programs.query import Unreadable
from scripts.programs.question_sets import graph_file
from scripts.programs.spreading import spread
from scripts.programs.sql_columns import Choices
from scripts.programs.sql_reading import SqlReader
from scripts.programs.sql_schema import GeographySchema, GuessedSchema, Schema
from scripts.programs.style import styled
from scripts.programs.world import World, open_world
from scripts.programs.writing import Writer

__all__ = ["Translated", "questions", "translate"]

MOST_READINGS = 40
"""So many readings of the columns of one SQL query are tried."""

Row = dict[str, Any]


@dataclass(frozen=True)
class Translated:
    """A question with its program, or the reason why it has none."""

    row: Row
    set_name: str
    graph: str
    program: Program | None
    reason: str = ""
    tries: int = 0


def questions(data: Path, set_name: str) -> Iterator[Row]:
    """The questions of a set's train and dev parts."""
    for part in ("train", "dev"):
        with gzip.open(data / set_name / f"questions_{part}.jsonl.gz", "rt", encoding="utf-8") as lines:
            yield from map(json.loads, lines)


def translate(data: Path, set_name: str, row: Row) -> Translated:
    """The program of one question."""
    graph = row.get("graph", set_name)
    world = open_world(graph_file(data, set_name, graph))
    reasons: list[str] = []
    for tries, program in enumerate(candidates(world, set_name, row, reasons)):
        try:
            spreaded = spread(program, world)
            right = (
                spreaded is not None
                and of_one_kind(spreaded, world)
                and is_gold(
                    world.executor.execute(spreaded), world.graph, row["answers"], row.get("answer_ids") or ()
                )
            )
        except (KgqaError, ValueError, IndexError) as error:
            reasons.append(f"not executed: {type(error).__name__}")
            continue
        if right and spreaded is not None:
            program = styled(spreaded, world, set_name, row["question"])
            return Translated(row, set_name, graph, reachable(program, world, row["question"]), tries=tries)
        reasons.append("other answers" if spreaded is not None else "an ambiguous name")
    best = next((own for own in reasons if own in ("other answers", "an ambiguous name")), None)
    return Translated(row, set_name, graph, None, best or (reasons[0] if reasons else "no program"))


def of_one_kind(program: Program, world: World) -> bool:
    """Whether only entities are combined with entities, and texts with texts."""
    trace = world.executor.trace(program)
    before = trace.start
    for clause, after in zip(program.clauses, trace.after, strict=True):
        if isinstance(clause, Combine):
            sets = [before, world.executor.set_of(clause.program)]
            literal = [bool(np.any(world.graph.kinds[own] == NodeKind.LITERAL)) for own in sets if len(own)]
            if len(set(literal)) > 1 or not of_one_kind(clause.program, world):
                return False
        before = after
    return True


def candidates(world: World, set_name: str, row: Row, reasons: list[str]) -> Iterator[Program]:
    """Programs of the gold form, the canonical first."""
    if set_name == "overnight":
        try:
            yield from LambdaReader(world, row["question"]).programs(row["gold_program"])
        except Unreadable as error:
            reasons.append(str(error))
        return
    schema: Schema = schema_of(world, set_name)
    tried: set[tuple[tuple[str, int], ...]] = set()
    waiting: list[dict[str, int]] = [{}]
    while waiting and len(tried) < MOST_READINGS:
        waiting.sort(key=lambda taken: sum(taken.values()))
        taken = waiting.pop(0)
        key = tuple(sorted(taken.items()))
        if key in tried:
            continue
        tried.add(key)
        choices = Choices(taken)
        try:
            query = SqlReader(world, schema, choices, row.get("convention") == "major").read(row["gold_sql"])
            writer = Writer(world, row["question"])
            found = False
            for program in itertools.islice(writer.programs(query), 8):
                found = True
                yield program
            if not found:
                reasons.append(writer.reason or "no program")
        except Unreadable as error:
            reasons.append(str(error))
        for name, options in choices.open.items():
            if taken.get(name, 0) + 1 < options:
                waiting.append({**taken, name: taken.get(name, 0) + 1})


_SCHEMATA: dict[int, Schema] = {}


def schema_of(world: World, set_name: str) -> Schema:
    """The schema of a graph's gold SQL, kept."""
    found = _SCHEMATA.get(id(world))
    if found is None:
        found = GeographySchema(world) if set_name == "geoquery" else GuessedSchema(world)
        _SCHEMATA[id(world)] = found
    return found
