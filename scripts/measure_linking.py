"""How well topic entities are found in raw questions, and what that costs in answers.

Questions as they were asked, in lower case, and with one slip in the topic's name (two letters swapped,
one left out, one doubled). Writes eval/results/linking.md; about ten minutes on two cores.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Callable, Iterator
from itertools import chain, zip_longest
from pathlib import Path
from typing import NamedTuple

import train_model
from train_model import REPOSITORY

from kgqa import Answerer, load_language_model
from kgqa.datasets import Question, load_questions, part
from kgqa.evaluation import score_answers
from kgqa.graph import IndexedGraph, fold_name
from kgqa.linking import NameLinker
from kgqa.lm import LanguageModel
from kgqa.pipeline import Query

RESULTS = REPOSITORY / "eval" / "results" / "linking.md"
LEAST_LETTERS = 5
"""A slip in a shorter word would make another word."""

Spoil = Callable[[Question], str]


class Asked(NamedTuple):
    """Questions about a graph."""

    title: str
    graph: IndexedGraph
    questions: list[Question]
    allow_return: bool = False


def sets(data: Path, limit: int) -> Iterator[Asked]:
    graphs = train_model.read_graphs(data)

    def some(path: Path, held_back: bool = False) -> list[Question]:
        found = [q for q in load_questions(path) if not held_back or part(q.id) == "test"]
        return random.Random(0).sample(found, min(limit, len(found)))

    for hops in (1, 2, 3):
        questions = some(data / "metaqa" / f"questions_{hops}hop.jsonl.gz", held_back=True)
        yield Asked(f"MetaQA {hops}-hop, held back", graphs["metaqa"], questions)
    for name, hops in (("pq2h", 2), ("pq3h", 3)):
        questions = some(data / "pathquestion" / name / "questions_test.jsonl.gz")
        yield Asked(f"PathQuestion {hops}-hop, test", graphs[name], questions, allow_return=True)
    yield Asked("WebQSP, dev", graphs["freebase"], some(data / "freebase" / "webqsp_dev.jsonl.gz"))
    yield Asked("atlas, test", graphs["atlas"], some(REPOSITORY / "data" / "atlas" / "test.jsonl"))


def misspelt(question: Question) -> str:
    """The question with a slip in a long word of a topic's name; as it was where no name is in it."""
    chance = random.Random(question.id)
    text = question.question
    for topic in question.topic_entities:
        at = text.casefold().find(topic.casefold())
        words = [word for word in topic.split() if len(word) >= LEAST_LETTERS and word.isalpha()]
        if at < 0 or not words:
            continue
        word = chance.choice(words)
        start = at + topic.index(word)
        letter = start + chance.randrange(1, len(word) - 1)
        kept, here, following = text[:letter], text[letter], text[letter + 1 :]
        slips = [following[:1] + here + following[1:], following, 2 * here + following]
        return kept + chance.choice([slip for slip in slips if slip != here + following] or slips)
    return text


def ranked(graph: IndexedGraph, text: str) -> list[str]:
    """The entities that a text may start from: the best of each mention, then the second ones."""
    columns = [[c.entity for c in mention.candidates] for mention in NameLinker().link(text, graph)]
    rows = chain.from_iterable(zip_longest(*columns))
    return list(dict.fromkeys(entity for entity in rows if entity is not None))


def recall(asked: Asked, spoil: Spoil) -> tuple[float, float]:
    """The share of topic entities among the first and the first five found, in percent."""
    found = {1: 0, 5: 0}
    topics = 0
    for question in asked.questions:
        entities = ranked(asked.graph, spoil(question))
        for topic in question.topic_entities:
            topics += 1
            for depth in found:
                meant = {fold_name(asked.graph.label(entity) or entity) for entity in entities[:depth]}
                found[depth] += fold_name(topic) in meant
    return 100 * found[1] / topics, 100 * found[5] / topics


def hits(asked: Asked, model: LanguageModel, spoil: Spoil, *, gold: bool = False) -> float:
    """Hits@1 in percent, from gold topics or from those found."""
    answerer = Answerer(asked.graph, model, allow_return=asked.allow_return)
    spoilt = [Query(spoil(q), q.topic_entities if gold else ()) for q in asked.questions]
    right = 0.0
    for question, outcome in zip(asked.questions, answerer.run(spoilt), strict=True):
        if not isinstance(answer := outcome.answer, Exception):
            names = [asked.graph.label(ranked.entity) or ranked.entity for ranked in answer.entities]
            right += score_answers(names, question.answers).hits_at_1
    return 100 * right / len(asked.questions)


def as_asked(question: Question) -> str:
    return question.question


def lower_case(question: Question) -> str:
    return question.question.lower()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--data", type=Path, default=REPOSITORY.parent / "shared" / "data")
    parser.add_argument("--limit", type=int, default=400, help="questions of a set, drawn at random")
    options = parser.parse_args()
    model = load_language_model()
    lines = [
        "| questions | n | gold topics | topics found | recall@1 | @5 | lower case | recall@1 | @5 "
        "| misspelt | recall@1 | @5 |",
        "|---|" + "---:|" * 11,
    ]
    for asked in sets(options.data, options.limit):
        cells = [f"{hits(asked, model, as_asked, gold=True):.1f}"]
        for spoil in (as_asked, lower_case, misspelt):
            first, five = recall(asked, spoil)
            cells += [f"{hits(asked, model, spoil):.1f}", f"{first:.1f}", f"{five:.1f}"]
        lines.append(f"| {asked.title} | {len(asked.questions)} | {' | '.join(cells)} |")
        print(lines[-1], flush=True)
    text = (
        "# Topics found in the text\n\nHits@1 with the gold topic entities and with those found in the "
        "question, and the share of topic entities among the first and the first five found; in percent.\n"
        f"`.venv/bin/python scripts/measure_linking.py --limit {options.limit}`\n\n"
    )
    RESULTS.write_text(text + "\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
