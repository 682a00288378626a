"""Random numbers that depend on the prefix only."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from kgqa.lm import Text

__all__ = ["Chance"]


class Chance:
    """Random numbers as a function of seed, topics and prefix, independent of the order of calls.

    `topics` are part of the seed, so that questions about different entities are sampled
    independently. The numbers come from an extendable hash: a longer row begins with the numbers of
    a shorter one, and they do not depend on the version of numpy.

    >>> chance = Chance(7)
    >>> first, second = chance.uniforms((3, 1), 2)
    >>> bool(first == chance.uniforms((3, 1), 1)[0]), bool(first == second)
    (True, False)
    """

    def __init__(self, seed: int, topics: Sequence[str] = ()) -> None:
        self._base = hashlib.shake_128(repr((int(seed), tuple(topics))).encode("utf-8", "backslashreplace"))

    def uniforms(self, text: Text, count: int, *stream: int) -> NDArray[np.float64]:
        """Numbers strictly between 0 and 1; `stream` separates rows for the same text. *Shape:* (count,)."""
        state = self._base.copy()
        state.update(repr((stream, text)).encode())
        words = np.frombuffer(state.digest(8 * count), dtype="<u8")
        row: NDArray[np.float64] = ((words >> np.uint64(12)).astype(np.float64) + 0.5) * 2.0**-52
        return row

    def gumbels(self, text: Text, count: int, *stream: int) -> NDArray[np.float64]:
        """Standard Gumbel numbers, from `uniforms`. *Shape:* (count,)."""
        row: NDArray[np.float64] = -np.log(-np.log(self.uniforms(text, count, *stream)))
        return row
