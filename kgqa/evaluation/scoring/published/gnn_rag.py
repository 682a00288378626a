"""GNN-RAG's scores ("GNN-RAG", 2024; `GNN-RAG`, `llm/src/qa_prediction/evaluate_results.py`)."""

from __future__ import annotations

from typing import ClassVar

from kgqa.evaluation.scoring.definition import Definition, Values
from kgqa.evaluation.scoring.prediction import Prediction
from kgqa.evaluation.scoring.published.matching import find_gold
from kgqa.evaluation.scoring.published.rog import print_totals, score_lines
from kgqa.evaluation.scoring.reason import Reason

__all__ = ["GnnRag"]

LABELS = {
    "accuracy": "Accuracy",
    "hit": "Hit",
    "hit1": "Hit1",
    "f1": "F1",
    "precision": "Precision",
    "recall": "Recall",
}


class GnnRag(Definition):
    """RoG's formulas over the stripped output, and `hit1`: the first line contains a gold answer.

    `hit1` looks at a *line*, not at an answer: a model that opens with a sentence ("Based on the
    reasoning paths...") scores 0 or, where that sentence repeats the question and the question
    contains a gold name, 1; names all written on one line are all first. The order of the lines is
    the model's; nothing ranks them.

    Held against three published runs, 1,628 questions each: every value and every printed digit.
    The script takes texts only; a list is put together with line ends here. Without gold answers
    there is no value: the script would stop.
    """

    name: ClassVar[str] = "gnn-rag"
    metrics: ClassVar[tuple[str, ...]] = ("accuracy", "hit", "hit1", "f1", "precision", "recall")

    def score(self, prediction: Prediction) -> Values | None:
        """The values of one question; precision may be above 1, and f1 with it."""
        return score_lines(prediction.text.strip().split("\n"), prediction.gold)

    def explain(self, prediction: Prediction) -> tuple[Reason, ...]:
        """Where each found gold answer is a substring."""
        lines = prediction.text.strip().split("\n")
        return tuple(reason for gold in prediction.gold if (reason := find_gold(lines, gold)))

    def printed(self, totals: Values) -> str:
        """`Accuracy: 82.9 Hit: 90.7 Hit1: 82.8 F1: ...`, all digits, no separators."""
        return print_totals(totals, LABELS)
