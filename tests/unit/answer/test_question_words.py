"""The order of answers that are equally likely."""

from __future__ import annotations

from kgqa.answer import Answer, QuestionWords, RankedEntity
from kgqa.graph import Chain, GraphBuilder, Hop, Triple

FACTS = [
    Triple("Greenland", "within", "Denmark's realm"),
    Triple("Greenland", "within", "North America"),
    Triple("Canada", "location.continent", "North America"),
    Triple("Greenland", "next to", "Iceland"),
    Triple("Iceland", "instance of", "island country"),
]
GRAPH = GraphBuilder.of(FACTS)


def answer(question: str, **scores: float) -> Answer:
    ranked = [
        RankedEntity(
            name.replace("_", " "), score, (Chain("Greenland", (Hop("within", name.replace("_", " ")),)),)
        )
        for name, score in scores.items()
    ]
    return Answer(question, tuple(ranked))


def names(ordered: Answer) -> list[str]:
    return [ranked.entity for ranked in ordered.entities]


def test_relations_of_an_answer_speak_for_it() -> None:
    asked = answer("what continent is Greenland on", Iceland=0.5, North_America=0.5)
    assert names(QuestionWords().order(asked, GRAPH)) == ["North America", "Iceland"]


def test_types_of_an_answer_speak_for_it() -> None:
    asked = answer("which islands are close to Greenland", North_America=0.5, Iceland=0.5)
    assert names(QuestionWords().order(asked, GRAPH)) == ["Iceland", "North America"]


def test_the_relation_that_was_walked_says_nothing() -> None:
    asked = answer("within what is Greenland", Iceland=0.5, North_America=0.5)
    assert names(QuestionWords().order(asked, GRAPH)) == ["Iceland", "North America"]


def test_the_name_of_the_topic_says_nothing() -> None:
    facts = [*FACTS, Triple("Greenland", "within", "Greenland Sea area")]
    asked = answer("where is Greenland", Iceland=0.5, Greenland_Sea_area=0.5)
    assert names(QuestionWords().order(asked, GraphBuilder.of(facts))) == ["Iceland", "Greenland Sea area"]


def test_likelier_answers_stay_in_front() -> None:
    asked = answer("what continent is Greenland on", Iceland=0.52, North_America=0.48)
    assert names(QuestionWords().order(asked, GRAPH)) == ["Iceland", "North America"]
    close = answer("what continent is Greenland on", Iceland=0.504, North_America=0.496)
    assert names(QuestionWords().order(close, GRAPH)) == ["North America", "Iceland"]


def test_nothing_is_lost_and_nothing_comes_of_nothing() -> None:
    assert QuestionWords().order(Answer("what continent"), GRAPH) == Answer("what continent")
    asked = answer("what continent", Iceland=0.3, North_America=0.3)
    assert sorted(names(QuestionWords().order(asked, GRAPH))) == sorted(names(asked))
