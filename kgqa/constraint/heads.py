"""The first tokens of large groups of names."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from kgqa.constraint.step_rows import StepRows
from kgqa.constraint.token_table import TokenTable
from kgqa.graph.adjacency import Ids
from kgqa.graph.sorted_search import search

__all__ = ["Heads"]

LARGE = 4096
"""Named members from which a group's first tokens are kept: too many to look at in a question."""


@dataclass(frozen=True, eq=False)
class Heads:
    """Where the first token of the names changes in each large group.

    Entries are sorted by slot: `slots` has the first slot with a token, `tokens` the token.
    """

    slots: NDArray[np.int64]
    tokens: Ids

    @classmethod
    def of(cls, rows: StepRows, names: TokenTable, members: Ids, shared: NDArray[Any]) -> Self:
        """The heads of all large groups of a table."""
        large = np.flatnonzero(rows.silent - rows.starts[:-1] >= LARGE)
        parts = [
            low + np.flatnonzero(shared[low:high] == 0)
            for low, high in zip(rows.starts[large].tolist(), rows.silent[large].tolist(), strict=True)
        ]
        slots = np.concatenate([np.empty(0, dtype=np.int64), *parts])
        slots = slots[names.lengths[members[slots]] > 0]
        return cls(slots, names.at(members[slots], 0))

    def allowed(self, low: int, high: int) -> Ids:
        """The first tokens of the slots from `low` to `high` of one large group, sorted."""
        first, stop = self._entries(low, high)
        return self.tokens[first:stop]

    def narrowed(self, low: int, high: int, token: int) -> tuple[int, int]:
        """Those slots whose first token this is."""
        first, stop = self._entries(low, high)
        at = first + search(self.tokens[first:stop], token)
        if at == stop or self.tokens[at] != token:
            return low, low
        following = int(self.slots[at + 1]) if at + 1 < stop else high
        return max(low, int(self.slots[at])), following

    def _entries(self, low: int, high: int) -> tuple[int, int]:
        return search(self.slots, low, "right") - 1, search(self.slots, high)
