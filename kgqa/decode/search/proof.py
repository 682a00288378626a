"""What a search can say about the texts that it did not find."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np

from kgqa.decode.hypothesis import Hypothesis
from kgqa.decode.prefix import Branches, Prefix
from kgqa.lm import Text

__all__ = ["Proof"]


class Proof:
    """All that a search was told of the token tree.

    A text that it was not told of goes on from a prefix that it was: it is no more probable than
    that prefix with one more token.
    """

    def __init__(self) -> None:
        self._seen: dict[Text, tuple[Prefix, Branches]] = {}

    def see(self, prefixes: Iterable[Prefix], branches: Sequence[Branches]) -> None:
        """Take in what may follow prefixes."""
        for prefix, branch in zip(prefixes, branches, strict=True):
            self._seen[prefix.tokens] = prefix, branch

    def of(self, hypotheses: Sequence[Hypothesis]) -> list[Hypothesis]:
        """The hypotheses, best first, each `proven` where no text that is not among them can be better."""
        best = self._best_besides({h.tokens for h in hypotheses})
        ranked = sorted(hypotheses, key=lambda h: h.rank)
        return [replace(h, proven=h.log_probability >= best) for h in ranked]

    def _best_besides(self, listed: set[Text]) -> float:
        """The highest log-probability that a text which is not listed has or may have."""
        taken: dict[Text, list[int]] = defaultdict(list)
        for text in self._seen:
            if text:
                taken[text[:-1]].append(text[-1])
        best = -math.inf
        for text, (prefix, branch) in self._seen.items():
            left = np.delete(branch.log_probabilities, branch.tokens.searchsorted(taken[text]))
            best = max(best, prefix.log_probability + float(left.max(initial=-math.inf)))
            if branch.end is not None and text not in listed:
                best = max(best, prefix.log_probability + branch.end)
        return best
