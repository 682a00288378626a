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
    lengths and are compared as they are. With `masked` all log-probabilities, those of hypotheses too,
    are renormalised over the allowed tokens and the end at each step; a model that is a `ScoresChoices`
    then computes no others.

    The search ends when no prefix can overtake the finished texts. This is exact for raw scores,
    which can only fall. With a length penalty a prefix is rated as if it were finished without an
    end token, as in transformers. A hypothesis is `proven` if no discarded prefix could have
    overtaken it.

    With a `margin`, what is more than so many nats behind the best finished text is given up, and so are
    prefixes that are so behind the best of their length: fewer hypotheses in less time.

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

    @property
    def renormalises(self) -> bool:
        """With `masked`."""
        return self.masked

    def search(self, constraint: Constraint) -> Search:
        """The search over one constraint; see `Decoder.search`."""
        deadline = Deadline(self.seconds)
        live = [Prefix((), constraint.start)]
        finished: list[Hypothesis] = []
        lost = -math.inf
        exact = self.length_penalty == 0
        while live:
            branches = yield live
            deadline.check()
            for prefix, branch in zip(live, branches, strict=True):
                if branch.end is not None:
                    finished.append(self._finished(prefix, branch.end, constraint))
            finished = sorted(finished, key=lambda h: h.rank)[: self.beams]
            grown, cut = self._grown(live, branches, constraint)
            lost = max(lost, cut)
            live = [prefix for prefix in grown if self._may_overtake(prefix, finished)]
            if live and not exact:  # a worse prefix may still end with the best score
                live = grown
            if self.margin is not None:
                best = [prefix.log_probability for prefix in live] + [h.log_probability for h in finished[:1]]
                floor = max(best) - self.margin
                behind = [prefix.log_probability for prefix in live if prefix.log_probability < floor]
                lost = max([lost, *behind])
                live = [prefix for prefix in live if prefix.log_probability >= floor]
                finished = [h for h in finished if h.score >= finished[0].score - self.margin]
        return [replace(h, proven=exact and h.score >= lost) for h in finished]

    def _grown(
        self, live: list[Prefix], branches: Sequence[Branches], constraint: Constraint
    ) -> tuple[list[Prefix], float]:
        """The best prefixes one token longer, and the best discarded score."""
        found: list[tuple[float, Text, int, float, Prefix]] = []
        for prefix, branch in zip(live, branches, strict=True):
            tokens, gains = branch.tokens, branch.log_probabilities
            if len(gains) > self.beams + 1:
                places = _best(prefix.log_probability + gains, self.beams + 1)
                tokens, gains = tokens[places], gains[places]
            before = -prefix.log_probability
            rows = zip(gains.tolist(), tokens.tolist(), strict=True)
            found += [(before - gain, prefix.tokens, token, gain, prefix) for gain, token in rows]
        found.sort()  # ties are broken by all tokens of the text, as in every decoder
        cut = -found[self.beams][0] if len(found) > self.beams else -math.inf
        best = found[: self.beams]
        return [prefix.grown(token, gain, constraint) for _, _, token, gain, prefix in best], cut

    def _finished(self, prefix: Prefix, end: float, constraint: Constraint) -> Hypothesis:
        total = prefix.log_probability + end
        score = total / (len(prefix.tokens) + 1) ** self.length_penalty
        return Hypothesis(prefix.tokens, total, prefix.state, constraint, score)

    def _may_overtake(self, prefix: Prefix, finished: list[Hypothesis]) -> bool:
        if len(finished) < self.beams:
            return True
        return bool(prefix.log_probability / len(prefix.tokens) ** self.length_penalty > finished[-1].score)


def _best(scores: NDArray[np.float64], count: int) -> NDArray[np.int64]:
    """The indices of the `count` highest of more scores, and of all that equal the lowest of them."""
    least = np.partition(scores, len(scores) - count)[len(scores) - count]
    return np.flatnonzero(scores >= least)
