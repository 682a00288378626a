"""Fit the confidence of programs on left-out training questions, and measure it on dev questions.

For every three questions of a graph one of another graph is asked, which counts as answered wrongly. Some
minutes. Spider's left-out graphs were not used in any training. Writes calibration.json beside the
program writer's weights (not with --measure), and eval/results/calibration-programs.md with the reliability
on each dev graph.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # so that a clone needs no installation

from kgqa.answer import UNSURE, Answer, Calibration, Evidence
from kgqa.datasets import Question, load_questions
from kgqa.evaluation import expected_calibration_error
from kgqa.finders import LinkedQuestion
from kgqa.graph import open_graph
from kgqa.lm import LanguageModel, load_language_model
from kgqa.lm.path_writer.language_model import PROGRAMS, WEIGHTS
from kgqa.pipeline import Answerer, Outcome, Query
from kgqa.pipeline.settings import ASK_MIN_CONFIDENCE
from scripts.programs.question_sets import answered, by_graph, graph_file, is_left_out

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "eval" / "results" / "calibration-programs.md"
FITTED, MEASURED = ("spider",), ("geoquery", "overnight", "spider")
SURE = 0.8
FOREIGN = 3
"""For so many questions of a graph, one of another graph is asked."""


class Judged(NamedTuple):
    """An answer's graph and evidence, whether it is right, and whether the question is of another graph."""

    graph: str
    evidence: Evidence
    right: bool
    foreign: bool = False


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, help="folder with the question sets")
    parser.add_argument("--limit", type=int, default=300, help="questions of each set")
    parser.add_argument("--measure", action="store_true", help="measure the shipped confidence, fit nothing")
    arguments = parser.parse_args()
    model = load_language_model()
    fitted = judged(arguments.data, "train", arguments.limit, model)
    if arguments.measure:
        calibration = Calibration.load(WEIGHTS / PROGRAMS / "calibration.json")
    else:
        calibration = Calibration.fit(
            [one.evidence for one in fitted], [one.right for one in fitted], [one.graph for one in fitted]
        )
        calibration.save(WEIGHTS / PROGRAMS / "calibration.json")
    measured = judged(arguments.data, "dev", arguments.limit, model)
    graphs = sorted({one.graph for one in measured})
    rows = [row("left out of the training, fitted on", fitted, calibration)]
    rows += [row(graph, [one for one in measured if one.graph == graph], calibration) for graph in graphs]
    spider = [one for one in measured if one.graph.startswith("spider")]
    rows += [
        row("all dev graphs of Spider", spider, calibration),
        row("all dev questions", measured, calibration),
    ]
    head = (
        "# Confidence of programs",
        "",
        "Fitted on graphs that no training used (some of Spider's training part), measured on dev",
        "questions. Spider's dev graphs were seen by neither. Silenced: the share of the right answers below",
        f"the confidence of {ASK_MIN_CONFIDENCE} under which `kgqa ask` says nothing. The last columns are",
        "about answers to questions of other graphs: the share below it, and up to 0.5 (not sure).",
        "",
        f"| graph | answers | right, % | confidence, % | error | {SURE} or more | right | silenced | "
        "of other graphs | silenced | not sure |",
        "|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|",
    )
    RESULTS.write_text("\n".join((*head, *rows, "")), encoding="utf-8")
    print(RESULTS.read_text("utf-8"))


def judged(data: Path, part: str, limit: int, model: LanguageModel) -> list[Judged]:
    """The answers to questions of a part, without their topics; of training parts the left-out ones."""
    asked: dict[tuple[str, str], list[Question]] = {}
    for name in MEASURED if part == "dev" else FITTED:
        rows = some(load_questions(data / name / f"questions_{part}.jsonl.gz"), name, part, limit)
        asked.update(((name, graph), own) for graph, own in by_graph(name, rows).items())
    found: list[Judged] = []
    chance = random.Random(0)
    for (name, graph), questions in asked.items():
        answerer = Answerer(
            open_graph(graph_file(data, name, graph)), model, grammar="programs", calibration=None
        )
        for answer, outcome, right in answered(answerer, questions):
            if answer:
                found.append(Judged(f"{name} {graph}", evidence_of(answerer, answer, outcome), right))
        others = [one for key, theirs in asked.items() if key != (name, graph) for one in theirs]
        drawn = chance.sample(others, -(-len(questions) // FOREIGN))
        for outcome in answerer.run([Query(one.question) for one in drawn]):
            if isinstance(outcome.answer, Answer) and outcome.answer:
                evidence = evidence_of(answerer, outcome.answer, outcome)
                found.append(Judged(f"{name} {graph}", evidence, right=False, foreign=True))
    return found


def evidence_of(answerer: Answerer, answer: Answer, outcome: Outcome) -> Evidence:
    """What the confidence in an answer rests on."""
    finder, question = answerer.hypothesis_finder, LinkedQuestion(outcome.question, ())
    similarity = finder.similarity(question, answer, answerer.space)
    evidence = Evidence.behind(answer, outcome.hypotheses, similarity)
    assert evidence is not None
    return evidence


def some(questions: Iterable[Question], name: str, part: str, limit: int) -> list[Question]:
    """Clean questions, of the training part the left-out ones; at most `limit`."""
    kept = []
    for question in questions:
        if question.extras.get("clean") is False:
            continue
        key = {"set": name, "graph": question.graph_name, "id": question.id}
        if part == "dev" or is_left_out(key):
            kept.append(question)
    return kept if len(kept) <= limit else random.Random(0).sample(kept, limit)


def row(title: str, found: list[Judged], calibration: Calibration) -> str:
    """A row of the table."""
    foreign = np.array([calibration.confidence(one.evidence) for one in found if one.foreign])
    found = [one for one in found if not one.foreign]
    sure = np.array([calibration.confidence(one.evidence) for one in found])
    right = np.array([one.right for one in found], dtype=float)
    claimed = sure >= SURE
    of_claimed = f"{100 * right[claimed].mean():.1f}" if claimed.any() else "-"
    silent = (sure < ASK_MIN_CONFIDENCE) & (right > 0)
    silenced = f"{100 * silent.sum() / max(1.0, right.sum()):.1f}"
    error = expected_calibration_error(sure.tolist(), [one.right for one in found])
    return (
        f"| {title} | {len(found)} | {100 * right.mean():.1f} | {100 * sure.mean():.1f} | {error:.3f} | "
        f"{int(claimed.sum())} | {of_claimed} | {silenced} | {len(foreign)} | "
        f"{100 * np.mean(foreign < ASK_MIN_CONFIDENCE):.0f} | {100 * np.mean(foreign <= UNSURE):.0f} |"
    )


if __name__ == "__main__":
    main()
