"""The probability that the continuations of a prefix stay in the constraint."""

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
    """A prefix whose continuations were scored.

    `below` holds for each way of its fork the logarithm of the probability that the rest of the text
    stays in the constraint: an upper bound, which is 0 where nothing below was scored and exact where
    everything was.
    """

    __slots__ = ("below", "fork", "origin", "prefix")

    def __init__(self, prefix: Prefix, fork: Fork, origin: tuple[TreeNode, int] | None) -> None:
        self.prefix = prefix
        self.fork = fork
        self.origin = origin
        self.below: NDArray[np.float64] = np.zeros(len(fork))

    @property
    def scores(self) -> NDArray[np.float64]:
        """For each way, the log-probability of taking it and staying in the constraint until the end."""
        scores: NDArray[np.float64] = self.fork.log_probabilities + self.below
        return scores


class ExpectedFuture:
    """The part of a constraint's token tree that was scored.

    It grows by `learn`; every new node tightens the bounds of its ancestors.
    """

    def __init__(self, constraint: Constraint) -> None:
        self._constraint = constraint
        self._nodes: dict[Text, TreeNode] = {}
        self._start = Prefix((), constraint.start)
        self._unknown = 1
        self._queue: list[tuple[float, Text, int]] = []

    @property
    def complete(self) -> bool:
        """Whether the whole tree was scored, so that the bounds are exact."""
        return self._unknown == 0

    def __len__(self) -> int:
        return len(self._nodes)

    def __getitem__(self, text: Text) -> TreeNode | None:
        return self._nodes.get(text)

    def follow(self, node: TreeNode, way: int) -> Prefix:
        """The prefix after a way of a node, which must not be the end."""
        known = self._nodes.get((*node.prefix.tokens, node.fork.token(way)))
        return node.fork.follow(node.prefix, way, self._constraint) if known is None else known.prefix

    def likeliest(self, count: int) -> list[Prefix]:
        """The most probable prefixes that were not scored, at most `count`."""
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
        """Add the branches of prefixes that were not scored before."""
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
        """Propagate new bounds to the root, longest prefixes first."""
        levels: dict[int, dict[Text, TreeNode]] = {}
        for text, node in changed.items():
            levels.setdefault(len(text), {})[text] = node
        for depth in range(max(levels, default=0), 0, -1):
            for node in levels.get(depth, {}).values():
                assert node.origin is not None
                above, way = node.origin
                # No bound exceeds 1, except by rounding.
                above.below[way] = min(0.0, log_sum(node.scores))
                levels.setdefault(depth - 1, {})[above.prefix.tokens] = above

    @property
    def total(self) -> float:
        """An upper bound of the log-probability that the model writes a text of the constraint."""
        start = self._nodes.get(())
        return 0.0 if start is None else min(0.0, log_sum(start.scores))
