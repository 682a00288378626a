"""What indexes of names have in common that are no tries of their own."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence

__all__ = ["NameIndex"]


class NameIndex(ABC):
    """Names, each with the entities that have it; it is asked as a `marisa_trie.RecordTrie` is."""

    def __contains__(self, name: str) -> bool:
        return bool(self.get(name))

    def __getitem__(self, name: str) -> list[tuple[int, int]]:
        found = self.get(name)
        if not found:
            raise KeyError(name)
        return found

    def __iter__(self) -> Iterator[str]:
        return self.iterkeys()

    @abstractmethod
    def get(self, name: str, default: Sequence[tuple[int, int]] = ()) -> list[tuple[int, int]]:
        """The entities with a name, each with its rank."""

    @abstractmethod
    def iterkeys(self, prefix: str = "") -> Iterator[str]:
        """All names that begin so; names of several entities more than once."""

    @abstractmethod
    def prefixes(self, text: str) -> list[str]:
        """The names that a text begins with."""
