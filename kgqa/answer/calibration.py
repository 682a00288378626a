"""The confidence of an answer, from the scores of its chains."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import NamedTuple, Self

import numpy as np

from kgqa.config_file import read_json_object
from kgqa.decode import Hypothesis
from kgqa.errors import ModelError, ParseError, UsageError

__all__ = ["Calibration", "Evidence"]

_LEAST = -60.0  # nats: less likely is as bad


class Evidence(NamedTuple):
    """The input of a calibration.

    `score` is that of the best hypothesis (nats, at least -60), `lead` its share of all that were
    found (0 to 1), as in `Vote`.
    """

    score: float
    lead: float

    @classmethod
    def of(cls, hypotheses: Sequence[Hypothesis]) -> Self | None:
        """The evidence of a decoder's hypotheses; `None` when there are none."""
        logs = [max(hypothesis.score, _LEAST) for hypothesis in hypotheses]
        if not logs:
            return None
        best = max(logs)
        return cls(best, 1 / math.fsum(math.exp(log - best) for log in logs))


@dataclass(frozen=True)
class Calibration:
    """The probability that the first answer is right: a logistic function of the evidence.

    Fitted by `fit` on questions with known answers, for one model and one kind of decoding ("On
    calibration of modern neural networks", ICML 2017, with the lead as a second feature).

    >>> likely, unlikely = Evidence(-0.1, 0.9), Evidence(-20.0, 0.3)
    >>> calibration = Calibration.fit([likely, unlikely] * 20, [True, False] * 20)
    >>> calibration.confidence(likely) > 0.9 > 0.1 > calibration.confidence(unlikely)
    True
    """

    bias: float
    score: float
    lead: float

    def confidence(self, evidence: Evidence | None) -> float:
        """Between 0 and 1; 0 without evidence."""
        if evidence is None:
            return 0.0
        logit = self.bias + self.score * evidence.score + self.lead * evidence.lead
        return 1 / (1 + math.exp(-max(-700.0, min(700.0, logit))))

    @classmethod
    def fit(cls, evidence: Sequence[Evidence], right: Sequence[bool]) -> Self:
        """The maximum-likelihood calibration, with a slight ridge. Raises `UsageError` for nothing to fit."""
        if not evidence or len(evidence) != len(right):
            raise UsageError(
                f"a calibration needs an outcome for each evidence: {len(evidence)}, {len(right)}"
            )
        features = np.column_stack([np.ones(len(evidence)), np.array(evidence, dtype=np.float64)])
        outcome = np.array(right, dtype=np.float64)
        scale = np.array([1.0, 10.0, 1.0])
        scaled, weights = features / scale, np.zeros(3)
        for _ in range(50):  # Newton's method
            probability = 1 / (1 + np.exp(-np.clip(scaled @ weights, -30, 30)))
            gradient = scaled.T @ (probability - outcome) + 1e-2 * weights
            curvature = (scaled.T * (probability * (1 - probability))) @ scaled + 1e-2 * np.eye(3)
            weights = weights - np.linalg.solve(curvature, gradient)
        return cls(*(weights / scale).tolist())

    def save(self, file: Path) -> None:
        """Write it as JSON."""
        file.write_text(json.dumps(asdict(self), indent=1) + "\n", encoding="utf-8")

    @classmethod
    def load(cls, file: Path) -> Self:
        """Read what `save` wrote. Raises `ModelError` for anything else."""
        try:
            values = {name: float(value) for name, value in read_json_object(file).items()}
            if not all(map(math.isfinite, values.values())):
                raise ValueError(f"a number is not finite: {values}")
            return cls(**values)
        except (ParseError, ValueError, TypeError) as error:
            raise ModelError(
                f"{file} holds no calibration ({error}); delete it, or calibrate again"
            ) from error
