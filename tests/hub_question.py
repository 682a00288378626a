"""A question about a hub, and a model that knows no answer to it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from kgqa.lm import Distributions, MockLanguageModel, Prompt, Request

__all__ = ["PROMPT", "Impossible"]

PROMPT = Prompt("who?", ("hub",))


class Impossible(MockLanguageModel):
    """Thinks that no token can follow."""

    def score(self, requests: Sequence[Request]) -> list[Distributions]:
        follows = super().score(requests)
        for one in follows:
            one.log_probabilities[:] = -np.inf
        return follows
