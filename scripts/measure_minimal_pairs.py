"""Measure a model on the minimal pairs: some minutes.

    python scripts/measure_minimal_pairs.py                       # relation paths, as `kgqa ask` by default
    python scripts/measure_minimal_pairs.py --grammar programs --out records.jsonl

Prints a table. *First*: the first answer is right. *Set*: the answers are exactly the right ones. Of absent
facts, *sure* is the share that is answered with a confidence of at least 0.5, and *said* that from which
`kgqa ask` answers at all.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import get_args

from kgqa.answer import Answer
from kgqa.datasets import Question, load_questions
from kgqa.graph import GraphBuilder, IndexedGraph, fold_name
from kgqa.lm import LanguageModel, load_language_model
from kgqa.pipeline import Answerer, Query
from kgqa.pipeline.router import GrammarChoice
from kgqa.pipeline.settings import ASK_MIN_CONFIDENCE

PAIRS = Path(__file__).parents[1] / "data" / "minimal-pairs" / "pairs.jsonl"
SURE = 0.5


@dataclass(frozen=True)
class Measured:
    """What was answered to one question; `confidence` is 0 where nothing was, 1 where none is known."""

    id: str
    kind: str
    side: str
    question: str
    right: tuple[str, ...]
    answers: tuple[str, ...]
    confidence: float

    @property
    def first(self) -> bool:
        """Whether the first answer is right."""
        return bool(self.answers) and self.answers[0] in self.right

    @property
    def whole(self) -> bool:
        """Whether the answers are exactly the right ones."""
        return set(self.answers) == set(self.right)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Measure a model on the minimal pairs.")
    parser.add_argument("--model", help="a model folder [default: the shipped one]")
    parser.add_argument("--grammar", choices=get_args(GrammarChoice), default="relations")
    parser.add_argument("--questions", type=Path, default=PAIRS)
    parser.add_argument("--out", type=Path, help="write a JSON line for each question")
    options = parser.parse_args()
    questions = list(load_questions(options.questions))
    found = list(measured(load_language_model(options.model), questions, options.grammar))
    print("\n".join(table(found)))
    if options.out:
        lines = [json.dumps(asdict(one), ensure_ascii=False) + "\n" for one in found]
        options.out.write_text("".join(lines), encoding="utf-8")


def measured(
    model: LanguageModel, questions: Sequence[Question], grammar: GrammarChoice
) -> Iterator[Measured]:
    """The answer to every question, over its own graph."""
    for question in questions:
        graph = GraphBuilder.of(question.graph or ())
        (outcome,) = Answerer(graph, model, grammar=grammar).run(
            [Query(question.question, question.topic_entities)]
        )
        names: tuple[str, ...] = ()
        confidence = 0.0
        if isinstance(outcome.answer, Answer):
            names = tuple(_name(graph, ranked.entity) for ranked in outcome.answer.entities)
            known = outcome.answer.confidence
            confidence = 0.0 if not names else 1.0 if known is None else known
        elif question.extras.get("kind") != "absent":
            print(f"{question.id}: {outcome.answer}", file=sys.stderr)
        right = tuple(map(fold_name, question.answers))
        side = str(question.extras.get("side"))
        yield Measured(question.id, str(question.kind), side, question.question, right, names, confidence)


def _name(graph: IndexedGraph, entity: str) -> str:
    return fold_name(graph.label(entity) or entity)


def table(found: Sequence[Measured]) -> list[str]:
    """The rows of the table, by kind and, of directions, by side."""
    lines = ["| kind | n | first | set |", "|---|---:|---:|---:|"]
    for title, some in groups([one for one in found if one.kind != "absent"]):
        first, whole = percent([one.first for one in some]), percent([one.whole for one in some])
        lines.append(f"| {title} | {len(some)} | {first} | {whole} |")
    absent = [one for one in found if one.kind == "absent"]
    sure = percent([one.confidence >= SURE for one in absent])
    said = percent([one.confidence >= ASK_MIN_CONFIDENCE for one in absent])
    return [
        *lines,
        "",
        "| kind | n | sure | said |",
        "|---|---:|---:|---:|",
        f"| absent | {len(absent)} | {sure} | {said} |",
    ]


def groups(found: Sequence[Measured]) -> Iterator[tuple[str, list[Measured]]]:
    """The questions of every kind, and all."""
    for kind in dict.fromkeys(one.kind for one in found):
        yield kind, [one for one in found if one.kind == kind]
    for side in ("along", "against"):
        yield f"direction, {side}", [one for one in found if one.kind == "direction" and one.side == side]
    yield "all", list(found)


def percent(values: Sequence[bool]) -> str:
    """The share of true values."""
    return f"{100 * sum(values) / max(1, len(values)):.1f}"


if __name__ == "__main__":
    main()
