"""Noise on embeddings while a model is trained."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

__all__ = ["noisy_embeddings"]


@contextmanager
def noisy_embeddings(model: Any, alpha: float | None) -> Iterator[None]:
    """Add uniform noise to what a model in training mode embeds, in proportion to `alpha`.

    "NEFTune" (ICLR 2024). transformers' own switch reaches no encoder-decoder whose two halves embed
    for themselves (T5, BART), so the hooks are set here, on both.
    """
    from transformers.integrations.neftune import neftune_post_forward_hook

    stacks = [model.get_encoder(), model.get_decoder()] if model.config.is_encoder_decoder else [model]
    layers = [] if alpha is None else [stack.get_input_embeddings() for stack in stacks]
    hooks = []
    for layer in {id(layer): layer for layer in layers}.values():
        layer.neftune_noise_alpha = alpha
        hooks.append(layer.register_forward_hook(neftune_post_forward_hook))
    try:
        yield
    finally:
        for hook in hooks:
            hook.remove()
