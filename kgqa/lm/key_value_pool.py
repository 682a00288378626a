"""Keys and values of many token trees in one block of memory."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

__all__ = ["KeyValuePool"]


class KeyValuePool:
    """For every layer, keys and values of shape (rows, capacity, heads, size of a head).

    A pass is announced with `place`; then each layer hands its new keys and values to `update`
    and gets back all those of the rows in the pass. Rows that lie side by side are read in place.
    Memory is taken when a layer first speaks; when rows or slots are short they are doubled.
    """

    def __init__(self) -> None:
        self._layers: dict[int, tuple[Tensor, Tensor]] = {}
        self._rows = 0
        self._capacity = 0
        self._at: tuple[slice | Tensor, Tensor, Tensor, int] | None = None

    def place(self, rows: Sequence[int], slots: Tensor, used: int, owners: Tensor | None = None) -> None:
        """Say where the next pass stands.

        *Shape:* rows (rows of the pass,), slots (batch, new tokens): where each new token's keys and
        values go, in the row of the batch's place or in that which `owners`, of the same shape, says.
        The slots below `used` are given back.
        """
        self._rows = max(self._rows, max(rows) + 1)
        self._capacity = max(self._capacity, int(slots.max()) + 1, used)
        side_by_side = list(rows) == list(range(rows[0], rows[0] + len(rows)))
        index = torch.tensor(rows, device=slots.device)
        view = slice(rows[0], rows[0] + len(rows)) if side_by_side else index
        self._at = view, index[:, None] if owners is None else owners, slots, used

    def update(self, key: Tensor, value: Tensor, layer: int) -> tuple[Tensor, Tensor]:
        """Keep new keys and values; returns all of them.

        *Shape:* (batch, heads, new tokens, size) in, (rows, heads, used, size) out.
        """
        if self._at is None:
            raise RuntimeError("place the pass before its layers speak")
        view, rows, slots, used = self._at
        found = []
        buffers = self._buffers(layer, key, value)
        for buffer, new in zip(buffers, (key, value), strict=True):
            buffer[rows, slots] = new.transpose(1, 2)
            found.append(buffer[view, :used].transpose(1, 2))
        return found[0], found[1]

    def copy(self, source: int, target: int, slots: int) -> None:
        """Give a row the first `slots` slots of another."""
        self._rows = max(self._rows, target + 1)
        for layer, kept in self._layers.items():
            key, value = (buffer.transpose(1, 2) for buffer in kept)
            for buffer in self._buffers(layer, key, value):
                buffer[target, :slots] = buffer[source, :slots]

    def gather(self, row: int, slots: Tensor) -> None:
        """Move these slots of a row to its front, in this order."""
        for buffers in self._layers.values():
            for buffer in buffers:
                buffer[row, : len(slots)] = buffer[row, slots]

    def clear(self) -> None:
        """Give all memory back."""
        self._layers.clear()
        self._rows = self._capacity = 0

    def _buffers(self, layer: int, key: Tensor, value: Tensor) -> tuple[Tensor, Tensor]:
        """The buffers of a layer, large enough for the pass."""
        kept = self._layers.get(layer)
        if kept is None or kept[0].shape[0] < self._rows or kept[0].shape[1] < self._capacity:
            was = (0, 0) if kept is None else kept[0].shape[:2]
            rows, capacity = _grown(was[0], self._rows, 1), _grown(was[1], self._capacity, 256)
            # Zeros, not what lies in memory: a slot that nobody sees is still multiplied, by nought.
            new = tuple(t.new_zeros(rows, capacity, t.shape[1], t.shape[3]) for t in (key, value))
            if kept is not None:
                for old, buffer in zip(kept, new, strict=True):
                    buffer[: was[0], : was[1]] = old
            self._layers[layer] = new[0], new[1]
        return self._layers[layer]


def _grown(size: int, needed: int, least: int) -> int:
    """A size that is enough: the one there is, else doubled."""
    return size if size >= needed else max(2 * size, needed, least)
