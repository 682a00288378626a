"""What a question of a conversation refers back to."""

import pytest

from kgqa.answer import Answer, RankedEntity
from kgqa.errors import NoTopicError
from kgqa.graph import Chain, GraphBuilder, Hop
from kgqa.lm import MockLanguageModel
from kgqa.pipeline import Answerer, Outcome
from kgqa.service import Reference, best_outcome, reference_of, subjects_of

FILMS = GraphBuilder.of(
    [("Kismet", "directed_by", "William Dieterle"), ("Kismet", "genre", "Drama"), ("It", "genre", "Horror")]
)


def outcome(entities: tuple[str, ...], confidence: float | None, topics: tuple[str, ...] = ()) -> Outcome:
    ranked = tuple(RankedEntity(one, 1.0, (Chain("t", (Hop("r", one),)),)) for one in entities)
    return Outcome("Who?", Answer("Who?", ranked, confidence), topics)


@pytest.mark.parametrize(
    ("question", "reference"),
    [
        ("Who directed Kismet?", Reference.NONE),
        ("who directed kismet", Reference.NONE),
        ("Did William Dieterle direct it?", Reference.NONE),
        ("Who directed it?", Reference.CERTAIN),
        ("What else did he make?", Reference.CERTAIN),
        ("And the year?", Reference.POSSIBLE),
        ("which drama of his is the best", Reference.POSSIBLE),
    ],
)
def test_a_question_refers_back_unless_it_names_something(question: str, reference: Reference) -> None:
    assert reference_of(Answerer(FILMS, MockLanguageModel()), question) is reference


def test_the_answers_come_before_what_was_asked_about() -> None:
    assert subjects_of(outcome(("a", "b"), 0.5, ("t",))) == [("a", "b"), ("t",)]
    assert subjects_of(outcome(("t",), 0.5, ("t",))) == [("t",)]
    assert subjects_of(Outcome("Who?", NoTopicError("none"))) == []


def test_the_most_confident_answer_is_the_best() -> None:
    failed = Outcome("Who?", NoTopicError("none"))
    empty, weak, strong = outcome((), None), outcome(("a",), 0.3), outcome(("b",), 0.8)
    assert best_outcome([failed, empty, weak, strong]) is strong
    assert best_outcome([failed, empty]) is empty
    assert best_outcome([weak, outcome(("c",), 0.3)]) is weak
