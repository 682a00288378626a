"""Names that are spelled nearly like a text."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from rapidfuzz import fuzz, process

from kgqa.graph import IndexedGraph, fold_name

__all__ = ["CloseSpellings"]


@dataclass(frozen=True, eq=False)
class CloseSpellings:
    """Searches folded names for close spellings.

    Likeness is that of rapidfuzz's `ratio`: 1 minus the letters to insert and delete as a share of
    both lengths. Only names are compared that begin or end with the same letter and have about
    the same length, so that a hundred thousand names take milliseconds. The index over the names
    is made at the first search.

    >>> CloseSpellings(("william dieterle", "kismet")).search("wiliam dieterle", 0.8)
    [('william dieterle', 0.967741935483871)]
    """

    names: Iterable[str]

    @classmethod
    def of(cls, graph: IndexedGraph) -> CloseSpellings:
        """Over all labels and aliases of a graph."""
        return cls(graph.names.iterkeys())

    def search(self, text: str, least: float, limit: int = 5) -> list[tuple[str, float]]:
        """Names at least `least` like the text, with their likeness (0 to 1), the best first."""
        folded = fold_name(text)
        if not folded or least <= 0:
            return []
        slack = int(len(folded) * (2 / least - 2)) if least < 1 else 0
        pool = {
            name
            for length in range(max(1, len(folded) - slack), len(folded) + slack + 1)
            for edge in ((0, folded[0]), (-1, folded[-1]))
            for name in self._blocks.get((*edge, length), ())
        }
        hits = process.extract(folded, pool, scorer=fuzz.ratio, limit=None, score_cutoff=100 * least)
        ranked = sorted(((name, score / 100) for name, score, _ in hits), key=lambda hit: (-hit[1], hit[0]))
        return ranked[:limit]

    @cached_property
    def _blocks(self) -> dict[tuple[int, str, int], list[str]]:
        blocks: dict[tuple[int, str, int], list[str]] = {}
        for name in dict.fromkeys(self.names):
            blocks.setdefault((0, name[0], len(name)), []).append(name)
            blocks.setdefault((-1, name[-1], len(name)), []).append(name)
        return blocks
