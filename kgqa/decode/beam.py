"""Beam search over a constraint."""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np

from kgqa.constraint import Constraint, State
from kgqa.decode.hypothesis import Hypothesis
from kgqa.errors import BudgetError, ModelError, UsageError
from kgqa.lm import LanguageModel, Prompt, Scores

__all__ = ["BeamSearch"]


@dataclass(frozen=True)
class Beam:
    """A text that is still being written: `score` covers its first `scored` tokens."""

    tokens: tuple[int, ...]
    state: State
    score: float = 0.0
    scored: int = 0


@dataclass(frozen=True)
class BeamSearch:
    """Keeps the `beams` most probable unfinished texts and the `beams` most probable finished ones.

    Scores are raw log-probabilities: the constraint removes tokens, it does not renormalise, so
    that a text's score is the probability that the model itself gives it. Runs of tokens without an
    alternative are appended at once and scored in the next pass, so beams are compared where they
    branch, not after every token. Scores only fall: the search ends when no unfinished text can
    overtake the finished ones. With at least as many beams as there are texts the result is exact.

    `seconds` bounds the time (checked between passes); `BudgetError` when it runs out.
    `ModelError` when the model gives no number for a token that is needed.
    """

    beams: int = 10
    seconds: float | None = None

    def __post_init__(self) -> None:
        if self.beams < 1:
            raise UsageError(f"a search needs at least one beam, got beams={self.beams}")
        if self.seconds is not None and self.seconds <= 0:
            raise UsageError(f"a search needs some time, got seconds={self.seconds}")

    def decode(self, model: LanguageModel, prompt: Prompt, constraint: Constraint) -> list[Hypothesis]:
        """The most probable texts found; see `Decoder.decode`."""
        deadline = None if self.seconds is None else time.monotonic() + self.seconds
        live = [Beam((), constraint.start)]
        finished: list[Hypothesis] = []
        while live:
            live = [_forced(beam, constraint) for beam in live]
            scores = model.score(prompt, [beam.tokens for beam in live])
            if deadline is not None and time.monotonic() > deadline:
                raise BudgetError(f"no answer within {self.seconds} seconds")
            grown: list[Beam] = []
            for beam, score in zip(live, scores, strict=True):
                reached = beam.score + float(score.tokens[beam.scored :].sum(dtype=np.float64))
                if constraint.accepts(beam.state):
                    total = reached + _following(score, model.tokenizer.end_id)
                    finished.append(Hypothesis(beam.tokens, total, beam.state, constraint))
                grown += self._branches(beam, reached, score, constraint)
            finished = sorted(finished, key=_rank)[: self.beams]
            full = len(finished) == self.beams
            best = sorted(grown, key=lambda beam: (-beam.score, beam.tokens))[: self.beams]
            live = [
                _entered(beam, constraint)
                for beam in best
                if not full or beam.score > finished[-1].log_probability
            ]
        return finished

    def _branches(self, beam: Beam, reached: float, score: Scores, constraint: Constraint) -> list[Beam]:
        """The most probable continuations by one token; their states are still that of `beam`."""
        allowed = constraint.allowed(beam.state)
        if not len(allowed):
            return []
        if int(allowed[-1]) >= len(score.following):
            raise ModelError(f"the model scores {len(score.following)} tokens, token {allowed[-1]} is needed")
        gains = score.following[allowed]
        if np.isnan(gains).any():
            raise ModelError("the model's scores are not numbers (NaN)")
        best = np.lexsort((allowed, -gains))[: self.beams]
        scored = len(beam.tokens) + 1
        return [
            Beam((*beam.tokens, int(allowed[place])), beam.state, reached + float(gains[place]), scored)
            for place in best
        ]


def _forced(beam: Beam, constraint: Constraint) -> Beam:
    """The beam after the run of tokens that have no alternative."""
    tokens, state = list(beam.tokens), beam.state
    while not constraint.accepts(state):
        allowed = constraint.allowed(state)
        if len(allowed) != 1:
            break
        tokens.append(int(allowed[0]))
        state = constraint.advance(state, tokens[-1])
    return Beam(tuple(tokens), state, beam.score, beam.scored)


def _entered(beam: Beam, constraint: Constraint) -> Beam:
    """The beam in the state after its last token."""
    return Beam(beam.tokens, constraint.advance(beam.state, beam.tokens[-1]), beam.score, beam.scored)


def _following(score: Scores, token: int) -> float:
    if token >= len(score.following):
        raise ModelError(f"the model scores {len(score.following)} tokens, token {token} is needed")
    value = float(score.following[token])
    if np.isnan(value):
        raise ModelError("the model's scores are not numbers (NaN)")
    return value


def _rank(hypothesis: Hypothesis) -> tuple[float, tuple[int, ...]]:
    return -hypothesis.log_probability, hypothesis.tokens
