"""Reading token trees as far as every token sees all that is before it, rows beyond."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from kgqa.lm.request import Distributions, Request
from kgqa.lm.trial import Encode, Reader

__all__ = ["WindowedReader"]


class WindowedReader:
    """Hands requests whose prompt and texts have up to `span` tokens to one reader, others to another.

    A model whose attention has a window, or goes by chunks, is there as one without: what `near` gives
    of such texts must not depend on the window. `far` reads with the masks of the model's own.
    """

    def __init__(self, near: Reader, far: Reader, encode: Encode, span: int) -> None:
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
        """How many prompts were read, those counted twice that both readers know."""
        return self._near.prompts_read + self._far.prompts_read

    def read(self, requests: Sequence[Request]) -> list[Distributions]:
        """What follows each text."""
        near = [self._is_near(request) for request in requests]
        found = {True: self._part(self._near, requests, near, True)}
        found[False] = self._part(self._far, requests, near, False)
        return [next(found[side]) for side in near]

    def clear(self) -> None:
        """Forget everything that was read."""
        self._near.clear()
        self._far.clear()

    def _is_near(self, request: Request) -> bool:
        longest = max(map(len, request.texts), default=0)
        return len(self._encode(request.prompt)) + longest <= self._span

    @staticmethod
    def _part(
        reader: Reader, requests: Sequence[Request], near: Sequence[bool], side: bool
    ) -> Iterator[Distributions]:
        asked = [request for request, is_near in zip(requests, near, strict=True) if is_near == side]
        return iter(reader.read(asked) if asked else [])
