"""Many facts at once, without an object for each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple, Self

import pyarrow as pa

__all__ = ["FactBlock"]


class FactBlock(NamedTuple):
    """Facts as columns of texts of one length (`pyarrow.LargeStringArray`).

    `sources` has the source of each fact, null for none; without the column, no fact has one.
    """

    heads: Any
    relations: Any
    tails: Any
    sources: Any = None

    @classmethod
    def of(
        cls,
        heads: Sequence[str],
        relations: Sequence[str],
        tails: Sequence[str],
        sources: Sequence[str | None] = (),
    ) -> Self:
        """A block of facts that were read one by one."""
        is_said = len(sources) > sources.count(None)
        columns = (heads, relations, tails, *((sources,) if is_said else ()))
        return cls(*(pa.array(texts, pa.large_string()) for texts in columns))

    def __len__(self) -> int:
        return len(self.heads)

    @property
    def bytes(self) -> int:
        """The memory of its texts."""
        return sum(int(column.nbytes) for column in self if column is not None)
