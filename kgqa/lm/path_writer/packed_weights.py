"""Weights as they are stored: in half precision, or in eight bits with a scale for each row."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import torch
from torch import Tensor

__all__ = ["packed", "unpacked"]

_SCALE = ".row_scale"
_LEVELS = 127


def packed(weights: Mapping[str, Tensor], bits: Literal[8, 16]) -> dict[str, Tensor]:
    """Weights in float16; with 8 bits, matrices as int8 with a float16 scale for each row.

    In eight bits the largest error of a weight is a 254th of the largest weight in its row.

    >>> import torch
    >>> found = unpacked(packed({"layer": torch.tensor([[1.0, -0.5], [0.02, 0.01]])}, 8))
    >>> found["layer"].round(decimals=2).tolist() == torch.tensor([[1.0, -0.5], [0.02, 0.01]]).tolist()
    True
    """
    found: dict[str, Tensor] = {}
    for name, weight in weights.items():
        if bits == 16 or weight.dim() != 2 or not weight.is_floating_point():
            found[name] = weight.to(torch.float16).contiguous()
            continue
        scale = (weight.float().abs().amax(dim=1) / _LEVELS).clamp(min=1e-8).to(torch.float16)
        levels = (weight.float() / scale.float()[:, None].clamp(min=1e-8)).round()
        found[name] = levels.clamp(-_LEVELS, _LEVELS).to(torch.int8).contiguous()
        found[name + _SCALE] = scale
    return found


def unpacked(weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The weights of `packed` in float32; weights that were never packed as they are."""
    return {
        name: weight.float() * weights[name + _SCALE].float()[:, None] if name + _SCALE in weights else weight
        for name, weight in weights.items()
        if not name.endswith(_SCALE)
    }
