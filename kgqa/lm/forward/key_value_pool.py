"""The key-value cache of many token trees, one block of memory for each layer."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

__all__ = ["KeyValuePool"]


class KeyValuePool:
    """For every layer, keys and values of shape (rows, capacity, heads, size of a head).

    `place` describes the next pass; then each layer hands its new keys and values to `update` and gets
    back those of all rows in the pass, without a copy where the rows are adjacent. A layer's memory is
    allocated at its first `update`; when rows or slots run out they are doubled, rows up to `max_rows`.
    """

    def __init__(self) -> None:
        self.max_rows: int | None = None
        self._largest = (
            0  # the largest capacity so far, and the bytes of a slot of all layers: `clear` keeps them
        )
        self._slot_bytes = 0
        self._layers: dict[int, tuple[Tensor, Tensor]] = {}
        self._rows = 0
        self._capacity = 0
        self._at: tuple[slice | Tensor, Tensor, Tensor, int] | None = None

    def place(self, rows: Sequence[int], slots: Tensor, used: int, owners: Tensor | None = None) -> None:
        """Describe the next pass.

        *Shape:* rows (rows of the pass,), slots (batch, new tokens): where each new token's keys and
        values are written, in the row of its batch index or in the row that `owners` (same shape) names.
        `update` returns the slots below `used`.
        """
        self._rows = max(self._rows, max(rows) + 1)
        self._capacity = max(self._capacity, int(slots.max()) + 1, used)
        side_by_side = list(rows) == list(range(rows[0], rows[0] + len(rows)))
        index = torch.tensor(rows, device=slots.device)
        view = slice(rows[0], rows[0] + len(rows)) if side_by_side else index
        self._at = view, index[:, None] if owners is None else owners, slots, used

    def update(self, key: Tensor, value: Tensor, layer: int) -> tuple[Tensor, Tensor]:
        """Store new keys and values; returns those of all rows of the pass.

        *Shape:* (batch, heads, new tokens, size) in, (rows, heads, used, size) out.
        """
        if self._at is None:
            raise RuntimeError("call place before update")
        view, rows, slots, used = self._at
        found = []
        buffers = self._buffers(layer, key, value)
        for buffer, new in zip(buffers, (key, value), strict=True):
            buffer[rows, slots] = new.transpose(1, 2)
            found.append(buffer[view, :used].transpose(1, 2))
        return found[0], found[1]

    def copy(self, source: int, target: int, slots: int) -> None:
        """Copy the first `slots` slots of a row to another row."""
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
        """Free all memory."""
        self._layers.clear()
        self._rows = self._capacity = 0

    @property
    def nbytes(self) -> int:
        """The memory that is allocated now."""
        return sum(buffer.nbytes for buffers in self._layers.values() for buffer in buffers)

    @property
    def allocated_rows(self) -> int:
        """The number of rows that are allocated now."""
        return max((buffers[0].shape[0] for buffers in self._layers.values()), default=0)

    @property
    def row_bytes(self) -> int:
        """The memory of one row of the largest capacity so far; 0 before the first pass."""
        return self._slot_bytes * self._largest

    def _buffers(self, layer: int, key: Tensor, value: Tensor) -> tuple[Tensor, Tensor]:
        """The buffers of a layer, large enough for the pass."""
        kept = self._layers.get(layer)
        if kept is None or kept[0].shape[0] < self._rows or kept[0].shape[1] < self._capacity:
            was = (0, 0) if kept is None else kept[0].shape[:2]
            rows, capacity = _grown(was[0], self._rows, 1), _grown(was[1], self._capacity, 256)
            if self.max_rows is not None:
                rows = max(self._rows, min(rows, self.max_rows))
            # Zeros, not uninitialised memory: masked slots are still multiplied, by 0.
            new = tuple(t.new_zeros(rows, capacity, t.shape[1], t.shape[3]) for t in (key, value))
            if kept is not None:
                for old, buffer in zip(kept, new, strict=True):
                    buffer[: was[0], : was[1]] = old
            self._layers[layer] = new[0], new[1]
            self._largest = max(self._largest, capacity)
            self._slot_bytes = sum(
                buffer[0, 0].nbytes for buffers in self._layers.values() for buffer in buffers
            )
        return self._layers[layer]


def _grown(size: int, needed: int, least: int) -> int:
    """`size` where it is enough, else at least double that."""
    return size if size >= needed else max(2 * size, needed, least)
