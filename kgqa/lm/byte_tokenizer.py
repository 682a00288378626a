"""Texts as their bytes, for where no model's tokenizer is at hand."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from kgqa.errors import check_names

__all__ = ["ByteTokenizer"]


class ByteTokenizer:
    """One token for each byte of UTF-8, and 256 for the end; tokens never merge.

    >>> ByteTokenizer().encode_batch([" Aé"])
    [(32, 65, 195, 169)]
    """

    vocabulary_size = 257
    end_id = 256
    path_end_id: int | None = None

    def __init__(self, *, leading_space: bool = True) -> None:
        self.leading_space = leading_space
        self.fingerprint = "bytes of UTF-8"

    def encode_batch(self, segments: Sequence[str]) -> list[tuple[int, ...]]:
        """The bytes of each segment."""
        check_names(segments, "segments")
        return [tuple(segment.encode("utf-8", "surrogatepass")) for segment in segments]

    @property
    def ordinary_ids(self) -> NDArray[np.int32]:
        """All bytes."""
        return np.arange(256, dtype=np.int32)

    def ids_with(self, text: str) -> NDArray[np.int32]:
        """The byte that is this text, if one is."""
        return np.array([byte for byte in self.ordinary_ids if bytes([byte]) == text.encode()], np.int32)

    def encode_plain(self, text: str) -> tuple[int, ...]:
        """The bytes of a text."""
        return self.encode_batch([text])[0]

    def decode(self, tokens: Sequence[int]) -> str:
        """The text of the bytes without the end token; an incomplete character becomes U+FFFD."""
        return bytes(token for token in tokens if token < 256).decode("utf-8", "replace")
