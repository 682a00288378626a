"""In which order texts are trained on."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

__all__ = ["drawn_order"]

_WINDOW = 64


def drawn_order(
    weights: Sequence[float], lengths: Sequence[int], count: int, batch_size: int, seed: int
) -> NDArray[np.int64]:
    """The numbers of `count` texts, batch after batch, texts of like length in a batch.

    Each text comes as often as its weight says, evenly spread: with equal weights every one comes
    once before any comes again. Batches are sorted by length in windows of 64 and then shuffled.
    *Shape:* (count,).
    """
    chance = np.random.default_rng(seed)
    rates = np.asarray(weights, dtype=np.float64) / np.sum(weights)
    # The k-th turn of a text is at a random time in the k-th of equal stretches, `1 / rate` long.
    turns = np.ceil(rates * count).astype(np.int64) + 1
    texts = np.repeat(np.arange(len(rates)), turns)
    turn = np.arange(len(texts)) - np.repeat(np.cumsum(turns) - turns, turns)
    times = (turn + chance.random(len(texts))) / rates[texts]
    order = texts[np.argsort(times, kind="stable")][:count]
    longest = np.asarray(lengths)[order]
    batches: list[NDArray[np.int64]] = []
    for start in range(0, count, _WINDOW * batch_size):
        window = slice(start, start + _WINDOW * batch_size)
        by_length = order[window][np.argsort(longest[window], kind="stable")]
        cut = [by_length[at : at + batch_size] for at in range(0, len(by_length), batch_size)]
        batches += [cut[at] for at in chance.permutation(len(cut))]
    return np.concatenate(batches)
