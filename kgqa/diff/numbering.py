"""The numbers that one graph gives to what another graph numbers otherwise."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

__all__ = ["numbers_in"]


class Dictionary(Protocol):
    """The entities or relations of a graph."""

    def get(self, key: str) -> int | None:
        """The number of an identifier; `None` where it is not there."""
        ...

    def restore_key(self, number: int) -> str:
        """The identifier of a number."""
        ...


def numbers_in(other: Dictionary, own: Dictionary, count: int) -> NDArray[np.int64]:
    """For each number below `count` of `own`, that of the same identifier in `other`; -1 where it has none.

    Identifiers are looked up one after the other; none are kept.
    """
    if other is own or _equal(other, own):
        return np.arange(count, dtype=np.int64)
    get, restore = other.get, own.restore_key
    keys = (get(restore(number)) for number in range(count))
    return np.fromiter((-1 if key is None else key for key in keys), dtype=np.int64, count=count)


def _equal(other: Any, own: Any) -> bool:
    """Whether two tries were built from the same identifiers, and so number them alike."""
    if len(other) != len(own) or not (hasattr(other, "tobytes") and hasattr(own, "tobytes")):
        return False
    return bool(other.tobytes() == own.tobytes())
