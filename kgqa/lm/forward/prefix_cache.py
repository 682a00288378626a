"""Results that were computed for the most recent prompts, bounded by number and by bytes."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from typing import Any, Generic, TypeVar

from torch import Tensor

from kgqa.lm.request import Prompt

__all__ = ["CACHE_BYTES", "PrefixCache", "tensor_bytes"]

CACHE_BYTES = 4 * 2**30
"""The default bound of the key-value cache of a transformers model: 16 prompts of an 8-billion-weight one."""

T = TypeVar("T")


class PrefixCache(Generic[T]):
    """A least-recently-used cache of the results of `compute`.

    It holds at most `size` prompts and, beyond the most recent one, at most `max_bytes` by `measure`.
    """

    def __init__(
        self,
        compute: Callable[[Prompt], T],
        size: int,
        max_bytes: int,
        measure: Callable[[T], int],
    ) -> None:
        self._compute = compute
        self._size = size
        self._max_bytes = max_bytes
        self._measure = measure
        self._kept: OrderedDict[Prompt, tuple[T, int]] = OrderedDict()
        self.nbytes = 0

    def __len__(self) -> int:
        return len(self._kept)

    def __getitem__(self, prompt: Prompt) -> T:
        if prompt in self._kept:
            self._kept.move_to_end(prompt)
            return self._kept[prompt][0]
        while len(self._kept) >= self._size:  # before computing, which needs the memory
            self._drop_oldest()
        found = self._compute(prompt)
        self._kept[prompt] = found, self._measure(found)
        self.nbytes += self._kept[prompt][1]
        while self.nbytes > self._max_bytes and len(self._kept) > 1:
            self._drop_oldest()
        return found

    def clear(self) -> None:
        """Drop all entries."""
        self._kept.clear()
        self.nbytes = 0

    def _drop_oldest(self) -> None:
        _, (_, size) = self._kept.popitem(last=False)
        self.nbytes -= size


def tensor_bytes(value: Any) -> int:
    """The memory of all tensors that are reachable from a value, such as a cache of transformers."""
    storages: dict[int, int] = {}
    seen: set[int] = set()
    waiting = [value]
    while waiting:
        found = waiting.pop()
        if id(found) in seen:
            continue
        seen.add(id(found))
        if isinstance(found, Tensor):
            storage = found.untyped_storage()
            storages[storage.data_ptr()] = storage.nbytes()
        elif isinstance(found, list | tuple | set):
            waiting += found
        elif isinstance(found, dict):
            waiting += found.values()
        elif type(found).__module__.startswith("transformers.") and hasattr(found, "__dict__"):
            waiting += vars(found).values()
    return sum(storages.values())
