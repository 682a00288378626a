"""The logits that are wanted of rows read batch by batch; no other is kept."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import torch
from torch import Tensor

__all__ = ["KeptLogits"]


class KeptLogits:
    """Logits at `places`: a row and a depth in it."""

    def __init__(self, places: Iterable[tuple[int, int]]) -> None:
        self._depths: dict[int, set[int]] = {}
        for row, depth in places:
            self._depths.setdefault(row, set()).add(depth)
        self._kept: dict[tuple[int, int], Tensor] = {}

    def take(self, rows: Sequence[int], logits: Iterable[Tensor]) -> None:
        """Note what was read. *Shape:* logits (depths, vocabulary) for each row."""
        for row, found in zip(rows, logits, strict=True):
            for depth in self._depths.get(row, ()):
                self._kept[row, depth] = found[depth].clone()

    def at(self, places: Iterable[tuple[int, int]]) -> Tensor:
        """The logits at some places. *Shape:* (places, vocabulary)."""
        return torch.stack([self._kept[place] for place in places])
