"""The texts that may follow a grammar node, as a span of a sorted table."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from kgqa.constraint.grammars.grammar import Node
from kgqa.constraint.tables.name_table import FirstTokens
from kgqa.constraint.tables.step_rows import distinct_edges
from kgqa.constraint.tables.token_table import TokenTable
from kgqa.graph.adjacency import Ids, search

__all__ = ["Span"]

Forks: TypeAlias = tuple[Ids, NDArray[np.int64]]
"""The distinct tokens at some depth, sorted, and the first member with each."""

MOST_KNOWN = 4096
"""Positions in a span whose forks are cached."""


@dataclass(frozen=True, eq=False)
class Span:
    """The texts of the members from `low` to `high`, with common tokens `before` and `after` them.

    `members` are places of a table, in order. `shared`, if known, is the length of the token prefix
    that a member shares with the previous one; `first_tokens` are the stored first tokens of a large
    group. `node` gives the grammar node after the text at a place.
    """

    table: TokenTable
    members: Ids
    low: int
    high: int
    node: Callable[[int], Node]
    before: tuple[int, ...] = ()
    after: tuple[int, ...] = ()
    shared: NDArray[Any] | None = None
    first_tokens: FirstTokens | None = None
    known: dict[tuple[int, int, int], Forks] = field(default_factory=dict, init=False, repr=False)
    """The forks computed so far."""

    @classmethod
    def listed(cls, sequences: Sequence[tuple[int, ...]], nodes: Sequence[Node]) -> Span:
        """A span over a new table with these sequences."""
        table, order = TokenTable.of(sequences)
        places = np.arange(len(order), dtype=np.int32)
        return cls(table, places, 0, len(order), lambda place: nodes[int(order[place])])

    def allowed(self, low: int, high: int, depth: int) -> Ids:
        """The distinct tokens, sorted, that follow the first `depth` tokens of some members.

        The members share these tokens, and none of them ends there. Below zero, `depth` is minus
        the number of tokens of `after` that are left.
        """
        if depth < 0:
            return np.array([self.after[depth]], dtype=np.int32)
        if depth < len(self.before):
            return np.array([self.before[depth]], dtype=np.int32)
        depth -= len(self.before)
        if high - low == 1:
            at = int(self.table.starts[self.members[low]]) + depth
            return self.table.ids[at : at + 1]
        if self.first_tokens is not None and depth == 0:
            return self.first_tokens.allowed(low, high)
        return self._forks(low, high, depth)[0]

    def narrowed(self, low: int, high: int, depth: int, token: int) -> tuple[int, int]:
        """The members whose next token is `token`; `depth` as above."""
        if depth < 0:
            return (low, high) if self.after[depth] == token else (low, low)
        if depth < len(self.before):
            return (low, high) if self.before[depth] == token else (low, low)
        if self.first_tokens is not None and depth == len(self.before):
            return self.first_tokens.narrowed(low, high, token)
        depth -= len(self.before)
        if (low, high, depth) not in self.known:  # `allowed` was not called here
            return self.table.span(self.members, low, high, depth, token)
        tokens, firsts = self._forks(low, high, depth)
        at = search(tokens, token)
        if at == len(tokens) or tokens[at] != token:
            return low, low
        return int(firsts[at]), int(firsts[at + 1]) if at + 1 < len(firsts) else high

    def _forks(self, low: int, high: int, depth: int) -> Forks:
        """The distinct tokens of some members at a depth of their table."""
        found = self.known.get((low, high, depth))
        if found is None:
            if self.shared is not None:
                (changes,) = (self.shared[low + 1 : high] == depth).nonzero()
                firsts = np.empty(len(changes) + 1, dtype=np.int64)
                firsts[0] = low
                np.add(changes, low + 1, out=firsts[1:])
                tokens = self.table.at(self.members[firsts], depth)
            else:
                every = self.table.at(self.members[low:high], depth)
                (firsts,) = distinct_edges(every).nonzero()
                tokens, firsts = every[firsts], firsts + low
            if len(self.known) >= MOST_KNOWN:
                self.known.clear()
            found = self.known[low, high, depth] = tokens, firsts
        return found

    def ended(self, low: int, high: int, depth: int) -> int:
        """Where those of some members that end at `depth`, and so come first, stop."""
        lengths, members, depth = self.table.lengths, self.members, depth - len(self.before)
        while low < high and lengths[members[low]] == depth:
            low += 1
        return low

    def nodes(self, low: int, high: int) -> list[Node]:
        """The grammar nodes after some members."""
        return [self.node(place) for place in self.members[low:high].tolist()]
