"""Sizes rounded up, so that passes have few shapes."""

from __future__ import annotations

from torch import Tensor
from torch.nn import functional

__all__ = ["GRAIN", "padded", "rounded"]

GRAIN = 8
"""A pass is padded to multiples of so many tokens: oneDNN prepares each shape of a product, and keeps few.

Preparing one takes as long as the product of a hundred tokens with a layer's weights.
"""


def rounded(count: int, grain: int = GRAIN) -> int:
    """The least multiple of `grain` that is not less; where that is large, of an eighth to a quarter of it.

    A grain of 1 rounds nothing.

    >>> rounded(13), rounded(16), rounded(60), rounded(65), rounded(200)
    (16, 16, 64, 80, 224)
    """
    if grain > 1:
        grain = max(grain, 1 << count.bit_length() >> 3)
    return -(-count // grain) * grain


def padded(states: Tensor, dimension: int) -> Tensor:
    """Zeros appended to make a dimension, counted from the front, as long as `rounded` says."""
    size = states.shape[dimension]
    spare = rounded(size) - size
    return functional.pad(states, (0, 0) * (states.dim() - 1 - dimension) + (0, spare)) if spare else states
