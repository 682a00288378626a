"""Texts and dictionaries with more entries than those on disk."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from functools import cached_property
from itertools import chain
from typing import Any

import marisa_trie
import numpy as np
from numpy.typing import NDArray

from kgqa.graph.sources.name_index import NameIndex
from kgqa.graph.text_column import TextColumn

__all__ = ["LayeredDictionary", "LayeredNames", "LayeredTexts"]


class LayeredTexts(TextColumn):
    """The texts of `base`, some of them changed, and more behind them.

    Single texts are read without a copy of the rest; `offsets` and `data` are made when first read.
    """

    def __init__(self, base: TextColumn, changed: Mapping[int, str], count: int) -> None:
        for name, value in {"_base": base, "_changed": changed, "_count": count}.items():
            object.__setattr__(self, name, value)

    _base: TextColumn
    _changed: Mapping[int, str]
    _count: int

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, position: int) -> str:
        found = self._changed.get(int(position))
        if found is not None:
            return found
        return self._base[position] if position < len(self._base) else ""

    def filled(self, positions: NDArray[Any]) -> NDArray[np.bool_]:
        """Which of the texts at some positions are not empty."""
        return self.lengths(positions) > 0

    def lengths(self, positions: NDArray[Any]) -> NDArray[np.int64]:
        """The bytes of the texts at some positions."""
        positions = np.asarray(positions)
        found = np.zeros(len(positions), dtype=np.int64)
        at, here = self._changes_at(positions)
        found[here] = self._changes[1][at[here]]
        old = ~here & (positions < len(self._base))
        found[old] = self._base.lengths(positions[old])
        return found

    def first_bytes(self, positions: NDArray[Any]) -> NDArray[np.uint8]:
        """The first byte of each of some texts, none of them empty."""
        positions = np.asarray(positions)
        at, here = self._changes_at(positions)
        found = np.empty(len(positions), dtype=np.uint8)
        found[here] = self._changes[2][at[here]]
        found[~here] = self._base.first_bytes(positions[~here])
        return found

    def _changes_at(self, positions: NDArray[Any]) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
        """Where positions stand among the changes, and which of them are changes."""
        places = self._changes[0]
        if not len(places):
            return np.zeros(len(positions), dtype=np.int64), np.zeros(len(positions), dtype=np.bool_)
        at = np.minimum(np.searchsorted(places, positions), len(places) - 1)
        return at, places[at] == positions

    @cached_property
    def _changes(self) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.uint8]]:
        """The positions of changed texts, sorted, with their lengths and first bytes."""
        places = sorted(self._changed)
        texts = [self._changed[place].encode("utf-8") for place in places]
        return (
            np.array(places, dtype=np.int64),
            np.array([len(text) for text in texts], dtype=np.int64),
            np.array([text[0] if text else 0 for text in texts], dtype=np.uint8),
        )

    @cached_property
    def _whole(self) -> TextColumn:
        base, old = self._base, len(self._base)
        lengths = np.zeros(self._count, dtype=np.int64)
        lengths[:old] = np.diff(base.offsets)
        parts: list[NDArray[np.uint8]] = []
        done = 0
        for place in sorted(self._changed):
            own = np.frombuffer(self._changed[place].encode("utf-8"), dtype=np.uint8)
            lengths[place] = len(own)
            parts += [base.data[base.offsets[done] : base.offsets[min(place, old)]], own]
            done = min(place + 1, old)
        data = np.concatenate([*parts, base.data[base.offsets[done] :]])
        return TextColumn(np.append(0, np.cumsum(lengths)), data)

    @cached_property
    def offsets(self) -> NDArray[np.int64]:
        """Where each text begins in `data`."""
        return self._whole.offsets

    @cached_property
    def data(self) -> NDArray[np.uint8]:
        """All texts end to end."""
        return self._whole.data


class LayeredDictionary:
    """The keys of a trie and more, numbered on from its last; those in `hidden` are not found."""

    def __init__(self, base: marisa_trie.Trie, added: Sequence[str], hidden: Set[int] = frozenset()) -> None:
        self._base = base
        self._added = added
        self._hidden = hidden
        self._numbers = {key: len(base) + place for place, key in enumerate(added)}

    def __len__(self) -> int:
        return len(self._base) + len(self._added) - len(self._hidden)

    def __iter__(self) -> Iterator[str]:
        hidden = set(map(self.restore_key, self._hidden))
        return (key for key in chain(self._base, self._added) if key not in hidden)

    def __contains__(self, key: str) -> bool:
        return self.get(key) is not None

    def get(self, key: str) -> int | None:
        """The number of a key, None if it is not there."""
        found = self._base.get(key)
        number = self._numbers.get(key) if found is None else int(found)
        return None if number in self._hidden else number

    def restore_key(self, number: int) -> str:
        """The key of a number."""
        more = number - len(self._base)
        return self._added[more] if more >= 0 else str(self._base.restore_key(number))


class LayeredNames(NameIndex):
    """An index of names without some of its entries, and with more.

    `gone` has names with the entities that they no longer lead to.
    """

    def __init__(
        self,
        base: marisa_trie.RecordTrie,
        added: Mapping[str, Sequence[tuple[int, int]]],
        gone: Set[tuple[str, int]],
    ) -> None:
        self._base = base
        self._added = added
        self._gone = gone
        self._touched = {name for name, _ in gone}

    def get(self, name: str, default: Sequence[tuple[int, int]] = ()) -> list[tuple[int, int]]:
        """The entities with a name, each with its rank."""
        return [*self._kept(name), *self._added.get(name, ())] or list(default)

    def iterkeys(self, prefix: str = "") -> Iterator[str]:
        """All names that begin so; names of several entities more than once."""
        yield from filter(self._is_kept, self._base.iterkeys(prefix))
        yield from (name for name in self._added if name.startswith(prefix))

    def prefixes(self, text: str) -> list[str]:
        """The names that a text begins with."""
        more = (text[:end] for end in range(1, len(text) + 1))
        return [*filter(self._is_kept, self._base.prefixes(text)), *filter(self._added.__contains__, more)]

    def _kept(self, name: str) -> list[tuple[int, int]]:
        return [record for record in self._base.get(name, ()) if (name, record[0]) not in self._gone]

    def _is_kept(self, name: str) -> bool:
        return name not in self._touched or bool(self._kept(name))
