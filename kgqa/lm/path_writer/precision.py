"""The number format in which the path writer computes."""

from __future__ import annotations

from contextlib import AbstractContextManager

import torch

__all__ = ["fast_dtype", "mixed_precision"]


def fast_dtype() -> torch.dtype:
    """Bfloat16 where the CPU multiplies it in hardware, else float32.

    Elsewhere bfloat16 is emulated, which was measured to be twenty times slower.
    """
    has = getattr(torch.cpu, "_is_avx512_bf16_supported", lambda: False)()
    return torch.bfloat16 if has else torch.float32


def mixed_precision() -> AbstractContextManager[object]:
    """Matrix products in the fast format, the rest in float32."""
    dtype = fast_dtype()
    return torch.autocast("cpu", torch.bfloat16, enabled=dtype is torch.bfloat16)
