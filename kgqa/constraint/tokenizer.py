"""What a constraint needs to know of a tokenizer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from kgqa.cache_memory import cache_bytes
from kgqa.errors import check_names

__all__ = ["CachingTokenizer", "TextTokenizer", "Tokenizer"]

CACHE_SHARE = 0.064
"""What the cache of a `CachingTokenizer` may take, as a share of the memory of all caches."""
TEXT_BYTES, TOKEN_BYTES = 260, 40
"""What a cached segment takes beside its characters, and what one of its tokens takes."""


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
    """A `Tokenizer` that encodes each segment once and shares the ids between constraints.

    Its cache is emptied when it takes more than `max_bytes`.
    """

    def __init__(self, tokenizer: Tokenizer, max_bytes: int | None = None) -> None:
        self._tokenizer = tokenizer
        self._known: dict[str, tuple[int, ...]] = {}
        self._max_bytes = cache_bytes(CACHE_SHARE) if max_bytes is None else max_bytes
        self._bytes = 0

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
        check_names(segments, "segments")
        if self._bytes > self._max_bytes:
            self._known.clear()
            self._bytes = 0
        new = [text for text in dict.fromkeys(segments) if text not in self._known]
        if new:
            found = self._tokenizer.encode_batch(new)
            self._known.update(zip(new, found, strict=True))
            self._bytes += TEXT_BYTES * len(new) + sum(map(len, new)) + TOKEN_BYTES * sum(map(len, found))
        return [self._known[text] for text in segments]
