"""From question files to examples."""

from __future__ import annotations

import pytest

from kgqa.datasets import Question
from kgqa.graph import GraphBuilder, IndexedGraph, RelationStep, Triple
from kgqa.graph.statement import Name, RelationName
from kgqa.training.examples.question_examples import QuestionExamples

FACTS = [
    Triple("Kismet", "directed_by", "Dieterle"),
    Triple("Kismet", "written_by", "Knoblock"),
    Triple("Boxing", "directed_by", "Dieterle"),
    Triple("Boxing", "written_by", "Dieterle"),
    Triple("Fog", "directed_by", "Lane"),
    Triple("Fog", "written_by", "Lane"),
    Triple("Island", "unknown to", "nobody"),
]
DIRECTED, WRITTEN = RelationStep("directed_by"), RelationStep("written_by")


@pytest.fixture(scope="module")
def graph() -> IndexedGraph:
    return GraphBuilder.of(FACTS)


def asked(
    number: int,
    topic: str,
    *answers: str,
    gold_relation_path: tuple[str, ...] | None = None,
    gold_paths: tuple[tuple[Triple, ...], ...] = (),
) -> Question:
    return Question(
        f"q{number}",
        f"who made {topic}",
        (topic,),
        answers,
        gold_relation_path=gold_relation_path,
        gold_paths=gold_paths,
    )


def test_a_relation_path_is_taken_as_it_is(graph: IndexedGraph) -> None:
    (example,) = QuestionExamples(graph).of(
        [asked(1, "Dieterle", "Boxing", gold_relation_path=("~written_by",))]
    )
    assert [(target.steps, target.weight) for target in example.targets] == [
        ((WRITTEN._replace(inverse=True),), 1)
    ]
    assert example.answers == ("Boxing",)


def test_chains_of_triples_give_their_relation_path(graph: IndexedGraph) -> None:
    chain = (Triple("Kismet", "directed_by", "Dieterle"), Triple("Boxing", "directed_by", "Dieterle"))
    (example,) = QuestionExamples(graph).of([asked(1, "Kismet", "Boxing", gold_paths=(chain,))])
    assert example.targets[0].steps == (DIRECTED, DIRECTED._replace(inverse=True))


def test_answers_alone_are_enough_and_the_path_of_many_questions_is_believed(graph: IndexedGraph) -> None:
    questions = [asked(1, "Kismet", "Dieterle"), asked(2, "Boxing", "Dieterle"), asked(3, "Fog", "Lane")]
    for example in QuestionExamples(graph).of(questions):
        best = max(example.targets, key=lambda target: target.weight)
        assert best.steps == (DIRECTED,)
        assert sum(target.weight for target in example.targets) == pytest.approx(1)


def test_a_wrong_gold_path_gives_way_to_the_answers(graph: IndexedGraph) -> None:
    (example,) = QuestionExamples(graph).of([asked(1, "Kismet", "Knoblock", gold_relation_path=("nothing",))])
    assert [target.steps for target in example.targets] == [(WRITTEN,)]


def test_what_teaches_nothing_is_counted(graph: IndexedGraph) -> None:
    reader = QuestionExamples(graph)
    assert (
        reader.of([asked(1, "Casablanca", "Curtiz"), asked(2, "Kismet", "nobody"), asked(3, "Kismet")]) == []
    )
    assert reader.skipped == {"topic entity not in the graph": 1, "no path from topic to answer": 2}


def test_relations_with_labels_are_known_by_them() -> None:
    builder = GraphBuilder()
    builder.add_all(
        [
            Triple("e1", "r1", "e2"),
            Name("e1", "Kismet"),
            Name("e2", "Dieterle"),
            RelationName("r1", "director"),
        ]
    )
    (example,) = QuestionExamples(builder.build()).of([asked(1, "Kismet", "Dieterle")])
    assert example.targets[0].steps == (RelationStep("director"),)
