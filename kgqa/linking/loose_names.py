"""Names that agree with a text but for accents and punctuation, or hold it among their words."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from kgqa.graph import IndexedGraph, fold_name

__all__ = ["LooseNames", "loosen"]


def loosen(text: str) -> str:
    """A text without case, accents, punctuation.

    >>> loosen("James K. Polk"), loosen("Kaká"), loosen("M*A*S*H")
    ('james k polk', 'kaka', 'm a s h')
    """
    folded = fold_name(text)
    if not folded.isascii():
        folded = "".join(c for c in unicodedata.normalize("NFKD", folded) if unicodedata.category(c) != "Mn")
    return " ".join("".join(c if c.isalnum() else " " for c in folded).split())


@dataclass(frozen=True, eq=False)
class LooseNames:
    """An index over the words of folded names, made at the first search.

    >>> names = LooseNames(("james k. polk", "polk county"))
    >>> names.search("james k polk"), names.search("Polk")
    (['james k. polk'], ['james k. polk', 'polk county'])
    """

    names: Iterable[str]

    @classmethod
    def of(cls, graph: IndexedGraph) -> LooseNames:
        """Over all labels and aliases of a graph."""
        return cls(graph.names.iterkeys())

    def search(self, text: str) -> list[str]:
        """The names that hold the words of the text in a row, sorted; empty for no words."""
        loose = loosen(text)
        rows = [self._postings.get(word, []) for word in loose.split()]
        if not rows:
            return []
        rarest = min(rows, key=len)
        return sorted(name for name in rarest if f" {loose} " in f" {loosen(name)} ")

    @cached_property
    def _postings(self) -> dict[str, list[str]]:
        postings: dict[str, list[str]] = {}
        for name in dict.fromkeys(self.names):
            for word in set(loosen(name).split()):
                postings.setdefault(word, []).append(name)
        return postings
