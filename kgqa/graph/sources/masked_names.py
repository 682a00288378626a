"""Dictionaries, texts and names of a graph of which only some entities are there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Any

import marisa_trie
import numpy as np
from numpy.typing import NDArray

from kgqa.graph.sources.name_index import NameIndex
from kgqa.graph.text_column import TextColumn

__all__ = ["MaskedDictionary", "MaskedNames", "MaskedTexts"]

Mask = NDArray[np.bool_]


class MaskedDictionary:
    """The keys of a trie that are kept, by the numbers that they have there."""

    def __init__(self, base: marisa_trie.Trie, kept: Mask) -> None:
        self._base = base
        self._kept = kept

    def __len__(self) -> int:
        return int(self._kept.sum())

    def __iter__(self) -> Iterator[str]:
        return map(self.restore_key, np.flatnonzero(self._kept).tolist())

    def __contains__(self, key: str) -> bool:
        return self.get(key) is not None

    def get(self, key: str) -> int | None:
        """The number of a key, None if it is not there."""
        number = self._base.get(key)
        return int(number) if number is not None and self._kept[number] else None

    def restore_key(self, number: int) -> str:
        """The key of a number."""
        return str(self._base.restore_key(number))


class MaskedTexts(TextColumn):
    """The texts of `base` that are kept, the others empty.

    Single texts are read without a copy of the rest; `offsets` and `data` are made when first read.
    """

    def __init__(self, base: TextColumn, kept: Mask) -> None:
        for name, value in {"_base": base, "_kept": kept}.items():
            object.__setattr__(self, name, value)

    _base: TextColumn
    _kept: Mask

    def __len__(self) -> int:
        return len(self._kept)

    def __getitem__(self, position: int) -> str:
        return self._base[position] if self._kept[position] else ""

    def filled(self, positions: NDArray[Any]) -> Mask:
        """Which of the texts at some positions are not empty."""
        found: Mask = self._base.filled(positions) & self._kept[positions]
        return found

    def lengths(self, positions: NDArray[Any]) -> NDArray[np.int64]:
        """The bytes of the texts at some positions."""
        found: NDArray[np.int64] = self._base.lengths(positions) * self._kept[positions]
        return found

    def first_bytes(self, positions: NDArray[Any]) -> NDArray[np.uint8]:
        """The first byte of each of some texts, none of them empty."""
        return self._base.first_bytes(positions)

    @cached_property
    def offsets(self) -> NDArray[np.int64]:
        """Where each text begins in `data`."""
        return np.append(0, np.cumsum(np.diff(self._base.offsets) * self._kept))

    @cached_property
    def data(self) -> NDArray[np.uint8]:
        """All texts end to end."""
        return self._base.data[np.repeat(self._kept, np.diff(self._base.offsets))]


class MaskedNames(NameIndex):
    """An index of names without the entities that are not kept."""

    def __init__(self, base: marisa_trie.RecordTrie, kept: Mask) -> None:
        self._base = base
        self._kept = kept

    def get(self, name: str, default: Sequence[tuple[int, int]] = ()) -> list[tuple[int, int]]:
        """The entities with a name, each with its rank."""
        return [record for record in self._base.get(name, ()) if self._kept[record[0]]] or list(default)

    def iterkeys(self, prefix: str = "") -> Iterator[str]:
        """All names that begin so; names of several entities more than once."""
        return filter(self.__contains__, self._base.iterkeys(prefix))

    def prefixes(self, text: str) -> list[str]:
        """The names that a text begins with."""
        return list(filter(self.__contains__, self._base.prefixes(text)))
