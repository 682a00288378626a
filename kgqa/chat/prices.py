"""What tokens cost."""

from __future__ import annotations

import math
from dataclasses import dataclass

from kgqa.errors import UsageError

__all__ = ["Prices"]

_MILLION = 1_000_000


@dataclass(frozen=True)
class Prices:
    """Prices for a million tokens that are read (`prompt`) and written (`completion`), in any currency.

    Raises `UsageError` for a price below zero.

    >>> Prices(prompt=0.5, completion=2.0).cost(1000, 100)
    0.0007
    """

    prompt: float
    completion: float

    def __post_init__(self) -> None:
        for name, price in (("prompt", self.prompt), ("completion", self.completion)):
            if not (math.isfinite(price) and price >= 0):
                raise UsageError(f"the {name} price is an amount for a million tokens, got {price}")

    def cost(self, prompt_tokens: int, completion_tokens: int) -> float:
        """What so many tokens cost."""
        return (prompt_tokens * self.prompt + completion_tokens * self.completion) / _MILLION
