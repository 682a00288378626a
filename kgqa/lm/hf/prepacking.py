"""Weights in the memory layout of oneDNN, which makes matrix products on a CPU faster.

For products in float32 torch calls a library that rearranges the weights in every call, which is slow on some
CPUs. oneDNN, which comes with torch, rearranges them once. On an AMD CPU with AVX-512, products of a
hundred rows took 40 % of the time in float32 and 90 % in bfloat16, products of fewer rows still less.
Results differ in rounding only. The packed weights replace the dense ones: memory does not grow, except for
an output layer that shared its weights with the embeddings.
"""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable, Collection, Mapping
from typing import Any, TypeVar

import torch
from torch import Tensor, nn
from torch.nn import functional

__all__ = ["PrepackedLinear", "can_prepack", "prepack", "prepack_layers"]

_LOG = logging.getLogger("kgqa")
_AGREEMENT = {torch.float32: 1e-4, torch.float16: 2e-2, torch.bfloat16: 1e-1}

Module = TypeVar("Module", bound=nn.Module)


class PrepackedLinear(nn.Module):
    """A linear layer for inference only: its weights can be neither trained nor saved."""

    def __init__(self, weight: Tensor, bias: Tensor | None) -> None:
        super().__init__()
        self.out_features, self.in_features = weight.shape
        packed = torch.ops.mkldnn._reorder_linear_weight(weight.detach().contiguous())
        self.register_buffer("weight", packed, persistent=False)
        self.register_buffer("bias", None if bias is None else bias.detach(), persistent=False)

    def forward(self, states: Tensor) -> Tensor:
        """*Shape:* (..., in features) in, (..., out features) out."""
        found: Tensor = torch.ops.mkldnn._linear_pointwise(states, self.weight, self.bias, "none", [], "")
        return found

    def dense(self) -> nn.Linear:
        """The same layer with dense weights."""
        with torch.device("meta"):
            layer = nn.Linear(self.in_features, self.out_features, bias=self.bias is not None)
        assert isinstance(self.weight, Tensor)
        layer.weight = nn.Parameter(self.weight.to_dense(), requires_grad=False)
        if isinstance(self.bias, Tensor):
            layer.bias = nn.Parameter(self.bias, requires_grad=False)
        return layer.eval()


@torch.inference_mode()
def prepack(model: Any) -> Any:
    """Prepack the layers of a transformers model in place, where that is possible; returns the model.

    The model's output is compared before and after: where it fails or differs, all layers are made dense
    again. Layers are replaced one by one, so that the additional memory is that of one layer, and of an
    output layer that shares its weights with the embeddings.
    """
    if model.device.type != "cpu" or not can_prepack(model.dtype):
        return model
    from transformers.pytorch_utils import Conv1D

    truth = _logits(model)
    _replace(model, {**_LINEAR, Conv1D: lambda layer: PrepackedLinear(layer.weight.T, layer.bias)})
    try:
        apart = float((_logits(model) - truth).abs().max())
    except Exception as error:  # any error of a model that uses the weights of a layer itself
        _LOG.debug("no prepacked weights for this model: %s", error)
        apart = float("inf")
    if not apart <= _AGREEMENT[model.dtype] * max(1.0, float(truth.abs().max())):
        _replace(model, {PrepackedLinear: PrepackedLinear.dense})
    return model


@torch.inference_mode()
def prepack_layers(module: Module) -> Module:
    """Prepack the linear layers of a module in place, without a check; returns the module."""
    _replace(module, _LINEAR)
    return module


@functools.cache
def can_prepack(dtype: torch.dtype) -> bool:
    """Whether torch and the CPU support prepacking for a number format."""
    try:
        with torch.inference_mode():
            layer = nn.Linear(16, 8).to(dtype)
            states = torch.ones(3, 16, dtype=dtype)
            apart = PrepackedLinear(layer.weight, layer.bias)(states) - functional.linear(
                states, layer.weight, layer.bias
            )
    except (AttributeError, RuntimeError, NotImplementedError) as error:  # a missing operator
        _LOG.debug("no prepacked weights in %s: %s", dtype, error)
        return False
    return bool(apart.abs().max() <= _AGREEMENT[dtype])


_LINEAR: Mapping[type[nn.Module], Callable[[Any], nn.Module]] = {
    nn.Linear: lambda layer: PrepackedLinear(layer.weight, layer.bias)
}


def _replace(module: nn.Module, replacements: Mapping[type[nn.Module], Callable[[Any], nn.Module]]) -> None:
    """Replace the layers of exactly these classes within a module, each once.

    No other reference to a layer is kept, so that its weights are freed at once.
    """
    for (part, name), *others in _places(module, replacements):
        new = replacements[type(getattr(part, name))](getattr(part, name))
        for owner, called in ((part, name), *others):
            setattr(owner, called, new)


def _places(module: nn.Module, kinds: Collection[type[nn.Module]]) -> list[list[tuple[nn.Module, str]]]:
    """For each layer of these classes, the modules that contain it and its names there."""
    places: dict[int, list[tuple[nn.Module, str]]] = {}
    for part in module.modules():
        for name, layer in part.named_children():
            if type(layer) in kinds:
                places.setdefault(id(layer), []).append((part, name))
    return list(places.values())


def _logits(model: Any) -> Tensor:
    """The logits after a few tokens."""
    tokens = torch.tensor([[2, 3, 1, 2]]) % model.config.get_text_config(decoder=True).vocab_size
    written = {"decoder_input_ids": tokens} if model.config.is_encoder_decoder else {}
    logits: Tensor = model(input_ids=tokens, use_cache=False, **written).logits
    return logits.float()
