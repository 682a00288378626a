"""What a question of a conversation refers back to."""

import pytest

from kgqa.answer import Answer, RankedEntity
from kgqa.errors import NoTopicError
from kgqa.graph import Chain, GraphBuilder, Hop
from kgqa.lm import MockLanguageModel
from kgqa.pipeline import Answerer, Outcome
from kgqa.service import Reference, Subjects, best_reading, reference_of

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
    several = Subjects.of(outcome(("a", "b"), 0.5, ("t",)))
    assert several.meant_by("And who directed them?") == [("a", "b"), ("t",)]
    assert Subjects.of(outcome(("t",), 0.5, ("t",))).meant_by("Who directed it?") == [("t",)]
    assert Subjects.of(Outcome("Who?", NoTopicError("none"))).meant_by("Who directed it?") == []


def test_a_question_about_one_thing_is_not_about_several_answers() -> None:
    assert Subjects.of(outcome(("a", "b"), 0.5, ("t",))).meant_by("Who directed it?") == [("t",)]
    assert Subjects.of(outcome(("a", "b"), 0.5)).meant_by("Who directed it?") == [("a", "b")]


def test_the_most_confident_answer_about_the_topics_is_the_best() -> None:
    failed = Outcome("Who?", NoTopicError("none"))
    empty, weak, strong = outcome((), None), outcome(("a",), 0.3), outcome(("b",), 0.8)
    about = ("t",)
    assert best_reading([(about, failed), (about, empty), (about, weak), (about, strong)]) == (about, strong)
    assert best_reading([(("b",), weak), (("b",), strong), (about, outcome(("c",), 0.8))]) == (("b",), strong)
    assert best_reading([(("other",), strong), (about, weak)]) == (about, weak)
    assert best_reading([(about, failed), (about, empty)]) is None


def test_a_guess_from_no_topic_does_not_count() -> None:
    assert best_reading([((), outcome(("a",), 0.5))]) is None
    sure = outcome(("a",), 0.6)
    assert best_reading([((), sure)]) == ((), sure)
