"""The limit of confidence where no relation is akin to what is asked for."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from given_programs import GivenPrograms
from numpy.typing import NDArray

from kgqa.answer import Answer, Calibration
from kgqa.finders import ChainSpace, LinkedQuestion, ModelFinder
from kgqa.finders.model_finder import UNRELATED_CONFIDENCE
from kgqa.graph import GraphBuilder
from kgqa.lm import MockLanguageModel
from kgqa.pipeline import Answerer

GRAPH = GraphBuilder.of([("Kismet", "directed_by", "William Dieterle")])
SURE = Calibration(bias=3.0, score=0.0, lead=0.0)


class Embedding(MockLanguageModel):
    """A model to which texts mean the same where they speak of directing."""

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """One of two orthogonal vectors for each text."""
        return np.array([[1, 0] if "direct" in text else [0, 1] for text in texts], dtype=np.float32)


class Directing(GivenPrograms):
    """Given programs, compared with the question by the meanings of that model."""

    def similarity(self, question: LinkedQuestion, answer: Answer, space: ChainSpace) -> float | None:
        """That of the real finder."""
        return ModelFinder(Embedding()).similarity(question, answer, space)


@pytest.mark.parametrize(
    ("question", "limited"), [("who directed Kismet?", False), ("what was the budget of Kismet?", True)]
)
def test_an_answer_by_an_unrelated_relation_is_never_sure(question: str, *, limited: bool) -> None:
    answer = Answerer(GRAPH, Embedding(), calibration=SURE).answer(question, ["Kismet"])
    assert answer.entities
    assert answer.confidence == pytest.approx(UNRELATED_CONFIDENCE if limited else 0.953, abs=1e-3)


def test_models_without_meanings_and_other_rankers_have_no_limit() -> None:
    question = "what was the budget of Kismet?"
    for finder in (ModelFinder(MockLanguageModel()), ModelFinder(Embedding(), rankers=())):
        answer = Answerer(GRAPH, finder, calibration=SURE).answer(question, ["Kismet"])
        assert answer.confidence == pytest.approx(0.953, abs=1e-3)


def test_a_program_about_something_else_is_silenced_and_the_reason_says_so(tmp_path: Path) -> None:
    asked = "who directed Kismet?", "what is the weather?"
    finder = Directing({question: ["Kismet -> directed_by"] for question in asked})
    unlikely = Calibration(bias=0.0, score=0.0, lead=0.0, dissimilarity=-20.0)
    answerer = Answerer(GRAPH, finder, "programs", calibration=unlikely, min_confidence=0.02)
    for one in (answerer, answerer.cached(str(tmp_path))):
        akin, strange = (one.answer(question, ["Kismet"]) for question in asked)
        assert (akin.confidence, len(akin.entities)) == (0.5, 1)
        assert strange.confidence == pytest.approx(1 / (1 + np.exp(8)))
        assert strange.reason == "nothing that was found in the graph is about what the question asks"
    path = Answerer(GRAPH, Embedding()).answer(asked[0], ["Kismet"])
    assert finder.similarity(LinkedQuestion(asked[0], ()), path, answerer.space) is None


def test_a_cached_finder_has_the_same_limit(tmp_path: object) -> None:
    answerer = Answerer(GRAPH, Embedding(), calibration=SURE).cached(str(tmp_path))
    for _ in range(2):  # found, then kept
        answer = answerer.answer("what was the budget of Kismet?", ["Kismet"])
        assert answer.confidence == UNRELATED_CONFIDENCE
