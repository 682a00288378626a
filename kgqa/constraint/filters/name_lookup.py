"""Entities and relations by name."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

from kgqa.graph import IndexedGraph, clean_name, fold_name

__all__ = ["NameLookup"]

_NO_CHARACTERS = re.compile("[\\0\ud800-\udfff]")
"""Characters that no name of a graph has, and that its tries cannot look up."""


@dataclass(frozen=True, eq=False)
class NameLookup:
    """Entities and relations of a graph by identifier, label or alias."""

    graph: IndexedGraph

    def entities(self, name: str) -> tuple[str, ...]:
        """The entities that a name may mean, the identifier first; empty for an unknown name."""
        if _NO_CHARACTERS.search(name):
            return ()
        return tuple(dict.fromkeys((*self.graph.find(name), *self._verbalized.get(fold_name(name), ()))))

    def relations(self, name: str) -> tuple[str, ...]:
        """The relations that a name may mean, the identifier first; empty for an unknown name."""
        if _NO_CHARACTERS.search(name):
            return ()
        own = (name,) if name in self.graph.relation_names else ()
        return tuple(dict.fromkeys((*own, *self._relations.get(fold_name(name), ()))))

    @cached_property
    def _relations(self) -> dict[str, tuple[str, ...]]:
        found: dict[str, tuple[str, ...]] = {}
        for number in range(self.graph.relation_count):
            relation = self.graph.relation(number)
            for name in {fold_name(relation), fold_name(clean_name(self.graph.relation_labels[number]))}:
                found[name] = (*found.get(name, ()), relation)
        return found

    @cached_property
    def _verbalized(self) -> dict[str, tuple[str, ...]]:
        """Entities by the cleaned form of their names, where it differs (`clean_name`)."""
        found: dict[str, tuple[str, ...]] = {}
        for name in self.graph.names.iterkeys():
            verbalized = fold_name(clean_name(name))
            if verbalized != name:
                entities = {self.graph.entity(number) for number, _ in self.graph.names[name]}
                found[verbalized] = tuple(sorted(entities.union(found.get(verbalized, ()))))
        return found
