"""What was computed for the last few prompts."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from typing import Generic, TypeVar

from kgqa.lm.prompt import Prompt

__all__ = ["PrefixCache"]

T = TypeVar("T")


class PrefixCache(Generic[T]):
    """Keeps the results of `compute` for the prompts used last, at most `size` of them."""

    def __init__(self, compute: Callable[[Prompt], T], size: int) -> None:
        self._compute = compute
        self._size = size
        self._kept: OrderedDict[Prompt, T] = OrderedDict()

    def __len__(self) -> int:
        return len(self._kept)

    def __getitem__(self, prompt: Prompt) -> T:
        if prompt in self._kept:
            self._kept.move_to_end(prompt)
            return self._kept[prompt]
        while len(self._kept) >= self._size:  # before computing: memory is what is short
            self._kept.popitem(last=False)
        self._kept[prompt] = self._compute(prompt)
        return self._kept[prompt]

    def clear(self) -> None:
        """Forget everything."""
        self._kept.clear()
