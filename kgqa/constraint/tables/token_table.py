"""Token sequences in lexicographic order: what is sorted is a trie."""

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
"""Texts that reach a tokenizer at once."""

GATHERED = 64
"""Members up to this number are looked at all at once, more are searched."""


@dataclass(frozen=True, eq=False)
class TokenTable:
    """Sequences of token ids, ranked by their lexicographic order, in flat arrays.

    The sequence at place `p` is `ids[starts[p]:starts[p] + lengths[p]]`; places of equal sequences
    may share it. Places from `speakable` on have none: their texts were refused by the tokenizer.
    The arrays may be memory-mapped.
    """

    ids: Ids
    starts: NDArray[np.int64]
    lengths: Ids
    speakable: int

    @classmethod
    def of(cls, sequences: Sequence[tuple[int, ...] | None]) -> tuple[Self, NDArray[np.int64]]:
        """A table of sequences (None: refused) and, for each of its places, which one is there."""
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
        """The token at `depth` of each place; all must be longer than that."""
        return self.ids[self.starts[places] + depth]

    def span(self, places: Ids, low: int, high: int, depth: int, token: int) -> tuple[int, int]:
        """The part of `places[low:high]` that has `token` at `depth`, where all are alike before."""
        if high - low == 1:
            return low, low + int(self.ids[int(self.starts[places[low]]) + depth] == token)
        if high - low <= GATHERED:
            alike = (self.at(places[low:high], depth) == token).nonzero()[0]
            return (low + int(alike[0]), low + int(alike[-1]) + 1) if len(alike) else (low, low)
        first = self._bisect(places, low, high, depth, token)
        return first, self._bisect(places, first, high, depth, token + 1)

    def shared(self, former: Ids, latter: Ids) -> NDArray[np.int32]:
        """How many tokens each of two rows of places have in common at their beginning."""
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
    """The token ids of each text, None for those that the tokenizer refuses.

    A name that cannot be verbalized is an error where it is met, and only there.
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
