"""The confidence of an answer, from the scores of its chains."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import MISSING, asdict, dataclass, fields
from pathlib import Path
from typing import NamedTuple, Self, TypeAlias

import numpy as np
from numpy.typing import NDArray

from kgqa.answer.answer import Answer
from kgqa.answer.programs.rewritten import program_of
from kgqa.config_file import read_json_object
from kgqa.decode import Hypothesis
from kgqa.errors import ModelError, ParseError, UsageError

__all__ = ["UNSURE", "Calibration", "Evidence"]

UNSURE = 0.5
"""Up to this confidence an answer is not sure."""

Floats: TypeAlias = NDArray[np.float64]

_LEAST = -60.0  # nats: less likely is as bad
_LEAST_ODDS, _MOST_ODDS = -10.0, 20.0  # nats: what is beyond says no more
_QUANTILE = 1.645  # of the standard normal distribution: 19 in 20 are below it
_SIMILAR = 0.4  # cosine: nearly all questions have as much in common with what answers them
_WEIGHTS = ("bias", "score", "lead", "odds", "backed_odds", "similarity", "dissimilarity")
_SCALE = np.array([1.0, 10.0, 1.0, 10.0, 10.0, 1.0, 1.0])


class Evidence(NamedTuple):
    """The input of a calibration.

    `score` is that of the best hypothesis (nats, at least -60), `lead` its share of all that were
    found (0 to 1), as in `Vote`. `similarity` is the cosine of the sentence embeddings of the question and of
    what is answered, in words (-1 to 1); `None` where it is not known.
    """

    score: float
    lead: float
    similarity: float | None = None

    @classmethod
    def of(cls, hypotheses: Sequence[Hypothesis]) -> Self | None:
        """The evidence of a decoder's hypotheses; `None` when there are none."""
        logs = [max(hypothesis.score, _LEAST) for hypothesis in hypotheses]
        if not logs:
            return None
        best = max(logs)
        return cls(best, 1 / math.fsum(math.exp(log - best) for log in logs))

    @classmethod
    def behind(
        cls, answer: Answer, hypotheses: Sequence[Hypothesis], similarity: float | None = None
    ) -> Self | None:
        """What the confidence in an answer rests on.

        Of a program, the score is its own, as better ones may be of another form than is asked for, and the
        lead is its denotation's vote share.
        """
        evidence = cls.of(hypotheses)
        if evidence is None or answer.proof is None:
            return evidence
        own = cls.of([found for found in hypotheses if program_of(found) == answer.proof.program])
        share = answer.entities[0].vote_share if answer.entities else answer.vote_share
        return cls((own or evidence).score, evidence.lead if share is None else share, similarity)

    @property
    def odds(self) -> float:
        """The log-odds of the lead (nats, -10 to 20): they tell a lead of 0.999 from one of 0.999999."""
        rest = max(1 - self.lead, math.exp(-_MOST_ODDS))
        return max(_LEAST_ODDS, min(_MOST_ODDS, math.log(max(self.lead, 1e-30) / rest)))

    @property
    def backed_odds(self) -> float:
        """The odds times the cube root of the best hypothesis's probability: `odds * exp(score / 3)`.

        That a program leads says little where the model finds it improbable itself.
        """
        return self.odds * math.exp(self.score / 3)

    @property
    def dissimilarity(self) -> float:
        """How far the similarity is below 0.4: a question about nothing of the graph has about 0.15."""
        return 0.0 if self.similarity is None else max(0.0, _SIMILAR - self.similarity)

    def features(self) -> tuple[float, ...]:
        """What a calibration multiplies with its weights, in the order of `_WEIGHTS`; 1 for the bias."""
        own = (1.0, self.score, self.lead, self.odds, self.backed_odds)
        return *own, self.similarity or 0.0, self.dissimilarity


