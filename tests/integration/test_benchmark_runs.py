"""The whole line under a run: whatever the model says, every answer is proven."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kgqa.constraint import GrammarName
from kgqa.datasets import Question, load_questions
from kgqa.evaluation import evaluate
from kgqa.graph import GraphBuilder, Triple
from kgqa.lm import MockLanguageModel
from kgqa.pipeline import Answerer
from kgqa.validation import check_chains

FACTS = [
    Triple("Kismet", "directed_by", "William Dieterle"),
    Triple("Kismet", "in_language", "English"),
    Triple("Elephant Walk", "directed_by", "William Dieterle"),
    Triple("Elephant Walk", "starred_actors", "Elizabeth Taylor"),
    Triple("A -> B", "starred_actors", "Elizabeth Taylor"),
    Triple("Kismet", "role", "cvt:1"),
    Triple("cvt:1", "actor", "Marlene Dietrich"),
    Triple("alone", "is", "alone"),
]
GRAPH = GraphBuilder.of(FACTS)
QUESTIONS = [
    Question("1", "who directed Kismet", ("Kismet",), ("William Dieterle",), hops=1),
    Question("2", "who acts in films by the director of Kismet", ("Kismet",), ("Elizabeth Taylor",), hops=3),
    Question("3", "what language is Kismet in", ("kismet",), ("English",), hops=1),
    Question(
        "4", "which films have Elizabeth Taylor", ("Elizabeth Taylor",), ("Elephant Walk", "A -> B"), hops=1
    ),
    Question(
        "5", "films by William Dieterle with Elizabeth Taylor", ("William Dieterle", "Elizabeth Taylor")
    ),
    Question("6", "who is alone", ("alone",), ()),
    Question("7", "who is this", ("Nobody at all",), ("x",)),
]


@pytest.mark.parametrize("grammar", ["path", "chain", "relations"])
@pytest.mark.parametrize("link", [False, True])
def test_a_model_that_knows_nothing_still_only_gives_proven_answers(
    tmp_path: Path, grammar: GrammarName, link: bool
) -> None:
    for seed in range(3):
        out = tmp_path / str(seed)
        answerer = Answerer(GRAPH, MockLanguageModel(seed), grammar=grammar, hops=3)
        report = evaluate(QUESTIONS, answerer, out, link=link)
        assert report.totals.n == len(QUESTIONS)
        assert report.totals.faithful == 1.0
        assert report.by_status["error"] == 0
        assert report.by_status["no-chain"] == 1
        assert report.by_status["answered"] >= 5
        results = list(check_chains(out / "records.jsonl", GRAPH))
        assert results
        assert all(result.holds for result in results)


def test_a_model_that_knows_the_relation_path_is_right(tmp_path: Path) -> None:
    liked = {" -> directed_by": 60.0, " <- starred_actors": 50.0, " -> in_language": 50.0}
    answerer = Answerer(GRAPH, MockLanguageModel(preferences=liked), hops=3)
    report = evaluate([QUESTIONS[0], QUESTIONS[3]], answerer, tmp_path)
    assert (report.totals.hits_at_1, report.totals.f1) == (1.0, 1.0)


def test_rog_questions_are_answered_from_their_own_graphs(tmp_path: Path) -> None:
    rows = [
        {
            "id": str(at),
            "question": "where does it lead",
            "answer": [f"end {at}"],
            "q_entity": ["start"],
            "a_entity": [f"end {at}"],
            "graph": [["start", "leads_to", f"end {at}"]],
        }
        for at in range(3)
    ]
    path = tmp_path / "rog.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    answerer = Answerer(GraphBuilder.of([]), MockLanguageModel())
    report = evaluate(load_questions(path), answerer, tmp_path / "run")
    assert (report.totals.n, report.totals.hits_at_1, report.totals.faithful) == (3, 1.0, 1.0)
