"""Many facts at once, without an object for each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple, Self

import pyarrow as pa

__all__ = ["FactBlock"]


class FactBlock(NamedTuple):
    """Facts as three columns of texts of one length (`pyarrow.LargeStringArray`)."""

    heads: Any
    relations: Any
    tails: Any

    @classmethod
    def of(cls, heads: Sequence[str], relations: Sequence[str], tails: Sequence[str]) -> Self:
        """A block of facts that were read one by one."""
        return cls(*(pa.array(texts, pa.large_string()) for texts in (heads, relations, tails)))

    def __len__(self) -> int:
        return len(self.heads)

    @property
    def bytes(self) -> int:
        """The memory of its texts."""
        return sum(int(column.nbytes) for column in self)
