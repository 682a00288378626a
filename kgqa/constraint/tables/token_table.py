"""Token sequences in lexicographic order, which is the order of a trie."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from kgqa.constraint.tokenizer import Tokenizer
from kgqa.errors import TokenizerError
from kgqa.graph.adjacency import Ids

__all__ = ["TokenTable", "encode_or_refuse"]

BATCH = 20_000
"""Texts in one call of the tokenizer."""

GATHERED = 64
"""Up to this number, members are compared all at once; above, by binary search."""


@dataclass(frozen=True, eq=False)
class TokenTable:
    """Sequences of token ids, ranked by their lexicographic order, in flat arrays.

    The sequence at place `p` is `ids[starts[p]:starts[p] + lengths[p]]`; equal sequences may share
    their ids. Places from `speakable` on have no sequence: the tokenizer could not encode their
    texts. The arrays may be memory-mapped.
    """

    ids: Ids
    starts: NDArray[np.int64]
    lengths: Ids
    speakable: int

    @classmethod
    def of(cls, sequences: Sequence[tuple[int, ...] | None]) -> tuple[Self, NDArray[np.int64]]:
        """A table of sequences (None: not encodable), and the number of the sequence at each place."""
        lengths = np.array([len(sequence or ()) for sequence in sequences], dtype=np.int32)
        ends = np.cumsum(lengths, dtype=np.int64)
        ids = np.fromiter((token for s in sequences if s for token in s), np.int32, count=int(lengths.sum()))
        keys = ids.astype(">u4").tobytes()  # big-endian: bytes sort as the tokens do
        bounds = zip((ends - lengths).tolist(), ends.tolist(), sequences, strict=True)
        ranks = [(sequence is None, keys[4 * start : 4 * end]) for start, end, sequence in bounds]
        order = np.array(sorted(range(len(ranks)), key=ranks.__getitem__), dtype=np.int64)
        speakable = sum(sequence is not None for sequence in sequences)
        return cls(ids, (ends - lengths)[order], lengths[order], speakable), order

    def __len__(self) -> int:
        return len(self.starts)

    def sequence(self, place: int) -> tuple[int, ...]:
        """The token ids at a place."""
        start = int(self.starts[place])
        return tuple(self.ids[start : start + int(self.lengths[place])].tolist())

    def at(self, places: Ids, depth: int) -> Ids:
        """The token at `depth` of each place; all sequences must be longer."""
        return self.ids[self.starts[places] + depth]

    def span(self, places: Ids, low: int, high: int, depth: int, token: int) -> tuple[int, int]:
        """The range of `places[low:high]` with `token` at `depth`; the tokens before must be equal."""
        if high - low == 1:
            return low, low + int(self.ids[int(self.starts[places[low]]) + depth] == token)
        if high - low <= GATHERED:
            alike = (self.at(places[low:high], depth) == token).nonzero()[0]
            return (low + int(alike[0]), low + int(alike[-1]) + 1) if len(alike) else (low, low)
        first = self._bisect(places, low, high, depth, token)
        return first, self._bisect(places, first, high, depth, token + 1)

    def shared(self, former: Ids, latter: Ids) -> NDArray[np.int32]:
        """The length of the common prefix of each pair of places."""
        found = np.zeros(len(former), dtype=np.int32)
        going: NDArray[np.int64] = np.arange(len(former))
        shorter = np.minimum(self.lengths[former], self.lengths[latter])
        depth = 0
        while len(going):
            going = going[shorter[going] > depth]
            going = going[self.at(former[going], depth) == self.at(latter[going], depth)]
            found[going] = depth = depth + 1
        return found

    def _bisect(self, places: Ids, low: int, high: int, depth: int, token: int) -> int:
        ids, starts = self.ids, self.starts
        while low < high:
            middle = (low + high) // 2
            if ids[starts[places[middle]] + depth] < token:
                low = middle + 1
            else:
                high = middle
        return low


def encode_or_refuse(tokenizer: Tokenizer, texts: Sequence[str]) -> list[tuple[int, ...] | None]:
    """The token ids of each text, None for texts that the tokenizer cannot encode.

    Such a name is an error only in a question whose chains may use it.
    """
    found: list[tuple[int, ...] | None] = []
    for at in range(0, len(texts), BATCH):
        found += _encode(tokenizer, texts[at : at + BATCH])
    return found


def _encode(tokenizer: Tokenizer, texts: Sequence[str]) -> Sequence[tuple[int, ...] | None]:
    try:
        return tokenizer.encode_batch(texts)
    except TokenizerError:
        if len(texts) == 1:
            return [None]
        half = len(texts) // 2
        return [*_encode(tokenizer, texts[:half]), *_encode(tokenizer, texts[half:])]
