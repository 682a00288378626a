"""The vectors of texts, embedded together and kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from kgqa.lm import Embed

__all__ = ["TextVectors"]


_EXPECTED = 64


class TextVectors:
    """Embeds what is needed, and in the same pass what was said to be needed soon; keeps the last `kept`.

    What a text means must not depend on what is embedded beside it, but for the last digits.
    """

    def __init__(self, embed: Embed, kept: int = 8192) -> None:
        self._embed = embed
        self._size = kept
        self._kept: dict[str, NDArray[np.float32]] = {}
        self._expected: list[str] = []

    def expect(self, text: str) -> None:
        """Say that the vector of a text will be needed; of many, those said last are remembered."""
        self._expected = [*self._expected[1 - _EXPECTED :], text]

    def of(self, texts: Sequence[str]) -> list[NDArray[np.float32]]:
        """The vector of each text."""
        found = {text: self._kept[text] for text in texts if text in self._kept}
        if len(found) < len(set(texts)):
            expected, self._expected = self._expected, []
            expected = [text for text in expected if text not in self._kept]
            new = [text for text in dict.fromkeys((*texts, *expected)) if text not in found]
            found.update(zip(new, self._embed(new), strict=True))
            self._keep(found)
        return [found[text] for text in texts]

    def _keep(self, vectors: Mapping[str, NDArray[np.float32]]) -> None:
        self._kept.update(vectors)
        for oldest in list(self._kept)[: -self._size]:
            del self._kept[oldest]
