"""Beam search over a constraint."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from kgqa.constraint import Constraint
from kgqa.decode.deadline import Deadline
from kgqa.decode.decoder import Decoder, Search
from kgqa.decode.hypothesis import Hypothesis
from kgqa.decode.prefix import Branches, Prefix
from kgqa.errors import check_count, check_number
from kgqa.lm import Text

__all__ = ["BeamSearch"]

_MOST_PENALTY = 10
"""What is more has no use, and in the end no float for its powers."""


@dataclass(frozen=True)
class BeamSearch(Decoder):
    """Keeps the `beams` most probable unfinished texts of each length, and the `beams` best finished.

    Scores are raw log-probabilities: the constraint removes tokens, it does not renormalise, so
    that a text's score is the probability that the model itself gives it. Two other scores can be
    asked for. With `length_penalty` the score of a finished text is its log-probability divided by
    its number of tokens, end token included, to that power: 0 leaves it as it is, 1 is the mean per
    token; unfinished texts, being of one length, are compared as ever. With `masked` the
    log-probabilities are those of the model under the constraint, renormalised over what is
    allowed at each step.

    The search ends when no unfinished text can overtake the finished ones: with raw scores, which
    only fall, that is exact; with a length penalty the best unfinished text is taken for finished as
    it is, without its end token, as transformers does. A hypothesis is `proven` when nothing that was
    cut could have overtaken it.

    `seconds` bounds the time of a question; `BudgetError` when it runs out. `ModelError` when the
    model gives no number for a token that is needed.
    """

    beams: int = 10
    length_penalty: float = 0.0
    masked: bool = False
    seconds: float | None = None

    def __post_init__(self) -> None:
        check_count(self.beams, "beams")
        check_number(self.length_penalty, "length_penalty", least=-_MOST_PENALTY, most=_MOST_PENALTY)
        Deadline(self.seconds)

    def search(self, constraint: Constraint) -> Search:
        """The search over one constraint; see `Decoder.search`."""
        deadline = Deadline(self.seconds)
        live = [Prefix((), constraint.start)]
        scores: dict[Text, float] = {(): 0.0}
        finished: list[Hypothesis] = []
        lost = -math.inf
        exact = self.length_penalty == 0
        while live:
            branches = yield live
            deadline.check()
            for prefix, branch in zip(live, branches, strict=True):
                if branch.end is not None:
                    finished.append(self._finished(prefix, scores[prefix.tokens], branch, constraint))
            finished = sorted(finished, key=lambda h: h.rank)[: self.beams]
            grown, scores, cut = self._grown(live, scores, branches, constraint)
            lost = max(lost, cut)
            live = [p for p in grown if self._may_overtake(scores[p.tokens], len(p.tokens), finished)]
            if live and not exact:  # one that lags behind now may end ahead
                live = grown
        return [replace(h, proven=exact and h.score >= lost) for h in finished]

    def _grown(
        self,
        live: list[Prefix],
        scores: dict[Text, float],
        branches: Sequence[Branches],
        constraint: Constraint,
    ) -> tuple[list[Prefix], dict[Text, float], float]:
        """The best continuations by one token, their scores, and the best score that was cut."""
        found: list[tuple[float, Text, int, float, Prefix]] = []
        for prefix, branch in zip(live, branches, strict=True):
            score, scored = scores[prefix.tokens], self._gains(branch)
            tokens, raw = branch.tokens, branch.log_probabilities
            if len(scored) > self.beams + 1:
                best = _best(score + scored, self.beams + 1)
                scored, tokens, raw = scored[best], tokens[best], raw[best]
            rows = zip(scored.tolist(), tokens.tolist(), raw.tolist(), strict=True)
            found += [(-score - gain, prefix.tokens, token, own, prefix) for gain, token, own in rows]
        found.sort()  # ties are broken by the tokens of the whole text, as everywhere
        cut = -found[self.beams][0] if len(found) > self.beams else -math.inf
        grown, kept = [], {}
        for cost, _, token, own, prefix in found[: self.beams]:
            longer = prefix.grown(token, own, constraint)
            grown.append(longer)
            kept[longer.tokens] = -cost
        return grown, kept, cut

    def _gains(self, branch: Branches) -> NDArray[np.float64]:
        if not self.masked:
            return branch.log_probabilities
        return branch.log_probabilities - _mass(branch)

    def _finished(self, prefix: Prefix, score: float, branch: Branches, constraint: Constraint) -> Hypothesis:
        assert branch.end is not None
        total = prefix.log_probability + branch.end
        score += branch.end - (_mass(branch) if self.masked else 0.0)
        score /= (len(prefix.tokens) + 1) ** self.length_penalty
        return Hypothesis(prefix.tokens, total, prefix.state, constraint, score)

    def _may_overtake(self, score: float, length: int, finished: list[Hypothesis]) -> bool:
        if len(finished) < self.beams:
            return True
        return bool(score / length**self.length_penalty > finished[-1].score)


def _mass(branch: Branches) -> float:
    """The log-probability of everything that is allowed; nought where that is impossible."""
    ends = [] if branch.end is None else [branch.end]
    mass = float(np.logaddexp.reduce([*branch.log_probabilities.tolist(), *ends]))
    return mass if mass > -math.inf else 0.0


def _best(scores: NDArray[np.float64], count: int) -> NDArray[np.int64]:
    """The places of the `count` highest scores, of more than these, and of all that equal the last."""
    least = np.partition(scores, len(scores) - count)[len(scores) - count]
    return np.flatnonzero(scores >= least)
