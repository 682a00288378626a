"""Texts as the rows of padded batches."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import torch
from torch import Tensor

from kgqa.lm.request import Text

__all__ = ["KeptLogits", "batches", "leaves", "padded"]


def leaves(texts: Sequence[Text]) -> tuple[list[Text], list[tuple[int, int]]]:
    """The texts that are no prefix of another, and where each text is: a row of these and its length."""
    rows: list[Text] = []
    owner: dict[Text, int] = {}
    for text in sorted(set(texts), key=len, reverse=True):
        if text not in owner:
            owner.update((text[:end], len(rows)) for end in range(len(text) + 1))
            rows.append(text)
    return rows, [(owner[text], len(text)) for text in texts]


def batches(lengths: Sequence[int], size: int) -> Iterator[list[int]]:
    """The indices of rows in batches of at most `size`, rows of similar length together."""
    order = sorted(range(len(lengths)), key=lambda index: (lengths[index], index))
    for at in range(0, len(order), size):
        yield order[at : at + size]


def padded(rows: Sequence[Sequence[int]], device: torch.device) -> tuple[Tensor, Tensor]:
    """Token ids padded on the right, and the attention mask.

    *Shape:* (rows, longest row) each.
    """
    longest = max(map(len, rows))
    ids = torch.tensor([[*row, *([0] * (longest - len(row)))] for row in rows], device=device)
    lengths = torch.tensor([len(row) for row in rows], device=device)
    mask = (torch.arange(longest, device=device)[None] < lengths[:, None]).long()
    return ids, mask


class KeptLogits:
    """The logits at chosen places (row, depth) of rows that are computed batch by batch.

    All other logits are dropped with their batch.
    """

    def __init__(self, places: Iterable[tuple[int, int]]) -> None:
        self._depths: dict[int, set[int]] = {}
        for row, depth in places:
            self._depths.setdefault(row, set()).add(depth)
        self._kept: dict[tuple[int, int], Tensor] = {}

    def take(self, rows: Sequence[int], logits: Iterable[Tensor]) -> None:
        """Keep what is needed of a batch. *Shape:* logits (depths, vocabulary) for each row."""
        for row, found in zip(rows, logits, strict=True):
            for depth in self._depths.get(row, ()):
                self._kept[row, depth] = found[depth].clone()

    def at(self, places: Iterable[tuple[int, int]]) -> Tensor:
        """The logits at some places. *Shape:* (places, vocabulary)."""
        return torch.stack([self._kept[place] for place in places])
