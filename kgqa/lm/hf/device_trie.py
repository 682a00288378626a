"""The texts of tries as arrays on the model's device, for all beams at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Self

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from kgqa.constraint import KGTrie
from kgqa.errors import ConstraintError, UsageError

__all__ = ["DeviceTrie"]

ENDED, LOST = 0, 1
"""The nodes of texts behind their end token, and of texts that are no beginning of any text."""


@dataclass(frozen=True, eq=False)
class DeviceTrie:
    """Tries in compressed sparse rows: node `n` has the edges `first[n]:first[n + 1]`, sorted by token.

    `tokens` and `children` are those of the edges, `keys` is `node * size + token`, which is sorted, so that
    one binary search finds the edges of many nodes. `roots` has a node for each trie, `widths` the most edges
    of any node at each depth. The end token is an edge to `ENDED`, which it and the padding token leave again
    for `ENDED`.

    All operations are on tensors of the device, whose shapes depend on nothing that is there, so the host
    never waits for one. The layout is that of "Vectorizing the trie" (STATIC, 2026).

    *Shape:* first (nodes + 1,), tokens, children and keys (edges,), roots (tries,); all int64.
    """

    first: Tensor
    tokens: Tensor
    children: Tensor
    keys: Tensor
    roots: Tensor
    widths: tuple[int, ...]
    size: int

    @classmethod
    def of(
        cls,
        tries: Sequence[KGTrie],
        end_id: int,
        pad_id: int | None = None,
        device: str | torch.device = "cpu",
    ) -> Self:
        """The arrays of tries, which share the nodes behind the end.

        Raises `ConstraintError` for a text that holds the end token.
        """
        if not tries:
            raise UsageError("no trie was given; give one, or one for each prompt")
        after = sorted({end_id, end_id if pad_id is None else pad_id})
        edges = [(ENDED, token, ENDED) for token in after]
        parts, roots, widths, nodes = [np.array(edges, dtype=np.int64)], [], [len(after)], 2
        for trie in tries:
            found, depths = _edges(trie.texts(), end_id, nodes)
            parts.append(found)
            roots.append(nodes)
            widths = [max(pair) for pair in zip_longest(widths, depths, fillvalue=len(after))]
            nodes = max(nodes + 1, int(found[:, 2].max()) + 1)
        every = np.concatenate(parts)
        size = int(every[:, 1].max()) + 1
        keys = every[:, 0] * size + every[:, 1]
        order = np.argsort(keys, kind="stable")
        every, keys = every[order], keys[order]
        first = np.searchsorted(every[:, 0], np.arange(nodes + 1))

        def there(values: NDArray[np.int64]) -> Tensor:
            return torch.from_numpy(np.ascontiguousarray(values, dtype=np.int64)).to(device)

        return cls(
            there(first),
            there(every[:, 1]),
            there(every[:, 2]),
            there(keys),
            there(np.array(roots)),
            tuple(widths),
            size,
        )

    def masked(self, nodes: Tensor, scores: Tensor, depth: int) -> Tensor:
        """The scores with -inf at all tokens that may not follow.

        `depth` is the number of tokens from the root, for all rows.
        *Shape:* nodes (rows,), scores (rows, vocabulary).
        """
        width = self.widths[depth] if depth < len(self.widths) else self.widths[-1]
        begin, end = self.first[nodes], self.first[nodes + 1]
        places = begin[:, None] + torch.arange(width, device=nodes.device)
        there = places < end[:, None]
        # What is no edge goes into one more column, which is cut off.
        tokens = torch.where(there, self.tokens[places.clamp(max=len(self.tokens) - 1)], scores.shape[1])
        wide = torch.full(
            (len(scores), scores.shape[1] + 1), -torch.inf, dtype=scores.dtype, device=scores.device
        )
        gains = scores.gather(1, tokens.clamp(max=scores.shape[1] - 1))
        return wide.scatter_(1, tokens, gains)[:, :-1]

    def advanced(self, nodes: Tensor, tokens: Tensor) -> Tensor:
        """The nodes after one more token each; `LOST` where it may not follow. *Shape:* (rows,) each."""
        wanted = nodes * self.size + tokens.clamp(max=self.size - 1)
        places = torch.searchsorted(self.keys, wanted).clamp(max=len(self.keys) - 1)
        is_edge = (self.keys[places] == wanted) & (tokens < self.size)
        return torch.where(is_edge, self.children[places], LOST)


def _edges(texts: Sequence[NDArray[np.int64]], end_id: int, root: int) -> tuple[NDArray[np.int64], list[int]]:
    """The edges (node, token, child) of sorted texts, and the most edges of a node at each depth."""
    lengths = np.array([len(text) for text in texts])
    table = np.full((len(texts), int(lengths.max()) + 1), -1, dtype=np.int64)
    for row, text in enumerate(texts):
        table[row, : len(text)] = text
    if (table == end_id).any():
        raise ConstraintError(f"a text of the trie holds the end token {end_id}")
    rows = np.arange(len(texts))
    table[rows, lengths] = end_id
    nodes = np.full(len(texts), root, dtype=np.int64)
    is_new = np.zeros(len(texts), dtype=np.bool_)
    is_new[0] = True
    found, widths, count = [], [], root + 1
    for depth in range(table.shape[1]):
        column = table[:, depth]
        is_new[1:] |= column[1:] != column[:-1]
        some = rows[is_new & (depth <= lengths)]
        ends = lengths[some] == depth
        children = np.full(len(some), ENDED, dtype=np.int64)
        children[~ends] = count + np.arange(int((~ends).sum()))
        count += int((~ends).sum())
        found.append(np.stack([nodes[some], column[some], children], axis=1))
        widths.append(int(np.bincount(nodes[some] - root).max()))
        of_row = np.zeros(len(texts), dtype=np.int64)
        of_row[some] = np.arange(len(some))
        nodes = children[np.maximum.accumulate(of_row)]
    return np.concatenate(found), widths
