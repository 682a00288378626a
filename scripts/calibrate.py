"""Fit the shipped model's calibration on development questions and measure it on others: some minutes.

A question of another graph, asked about a graph's topic, counts as one whose answer is wrong. Writes
calibration.json beside the weights, eval/results/calibration.md and calibration.png.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import numpy as np
from matplotlib.figure import Figure

from kgqa.answer import Calibration, Evidence
from kgqa.datasets import Question, load_questions, part
from kgqa.errors import KgqaError
from kgqa.evaluation import expected_calibration_error, reliability, score_answers
from kgqa.graph import GraphBuilder
from kgqa.graph.readers import read
from kgqa.lm import LanguageModel, load_language_model
from kgqa.lm.path_writer.language_model import WEIGHTS
from kgqa.pipeline import Answerer, Query
from kgqa.pipeline.settings import ASK_MIN_CONFIDENCE as LEAST

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "eval" / "results" / "calibration.md"


class Graph(NamedTuple):
    """A row of the table: questions to fit on and others to measure on."""

    title: str
    facts: Path
    fitted: list[Question]
    measured: list[Question]
    allow_return: bool = False


class Judged(NamedTuple):
    """The evidence of an answer, whether its first entity is right, and whether its graph is another."""

    evidence: Evidence | None
    right: bool
    foreign: bool


def graphs(data: Path, count: int, chance: random.Random) -> list[Graph]:
    def some(number: int, questions: Iterable[Question]) -> list[Question]:
        found = [question for question in questions if question.topic_entities]
        return chance.sample(found, min(number, len(found)))

    def films(wanted: str) -> list[Question]:
        files = [data / "metaqa" / f"questions_{hops}hop.jsonl.gz" for hops in (1, 2, 3)]
        return [
            q
            for file in files
            for q in some(count // 3, (q for q in load_questions(file) if part(q.id) == wanted))
        ]

    paths = data / "pathquestion" / "pq3h"
    webqsp = some(10**6, load_questions(data / "freebase" / "webqsp_dev.jsonl.gz"))
    atlas = ROOT / "data" / "atlas"
    return [
        Graph("MetaQA", data / "metaqa" / "kb.tsv.gz", films("dev"), films("test")),
        Graph(
            "PathQuestion 3-hop",
            paths / "kb.tsv.gz",
            some(count, load_questions(paths / "questions_dev.jsonl.gz")),
            some(count, load_questions(paths / "questions_test.jsonl.gz")),
            allow_return=True,
        ),
        Graph("Freebase (WebQSP dev, halves)", data / "freebase" / "kb.tsv.gz", webqsp[::2], webqsp[1::2]),
        Graph(
            "atlas",
            ROOT / "graphs" / "atlas" / "atlas.ttl",
            some(count, load_questions(atlas / "dev.jsonl")),
            some(count, load_questions(atlas / "test.jsonl")),
        ),
    ]


def outcomes(
    graph: Graph,
    questions: list[Question],
    foreign: list[Question],
    model: LanguageModel,
    chance: random.Random,
) -> list[Judged]:
    """The outcomes of the questions, and of as many questions of other graphs about the same topics."""
    answerer = Answerer(GraphBuilder.of(read(graph.facts)), model, allow_return=graph.allow_return)
    found = []
    for question in questions:
        other = chance.choice(foreign)
        text = other.question.replace(other.topic_entities[0], question.topic_entities[0])
        for asked, gold in ((question.question, question.answers), (text, None)):
            (outcome,) = answerer.run([Query(asked, question.topic_entities)])
            if isinstance(outcome.answer, KgqaError):
                continue
            answer, hypotheses = outcome.unwrap(), outcome.hypotheses
            names = [answerer.graph.label(ranked.entity) or "" for ranked in answer.entities]
            right = gold is not None and score_answers(names, gold).hits_at_1 == 1
            found.append(Judged(Evidence.of(hypotheses), right, gold is None))
    return found


def row(title: str, calibration: Calibration, found: list[Judged]) -> str:
    own = [outcome for outcome in found if not outcome.foreign]
    sure = [calibration.confidence(outcome.evidence) for outcome in own]
    error = expected_calibration_error(sure, [outcome.right for outcome in own])
    right = np.array([c for c, o in zip(sure, own, strict=True) if o.right])
    other = np.array([calibration.confidence(outcome.evidence) for outcome in found if outcome.foreign])
    hits = np.mean([outcome.right for outcome in own])
    return (
        f"| {title} | {len(own)} | {100 * hits:.1f} | {100 * np.mean(sure):.1f} | {error:.3f} | "
        f"{100 * np.mean(right < LEAST):.1f} | {100 * np.mean(other < LEAST):.0f} | "
        f"{100 * np.mean(other < 0.5):.0f} |"
    )


def draw(calibration: Calibration, found: dict[str, list[Judged]], file: Path) -> None:
    """The reliability plot: confidence against the share of right answers."""
    figure = Figure(figsize=(4.5, 4.2), layout="constrained")
    axes = figure.subplots()
    axes.plot([0, 1], [0, 1], color="lightgrey")
    for title, some in found.items():
        own = [outcome for outcome in some if not outcome.foreign]
        bins = reliability([calibration.confidence(o.evidence) for o in own], [o.right for o in own])
        axes.plot([b.confidence for b in bins], [b.right for b in bins], marker="o", label=title)
    axes.set_xlabel("confidence of the first answer")
    axes.set_ylabel("share that was right")
    axes.legend(fontsize=8)
    figure.savefig(file, dpi=120)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data")
    parser.add_argument("--count", type=int, default=60, help="questions of a set")
    options = parser.parse_args()
    chance = random.Random(0)
    model = load_language_model()
    sets = graphs(options.data, options.count, chance)
    fitted: list[Judged] = []
    measured: dict[str, list[Judged]] = {}
    for graph in sets:
        foreign = [question for other in sets if other is not graph for question in other.fitted]
        fitted += outcomes(graph, graph.fitted, foreign, model, chance)
        measured[graph.title] = outcomes(graph, graph.measured, foreign, model, chance)
    seen = [(outcome.evidence, outcome.right) for outcome in fitted if outcome.evidence]
    calibration = Calibration.fit([evidence for evidence, _ in seen], [right for _, right in seen])
    calibration.save(WEIGHTS / "calibration.json")
    lines = [
        "| graph | n | Hits@1 | mean confidence | calibration error | right answers below "
        f"{LEAST} | questions of other graphs below {LEAST} | below 0.5 |",
        "|---|---:|---:|---:|---:|---:|---:|---:|",
        *(row(title, calibration, found) for title, found in measured.items()),
    ]
    print("\n".join(lines))
    RESULTS.write_text("\n".join(lines) + "\n", encoding="utf-8")
    draw(calibration, measured, RESULTS.with_suffix(".png"))


if __name__ == "__main__":
    main()
