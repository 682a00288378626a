"""What a constraint needs to know of a tokenizer where a model may write what it likes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from kgqa.constraint.tokenizer import SegmentTokenizer

__all__ = ["FreeTextTokenizer"]


class FreeTextTokenizer(SegmentTokenizer, Protocol):
    """A `SegmentTokenizer` that also knows which tokens are plain text."""

    @property
    def path_end_id(self) -> int | None:
        """The special token behind a path, `</PATH>`, where the model has one."""
        ...

    @property
    def ordinary_ids(self) -> NDArray[np.int32]:
        """The tokens that text consists of, sorted: no special one, none that ends a text."""
        ...

    def ids_with(self, text: str) -> NDArray[np.int32]:
        """The ordinary tokens whose own text has `text` in it, sorted."""
        ...

    def encode_plain(self, text: str) -> tuple[int, ...]:
        """The token ids of a text right behind a special token, none of them special."""
        ...

    def decode(self, tokens: Sequence[int]) -> str:
        """The text of token ids, for people to read."""
        ...
