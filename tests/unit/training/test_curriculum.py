"""What is learnt for a graph."""

from __future__ import annotations

import pytest
from unit.training.test_question_examples import FACTS, asked

from kgqa.datasets import Question, part
from kgqa.errors import DataError
from kgqa.graph import GraphBuilder, IndexedGraph, Triple
from kgqa.lm import MockLanguageModel
from kgqa.training.examples.curriculum import curriculum
from kgqa.training.examples.dev_questions import DevQuestions


@pytest.fixture(scope="module")
def graph() -> IndexedGraph:
    return GraphBuilder.of(FACTS)


def films(count: int) -> list[Question]:
    return [asked(number, "Kismet", "Dieterle") for number in range(count)]


def test_a_graph_alone_is_enough(graph: IndexedGraph) -> None:
    lessons = curriculum(graph, made_up=100)
    assert lessons.sources == {"made-up": 90}
    assert len(lessons.dev) == 10
    assert all(question.answers for question in lessons.dev)
    assert not {q.id for q in lessons.dev} & {q.id for q in curriculum(graph, films(3), films(1)).dev}


def test_made_up_dev_questions_can_all_be_answered(graph: IndexedGraph) -> None:
    dev = curriculum(graph, made_up=60, dev_limit=5).dev
    assert 0 < DevQuestions(graph, dev).hits_at_1(MockLanguageModel()) <= 100
    assert len(dev) == 5


def test_a_tenth_of_the_questions_is_held_out(graph: IndexedGraph) -> None:
    questions = films(50)
    lessons = curriculum(graph, questions, made_up=10)
    held_out = {q.id for q in questions if part(q.id) == "dev"}
    assert {q.id for q in lessons.dev} == held_out
    assert lessons.sources["answers"] == 50 - len(held_out)
    assert lessons.sources["composed"] > 0
    assert set(lessons.shares) == set(lessons.sources)


def test_dev_questions_that_are_given_are_all_that_judge(graph: IndexedGraph) -> None:
    lessons = curriculum(graph, films(50), [asked(99, "Fog", "Lane")], made_up=0)
    assert [q.id for q in lessons.dev] == ["q99"]
    assert lessons.sources["answers"] == 50


def test_nothing_to_learn_is_an_error_that_says_why(graph: IndexedGraph) -> None:
    with pytest.raises(DataError, match="nothing to learn from: 1 with topic entity not in the graph"):
        curriculum(graph, [asked(1, "Casablanca", "Curtiz")], [asked(2, "Fog", "Lane")], made_up=0)
    with pytest.raises(DataError, match="no walks to ask about"):
        curriculum(GraphBuilder.of([Triple("a", "r", "a")]))


def test_every_question_counts(graph: IndexedGraph) -> None:
    questions = [asked(1, "Kismet", "nobody"), asked(2, "Casablanca", "Curtiz")]
    assert DevQuestions(graph, questions).hits_at_1(MockLanguageModel()) == 0
    assert DevQuestions(graph, []).hits_at_1(MockLanguageModel()) == 0
