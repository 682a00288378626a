"""Which prompts are cached, each in a row of the pool, and which tokens a pass must compute."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor
from torch.nn import functional

from kgqa.lm.forward.grain import rounded
from kgqa.lm.forward.key_value_pool import KeyValuePool
from kgqa.lm.forward.packing import Packing
from kgqa.lm.forward.prefix_cache import CACHE_BYTES
from kgqa.lm.forward.scorer import Encode
from kgqa.lm.forward.token_tree import Plan, TokenTree
from kgqa.lm.request import Prompt, Request

__all__ = ["PackedPass", "TreePass", "TreeRows"]

_WORTH_COPYING = 4


@dataclass(frozen=True, eq=False)
class TreePass:
    """One pass over the trees of some rows; the tokens whose logits are needed come last in each row.

    *Shape:* ids, positions, slots (rows, tokens); real bool (rows, tokens), False for padding; sees (the
    attention mask) bool (rows, tokens, `used` slots). Logits are needed among the last `asked` tokens
    of each row; `places` has for each row and text the index of its last token among these.
    """

    rows: list[int]
    ids: Tensor
    positions: Tensor
    slots: Tensor
    real: Tensor
    sees: Tensor
    used: int
    asked: int
    places: list[list[int]]

    def packed(self, grain: int = 1) -> PackedPass:
        """The same pass as one row, padded only at its end, to what `rounded` says.

        A pass of a single row is one already and keeps the padding in front of it.
        """
        first = self.ids.shape[1] - self.asked
        if len(self.rows) == 1:
            wanted = torch.tensor(self.places[0], device=self.ids.device) + first
            return PackedPass(None, self.ids, self.positions, self.slots, None, wanted)
        real = self.real
        packing = Packing.of(real)
        owners = torch.tensor(self.rows, device=real.device)[:, None].expand_as(real)
        last = packing.where[:, first:]
        spare = (0, rounded(len(packing.back), grain) - len(packing.back))
        return PackedPass(
            replace(packing, back=functional.pad(packing.back, spare)),
            functional.pad(self.ids[real], spare)[None],
            functional.pad(self.positions[real], spare)[None],
            functional.pad(self.slots[real], spare, value=self.used)[None],
            functional.pad(owners[real], spare, value=self.rows[0])[None],
            torch.cat([last[row, places] for row, places in enumerate(self.places)]),
        )


@dataclass(frozen=True, eq=False)
class PackedPass:
    """The tokens of a pass as one row; nothing attends to its padding.

    *Shape:* ids, positions, slots, owners (the row of the pool where a token's keys and values go) int64
    (1, tokens); wanted int64 (texts,): the indices of the texts' last tokens, request by request. The pass
    of a single row has neither packing nor owners.
    """

    packing: Packing | None
    ids: Tensor
    positions: Tensor
    slots: Tensor
    owners: Tensor | None
    wanted: Tensor


class TreeRows:
    """Gives each prompt a row of the pool; the least recently used prompt is evicted.

    At most `size` prompts are cached, and fewer where their rows would take more than `max_bytes`: `room`
    says how many a pass may have; one is always possible. Until the first pass has shown how large a row
    is, and while rows grow, a pass may exceed the bound; `trim` then frees the memory. A new prompt copies
    the prefix that it shares with a cached one. A row with more than `limit` slots drops what is no prefix
    of the requested texts.
    `place` counts its tokens as computed: call `clear` after a pass that failed.

    `grains` are those that the tokens of a row in a pass, and its slots, are `rounded` with: fewer shapes,
    which a library that prepares each shape of a product finds prepared.
    """

    def __init__(
        self,
        pool: KeyValuePool,
        encode: Encode,
        size: int,
        max_bytes: int = CACHE_BYTES,
        limit: int = 1024,
        grains: tuple[int, int] = (1, 1),
    ) -> None:
        self._pool = pool
        self._encode = encode
        self._limit = limit
        self._grains = grains
        self._size = size
        self._max_bytes = max_bytes
        self._rows: dict[Prompt, int] = {}  # in the order of their last use
        self._trees: list[TokenTree] = []
        self.prompts_read = 0

    @property
    def room(self) -> int:
        """How many prompts fit at once."""
        row = self._pool.row_bytes
        return self._size if not row else max(1, min(self._size, self._max_bytes // row))

    def place(self, requests: Sequence[Request], device: torch.device) -> TreePass:
        """Plan a pass over at most `room` requests with different prompts."""
        self._pool.max_rows = self.room
        rows = [self._row(request.prompt, requests) for request in requests]
        trees = [self._trees[row] for row in rows]
        for row, tree, request in zip(rows, trees, requests, strict=True):
            if tree.used > self._limit:
                kept = tree.forget_all_but(request.texts)
                self._pool.gather(row, torch.from_numpy(kept).to(device))
        plans = [tree.plan(request.texts) for tree, request in zip(trees, requests, strict=True)]
        return self._arranged(rows, trees, plans, device)

    def trim(self) -> None:
        """Drop everything where a pass made the cache larger than `max_bytes`; call it after each pass."""
        if self._pool.nbytes > self._max_bytes and self._pool.allocated_rows > 1:
            self.clear()

    def clear(self) -> None:
        """Drop all cached keys and values."""
        self._rows.clear()
        self._trees.clear()
        self._pool.clear()

    def _row(self, prompt: Prompt, requests: Sequence[Request]) -> int:
        if prompt in self._rows:
            self._rows[prompt] = self._rows.pop(prompt)
            return self._rows[prompt]
        ids = self._encode(prompt)
        self.prompts_read += 1
        shared = [min(tree.used, _shared(ids, tree.prompt)) for tree in self._trees]
        if len(self._trees) < max(self.room, len(requests)):
            row = len(self._trees)
            self._trees.append(TokenTree(ids))
        else:
            busy = {request.prompt for request in requests}
            oldest = next(kept for kept in self._rows if kept not in busy)
            row = self._rows.pop(oldest)
        tree = self._trees[row] = TokenTree(ids)
        # Prefer the row itself, where it shares as much: then nothing is copied.
        best = max(range(len(shared)), key=lambda at: (shared[at], at == row), default=None)
        if best is not None and shared[best] >= _WORTH_COPYING:
            if best != row:
                self._pool.copy(best, row, shared[best])
            tree.seed(shared[best])
        self._rows[prompt] = row
        return row

    def _arranged(
        self, rows: list[int], trees: list[TokenTree], plans: list[Plan], device: torch.device
    ) -> TreePass:
        longest = rounded(max(map(len, plans)), self._grains[0])
        used = rounded(max(tree.used for tree in trees), self._grains[1])
        asked = max(plan.asked for plan in plans)
        # Padding goes in front; it attends to slot 0 and nothing attends to it.
        ids = torch.zeros(len(rows), longest, dtype=torch.long)
        positions = torch.zeros(len(rows), longest, dtype=torch.long)
        sees = torch.zeros(len(rows), longest, used, dtype=torch.bool)
        slots = torch.full((len(rows), longest), used, dtype=torch.long)
        sees[:, :, 0] = True
        real = torch.zeros(len(rows), longest, dtype=torch.bool)
        for at, (tree, plan) in enumerate(zip(trees, plans, strict=True)):
            start = longest - len(plan)
            real[at, start:] = True
            read = plan.columns()
            tokens, kept, depths = torch.from_numpy(read)
            ids[at, start:], slots[at, start:], positions[at, start:] = tokens, kept, depths
            width = min(used, tree.sees.shape[1])
            sees[at, start:, :width] = torch.from_numpy(tree.sees[read[1], :width])
        return TreePass(
            rows,
            ids.to(device),
            positions.to(device),
            slots.to(device),
            real.to(device),
            sees.to(device),
            used,
            asked,
            [[asked - plan.asked + place for place in plan.places] for plan in plans],
        )


def _shared(first: Sequence[int], second: Sequence[int]) -> int:
    """The length of the common prefix, the last token of `first` left out."""
    count = 0
    for one, other in zip(first[:-1], second, strict=False):
        if one != other:
            break
        count += 1
    return count
