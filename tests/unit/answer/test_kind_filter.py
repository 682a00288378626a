"""Of the ends of a path, those of the class that is asked for."""

from __future__ import annotations

import pytest

from kgqa.answer import Answer, RankedEntity, only_asked_class
from kgqa.graph import Chain, GraphBuilder, Hop
from kgqa.program import program_text
from kgqa.validation import check_proof

FACTS = [
    *((name, "birth place", "Vienna") for name in ("Alma", "Bert", "Cora")),
    *(("Alma", "type", "composer"), ("Bert", "type", "physicist"), ("Cora", "type", "composer")),
    *(("Dora", "type", "composer"), ("Dora", "birth place", "Graz"), ("Vienna", "type", "city")),
]
GRAPH = GraphBuilder.of(FACTS)


def answer(question: str, *names: str) -> Answer:
    entities = (
        RankedEntity(name, 0.5, (Chain("Vienna", (Hop("birth place", name, inverse=True),)),))
        for name in names
    )
    return Answer(question, tuple(entities), confidence=0.7)


@pytest.mark.parametrize("question", ["Which composers were born in Vienna?", "list all composers of Vienna"])
def test_those_of_the_class_are_kept_and_proven_by_a_program(question: str) -> None:
    found = only_asked_class(answer(question, "Bert", "Cora", "Alma"), GRAPH)
    assert [(one.entity, one.vote_share) for one in found.entities] == [("Cora", 0.5), ("Alma", 0.5)]
    assert found.confidence == 0.7
    assert found.proof is not None
    assert program_text(found.proof.program, GRAPH) == "Vienna <- birth place | only composer"
    assert check_proof(found.proof.to_dict(), FACTS) == []


@pytest.mark.parametrize(
    ("question", "names"),
    [
        ("Who was born in Vienna?", ("Alma", "Bert", "Cora")),  # names no class
        ("Which cities were born in Vienna?", ("Alma", "Bert", "Cora")),  # none is one
        ("Which composers were born in Vienna?", ("Alma", "Cora")),  # all are
        ("Which composers were born in Vienna?", ("Alma", "Bert")),  # the path leads to another one
        ("Which composers were born in Vienna?", ("Alma", "Bert", "Cora", "Dora")),  # another path did
        ("Which composers were born in Vienna?", ()),
    ],
)
def test_other_answers_stay_as_they_are(question: str, names: tuple[str, ...]) -> None:
    given = answer(question, *names)
    assert only_asked_class(given, GRAPH) is given
