"""The protocol of what runs forward passes, and the scorer that chooses between two of them by length."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from kgqa.lm.request import Distributions, Prompt, Request

__all__ = ["Encode", "Scorer", "WindowedScorer"]

Encode = Callable[[Prompt], Sequence[int]]
"""Gives the token ids of a prompt."""


class Scorer(Protocol):
    """Computes next-token distributions with a model; it counts its forward passes and prompts."""

    @property
    def passes(self) -> int:
        """How many times the model was called."""
        ...

    @property
    def prompts_read(self) -> int:
        """How many prompts were computed."""
        ...

    def score(self, requests: Sequence[Request]) -> list[Distributions]:
        """The distribution after each text of each request."""
        ...

    def clear(self) -> None:
        """Drop all cached keys and values."""
        ...


class WindowedScorer:
    """Gives requests of at most `span` tokens, prompt and text together, to `near`, longer ones to `far`.

    For models with sliding or chunked attention: up to `span` tokens it equals full attention, so `near`
    may pass masks of its own. `far` leaves the masks to the model.
    """

    def __init__(self, near: Scorer, far: Scorer, encode: Encode, span: int) -> None:
        self._near = near
        self._far = far
        self._encode = encode
        self._span = span

    @property
    def passes(self) -> int:
        """How many times the model was called."""
        return self._near.passes + self._far.passes

    @property
    def prompts_read(self) -> int:
        """How many prompts were computed; one that both scorers computed counts twice."""
        return self._near.prompts_read + self._far.prompts_read

    def score(self, requests: Sequence[Request]) -> list[Distributions]:
        """The distribution after each text of each request."""
        near = [self._is_near(request) for request in requests]
        found: dict[int, Distributions] = {}
        for scorer, side in ((self._near, True), (self._far, False)):
            places = [at for at, is_near in enumerate(near) if is_near == side]
            if places:
                found.update(zip(places, scorer.score([requests[at] for at in places]), strict=True))
        return [found[at] for at in range(len(requests))]

    def clear(self) -> None:
        """Drop all cached keys and values."""
        self._near.clear()
        self._far.clear()

    def _is_near(self, request: Request) -> bool:
        longest = max(map(len, request.texts), default=0)
        return len(self._encode(request.prompt)) + longest <= self._span
