"""What may be said at a node, as a span of a sorted table."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kgqa.constraint.grammar import Node
from kgqa.constraint.heads import Heads
from kgqa.constraint.step_rows import distinct_edges
from kgqa.constraint.token_table import TokenTable
from kgqa.graph.adjacency import Ids

__all__ = ["Span"]


@dataclass(frozen=True, eq=False)
class Span:
    """Texts that share what is `before` and `after` them: the members from `low` to `high`.

    `members` are places of a table, in order. `shared`, where it is known, says how many tokens a
    member has in common with the one before it, and `heads` where the first tokens change. `node`
    gives the node behind what is at a place.
    """

    table: TokenTable
    members: Ids
    low: int
    high: int
    node: Callable[[int], Node]
    before: tuple[int, ...] = ()
    after: tuple[int, ...] = ()
    shared: NDArray[Any] | None = None
    heads: Heads | None = None

    @classmethod
    def listed(cls, sequences: Sequence[tuple[int, ...]], nodes: Sequence[Node]) -> Span:
        """A span of a table of its own."""
        table, order = TokenTable.of(sequences)
        places = np.arange(len(order), dtype=np.int32)
        return cls(table, places, 0, len(order), lambda place: nodes[int(order[place])])

    def allowed(self, low: int, high: int, depth: int) -> Ids:
        """The distinct tokens, sorted, that follow the first `depth` ones of some members.

        The members are alike so far and none of them ends here. Below zero, `depth` counts the
        tokens of `after` that are left.
        """
        if depth < 0:
            return np.array([self.after[depth]], dtype=np.int32)
        if depth < len(self.before):
            return np.array([self.before[depth]], dtype=np.int32)
        depth -= len(self.before)
        if high - low == 1:
            at = int(self.table.starts[self.members[low]]) + depth
            return self.table.ids[at : at + 1]
        if self.heads is not None and depth == 0:
            return self.heads.allowed(low, high)
        if self.shared is not None:
            changes = np.flatnonzero(self.shared[low + 1 : high] == depth)
            if not len(changes):
                return self.table.at(self.members[low : low + 1], depth)
            return self.table.at(self.members[np.append(low, changes + (low + 1))], depth)
        found = self.table.at(self.members[low:high], depth)
        return found[distinct_edges(found)]

    def narrowed(self, low: int, high: int, depth: int, token: int) -> tuple[int, int]:
        """The members among those that go on with `token`; `depth` as above."""
        if depth < 0:
            return (low, high) if self.after[depth] == token else (low, low)
        if depth < len(self.before):
            return (low, high) if self.before[depth] == token else (low, low)
        if self.heads is not None and depth == len(self.before):
            return self.heads.narrowed(low, high, token)
        return self.table.span(self.members, low, high, depth - len(self.before), token)

    def ended(self, low: int, high: int, depth: int) -> int:
        """Where those of some members that end at `depth`, and so come first, stop."""
        lengths, members, depth = self.table.lengths, self.members, depth - len(self.before)
        while low < high and lengths[members[low]] == depth:
            low += 1
        return low

    def nodes(self, low: int, high: int) -> list[Node]:
        """The nodes behind some members."""
        return [self.node(place) for place in self.members[low:high].tolist()]
