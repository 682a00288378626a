"""Reading token trees as far as every token sees all that is before it, rows beyond."""

from __future__ import annotations

from collections.abc import Sequence

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
        found: dict[int, Distributions] = {}
        for reader, side in ((self._near, True), (self._far, False)):
            places = [at for at, is_near in enumerate(near) if is_near == side]
            if places:
                found.update(zip(places, reader.read([requests[at] for at in places]), strict=True))
        return [found[at] for at in range(len(requests))]

    def clear(self) -> None:
        """Forget everything that was read."""
        self._near.clear()
        self._far.clear()

    def _is_near(self, request: Request) -> bool:
        longest = max(map(len, request.texts), default=0)
        return len(self._encode(request.prompt)) + longest <= self._span
