"""The limits of a model: context window, attention span, vocabulary."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch

from kgqa.errors import ModelError

__all__ = [
    "attention_span",
    "check_prompt",
    "reserved_for_text",
    "reserved_positions",
    "text_window",
    "vocabulary_size",
]

_UNLIMITED = 10**9  # transformers writes 10**30 where a tokenizer names no length
_ATTENTION = {"full_attention", "sliding_attention", "chunked_attention"}
_LIMITS = ("sliding_window", "attention_chunk_size", "window_size")


def text_window(config: Any, tokenizer: Any = None) -> int | None:
    """The number of positions of a model with this configuration; None: no limit known."""
    named = getattr(config, "max_position_embeddings", None)
    if isinstance(named, int) and named > 0:
        return named
    length = getattr(tokenizer, "model_max_length", None)
    return int(length) if length is not None and length < _UNLIMITED else None


def reserved_positions(model: Any) -> int:
    """The number of positions that are never used: RoBERTa counts from one past the padding's."""
    config = model.config.get_text_config(decoder=True)
    size = getattr(config, "max_position_embeddings", None)
    return max(
        (
            table.padding_idx + 1
            for table in model.modules()
            if isinstance(table, torch.nn.Embedding)
            and table.num_embeddings == size
            and table.padding_idx is not None
            and table is not model.get_input_embeddings()
        ),
        default=0,
    )


def attention_span(config: Any) -> int | None:
    """The length up to which each token attends to all tokens before it; None: no limit, 0: unknown.

    It is shorter than the window of the text where attention slides or goes by chunks.
    """
    try:
        kinds = set(getattr(config, "layer_types", None) or ())
        limits = [limit for name in _LIMITS if (limit := getattr(config, name, None))]
    except RuntimeError:  # each layer has a number of its own
        return 0
    if not kinds <= _ATTENTION or not all(isinstance(limit, int) for limit in limits):
        return 0
    return min(limits) if limits else None if kinds <= {"full_attention"} else 0


def reserved_for_text(window: int) -> int:
    """The number of tokens of a window that prompts leave free for the text."""
    return min(256, window // 2)


def check_prompt(ids: Sequence[int], model: Any) -> None:
    """Raise `ModelError` for a prompt token outside the model's embeddings."""
    weight = getattr(model.get_input_embeddings(), "weight", None)
    if weight is not None and max(ids) >= len(weight):
        raise ModelError(
            f"the tokenizer gives the prompt the id {max(ids)}, but the model reads only {len(weight)} "
            "tokens; use the tokenizer that belongs to the model"
        )


def vocabulary_size(model: Any) -> int:
    """The number of scores that a model gives for the next token."""
    head = model.get_output_embeddings()
    weight = getattr(head, "weight", None)
    if weight is not None:
        return int(weight.shape[0])
    return int(model.config.get_text_config(decoder=True).vocab_size)
