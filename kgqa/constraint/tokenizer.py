"""What a constraint needs to know of a tokenizer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

__all__ = ["SegmentTokenizer"]


class SegmentTokenizer(Protocol):
    """Turns the segments of a chain's text into token ids, one segment at a time.

    Every boundary space belongs to the segment that follows it (`" ->"`, `" directed_by"`), and
    whoever implements this has made sure that the ids of the segments, put end to end, are the ids
    of the whole text. Text is text: a segment that spells a special token (`"</PATH>"`) is encoded
    as the ordinary characters it consists of.
    """

    @property
    def leading_space(self) -> bool:
        """Whether the first segment of a text has a boundary space in front like all others."""
        ...

    @property
    def fingerprint(self) -> str:
        """The same for two tokenizers exactly if they give the same ids for every text."""
        ...

    def encode_batch(self, segments: Sequence[str]) -> list[tuple[int, ...]]:
        """The token ids of each segment, never empty for a segment that has a visible character."""
        ...
