"""Rows of different lengths packed into one row without padding."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Self

import torch
from torch import Tensor
from torch.nn import functional

__all__ = ["Packing"]


@dataclass(frozen=True, eq=False)
class Packing:
    """The index between rows and their packed tokens.

    *Shape:* `where` int64 (rows, longest row), for each place of a row its token (any token where the
    row has none); `back` int64 (tokens,), for each token its place in the flattened rows; `real` bool (rows,
    longest row): where a row has a token.
    """

    where: Tensor
    back: Tensor
    real: Tensor

    def grown(self, tokens: int) -> Self:
        """With more tokens at the end, copies of what is at the first place, up to so many."""
        return replace(self, back=functional.pad(self.back, (0, tokens - len(self.back))))

    @classmethod
    def of(cls, real: Tensor) -> Self:
        """The packing of rows with tokens where `real` is true. *Shape:* bool (rows, longest row)."""
        flat = real.flatten()
        where = (flat.long().cumsum(0) - 1).clamp(min=0).view(real.shape)
        return cls(where, flat.nonzero()[:, 0], real)

    @property
    def owners(self) -> Tensor:
        """The row of each token. *Shape:* int64 (tokens,)."""
        return self.back // self.where.shape[1]

    def padded(self, states: Tensor) -> Tensor:
        """Tokens by rows, zeros where a row has none.

        *Shape:* (tokens, size) in, (rows, longest row, size) out.
        """
        flat = states.new_zeros(self.where.numel(), states.shape[1]).index_copy(0, self.back, states)
        return flat.view(*self.where.shape, -1)

    def means(self, states: Tensor) -> Tensor:
        """The mean of each row, in float32. *Shape:* (tokens, size) in, (rows, size) out."""
        rows, counts = len(self.where), self.real.sum(1)
        owners = self.owners[: int(counts.sum())]
        sums = torch.zeros(rows, states.shape[1], device=states.device).index_add(
            0, owners, states[: len(owners)].float()
        )
        return sums / counts.clamp(min=1)[:, None]

    def spread(self, queries: Tensor) -> Tensor:
        """Queries by rows. *Shape:* (1, heads, tokens, size) in, (rows, heads, longest row, size) out."""
        return queries[0][:, self.where].transpose(0, 1)

    def gather(self, found: Tensor) -> Tensor:
        """Rows packed into one. *Shape:* (rows, longest row, ...) in, (1, tokens, ...) out."""
        return found.flatten(0, 1)[self.back][None]
