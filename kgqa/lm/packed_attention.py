"""Rows of unequal length read without padding: only the attention sees them as rows."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from transformers import AttentionInterface

__all__ = ["Packing", "attention_packed", "packs"]

_NAME = "kgqa_packed"
_OWN = "sdpa"


@dataclass(frozen=True, eq=False)
class Packing:
    """Where the tokens of rows lie when they stand one after the other.

    *Shape:* `where` int64 (rows, longest row), for each place of a row its token (any token where the
    row is shorter); `back` int64 (tokens,), for each token its place in the flattened rows.
    """

    where: Tensor
    back: Tensor

    @classmethod
    def of(cls, real: Tensor) -> Packing:
        """The packing of rows that have tokens where `real`, bool (rows, longest row), says so."""
        flat = real.flatten()
        where = (flat.long().cumsum(0) - 1).clamp(min=0).view(real.shape)
        return cls(where, flat.nonzero()[:, 0])


_PACKING: ContextVar[Packing | None] = ContextVar("packing", default=None)


@contextmanager
def attention_packed(model: Any, packing: Packing) -> Iterator[None]:
    """Within this, `model` takes tokens of shape (1, tokens) and the mask of the rows they are of.

    Its keys and values come from a cache that gives those of the rows. The model must use torch's
    scaled dot product attention; `packs` says whether it does.
    """
    config = model.config.get_text_config(decoder=True)
    token = _PACKING.set(packing)
    config._attn_implementation = _NAME
    try:
        yield
    finally:
        config._attn_implementation = _OWN
        _PACKING.reset(token)


def packs(model: Any) -> bool:
    """Whether the attention of a model is one that can be packed."""
    return bool(model.config.get_text_config(decoder=True)._attn_implementation == _OWN)


def _attention(
    module: torch.nn.Module, query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None, **settings: Any
) -> tuple[Tensor, Tensor | None]:
    """Attention by rows for tokens without rows. *Shape:* query (1, heads, tokens, size)."""
    packing = _PACKING.get()
    attend = AttentionInterface()[_OWN]
    if packing is None:
        raise RuntimeError("packed attention outside `attention_packed`")
    rows = query[0][:, packing.where].transpose(0, 1)
    found, weights = attend(module, rows, key, value, mask, **settings)
    return found.flatten(0, 1)[packing.back][None], weights


AttentionInterface.register(_NAME, _attention)