@dataclass(frozen=True)
class Calibration:
    """The probability that the first answer is right: a logistic function of the evidence.

    Fitted by `fit` on questions with known answers, for one model and one kind of decoding ("On
    calibration of modern neural networks", ICML 2017, with the lead and its odds as further features).

    Graphs differ in how much more is right than their evidence says, or how much less. Where the calibration
    was fitted on several, `margin` (nats) is what the logit is moved towards 0, not beyond: on 19 of 20 new
    graphs a high confidence is then not too high, and on 19 of 20 a low one is not too low.

    >>> likely, unlikely = Evidence(-0.1, 0.9), Evidence(-20.0, 0.3)
    >>> calibration = Calibration.fit([likely, unlikely] * 20, [True, False] * 20)
    >>> calibration.confidence(likely) > 0.9 > 0.1 > calibration.confidence(unlikely)
    True
    """

    bias: float
    score: float
    lead: float
    odds: float = 0.0
    backed_odds: float = 0.0
    similarity: float = 0.0
    dissimilarity: float = 0.0
    margin: float = 0.0

    def confidence(self, evidence: Evidence | None) -> float:
        """Between 0 and 1; 0 without evidence."""
        if evidence is None:
            return 0.0
        weights = (getattr(self, name) for name in _WEIGHTS)
        logit = math.fsum(w * feature for w, feature in zip(weights, evidence.features(), strict=True))
        logit = math.copysign(max(0.0, abs(logit) - self.margin), logit)
        return 1 / (1 + math.exp(-max(-700.0, min(700.0, logit))))

    @classmethod
    def fit(
        cls, evidence: Sequence[Evidence], right: Sequence[bool], graphs: Sequence[str] | None = None
    ) -> Self:
        """The maximum-likelihood calibration, with a slight ridge.

        `graphs` names the graph of each evidence; then `margin` is fitted, too: 1.645 standard deviations of
        the biases of the graphs. Raises `UsageError` for nothing to fit.
        """
        if not evidence or len(evidence) != len(right):
            raise UsageError(
                f"a calibration needs an outcome for each evidence: {len(evidence)}, {len(right)}"
            )
        scaled = np.array([one.features() for one in evidence]) / _SCALE
        outcome = np.array(right, dtype=np.float64)
        weights = _logistic(scaled, outcome, np.zeros(len(outcome)), ridge=1e-2)
        margin = 0.0 if graphs is None else _margin(scaled @ weights, outcome, np.array(graphs))
        return cls(**dict(zip(_WEIGHTS, (weights / _SCALE).tolist(), strict=True)), margin=margin)

    def save(self, file: Path) -> None:
        """Write it as JSON."""
        file.write_text(json.dumps(asdict(self), indent=1) + "\n", encoding="utf-8")

    @classmethod
    def load(cls, file: Path) -> Self:
        """Read what `save` wrote. Raises `ModelError` for anything else."""
        try:
            values = {str(name): float(value) for name, value in read_json_object(file).items()}
            known = {one.name: one.default is MISSING for one in fields(cls)}
            needed = {name for name in known if known[name]}
            if not (needed <= values.keys() <= known.keys() and all(map(math.isfinite, values.values()))):
                raise ValueError(f"it needs the numbers {', '.join(sorted(needed))}")
            return cls(**values)
        except (ParseError, ValueError, TypeError) as error:
            raise ModelError(
                f"{file} holds no calibration ({error}); delete it, or calibrate again"
            ) from error


def _logistic(features: Floats, outcome: Floats, offsets: Floats, ridge: float) -> Floats:
    """The weights of a logistic regression, by Newton's method; `offsets` are added to the logits."""
    weights = np.zeros(features.shape[1])
    for _ in range(50):
        probability = 1 / (1 + np.exp(-np.clip(features @ weights + offsets, -30, 30)))
        gradient = features.T @ (probability - outcome) + ridge * weights
        curvature = (features.T * (probability * (1 - probability))) @ features
        weights = weights - np.linalg.solve(curvature + ridge * np.eye(len(weights)), gradient)
    return weights


def _margin(logits: Floats, outcome: Floats, graphs: NDArray[np.str_]) -> float:
    """What the biases of 19 of 20 graphs do not exceed, if they are distributed normally.

    The bias of a graph is what has to be added to its logits.
    """
    biases = [
        _logistic(np.ones((int(own.sum()), 1)), outcome[own], logits[own], ridge=1.0)[0]
        for own in (graphs == graph for graph in np.unique(graphs))
    ]
    return _QUANTILE * math.sqrt(math.fsum(bias * bias for bias in biases) / len(biases))
