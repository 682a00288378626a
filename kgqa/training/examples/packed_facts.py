"""Facts of many small graphs in little memory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import overload

import numpy as np
from numpy.typing import NDArray

from kgqa.graph import Triple

__all__ = ["FactPacker", "PackedFacts"]


class PackedFacts(Sequence[Triple]):
    """Triples as numbers of names, in a list of names that many graphs share: 12 bytes each.

    *Shape:* numbers (triples, 3).
    """

    def __init__(self, numbers: NDArray[np.int32], names: Sequence[str]) -> None:
        self._numbers = numbers
        self._names = names

    def __len__(self) -> int:
        return len(self._numbers)

    def __iter__(self) -> Iterator[Triple]:
        for row in self._numbers.tolist():
            yield Triple(*(self._names[number] for number in row))

    @overload
    def __getitem__(self, index: int) -> Triple: ...
    @overload
    def __getitem__(self, index: slice) -> PackedFacts: ...
    def __getitem__(self, index: int | slice) -> Triple | PackedFacts:
        if isinstance(index, slice):
            return PackedFacts(self._numbers[index], self._names)
        return Triple(*(self._names[number] for number in self._numbers[index].tolist()))


class FactPacker:
    """Packs the facts of many graphs, each name stored once.

    >>> packer = FactPacker()
    >>> facts = packer.pack([Triple("Kismet", "directed_by", "William Dieterle")])
    >>> list(facts)
    [Triple(head='Kismet', relation='directed_by', tail='William Dieterle')]
    """

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}
        self._names: list[str] = []

    def pack(self, facts: Iterable[Triple]) -> PackedFacts:
        """The facts, in their order."""
        rows = [self._number(name) for fact in facts for name in fact]
        return PackedFacts(np.array(rows, dtype=np.int32).reshape(-1, 3), self._names)

    def _number(self, name: str) -> int:
        number = self._numbers.setdefault(name, len(self._names))
        if number == len(self._names):
            self._names.append(name)
        return number
