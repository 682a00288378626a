"""Allowed tokens as packed bits, as inference engines mask logits with them.

Bit `i % 32` of word `i // 32` says whether token `i` is allowed: the layout of llguidance, xgrammar
and vLLM. Words are signed, as in torch. A torch tensor on the CPU is filled through its `numpy()`,
which shares its memory.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kgqa.errors import UsageError

__all__ = ["WORD", "fill", "pack", "unpack", "words"]

WORD = 32
"""Tokens in a word."""


def words(vocabulary_size: int) -> int:
    """The number of words of a mask for a vocabulary.

    >>> words(32), words(33)
    (1, 2)
    """
    return -(-vocabulary_size // WORD)


def pack(tokens: Sequence[int] | NDArray[np.int32], vocabulary_size: int) -> NDArray[np.int32]:
    """The bitmask of some tokens, in any order. *Shape:* (words(vocabulary_size),).

    Raises `UsageError` for a token that is not in the vocabulary.

    >>> pack([0, 31, 33], 40).tolist()
    [-2147483647, 2]
    """
    ids: NDArray[np.intp] = np.asarray(tokens, dtype=np.intp)
    if ids.size and not 0 <= int(ids.min()) <= int(ids.max()) < vocabulary_size:
        outside = int(ids.min()) if ids.min() < 0 else int(ids.max())
        raise UsageError(f"token {outside} is not in a vocabulary of {vocabulary_size} tokens")
    bits = np.zeros(words(vocabulary_size) * WORD, dtype=np.bool_)
    bits[ids] = True
    return np.packbits(bits, bitorder="little").view("<i4").astype(np.int32, copy=False)


def unpack(row: ArrayLike) -> NDArray[np.int32]:
    """The tokens of a bitmask, sorted.

    >>> unpack(pack([33, 0, 31], 40)).tolist()
    [0, 31, 33]
    """
    packed = np.ascontiguousarray(row, dtype="<i4").view(np.uint8)
    return np.flatnonzero(np.unpackbits(packed, bitorder="little")).astype(np.int32)


def fill(bitmask: NDArray[np.int32], row: int, tokens: Sequence[int] | NDArray[np.int32]) -> None:
    """Write some tokens over one row of a bitmask of shape (batch, words), in place.

    Raises `UsageError` for an array of another type or shape, and for a token or row out of range.
    """
    if bitmask.ndim != 2 or bitmask.dtype != np.int32:
        raise UsageError(
            f"a bitmask must be int32 of shape (batch, words), not {bitmask.dtype} of {bitmask.shape}"
        )
    if not 0 <= row < len(bitmask):
        raise UsageError(f"row must be from 0 to {len(bitmask) - 1} in this bitmask, not {row}")
    bitmask[row] = pack(tokens, bitmask.shape[1] * WORD)
