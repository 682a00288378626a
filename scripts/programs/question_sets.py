"""The question sets that programs are learnt from and measured on: graphs, what is left out or right."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from kgqa.answer import Answer
from kgqa.datasets import Question
from kgqa.evaluation.scoring.denotation import Denotation, GoldDenotation
from kgqa.evaluation.scoring.metrics import score_denotation
from kgqa.pipeline import Answerer, Outcome, Query

__all__ = ["answered", "by_graph", "graph_file", "is_left_out"]

_LEFT_OUT = 10
"""One of so many is left out of all training."""


def graph_file(data: Path, set_name: str, graph: str) -> Path:
    """The file of a graph of a set."""
    return data / set_name / ("kb.ttl.gz" if set_name == "geoquery" else f"graphs/{graph}.ttl.gz")


def is_left_out(row: Mapping[str, object]) -> bool:
    """Whether a training question is left out: all of some of Spider's graphs, some of the other sets."""
    key = row["graph"] if row["set"] == "spider" else row["id"]
    return int(hashlib.md5(str(key).encode()).hexdigest(), 16) % _LEFT_OUT == 0


def by_graph(set_name: str, questions: Iterable[Question]) -> dict[str, list[Question]]:
    """The questions of a set about each graph; a set with one graph gives that its name."""
    found: dict[str, list[Question]] = {}
    for question in questions:
        found.setdefault(str(question.graph_name or set_name), []).append(question)
    return dict(sorted(found.items()))


def answered(
    answerer: Answerer, questions: Sequence[Question], *, gold_topics: bool = False
) -> Iterator[tuple[Answer, Outcome, bool]]:
    """The answers to questions, each with its outcome and whether it is right; by default without topics.

    A question that ends with an error has none.
    """
    topics = [(q.topic_ids or q.topic_entities) if gold_topics else () for q in questions]
    asked = [Query(question.question, known) for question, known in zip(questions, topics, strict=True)]
    outcomes = answerer.run(asked)
    for question, outcome in zip(questions, outcomes, strict=True):
        answer = outcome.answer
        if isinstance(answer, Answer):
            score = score_denotation(Denotation.of(answer), GoldDenotation.of(question))
            yield answer, outcome, score.denotation == 1
