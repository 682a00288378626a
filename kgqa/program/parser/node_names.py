"""The nodes of a graph by the texts that programs have for them."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property, lru_cache
from typing import Self

import numpy as np

from kgqa.graph import IndexedGraph, clean_name, fold_name
from kgqa.program.condition import Nodes
from kgqa.program.text import node_text

__all__ = ["NodeNames", "near_names"]

_LONGEST_PLAIN = 200
"""Longer names are cut where they are written (`clean_name`)."""


class NodeNames:
    """Finds the nodes that a name in the text of a program stands for: the inverse of `node_text`."""

    def __init__(self, graph: IndexedGraph) -> None:
        self.graph = graph
        self.nodes = lru_cache(maxsize=4096)(self._nodes)

    @classmethod
    def of(cls, graph: IndexedGraph) -> Self:
        """The names of a graph, kept with it."""
        return graph.derive(cls)

    def like(self, name: str) -> Nodes:
        """The nodes with this label in other case, else the one with this identifier, else by alias."""
        matches = self.graph.find_ranked(name)
        for rank in (1, 0, 2):
            found = tuple(sorted(match.entity for match in matches if match.rank == rank))
            if found:
                return found
        return ()

    def near(self, name: str) -> tuple[str, ...]:
        """At most three names of the graph that are spelled like this one."""
        keys = list(self.graph.names.iterkeys())  # folded
        found = [keys[place] for place in _likest(fold_name(name), keys)]
        labels = (clean_name(self.graph.labels[self.graph.names[key][0][0]]) for key in found)
        return tuple(label or key for label, key in zip(labels, found, strict=True))

    def _nodes(self, name: str) -> Nodes:
        """All nodes that are written so, sorted; none where there is none."""
        found = set(self._unusual.get(name, ()))
        found |= {
            match.entity
            for match in self.graph.find_ranked(name)
            if node_text((match.entity,), self.graph) == f" {name}"
        }
        return tuple(sorted(found))

    @cached_property
    def _unusual(self) -> dict[str, list[str]]:
        """Nodes that are not found by their text, because cleaning changes their label or identifier."""
        graph = self.graph
        odd = (graph.labels.data < 32) | (graph.labels.data > 126)
        places = np.searchsorted(graph.labels.offsets, np.flatnonzero(odd), side="right") - 1
        long = np.flatnonzero(np.diff(graph.labels.offsets) > _LONGEST_PLAIN)
        found: dict[str, list[str]] = {}
        for number in np.union1d(places, long).tolist():
            label = graph.labels[number]
            if not label.isprintable() or len(label) > _LONGEST_PLAIN or not clean_name(label):
                entity = graph.entity(number)
                found.setdefault(node_text((entity,), graph)[1:], []).append(entity)
        for number in np.flatnonzero(~graph.named).tolist():
            entity = graph.entity(number)
            if entity not in graph.entities:  # it has lost its last fact
                continue
            text = node_text((entity,), graph)[1:]
            if text != entity:
                found.setdefault(text, []).append(entity)
        return found


def near_names(name: str, names: Iterable[str], limit: int = 3) -> tuple[str, ...]:
    """The names that are spelled most like one, the likest first.

    >>> near_names("directd by", ["directed_by", "starred_actors"])
    ('directed_by',)
    """
    texts = list(names)
    places = _likest(fold_name(name), list(map(fold_name, texts)), limit)
    return tuple(texts[place] for place in places)


def _likest(folded: str, among: list[str], limit: int = 3) -> list[int]:
    """The places of the folded names that are spelled most like a folded one, the likest first."""
    from rapidfuzz import fuzz, process

    hits = process.extract(folded, among, scorer=fuzz.ratio, limit=limit, score_cutoff=60)
    return [place for _, _, place in hits]
