"""A tokenizer that remembers."""

from __future__ import annotations

from collections.abc import Sequence

from kgqa.constraint.tokenizer import SegmentTokenizer

__all__ = ["CachingTokenizer"]

REMEMBERED = 500_000
"""Segments kept before the cache starts afresh (about 100 MB)."""


class CachingTokenizer:
    """A `SegmentTokenizer` that encodes each segment once, whatever number of constraints use it."""

    def __init__(self, tokenizer: SegmentTokenizer) -> None:
        self._tokenizer = tokenizer
        self._known: dict[str, tuple[int, ...]] = {}

    @property
    def leading_space(self) -> bool:
        """That of the tokenizer behind it."""
        return self._tokenizer.leading_space

    @property
    def fingerprint(self) -> str:
        """That of the tokenizer behind it."""
        return self._tokenizer.fingerprint

    def encode_batch(self, segments: Sequence[str]) -> list[tuple[int, ...]]:
        """The token ids of each segment; only new ones reach the tokenizer, in one batch."""
        if len(self._known) > REMEMBERED:
            self._known.clear()
        new = [text for text in dict.fromkeys(segments) if text not in self._known]
        if new:
            self._known.update(zip(new, self._tokenizer.encode_batch(new), strict=True))
        return [self._known[text] for text in segments]
