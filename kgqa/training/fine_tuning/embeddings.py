"""Changes to the embeddings of a model that is fine-tuned: noise, and tokens around a path."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch

from kgqa.errors import UsageError
from kgqa.lm.hf.context_window import vocabulary_size
from kgqa.lm.hf.tokenizer import PATH_END, PATH_START

__all__ = ["add_path_tokens", "noisy_embeddings"]


@contextmanager
def noisy_embeddings(model: Any, alpha: float | None) -> Iterator[None]:
    """Add uniform noise, scaled by `alpha`, to the embeddings of a model in training mode.

    "NEFTune" (ICLR 2024). The option of transformers does not cover encoder-decoder models whose encoder and
    decoder have embedding layers of their own (T5, BART), so the hooks are set here, on both.
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


@torch.no_grad()
def add_path_tokens(model: Any, tokenizer: Any) -> list[int]:
    """Give a model and its tokenizer `<PATH>` and `</PATH>`; returns the ids that are new.

    A new token's embedding is the mean of all others. Raises `UsageError` for a model whose
    embeddings cannot grow.
    """
    from tokenizers import AddedToken

    known = set(tokenizer.get_vocab())
    new = [token for token in (PATH_START, PATH_END) if token not in known]
    tokenizer.add_tokens([AddedToken(token, special=True, normalized=False) for token in new])
    ids: list[int] = tokenizer.convert_tokens_to_ids(new)
    if ids and vocabulary_size(model) < len(tokenizer):
        try:
            model.resize_token_embeddings(len(tokenizer), mean_resizing=False)
        except NotImplementedError as error:
            raise UsageError(
                f"models of type {model.config.model_type} take no new tokens; leave path_tokens out"
            ) from error
    for layer in (model.get_input_embeddings(), model.get_output_embeddings()):
        if ids and layer is not None:
            others = torch.ones(len(layer.weight), dtype=torch.bool)
            others[ids] = False
            layer.weight[ids] = layer.weight[others].float().mean(0).to(layer.weight.dtype)
    return ids
