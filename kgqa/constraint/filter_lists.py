"""The lists of what filters forbid or ask for."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from kgqa.constraint.filter import as_set, in_words
from kgqa.graph import Triple

__all__ = ["Lists"]


@dataclass(frozen=True)
class Lists:
    """Relations, entities and triples (identifiers); an empty list says nothing."""

    relations: Collection[str] = frozenset()
    entities: Collection[str] = frozenset()
    triples: Collection[Triple] = frozenset()

    def __post_init__(self) -> None:
        object.__setattr__(self, "relations", as_set(self.relations, "relations"))
        object.__setattr__(self, "entities", as_set(self.entities, "entities"))
        object.__setattr__(self, "triples", as_set(self.triples, "triples"))

    def _in_words(self) -> str:
        """What is on the lists, for a message; empty if nothing is."""
        fields = {"relation": self.relations, "entity": self.entities, "triple": self.triples}
        return ", ".join(in_words(what, names) for what, names in fields.items() if names)
