"""What a question that brings its graph costs outside of the model.

    .venv/bin/python eval/bench/question_graphs.py

The records of the RoG-webqsp test set that are there, each with a graph of about 4,400 triples, are read, and
asked one at a time with the shipped model about their own topics, after a warm-up. A stage is the time in its
functions without that of other stages; processor time is that of all threads. "model" is all that torch
computes: encoder, passes of the decoder, rerankers.

Writes question-graphs.md and question-graphs.json. Takes about a minute on two cores.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from command import command, parsed
from machine import Machine
from report import Report, Table, median, percentile
from stages import StageClocks

from kgqa.answer import GraphVote
from kgqa.constraint.walk import Walk
from kgqa.datasets import Question, load_questions
from kgqa.finders import ModelFinder
from kgqa.graph import GraphBuilder
from kgqa.lm import load_language_model
from kgqa.lm.encoders.sentence_encoder import SentenceEncoder
from kgqa.lm.path_writer.language_model import PathWriterLanguageModel
from kgqa.lm.path_writer.modeling import PathWriter
from kgqa.lm.path_writer.reranker import Reranker
from kgqa.pipeline import Answerer, Query

RECORDS = "freebase/webqsp_rog_format_18.jsonl.gz"
_WARM_UP = 2
_PROCESSOR = "processor: "
STAGES: dict[str, list[tuple[Any, str]]] = {
    "building the graph": [(GraphBuilder, "of")],
    "linking": [(Answerer, "resolve"), (Answerer, "link")],
    "constraint": [
        (ModelFinder, "constraint"),
        (Walk, "allowed"),
        (Walk, "advance"),
        (Walk, "accepts"),
    ],
    "search and ranking": [(ModelFinder, "find")],
    "model": [
        (PathWriterLanguageModel, "score"),
        (PathWriter, "encode"),
        (SentenceEncoder, "encode"),
        (Reranker, "forward"),
    ],
    "aggregation": [(GraphVote, "aggregate")],
}


def main() -> None:
    arguments = parsed(command(__doc__), RECORDS)
    clocks = StageClocks({"reading": [], **STAGES})
    questions: list[Question] = []
    reading = clocks.times(lambda: questions.extend(load_questions(arguments.data / RECORDS)))
    if arguments.quick:
        questions = questions[:4]
    answerer = Answerer(GraphBuilder.of([]), load_language_model())

    def ask(question: Question) -> None:
        graph = GraphBuilder.of(question.graph or ())
        query = Query(question.question, question.topic_entities)
        list(answerer.over(graph).run([query], 1))

    with clocks.running():
        for question in questions[:_WARM_UP]:
            ask(question)
        found = [clocks.times(partial(ask, question)) for question in questions]
    for one in found:  # a question has its share of what the file took
        for name in ("reading", "whole"):
            for kind in ("", _PROCESSOR):
                one[kind + name] += reading[f"{kind}whole"] / len(questions)
    outside = [1 - one["model"] / one["whole"] for one in found]
    triples = median([float(len(question.graph or ())) for question in questions])
    Report(
        "question_graphs",
        "Questions that bring their graphs",
        Machine.here(),
        {"threads": arguments.threads, "questions": len(questions), "triples, median": triples},
        [
            Table(
                ["stage", "ms, median", "ms, p90", "processor ms, median", "share of the whole"],
                [_row(stage, found) for stage in ("reading", *STAGES, "whole")],
                f"Outside of the model: {median(outside):.1%} of a question at the median.",
            )
        ],
        {"questions": found},
    ).write(arguments.out)


def _row(stage: str, found: list[dict[str, float]]) -> list[Any]:
    times = [one[stage] for one in found]
    share = sum(times) / sum(one["whole"] for one in found)
    return [
        stage,
        median(times),
        percentile(times, 90),
        median([one[_PROCESSOR + stage] for one in found]),
        f"{share:.1%}",
    ]


if __name__ == "__main__":
    main()
