"""RoG's scores ("Reasoning on Graphs", ICLR 2024; `reasoning-on-graphs`, `evaluate_results.py`)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import ClassVar

from kgqa.evaluation.scoring.definition import Definition, Values
from kgqa.evaluation.scoring.prediction import Prediction
from kgqa.evaluation.scoring.published.matching import contains, find_gold
from kgqa.evaluation.scoring.reason import Reason

__all__ = ["Rog", "commonest_first", "print_totals", "score_lines"]

LABELS = {"accuracy": "Accuracy", "hit": "Hit", "f1": "F1", "precision": "Precision", "recall": "Recall"}


class Rog(Definition):
    """A gold answer is found when it is a substring of the whole output; see `matching.fold`.

    `accuracy` and `recall` are the same: the share of gold answers found in all lines joined with
    spaces, so a gold name may lie across two lines, or in a sentence that denies it. `hit`: one at
    least is found; it is what the papers print as Hits@1, and no rank is in it. `precision` is the
    number of *gold answers* found over the number of *lines*, empty ones too, so it rises above 1
    where one line names several, and an explanation of ten lines lowers it however right. `f1` is
    the harmonic mean of the two. `hit1` (the first line contains a gold answer) is not in RoG's
    script: GNN-RAG added it, and it is given here for comparison.

    A list counts as samples: equal ones once, the commonest first. A gold answer that comes twice
    counts twice. A question without gold answers has no value: the script would stop there. Lines of
    the file that are no JSON are dropped silently by the script; here they are errors.
    """

    name: ClassVar[str] = "rog"
    metrics: ClassVar[tuple[str, ...]] = ("accuracy", "hit", "hit1", "f1", "precision", "recall")

    def score(self, prediction: Prediction) -> Values | None:
        """The values of one question; precision may be above 1, and f1 with it."""
        return score_lines(self._lines(prediction), prediction.gold)

    def explain(self, prediction: Prediction) -> tuple[Reason, ...]:
        """Where each found gold answer is a substring."""
        found = (find_gold(self._lines(prediction), gold) for gold in prediction.gold)
        return tuple(reason for reason in found if reason)

    def printed(self, totals: Values) -> str:
        """`Accuracy: 82.9 Hit: 90.7 F1: ...`, all digits, no separators."""
        return print_totals(totals, LABELS)

    @staticmethod
    def _lines(prediction: Prediction) -> list[str]:
        if isinstance(prediction.output, str):
            return prediction.output.split("\n")
        return commonest_first(prediction.output)


def score_lines(lines: Sequence[str], gold: Sequence[str]) -> dict[str, float] | None:
    """The formulas of RoG over lines; None without gold answers.

    >>> score_lines(["Oslo and Bergen"], ["Oslo", "Bergen"])["precision"]
    2.0
    """
    if not gold:
        return None
    whole = " ".join(lines)
    found = sum(contains(whole, name) for name in gold)
    first = bool(lines) and any(contains(lines[0], name) for name in gold)
    precision = found / len(lines) if lines else 0.0
    recall = found / len(gold)
    both = precision + recall
    return {
        "accuracy": recall,
        "hit": float(found > 0),
        "hit1": float(first),
        "f1": 2 * precision * recall / both if both and lines else 0.0,
        "precision": precision,
        "recall": recall if lines else 0.0,
    }


def commonest_first(samples: Sequence[str]) -> list[str]:
    """Equal samples once, those said most often first, ties in their order."""
    return [sample for sample, _ in Counter(samples).most_common()]


def print_totals(totals: Values, labels: Mapping[str, str]) -> str:
    """Totals as these scripts print them: one line, all digits, nothing between the values."""
    if not totals:
        return ""
    return " ".join(f"{label}: {totals[name]}" for name, label in labels.items())
