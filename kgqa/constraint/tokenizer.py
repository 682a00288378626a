"""What a constraint needs to know of a tokenizer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

__all__ = ["CachingTokenizer", "TextTokenizer", "Tokenizer"]

CACHED_SEGMENTS = 500_000
"""Segments kept before the cache is emptied (about 100 MB)."""


class Tokenizer(Protocol):
    """Turns the segments of a chain's text into token ids, one segment at a time.

    Every boundary space belongs to the segment that follows it (`" ->"`, `" directed_by"`). An
    implementation guarantees that the concatenated ids of the segments are the ids of the whole
    text. Segments are plain text: one that spells a special token (`"</PATH>"`) is encoded as
    ordinary characters.
    """

    @property
    def leading_space(self) -> bool:
        """Whether the first segment of a text has a boundary space in front like all others."""
        ...

    @property
    def fingerprint(self) -> str:
        """Equal for two tokenizers exactly if they give the same ids for every text."""
        ...

    def encode_batch(self, segments: Sequence[str]) -> list[tuple[int, ...]]:
        """The token ids of each segment, never empty for a segment that has a visible character."""
        ...


class TextTokenizer(Tokenizer, Protocol):
    """A `Tokenizer` for constraints that also allow free text: it knows which tokens are plain text."""

    @property
    def path_end_id(self) -> int | None:
        """The special token that closes a path, `</PATH>`; None for models without it."""
        ...

    @property
    def ordinary_ids(self) -> NDArray[np.int32]:
        """The tokens of plain text, sorted: no special tokens and none that ends a text."""
        ...

    def ids_with(self, text: str) -> NDArray[np.int32]:
        """The ordinary tokens whose own text contains `text`, sorted."""
        ...

    def encode_plain(self, text: str) -> tuple[int, ...]:
        """The token ids of a text that directly follows a special token; none of them is special."""
        ...

    def decode(self, tokens: Sequence[int]) -> str:
        """The text of token ids, for people to read."""
        ...


class CachingTokenizer:
    """A `Tokenizer` that encodes each segment once and shares the ids between constraints."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        self._tokenizer = tokenizer
        self._known: dict[str, tuple[int, ...]] = {}

    @property
    def leading_space(self) -> bool:
        """That of the wrapped tokenizer."""
        return self._tokenizer.leading_space

    @property
    def fingerprint(self) -> str:
        """That of the wrapped tokenizer."""
        return self._tokenizer.fingerprint

    def encode_batch(self, segments: Sequence[str]) -> list[tuple[int, ...]]:
        """The token ids of each segment; only new segments reach the tokenizer, in one batch."""
        if len(self._known) > CACHED_SEGMENTS:
            self._known.clear()
        new = [text for text in dict.fromkeys(segments) if text not in self._known]
        if new:
            self._known.update(zip(new, self._tokenizer.encode_batch(new), strict=True))
        return [self._known[text] for text in segments]
