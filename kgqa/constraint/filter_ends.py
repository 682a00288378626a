"""Filters that look at where a chain ends."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Collection
from dataclasses import dataclass

from kgqa.constraint.filter import Filter, as_set, in_words
from kgqa.graph import Chain

__all__ = ["EndFilter", "EndsIn"]


class EndFilter(Filter):
    """Keeps a chain for the entity that it ends at: chains with other ends need not be looked at."""

    def keeps(self, chain: Chain) -> bool:
        """Whether its end is kept."""
        return self.keeps_end(chain.end)

    @abstractmethod
    def keeps_end(self, entity: str) -> bool:
        """Whether chains may end at an entity."""
        ...


@dataclass(frozen=True)
class EndsIn(EndFilter):
    """Chains must end at one of `entities` (identifiers); `entities_of_type` gives those of a type.

    >>> from kgqa.graph import Hop
    >>> EndsIn({"William Dieterle"}).keeps(Chain("Kismet", (Hop("in_language", "English"),)))
    False
    """

    entities: Collection[str]

    def __post_init__(self) -> None:
        object.__setattr__(self, "entities", as_set(self.entities, "entities"))

    def keeps_end(self, entity: str) -> bool:
        """Whether the entity is on the list."""
        return entity in self.entities

    def __str__(self) -> str:
        return in_words("ending at", self.entities)
