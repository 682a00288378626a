"""GCR's scores ("Graph-constrained Reasoning", ICML 2025; `graph-constrained-reasoning`, `qa_utils.py`)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from kgqa.evaluation.scoring.definition import Definition, Values, percent
from kgqa.evaluation.scoring.prediction import ANSWER, Prediction
from kgqa.evaluation.scoring.published.matching import contains, find_gold
from kgqa.evaluation.scoring.published.rog import LABELS, commonest_first, print_totals
from kgqa.evaluation.scoring.reason import Reason

__all__ = ["Gcr"]

PATH = "# Reasoning Path:\n"
PATH_LABELS = {
    "path_f1": "Path F1",
    "path_precision": "Path Precision",
    "path_recall": "Path Recall",
    "path_answer_f1": "Path Answer F1",
    "path_answer_precision": "Path Answer Precision",
    "path_answer_recall": "Path Answer Recall",
}


class Gcr(Definition):
    """RoG's substring test, but `precision` is the share of outputs that contain a gold answer.

    Empty lines are dropped, equal outputs count once, the commonest first; gold answers count once.
    `hit` and `accuracy` look at all outputs joined with spaces. Of the first stage's outputs (a list
    with `# Reasoning Path:` and `# Answer:`) they look at the paths too: a gold entity that the path
    only passes through, or starts from, is a hit. `f1`, `precision` and `recall` then look at what
    follows `# Answer:`, `path_answer_...` at the paths for gold answers, `path_...` at the paths for
    gold paths (where the file has them); `recall` may so be below `accuracy`. Lines
    that are no JSON are dropped silently by the script (here they are errors), and by one of its
    variants every question without gold paths.

    Written from the published code; no published per-question values were at hand to hold it
    against. Without gold answers there is no value: the script would stop.
    """

    name: ClassVar[str] = "gcr"
    metrics: ClassVar[tuple[str, ...]] = ("accuracy", "hit", "f1", "precision", "recall")

    def score(self, prediction: Prediction) -> Values | None:
        """The values of one question; those of paths only where it has paths."""
        gold = tuple(dict.fromkeys(prediction.gold))
        if not gold:
            return None
        outputs = self._outputs(prediction)
        whole = " ".join(outputs)
        found = sum(contains(whole, name) for name in gold)
        values = {"accuracy": found / len(gold), "hit": float(found > 0)}
        if not any(ANSWER in output or PATH in output for output in outputs):
            return values | _shares(outputs, gold)
        paths = [output.split(ANSWER)[0].split(PATH)[-1].strip() for output in outputs]
        values |= _shares([output.split(ANSWER)[-1].strip() for output in outputs], gold)
        values |= _shares(paths, gold, "path_answer_")
        known = prediction.gold_paths
        return values | ({} if known is None else _shares(paths, known, "path_"))

    def explain(self, prediction: Prediction) -> tuple[Reason, ...]:
        """Where each found gold answer is a substring of an output, its path included."""
        outputs = self._outputs(prediction)
        found = (find_gold(outputs, gold) for gold in dict.fromkeys(prediction.gold))
        return tuple(reason for reason in found if reason)

    def totals(self, values: Sequence[Values]) -> dict[str, float]:
        """Means, in percent; those of paths where any question has them."""
        names = [*self.metrics, *(name for name in PATH_LABELS if any(name in row for row in values))]
        return {name: percent([row.get(name, 0.0) for row in values]) for name in names if values}

    def printed(self, totals: Values) -> str:
        """`Accuracy: 77.7 Hit: 91.6 F1: ...`, all digits, no separators."""
        return print_totals(totals, LABELS | {k: v for k, v in PATH_LABELS.items() if k in totals})

    @staticmethod
    def _outputs(prediction: Prediction) -> list[str]:
        output = prediction.output
        lines = output.split("\n") if isinstance(output, str) else output
        return commonest_first([line for line in lines if line.strip()])


def _shares(texts: Sequence[str], gold: Sequence[str], prefix: str = "") -> dict[str, float]:
    whole = " ".join(texts)
    precision = recall = 0.0
    if texts and gold:
        recall = sum(contains(whole, name) for name in gold) / len(gold)
        precision = sum(any(contains(text, name) for name in gold) for text in texts) / len(texts)
    both = precision + recall
    f1 = (2 * precision * recall) / both if both else 0.0
    return {f"{prefix}f1": f1, f"{prefix}precision": precision, f"{prefix}recall": recall}
