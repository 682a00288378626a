"""Sizes rounded up to multiples, so that passes have few shapes."""

from __future__ import annotations

from torch import Tensor
from torch.nn import functional

__all__ = ["GRAIN", "padded", "rounded"]

GRAIN = 8
"""A pass is padded to multiples of so many tokens: oneDNN prepares each shape of a product, and keeps few."""


def rounded(count: int, grain: int = GRAIN) -> int:
    """The least multiple of `grain` that is not less.

    >>> rounded(13), rounded(16)
    (16, 16)
    """
    return -(-count // grain) * grain


def padded(states: Tensor, dimension: int) -> Tensor:
    """Zeros appended to make a dimension, counted from the front, a multiple of `GRAIN`."""
    size = states.shape[dimension]
    spare = rounded(size) - size
    return functional.pad(states, (0, 0) * (states.dim() - 1 - dimension) + (0, spare)) if spare else states
