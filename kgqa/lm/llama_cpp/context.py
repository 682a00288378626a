"""A context of the C library: its memory of keys and values, and its passes."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import ExitStack
from functools import partial
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from kgqa.errors import ModelError, OutOfMemoryError
from kgqa.lm.llama_cpp.library import llama_cpp

__all__ = ["Context", "Node"]

BATCH = 512
"""Tokens that the library computes at a time."""


_FLOAT32 = 0  # enum ggml_type


class Node(NamedTuple):
    """A token to compute: its position, the sequences it belongs to, and whether its logits are wanted."""

    token: int
    position: int
    sequences: tuple[int, ...]
    wanted: bool


class Context:
    """Sequences of tokens in one pool of `cells`, where sequences share the cells of common beginnings.

    Raises `OutOfMemoryError` where there is no memory for the cells.
    """

    def __init__(self, model: Any, cells: int, sequences: int, size: int) -> None:
        self._library = library = llama_cpp()
        self._size = size
        threads = int(os.environ.get("OMP_NUM_THREADS") or os.cpu_count() or 1)
        options = library.llama_context_default_params()
        options.n_ctx, options.n_seq_max, options.kv_unified = cells + 1, sequences + 1, True
        options.n_batch = options.n_ubatch = BATCH
        options.n_threads = options.n_threads_batch = threads
        options.type_k = options.type_v = _FLOAT32  # half precision costs 0.03 nats, flash attention as much
        options.flash_attn_type = library.LLAMA_FLASH_ATTN_TYPE_DISABLED
        options.swa_full = True
        self._close = ExitStack()
        self._context = library.llama_init_from_model(model, options)
        if not self._context:
            raise OutOfMemoryError(
                f"llama.cpp cannot hold the keys and values of {cells} tokens; use a smaller model"
            )
        self._close.callback(library.llama_free, self._context)
        self._batch = library.llama_batch_init(BATCH, 0, sequences + 1)
        self._close.callback(library.llama_batch_free, self._batch)
        self._memory = library.llama_get_memory(self._context)
        self._row = partial(library.llama_get_logits_ith, self._context)
        self._beside = Node(0, 0, (sequences,), False)

    def copy(self, source: int, target: int, length: int) -> None:
        """Let an empty sequence begin with the first `length` tokens of another one."""
        self._library.llama_memory_seq_cp(self._memory, source, target, 0, length)

    def remove(self, sequence: int) -> None:
        """Empty a sequence."""
        self._library.llama_memory_seq_rm(self._memory, sequence, -1, -1)

    def clear(self) -> None:
        """Empty all sequences."""
        self._library.llama_memory_clear(self._memory, False)

    def decode(self, nodes: Sequence[Node]) -> NDArray[np.float32] | None:
        """Append tokens to their sequences, and give the logits after the wanted ones.

        *Shape:* float32 (wanted nodes, vocabulary). Positions grow along each sequence. None where the cells
        do not suffice: sequences may be incomplete then.
        """
        rows: list[NDArray[np.float32]] = []
        for start in range(0, len(nodes), BATCH):
            part = nodes[start : start + BATCH]
            single = len(part) == 1  # is computed in another way, whose rounding grows to a tenth of a nat
            self._fill([*part, self._beside] if single else part)
            status = self._library.llama_decode(self._context, self._batch)
            if single:
                self.remove(*self._beside.sequences)
            if status == 1:
                return None
            if status:
                raise ModelError(f"llama.cpp failed with status {status} in a pass of {len(part)} tokens")
            wanted = (self._row(at) for at, node in enumerate(part) if node.wanted)
            rows += [np.ctypeslib.as_array(row, (self._size,)).copy() for row in wanted]
        return np.array(rows, dtype=np.float32).reshape(len(rows), self._size)

    def close(self) -> None:
        """Give the memory back."""
        self._close.close()

    def _fill(self, nodes: Sequence[Node]) -> None:
        batch = self._batch
        batch.n_tokens = len(nodes)
        for at, node in enumerate(nodes):
            batch.token[at], batch.pos[at] = node.token, node.position
            batch.n_seq_id[at] = len(node.sequences)
            for place, sequence in enumerate(node.sequences):
                batch.seq_id[at][place] = sequence
            batch.logits[at] = node.wanted
