"""What a model is known to make of the continuations of a text."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from kgqa.constraint import Constraint
from kgqa.decode.prefix import Branches, Prefix
from kgqa.decode.sampling.fork import Fork, log_sum
from kgqa.lm import Text

__all__ = ["ExpectedFuture", "TreeNode"]


class TreeNode:
    """A prefix whose continuations were asked about.

    `below` holds, for each way of its fork, the logarithm of the probability that what is said after
    it stays in the constraint to its end: an upper bound, 0 where nothing was asked, and the truth
    where everything was.
    """

    __slots__ = ("below", "fork", "origin", "prefix")

    def __init__(self, prefix: Prefix, fork: Fork, origin: tuple[TreeNode, int] | None) -> None:
        self.prefix = prefix
        self.fork = fork
        self.origin = origin
        self.below: NDArray[np.float64] = np.zeros(len(fork))

    @property
    def scores(self) -> NDArray[np.float64]:
        """For each way, the log-probability of taking it and staying in the constraint to the end."""
        scores: NDArray[np.float64] = self.fork.log_probabilities + self.below
        return scores


class ExpectedFuture:
    """The part of a constraint's token tree that a model was asked about.

    Grows by `learn`; every new node tightens the bounds of those above it.
    """

    def __init__(self, constraint: Constraint) -> None:
        self._constraint = constraint
        self._nodes: dict[Text, TreeNode] = {}
        self._start = Prefix((), constraint.start)
        self._unknown = 1
        self._queue: list[tuple[float, Text, int]] = []

    @property
    def complete(self) -> bool:
        """Whether nothing is left to ask: the bounds are the truth."""
        return self._unknown == 0

    def __len__(self) -> int:
        return len(self._nodes)

    def __getitem__(self, text: Text) -> TreeNode | None:
        return self._nodes.get(text)

    def follow(self, node: TreeNode, way: int) -> Prefix:
        """The prefix behind a way of a node that is not the end."""
        known = self._nodes.get((*node.prefix.tokens, node.fork.token(way)))
        return node.fork.follow(node.prefix, way, self._constraint) if known is None else known.prefix

    def likeliest(self, count: int) -> list[Prefix]:
        """The most probable prefixes not asked about; fewer than `count` where there are no more."""
        if not self._nodes:
            return [self._start][:count]
        found: list[Prefix] = []
        while self._queue and len(found) < count:
            _, text, way = heapq.heappop(self._queue)
            node = self._nodes[text]
            if (*text, node.fork.token(way)) not in self._nodes:
                found.append(self.follow(node, way))
        return found

    def learn(self, prefixes: Iterable[Prefix], branches: Sequence[Branches]) -> None:
        """Take in what may follow prefixes that were not known."""
        changed: dict[Text, TreeNode] = {}
        for prefix, branch in zip(prefixes, branches, strict=True):
            node = TreeNode(prefix, Fork(branch), self._origin(prefix.tokens))
            self._nodes[prefix.tokens] = changed[prefix.tokens] = node
            self._unknown += len(branch.tokens) - 1
            for way, gain in enumerate(branch.log_probabilities.tolist()):
                heapq.heappush(self._queue, (-prefix.log_probability - gain, prefix.tokens, way))
        self._settle(changed)

    def _origin(self, text: Text) -> tuple[TreeNode, int] | None:
        if not text:
            return None
        above = self._nodes[text[:-1]]
        return above, above.fork.way(text[-1])

    def _settle(self, changed: dict[Text, TreeNode]) -> None:
        """Carry new bounds up to the start, the longest texts first."""
        levels: dict[int, dict[Text, TreeNode]] = {}
        for text, node in changed.items():
            levels.setdefault(len(text), {})[text] = node
        for depth in range(max(levels, default=0), 0, -1):
            for node in levels.get(depth, {}).values():
                assert node.origin is not None
                above, way = node.origin
                # Rounding apart, no bound is above 1.
                above.below[way] = min(0.0, log_sum(node.scores))
                levels.setdefault(depth - 1, {})[above.prefix.tokens] = above

    @property
    def total(self) -> float:
        """The logarithm of the probability that the model writes a text of the constraint, or a bound."""
        start = self._nodes.get(())
        return 0.0 if start is None else min(0.0, log_sum(start.scores))
