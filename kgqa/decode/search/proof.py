"""Bounds on the texts that a search did not find."""

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
    """The part of the token tree that a search has seen.

    A text outside of it has a prefix inside: it is at most as probable as that prefix with one more
    token.
    """

    def __init__(self) -> None:
        self._seen: dict[Text, tuple[Prefix, Branches]] = {}

    def see(self, prefixes: Iterable[Prefix], branches: Sequence[Branches]) -> None:
        """Record the branches of prefixes."""
        for prefix, branch in zip(prefixes, branches, strict=True):
            self._seen[prefix.tokens] = prefix, branch

    def of(self, hypotheses: Sequence[Hypothesis]) -> list[Hypothesis]:
        """The hypotheses, best first, each `proven` if no text that is not among them can be better."""
        best = self._best_besides({h.tokens for h in hypotheses})
        ranked = sorted(hypotheses, key=lambda h: h.rank)
        return [replace(h, proven=h.log_probability >= best) for h in ranked]

    def _best_besides(self, listed: set[Text]) -> float:
        """An upper bound of the log-probability of all texts that are not listed."""
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
