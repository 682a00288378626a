"""Filters of chains, and how they combine."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection
from dataclasses import dataclass
from typing import TypeVar

from kgqa.errors import check_names
from kgqa.graph import Chain, Triple

__all__ = ["Either", "Every", "Filter", "FilterItems", "as_set", "in_words"]

Item = TypeVar("Item")
SHOWN = 3
"""The number of names that a message shows."""


class Filter(ABC):
    """Keeps some chains and rejects the others; its fields are its settings.

    Implementations define `keeps`, which must give the same result for equal chains. `a & b` keeps
    what both keep, `a | b` what at least one keeps. `Filtered` applies a filter to a constraint.
    """

    @abstractmethod
    def keeps(self, chain: Chain) -> bool:
        """Whether a chain is kept."""
        ...

    @property
    def parts(self) -> tuple[Filter, ...]:
        """The filters that must all keep a chain."""
        return (self,)

    def __and__(self, other: Filter) -> Filter:
        return Every((*self.parts, *other.parts)) if isinstance(other, Filter) else NotImplemented

    def __or__(self, other: Filter) -> Filter:
        return Either((self, other)) if isinstance(other, Filter) else NotImplemented


@dataclass(frozen=True)
class Every(Filter):
    """Keeps what all filters keep; written `a & b`."""

    filters: tuple[Filter, ...]

    @property
    def parts(self) -> tuple[Filter, ...]:
        """The filters, with nested ones flattened."""
        return tuple(part for one in self.filters for part in one.parts)

    def keeps(self, chain: Chain) -> bool:
        """Whether all keep it; evaluated in order, up to the first that does not."""
        return all(part.keeps(chain) for part in self.filters)

    def __str__(self) -> str:
        return " and ".join(map(str, self.filters))


@dataclass(frozen=True)
class Either(Filter):
    """Keeps what at least one filter keeps; written `a | b`."""

    filters: tuple[Filter, ...]

    def keeps(self, chain: Chain) -> bool:
        """Whether one keeps it; evaluated in order, up to the first that does."""
        return any(part.keeps(chain) for part in self.filters)

    def __str__(self) -> str:
        return "(" + " or ".join(map(str, self.filters)) + ")"


@dataclass(frozen=True)
class FilterItems:
    """Relations, entities and triples (identifiers) that a filter names; an empty set has no effect."""

    relations: Collection[str] = frozenset()
    entities: Collection[str] = frozenset()
    triples: Collection[Triple] = frozenset()

    def __post_init__(self) -> None:
        object.__setattr__(self, "relations", as_set(self.relations, "relations"))
        object.__setattr__(self, "entities", as_set(self.entities, "entities"))
        object.__setattr__(self, "triples", as_set(self.triples, "triples"))

    def _in_words(self) -> str:
        """The items for a message; empty if there are none."""
        fields = {"relation": self.relations, "entity": self.entities, "triple": self.triples}
        return ", ".join(in_words(what, names) for what, names in fields.items() if names)


def as_set(given: Collection[Item], what: str) -> frozenset[Item]:
    """The items of a filter's field. Raises `UsageError` for a text, which is no set of names."""
    if isinstance(given, str):
        check_names(given, what)
    return frozenset(given)


def in_words(what: str, names: Collection[object]) -> str:
    """The names of a filter's field for a message: the first few, and the number of the others."""
    listed = ", ".join(sorted(repr(tuple(n) if isinstance(n, tuple) else n) for n in names)[:SHOWN])
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return f"{what} {listed or 'none'}{more}"
