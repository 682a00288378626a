"""What a way of scoring must be able to do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar, Protocol

from kgqa.evaluation.scoring.prediction import Prediction
from kgqa.evaluation.scoring.reason import Reason

__all__ = ["Definition", "Values", "percent"]

Values = Mapping[str, float]
"""Scores by the names of the metrics."""


class Definition(Protocol):
    """A named way to score predictions. `metrics` are those whose totals are means."""

    name: ClassVar[str]
    metrics: ClassVar[tuple[str, ...]]

    def score(self, prediction: Prediction) -> Values | None:
        """The values of one question, 0 to 1 unless the definition says otherwise.

        None where the definition has no value for it (most divide by the number of gold answers).
        """
        ...

    def explain(self, prediction: Prediction) -> tuple[Reason, ...]:
        """For each gold answer that counted as found, why; in the order of the gold answers."""
        ...

    def nothing(self, prediction: Prediction) -> Values:  # noqa: ARG002
        """What a question scores that was never answered: 0 throughout."""
        return dict.fromkeys(self.metrics, 0.0)

    def totals(self, values: Sequence[Values]) -> dict[str, float]:
        """The totals over questions, in percent; nothing for no questions."""
        return {name: percent([row[name] for row in values]) for name in self.metrics} if values else {}

    def printed(self, totals: Values) -> str:  # noqa: ARG002
        """The line that the published script prints of these totals; empty where there is none."""
        return ""


def percent(values: Sequence[float]) -> float:
    """The mean of values, in percent, to the last digit as published scripts have it.

    They add one by one, in the order of the file, with the `sum` of a Python before 3.12; later
    ones, and `math.fsum`, round less and differ in the last digits.
    """
    total = 0.0
    for value in values:
        total += value
    return total * 100 / len(values)
