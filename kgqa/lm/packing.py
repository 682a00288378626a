"""Rows of unequal length as one long row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from torch import Tensor

__all__ = ["Packing"]


@dataclass(frozen=True, eq=False)
class Packing:
    """Where the tokens of rows lie when they stand one after the other.

    *Shape:* `where` int64 (rows, longest row), for each place of a row its token (any token where the
    row has none); `back` int64 (tokens,), for each token its place in the flattened rows.
    """

    where: Tensor
    back: Tensor

    @classmethod
    def of(cls, real: Tensor) -> Self:
        """The packing of rows that have tokens where `real`, bool (rows, longest row), says so."""
        flat = real.flatten()
        where = (flat.long().cumsum(0) - 1).clamp(min=0).view(real.shape)
        return cls(where, flat.nonzero()[:, 0])

    def spread(self, queries: Tensor) -> Tensor:
        """Queries by rows. *Shape:* (1, heads, tokens, size) in, (rows, heads, longest row, size) out."""
        return queries[0][:, self.where].transpose(0, 1)

    def gather(self, found: Tensor) -> Tensor:
        """The rows one after the other. *Shape:* (rows, longest row, ...) in, (1, tokens, ...) out."""
        return found.flatten(0, 1)[self.back][None]
