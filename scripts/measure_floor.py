"""How a floor on log-probabilities tells questions that a graph answers from those of other graphs.

Prints the table of docs/explanation/saying-nothing.md, from development questions: about a minute.
"""

from __future__ import annotations

import argparse
import random
from pathlib import Path
from typing import NamedTuple

import numpy as np

from kgqa.datasets import Question, load_questions, part
from kgqa.errors import KgqaError
from kgqa.evaluation import score_answers
from kgqa.graph import GraphBuilder
from kgqa.graph.readers import read
from kgqa.lm import load_language_model
from kgqa.pipeline import Answerer

ROOT = Path(__file__).parents[1]


class Graph(NamedTuple):
    """A row of the table."""

    title: str
    facts: Path
    questions: list[Question]


def graphs(data: Path, chance: random.Random) -> list[Graph]:
    def some(count: int, *files: Path, dev: bool = False) -> list[Question]:
        drawn: list[Question] = []
        for file in files:
            known = [q for q in load_questions(file) if q.topic_entities and (not dev or part(q.id) == "dev")]
            drawn += chance.sample(known, count)
        return drawn

    metaqa, freebase, atlas = data / "metaqa", data / "freebase", ROOT / "data" / "atlas" / "dev.jsonl"
    films = some(40, *(metaqa / f"questions_{hops}hop.jsonl.gz" for hops in (1, 2, 3)), dev=True)
    return [
        Graph("MetaQA", metaqa / "kb.tsv.gz", films),
        Graph("Freebase (WebQSP)", freebase / "kb.tsv.gz", some(80, freebase / "webqsp_dev.jsonl.gz")),
        Graph("atlas", ROOT / "graphs" / "atlas" / "atlas.ttl", some(80, atlas)),
    ]


def measure(graph: Graph, foreign: list[Question], floor: float, chance: random.Random) -> str:
    """The row of one graph."""
    answerer = Answerer(GraphBuilder.of(read(graph.facts)), load_language_model())
    right, other = [], []
    for question in graph.questions:
        try:
            topics = answerer.resolve(question.topic_entities)
            found = answerer.decode(question.question, topics)
        except KgqaError:
            continue
        answer = answerer.aggregator.aggregate(question.question, found)
        names = [answerer.graph.label(ranked.entity) or "" for ranked in answer.entities]
        if score_answers(names, question.answers).hits_at_1:
            right.append(found[0].log_probability)
        asked = chance.choice(foreign)
        text = asked.question.replace(asked.topic_entities[0], question.topic_entities[0])
        other.append(answerer.decode(text, topics)[0].log_probability)
    lost, silenced = (100 * np.mean(np.array(scores) < floor) for scores in (right, other))
    tenth, median = np.percentile(right, 10), np.median(other)
    return f"| {graph.title} | {tenth:.1f} | {median:.1f} | {lost:.0f} % | {silenced:.0f} % |"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data")
    parser.add_argument("--floor", type=float, default=-25.0)
    options = parser.parse_args()
    chance = random.Random(0)
    rows = graphs(options.data, chance)
    for row in rows:
        foreign = [q for other in rows if other is not row for q in other.questions]
        print(measure(row, foreign, options.floor, chance))
