"""How long a program question takes with the shipped model, stage by stage.

    .venv/bin/python eval/bench/program_questions.py

Questions that people wrote for GeoQuery's graph (train part) and for one graph of Spider (dev part), and the
operator questions of the atlas (dev part), one at a time and without topics, after a warm-up; garbage is
collected as seldom as by the commands of kgqa. A stage is the
time in its functions without that of other stages; processor time is that of all threads.

Writes program-questions.md and program-questions.json. Takes about a minute on two cores.
"""

from __future__ import annotations

import random
from functools import partial
from pathlib import Path
from typing import Any

from command import ROOT, command, parsed
from machine import Machine
from report import Report, Table, median, percentile
from stages import StageClocks

from kgqa.answer import ProgramVote
from kgqa.cache_memory import collect_garbage_less
from kgqa.constraint.walk import Walk
from kgqa.datasets import Question, load_questions
from kgqa.finders import ModelFinder
from kgqa.graph import GraphBuilder
from kgqa.graph.readers import read
from kgqa.linking import ProgramLinker
from kgqa.lm import load_language_model
from kgqa.lm.path_writer.language_model import PathWriterLanguageModel
from kgqa.lm.path_writer.modeling import PathWriter
from kgqa.lm.path_writer.reranker import Reranker
from kgqa.pipeline import Answerer, Query

SPIDER_GRAPH = "wine_1"
_WARM_UP = 3
_PROCESSOR = "processor: "
GOAL = 90.0
"""Milliseconds that a program question may take at the median, on two cores."""
STAGES: dict[str, list[tuple[type, str]]] = {
    "linking": [(ProgramLinker, "mentioned")],
    "encoder": [(PathWriter, "encode"), (PathWriter, "read")],
    "decode: model": [(PathWriterLanguageModel, "score"), (PathWriterLanguageModel, "score_choices")],
    "decode: grammar": [(Walk, "allowed"), (Walk, "advance"), (Walk, "accepts")],
    "decode: search": [(ModelFinder, "find")],
    "reranker": [(Reranker, "forward")],
    "vote and proof": [(ProgramVote, "aggregate")],
}


def main() -> None:
    arguments = parsed(command(__doc__), "geoquery/kb.ttl.gz", f"spider/graphs/{SPIDER_GRAPH}.ttl.gz")
    count = 3 if arguments.quick else 20
    collect_garbage_less()
    model, clocks = load_language_model(), StageClocks(STAGES)
    rows: list[list[Any]] = []
    found: dict[str, list[dict[str, float]]] = {}
    with clocks.running():
        for title, file, questions in _sets(arguments.data):
            graph = GraphBuilder().add_all(read(file)).build()
            answerer = Answerer(graph, model, grammar="programs")
            drawn = random.Random(arguments.seed).sample(questions, min(count + _WARM_UP, len(questions)))
            list(answerer.run([Query(one.question) for one in drawn[:_WARM_UP]], 1))
            found[title] = [
                clocks.times(partial(_ask, answerer, one.question), _PROCESSOR) for one in drawn[_WARM_UP:]
            ]
            rows += _rows(title, found[title])
    wholes = {title: median([one["whole"] for one in times]) or 0.0 for title, times in found.items()}
    said = "; ".join(f"{title}: {'met' if whole <= GOAL else 'missed'}" for title, whole in wholes.items())
    Report(
        "program_questions",
        "Program questions, stage by stage",
        Machine.here(),
        {"threads": arguments.threads, "questions": count, "seed": arguments.seed},
        [
            Table(
                ["questions", "n", "stage", "ms, median", "ms, p90", "processor ms, median"],
                rows,
                f"Goal: at most {GOAL:g} ms at the median ({said}).",
            )
        ],
        found,
    ).write(arguments.out)


def _sets(data: Path) -> list[tuple[str, Path, list[Question]]]:
    spider = [
        one
        for one in load_questions(data / "spider" / "questions_dev.jsonl.gz")
        if one.graph_name == SPIDER_GRAPH
    ]
    return [
        (
            "GeoQuery, train",
            data / "geoquery" / "kb.ttl.gz",
            list(load_questions(data / "geoquery" / "questions_train.jsonl.gz")),
        ),
        (
            f"Spider, dev, {SPIDER_GRAPH}",
            data / "spider" / "graphs" / f"{SPIDER_GRAPH}.ttl.gz",
            spider,
        ),
        (
            "atlas, operators, dev",
            ROOT / "graphs" / "atlas" / "atlas.ttl",
            list(load_questions(ROOT / "data" / "atlas" / "operators_dev.jsonl")),
        ),
    ]


def _ask(answerer: Answerer, question: str) -> None:
    list(answerer.run([Query(question)], 1))


def _rows(title: str, times: list[dict[str, float]]) -> list[list[Any]]:
    return [
        [
            title,
            len(times),
            stage,
            median([one[stage] for one in times]),
            percentile([one[stage] for one in times], 90),
            median([one[_PROCESSOR + stage] for one in times]),
        ]
        for stage in (*STAGES, "whole")
    ]


if __name__ == "__main__":
    main()
