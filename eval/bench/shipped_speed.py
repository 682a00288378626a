"""How fast the shipped model answers: one question at a time, many together, and from a cold start.

Questions of MetaQA (held back) and of the atlas (test) with their topics, the 3 best chains and the 10
that are the default. The cold start is `kgqa ask` in a process of its own, over the indexed atlas.
"""

from __future__ import annotations

import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from command import ROOT, command, parsed
from machine import Machine
from report import Report, Table, median, percentile

from kgqa.datasets import Question, load_questions, part
from kgqa.decode import BeamSearch
from kgqa.finders import ModelFinder
from kgqa.graph import GraphBuilder, IndexedGraph, open_index, save_index
from kgqa.graph.readers import read
from kgqa.lm import LanguageModel, load_language_model
from kgqa.pipeline import Answerer, Query

BEAMS = (3, 10)
TOGETHER = 32
ASKED = "Which countries does the Danube flow through?"


def main() -> None:
    arguments = parsed(command(__doc__))
    count = 8 if arguments.quick else 150
    model = load_language_model()
    rows: list[list[Any]] = []
    with tempfile.TemporaryDirectory() as folder:
        for title, facts, questions in _sets(arguments.data, count, arguments.seed):
            save_index(GraphBuilder().add_all(read(facts)).build(), Path(folder) / title)
            graph = open_index(Path(folder) / title)
            rows += [[title, beams, *_measured(graph, model, questions, beams)] for beams in BEAMS]
    cold = _cold_starts(2 if arguments.quick else 5)
    speed = Table(
        ["questions", "chains", "n", "ms alone, median", "ms alone, p95", "questions/s, batches of 32"], rows
    )
    start = Table(["kgqa ask, cold start", "seconds"], [["median of " + str(len(cold)), median(cold)]])
    Report(
        "shipped_speed",
        "The shipped model, from question to answer",
        Machine.here(),
        {"threads": arguments.threads, "seed": arguments.seed},
        [speed, start],
        {"speed": rows, "cold": cold},
    ).write(arguments.out)


def _sets(data: Path, count: int, seed: int) -> list[tuple[str, Path, list[Question]]]:
    chance = random.Random(seed)
    films = [
        question
        for hops in (1, 2, 3)
        for question in load_questions(data / "metaqa" / f"questions_{hops}hop.jsonl.gz")
        if part(question.id) == "test"
    ]
    atlas = list(load_questions(ROOT / "data" / "atlas" / "test.jsonl"))
    return [
        ("MetaQA, 1 to 3 hops", data / "metaqa" / "kb.tsv.gz", chance.sample(films, count)),
        ("atlas", ROOT / "graphs" / "atlas" / "atlas.ttl", chance.sample(atlas, count)),
    ]


def _measured(
    graph: IndexedGraph, model: LanguageModel, questions: list[Question], beams: int
) -> tuple[int, float | None, float | None, float]:
    """The number of questions, median and p95 milliseconds alone, and questions a second together."""
    asked = [Query(question.question, question.topic_entities) for question in questions]
    warm = Answerer(graph, ModelFinder(model, BeamSearch(beams=beams)))
    list(warm.run(asked[:5], 1))
    alone = []
    for query in asked:
        began = time.perf_counter()
        list(warm.run([query], 1))
        alone.append(1000 * (time.perf_counter() - began))
    began = time.perf_counter()
    list(warm.run(asked, TOGETHER))
    together = len(asked) / (time.perf_counter() - began)
    return len(asked), median(alone), percentile(alone, 95), together


def _cold_starts(count: int) -> list[float]:
    command_line = [sys.executable, "-m", "kgqa", "ask", ASKED, "--limit", "3"]
    subprocess.run(command_line, check=True, capture_output=True)  # the index of the atlas is made once
    seconds = []
    for _ in range(count):
        began = time.perf_counter()
        subprocess.run(command_line, check=True, capture_output=True)
        seconds.append(time.perf_counter() - began)
    return seconds


if __name__ == "__main__":
    main()
