"""Many texts in two flat arrays."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

__all__ = ["TextColumn"]


@dataclass(frozen=True, eq=False)
class TextColumn:
    """UTF-8 texts end to end, `offsets` int64 of shape (texts + 1,); may be memory-mapped."""

    offsets: NDArray[np.int64]
    data: NDArray[np.uint8]

    @classmethod
    def of(cls, texts: Iterable[str]) -> Self:
        """Pack texts in their order."""
        encoded = [text.encode("utf-8") for text in texts]
        offsets = np.zeros(len(encoded) + 1, dtype=np.int64)
        np.cumsum([len(item) for item in encoded], out=offsets[1:])
        return cls(offsets, np.frombuffer(b"".join(encoded), dtype=np.uint8))

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def filled(self, positions: NDArray[Any]) -> NDArray[np.bool_]:
        """Which of the texts at some positions are not empty."""
        found: NDArray[np.bool_] = self.offsets[positions + 1] > self.offsets[positions]
        return found

    def lengths(self, positions: NDArray[Any]) -> NDArray[np.int64]:
        """The bytes of the texts at some positions."""
        found: NDArray[np.int64] = self.offsets[positions + 1] - self.offsets[positions]
        return found

    def first_bytes(self, positions: NDArray[Any]) -> NDArray[np.uint8]:
        """The first byte of each of some texts, none of them empty."""
        found: NDArray[np.uint8] = self.data[self.offsets[positions]]
        return found

    def __getitem__(self, position: int) -> str:
        return self.data[self.offsets[position] : self.offsets[position + 1]].tobytes().decode("utf-8")
