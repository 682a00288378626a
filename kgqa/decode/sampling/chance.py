"""Random numbers that belong to places in a text."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from kgqa.lm import Text

__all__ = ["Chance"]


class Chance:
    """Draws the same numbers for the same text, whenever and in whatever order it is asked.

    `topics` are mixed in, so that questions about different entities are sampled independently
    under one seed. The numbers come from an extendable hash: those of a shorter row begin a longer
    one, and no version of numpy changes them.

    >>> chance = Chance(7)
    >>> first, second = chance.uniforms((3, 1), 2)
    >>> bool(first == chance.uniforms((3, 1), 1)[0]), bool(first == second)
    (True, False)
    """

    def __init__(self, seed: int, topics: Sequence[str] = ()) -> None:
        self._base = hashlib.shake_128(repr((int(seed), tuple(topics))).encode("utf-8", "backslashreplace"))

    def uniforms(self, text: Text, count: int, *stream: int) -> NDArray[np.float64]:
        """Numbers strictly between 0 and 1; `stream` tells rows for one text apart. *Shape:* (count,)."""
        state = self._base.copy()
        state.update(repr((stream, text)).encode())
        words = np.frombuffer(state.digest(8 * count), dtype="<u8")
        row: NDArray[np.float64] = ((words >> np.uint64(12)).astype(np.float64) + 0.5) * 2.0**-52
        return row

    def gumbels(self, text: Text, count: int, *stream: int) -> NDArray[np.float64]:
        """Standard Gumbel numbers, from `uniforms`. *Shape:* (count,)."""
        row: NDArray[np.float64] = -np.log(-np.log(self.uniforms(text, count, *stream)))
        return row
