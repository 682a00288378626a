"""The strict scores, over anybody's predictions."""

from __future__ import annotations

from dataclasses import asdict
from typing import ClassVar

from kgqa.evaluation.scoring.definition import Definition, Values
from kgqa.evaluation.scoring.metrics import exact_match, score_answers
from kgqa.evaluation.scoring.prediction import Prediction
from kgqa.evaluation.scoring.reason import Reason
from kgqa.graph import fold_name

__all__ = ["Strict"]


class Strict(Definition):
    """Names are compared whole, after `fold_name`; see `score_answers`, `exact_match`.

    The answers are those of `Prediction.answers`: a system that writes sentences around its answers
    gets no credit for the names in them.
    """

    name: ClassVar[str] = "strict"
    metrics: ClassVar[tuple[str, ...]] = ("hits_at_1", "hit", "f1", "precision", "recall", "exact_match")

    def score(self, prediction: Prediction) -> Values:
        """All metrics, between 0 and 1; no answers where there are no gold ones is right."""
        answers = prediction.answers
        values = asdict(score_answers(answers, prediction.gold))
        return values | {"exact_match": exact_match(answers, prediction.gold)}

    def explain(self, prediction: Prediction) -> tuple[Reason, ...]:
        """Which answer each found gold answer is."""
        said: dict[str, tuple[int, str]] = {}
        for number, answer in enumerate(prediction.answers, 1):
            said.setdefault(fold_name(answer), (number, answer))
        wanted = {fold_name(gold): gold for gold in reversed(prediction.gold)}
        return tuple(
            Reason(gold, "the same name", said[name][1], said[name][0], name, name)
            for name, gold in reversed(wanted.items())
            if name in said
        )
