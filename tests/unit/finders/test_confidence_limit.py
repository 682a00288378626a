"""The limit of confidence where no relation is akin to what is asked for."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from kgqa.answer import Calibration
from kgqa.finders import ModelFinder
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


def test_a_cached_finder_has_the_same_limit(tmp_path: object) -> None:
    answerer = Answerer(GRAPH, Embedding(), calibration=SURE).cached(str(tmp_path))
    for _ in range(2):  # found, then kept
        answer = answerer.answer("what was the budget of Kismet?", ["Kismet"])
        assert answer.confidence == UNRELATED_CONFIDENCE
