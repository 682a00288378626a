"""The graph: entities, literals, facts, and where each fact was read."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple


class Entity(NamedTuple):
    """A node with a name of its own; the qualifier tells entities of equal label apart and is never shown."""

    label: str
    qualifier: str = ""

    @classmethod
    def parse(cls, name: str) -> Entity:
        """Read `Georgia` or `Georgia | country`."""
        label, _, qualifier = name.partition(" | ")
        return cls(label.strip(), qualifier.strip())


class Literal(NamedTuple):
    """A value: a year, a code, a number, a date."""

    label: str


class Fact(NamedTuple):
    """One triple."""

    head: Entity
    relation: str
    tail: Entity | Literal


@dataclass
class Atlas:
    """Everything that the tables say, with two indexes to walk it by; complete before it is asked."""

    kinds: dict[Entity, set[str]] = field(default_factory=lambda: defaultdict(set))
    aliases: dict[Entity, list[str]] = field(default_factory=lambda: defaultdict(list))
    with_article: set[Entity] = field(default_factory=set)
    symmetric: set[str] = field(default_factory=set)
    comments: dict[str, str] = field(default_factory=dict)
    origins: dict[Fact, str] = field(default_factory=dict)
    outgoing: dict[tuple[Entity | Literal, str], list[Fact]] = field(
        default_factory=lambda: defaultdict(list)
    )
    incoming: dict[tuple[Entity | Literal, str], list[Fact]] = field(
        default_factory=lambda: defaultdict(list)
    )

    def add(self, fact: Fact, origin: str) -> None:
        """Add a fact, and where it was read."""
        self.origins[fact] = origin
        self.outgoing[fact.head, fact.relation].append(fact)
        self.incoming[fact.tail, fact.relation].append(fact)

    @cached_property
    def relations(self) -> list[str]:
        return sorted({fact.relation for fact in self.origins})

    @cached_property
    def shared_labels(self) -> set[str]:
        """The labels that several entities have."""
        counts = Counter(entity.label for entity in self.kinds)
        return {label for label, count in counts.items() if count > 1}
