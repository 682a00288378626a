"""The examples of a training, from a graph, from questions, and from questions with own graphs."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from unit.training.test_question_examples import FACTS, asked

from kgqa.datasets import Question, part
from kgqa.errors import DataError
from kgqa.graph import GraphBuilder, IndexedGraph, Triple
from kgqa.lm import MockLanguageModel
from kgqa.training.examples.curriculum import curriculum
from kgqa.training.examples.dev_questions import DevQuestions
from kgqa.training.examples.example import Example


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


def own(number: int, *facts: tuple[str, str, str]) -> Question:
    """A question in RoG's form: about Kismet, over its own facts, answered by the first one's tail."""
    graph = tuple(Triple(*fact) for fact in facts)
    return Question(f"q{number}", f"who made Kismet {number}", ("Kismet",), (facts[0][2],), graph=graph)


OWN = [
    own(
        1,
        ("Kismet", "written_by", "Knoblock"),
        ("Kismet", "language", "English"),
        ("Fog", "language", "English"),
    ),
    own(
        2, ("Kismet", "made_by", "Potter"), ("Kismet", "stands_in", "Wales"), ("Cardiff", "lies_in", "Wales")
    ),
    own(3, ("Kismet", "sung_by", "Blyth"), ("Desert Song", "sung_by", "Blyth")),
]


def relations(examples: Iterable[Example]) -> set[str]:
    return {step.relation for e in examples for target in e.targets for step in target.steps}


@pytest.mark.parametrize("shared", [None, GraphBuilder.of(FACTS)])
def test_questions_with_graphs_of_their_own_teach_what_those_hold(shared: IndexedGraph | None) -> None:
    lessons = curriculum(shared, OWN, [own(4, ("Kismet", "led_by", "Abreu"))], made_up=60)
    of_question = {question.question: question.graph for question in OWN}
    own_relations = {graph: {relation for _, relation, _ in graph} for graph in of_question.values() if graph}
    known = [example for example in lessons.examples if example.source == "answers"]
    assert [relations([example]) for example in known] == [{"written_by"}, {"made_by"}, {"sung_by"}]
    for example in lessons.examples:
        if example.source == "made-up" and shared:
            assert example.graph is None
            assert relations([example]) <= {"directed_by", "written_by", "unknown to"}
        else:
            assert example.graph
            assert relations([example]) <= own_relations[example.graph]
    made_up = [example for example in lessons.examples if example.source == "made-up"]
    assert len(made_up) == 60
    if not shared:
        assert {made.graph for made in made_up} == set(own_relations)


def test_examples_from_own_graphs_are_the_same_with_the_same_seed() -> None:
    first, again, other = (curriculum(None, OWN, OWN[:1], made_up=30, seed=seed) for seed in (0, 0, 1))
    assert first == again
    assert first != other


def test_fewer_made_up_questions_than_graphs_are_drawn_from_some_of_them() -> None:
    lessons = curriculum(None, OWN, OWN[:1], made_up=2)
    assert lessons.sources["made-up"] == 2


def test_a_question_without_any_graph_is_an_error_that_quotes_it() -> None:
    for questions, dev in (([asked(7, "Fog", "Lane")], OWN), (OWN, [asked(7, "Fog", "Lane")])):
        with pytest.raises(DataError, match="question 'who made Fog' has no graph of its own"):
            curriculum(None, questions, dev)


def test_dev_questions_are_asked_over_their_own_graphs() -> None:
    facts = [own(1, ("Kismet", "made_by", "Knoblock")), own(2, ("Kismet", "made_by", "Potter"))]
    shared = GraphBuilder.of([Triple("Kismet", "made_by", "nobody")])
    model = MockLanguageModel()
    for graph in (None, shared):
        assert DevQuestions(graph, facts).hits_at_1(model) == 100
    mixed = [*facts, Question("q3", "who made Kismet", ("Kismet",), ("nobody",))]
    assert DevQuestions(shared, mixed).hits_at_1(model) == 100
    bad = own(5, ("Kismet", "", "Knoblock"))
    with pytest.raises(DataError, match="graph of the question 'who made Kismet 5' cannot be built"):
        DevQuestions(None, [bad]).hits_at_1(model)


def test_nothing_to_learn_is_an_error_that_says_why(graph: IndexedGraph) -> None:
    with pytest.raises(DataError, match="nothing to learn from: 1 with topic entity not in the graph"):
        curriculum(graph, [asked(1, "Casablanca", "Curtiz")], [asked(2, "Fog", "Lane")], made_up=0)
    with pytest.raises(DataError, match="no walks to ask about"):
        curriculum(GraphBuilder.of([Triple("a", "r", "a")]))


def test_every_question_counts(graph: IndexedGraph) -> None:
    questions = [asked(1, "Kismet", "nobody"), asked(2, "Casablanca", "Curtiz")]
    assert DevQuestions(graph, questions).hits_at_1(MockLanguageModel()) == 0
    assert DevQuestions(graph, []).hits_at_1(MockLanguageModel()) == 0
