"""Entities and relations that go by another identifier."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from kgqa.graph import Triple, clean_name

__all__ = ["Renamed", "find_renamed"]

Kind = Literal["entity", "relation"]


@dataclass(frozen=True)
class Renamed:
    """An entity or relation that is gone, and a new one with exactly its facts: probably the same."""

    kind: Kind
    old: str
    new: str

    def describe(self) -> str:
        """One line for people."""
        old, new = clean_name(self.old), clean_name(self.new)
        return f"{self.kind} {old!r} may be {new!r} now: that has all its facts"

    def to_dict(self) -> dict[str, str]:
        """As JSON values."""
        return {"kind": self.kind, "old": self.old, "new": self.new}


def find_renamed(
    removed: Iterable[Triple],
    added: Iterable[Triple],
    entities: tuple[Iterable[str], Iterable[str]],
    relations: tuple[Iterable[str], Iterable[str]],
) -> Iterator[Renamed]:
    """The entities and relations that are the same by their facts.

    `entities` and `relations` are those that are gone, and those that are new. One with a single fact is
    none, because another one may just have taken its place; nor are two that have the same facts each.

    >>> old = [Triple("Emma", "by", "Austen"), Triple("Lady Susan", "by", "Austen")]
    >>> new = [fact._replace(tail="Jane Austen") for fact in old]
    >>> [one.new for one in find_renamed(old, new, (["Austen"], ["Jane Austen"]), ([], []))]
    ['Jane Austen']
    """
    facts = list(removed), list(added)
    kinds: tuple[tuple[Kind, tuple[Iterable[str], Iterable[str]]], ...] = (
        ("entity", entities),
        ("relation", relations),
    )
    for kind, (gone, new) in kinds:
        before, now = _unique(kind, facts[0], gone), _unique(kind, facts[1], new)
        yield from (Renamed(kind, before[known], now[known]) for known in before if known in now)


def _unique(kind: Kind, facts: Iterable[Triple], of: Iterable[str]) -> Mapping[Hashable, str]:
    """Those of which nothing else has the same facts, by these."""
    found: dict[str, set[Any]] = {one: set() for one in of}
    for head, relation, tail in facts:
        if kind == "relation":
            if relation in found:
                found[relation].add((head, tail))
            continue
        if head in found:
            found[head].add((relation, tail if tail != head else None, False))
        if tail in found:
            found[tail].add((relation, head if tail != head else None, True))
    known = {one: frozenset(own) for one, own in found.items() if len(own) > 1}
    counts = Counter(known.values())
    return {own: one for one, own in known.items() if counts[own] == 1}
