"""How long a program question takes with the shipped model, stage by stage.

    .venv/bin/python eval/bench/program_questions.py

Questions that people wrote for GeoQuery's graph (train part) and for one graph of Spider (dev part), and the
operator questions of the atlas (dev part), one at a time and without topics, after a warm-up. A stage is the
time in its functions without that of other stages; processor time is that of all threads.

Writes program-questions.md and program-questions.json. Takes about a minute on two cores.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from contextlib import ExitStack
from functools import wraps
from pathlib import Path
from typing import Any
from unittest.mock import patch

from command import ROOT, command, parsed
from machine import Machine
from report import Report, Table, median, percentile

from kgqa.answer import ProgramVote
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


class Stages:
    """The seconds in each stage since the last `reset`, without those of the stages called from it."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self.seconds = dict.fromkeys(STAGES, 0.0)
        self._clock = clock
        self._inner = [0.0]

    def reset(self) -> None:
        """Start anew."""
        self.seconds = dict.fromkeys(STAGES, 0.0)

    def measured(self, stage: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """The same function, its time counted."""

        @wraps(function)
        def call(*given: Any, **named: Any) -> Any:
            began = self._clock()
            self._inner.append(0.0)
            try:
                return function(*given, **named)
            finally:
                taken = self._clock() - began
                self.seconds[stage] += taken - self._inner.pop()
                self._inner[-1] += taken

        return call


def main() -> None:
    arguments = parsed(command(__doc__), "geoquery/kb.ttl.gz", f"spider/graphs/{SPIDER_GRAPH}.ttl.gz")
    count = 3 if arguments.quick else 20
    model, wall, processor = load_language_model(), Stages(time.perf_counter), Stages(time.process_time)
    rows: list[list[Any]] = []
    found: dict[str, list[dict[str, float]]] = {}
    with ExitStack() as stack:
        for stage, places in STAGES.items():
            for owner, name in places:
                timed = wall.measured(stage, processor.measured(stage, getattr(owner, name)))
                stack.enter_context(patch.object(owner, name, timed))
        for title, file, questions in _sets(arguments.data):
            graph = GraphBuilder().add_all(read(file)).build()
            answerer = Answerer(graph, model, grammar="programs")
            drawn = random.Random(arguments.seed).sample(questions, min(count + _WARM_UP, len(questions)))
            list(answerer.run([Query(one.question) for one in drawn[:_WARM_UP]], 1))
            found[title] = [_times(answerer, one.question, wall, processor) for one in drawn[_WARM_UP:]]
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


def _times(answerer: Answerer, question: str, wall: Stages, processor: Stages) -> dict[str, float]:
    """The milliseconds of each stage and of the whole, and the same in time of the processor."""
    wall.reset()
    processor.reset()
    began, used = time.perf_counter(), time.process_time()
    list(answerer.run([Query(question)], 1))
    whole, busy = time.perf_counter() - began, time.process_time() - used
    times = {**wall.seconds, "whole": whole}
    times |= {_PROCESSOR + stage: seconds for stage, seconds in processor.seconds.items()}
    times[_PROCESSOR + "whole"] = busy
    return {name: 1000 * seconds for name, seconds in times.items()}


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
