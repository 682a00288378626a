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
"""Larger exponents are useless and overflow in the end."""


@dataclass(frozen=True)
class BeamSearch(Decoder):
    """Beam search: keeps the `beams` most probable prefixes of each length and the `beams` best texts.

    Scores are raw log-probabilities: the constraint removes tokens without renormalising, so the
    score of a text is its probability under the model. Two settings change that. With
    `length_penalty` the score of a finished text is its log-probability divided by its length (end
    token included) to that power: 0 changes nothing, 1 gives the mean per token; prefixes have equal
    lengths and are compared as they are. With `masked` the log-probabilities are renormalised over
    the allowed tokens at each step.

    The search ends when no prefix can overtake the finished texts. This is exact for raw scores,
    which can only fall. With a length penalty a prefix is rated as if it were finished without an
    end token, as in transformers. A hypothesis is `proven` if no discarded prefix could have
    overtaken it.

    With a `margin`, prefixes that are so many nats or more behind the best finished text are given up: fewer
    hypotheses are found, and in less time.

    `seconds` is the time limit of a question; `BudgetError` when it is over. `ModelError` if the
    model gives no number for a token that is needed.
    """

    beams: int = 10
    length_penalty: float = 0.0
    masked: bool = False
    seconds: float | None = None
    margin: float | None = None

    def __post_init__(self) -> None:
        check_count(self.beams, "beams")
        check_number(self.length_penalty, "length_penalty", least=-_MOST_PENALTY, most=_MOST_PENALTY)
        if self.margin is not None:
            check_number(self.margin, "margin", least=0)
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
            if live and not exact:  # a worse prefix may still end with the best score
                live = grown
            if self.margin is not None and finished:
                floor = finished[0].score - self.margin
                behind = [scores[p.tokens] for p in live if scores[p.tokens] <= floor]
                lost = max(lost, max(behind, default=-math.inf))
                live = [p for p in live if scores[p.tokens] > floor]
        return [replace(h, proven=exact and h.score >= lost) for h in finished]

    def _grown(
        self,
        live: list[Prefix],
        scores: dict[Text, float],
        branches: Sequence[Branches],
        constraint: Constraint,
    ) -> tuple[list[Prefix], dict[Text, float], float]:
        """The best prefixes one token longer, their scores, and the best discarded score."""
        found: list[tuple[float, Text, int, float, Prefix]] = []
        for prefix, branch in zip(live, branches, strict=True):
            score, scored = scores[prefix.tokens], self._gains(branch)
            tokens, raw = branch.tokens, branch.log_probabilities
            if len(scored) > self.beams + 1:
                best = _best(score + scored, self.beams + 1)
                scored, tokens, raw = scored[best], tokens[best], raw[best]
            rows = zip(scored.tolist(), tokens.tolist(), raw.tolist(), strict=True)
            found += [(-score - gain, prefix.tokens, token, own, prefix) for gain, token, own in rows]
        found.sort()  # ties are broken by all tokens of the text, as in every decoder
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
    """The log-probability of all allowed tokens together; 0 where all are impossible."""
    ends = [] if branch.end is None else [branch.end]
    mass = float(np.logaddexp.reduce([*branch.log_probabilities.tolist(), *ends]))
    return mass if mass > -math.inf else 0.0


def _best(scores: NDArray[np.float64], count: int) -> NDArray[np.int64]:
    """The indices of the `count` highest of more scores, and of all that equal the lowest of them."""
    least = np.partition(scores, len(scores) - count)[len(scores) - count]
    return np.flatnonzero(scores >= least)
