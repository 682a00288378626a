"""Packed rows for transformers models: only the attention separates the rows."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import torch
from torch import Tensor
from transformers import AttentionInterface

from kgqa.lm.forward.packing import Packing

__all__ = ["attention_packed", "packs"]

_NAME = "kgqa_packed"
_OWN = "sdpa"


_PACKING: ContextVar[Packing | None] = ContextVar("packing", default=None)


@contextmanager
def attention_packed(model: Any, packing: Packing) -> Iterator[None]:
    """A context in which `model` takes packed tokens of shape (1, tokens) and the mask of their rows.

    Its cache returns keys and values by rows. The model must use torch's scaled dot product attention;
    `packs` says whether it does.
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
    """Whether a model's attention supports packing."""
    return bool(model.config.get_text_config(decoder=True)._attn_implementation == _OWN)


def _attention(
    module: torch.nn.Module, query: Tensor, key: Tensor, value: Tensor, mask: Tensor | None, **settings: Any
) -> tuple[Tensor, Tensor | None]:
    """Attention by rows for packed tokens. *Shape:* query (1, heads, tokens, size)."""
    packing = _PACKING.get()
    if packing is None:
        raise RuntimeError("packed attention outside `attention_packed`")
    attend = AttentionInterface()[_OWN]
    found, weights = attend(module, packing.spread(query), key, value, mask, **settings)
    return packing.gather(found), weights


AttentionInterface.register(_NAME, _attention)
