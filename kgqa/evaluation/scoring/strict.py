"""The strict scores, over anybody's predictions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import ClassVar

from kgqa.datasets import AnswerType
from kgqa.evaluation.scoring.agreement import Agreement
from kgqa.evaluation.scoring.definition import Definition, Values
from kgqa.evaluation.scoring.metrics import FAILED, exact_match, score_denotation
from kgqa.evaluation.scoring.prediction import Prediction
from kgqa.evaluation.scoring.reason import Reason
from kgqa.graph import fold_name

__all__ = ["Strict"]

_RULES: Mapping[AnswerType, str] = {
    "entity": "the same name",
    "number": "the same number, within the tolerance",
    "boolean": "the same yes or no",
    "literal": "the same value",
}


class Strict(Definition):
    """Names are compared whole, after `fold_name`, values by what they say; see `Agreement`, `exact_match`.

    The answers are those of `Prediction.answers`: a system that writes sentences around its answers
    gets no credit for the names in them.
    """

    name: ClassVar[str] = "strict"
    metrics: ClassVar[tuple[str, ...]] = (
        "hits_at_1",
        "hit",
        "f1",
        "precision",
        "recall",
        "exact_match",
        "denotation",
    )

    def score(self, prediction: Prediction) -> Values:
        """All metrics, between 0 and 1; no answers where there are no gold ones is right, a failure never."""
        if prediction.failed:
            return asdict(FAILED) | {"exact_match": 0.0}
        values = asdict(score_denotation(prediction.denotation, prediction.gold_denotation))
        return values | {
            "exact_match": exact_match(prediction.answers, prediction.gold, prediction.gold_aliases)
        }

    def explain(self, prediction: Prediction) -> tuple[Reason, ...]:
        """Which answer each found gold answer is."""
        given, gold = prediction.denotation, prediction.gold_denotation
        by_identifier = gold.compares_identifiers(given)
        rule = "the same identifier" if by_identifier else _RULES[gold.answer_type]
        reasons = []
        for at, place in sorted(Agreement.of(given, gold).pairs.items()):
            right, said = gold.texts[at], given.texts[place]
            if by_identifier:
                wanted, found = gold.identifiers[at], given.identifiers[place]
            else:
                wanted, found = fold_name(right), fold_name(said)
            reasons.append(Reason(right, rule, said, place + 1, wanted, found))
        return tuple(reasons)
