"""The steps of a graph: the texts of its relations, in both directions."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np

from kgqa.constraint.verbalize import relation_text
from kgqa.graph import IndexedGraph
from kgqa.graph.adjacency import Ids

__all__ = ["StepTexts"]


@dataclass(frozen=True, eq=False)
class StepTexts:
    """Relations with equal texts are one step along them (an even number), and one against (odd).

    `texts` are sorted; `relations` has the relations of each, `text_of` the text of each relation.
    """

    texts: tuple[str, ...]
    relations: tuple[tuple[int, ...], ...]
    text_of: Ids

    @classmethod
    def of(cls, graph: IndexedGraph) -> Self:
        """The steps of a graph, kept with it."""
        return graph.derive(cls._build)

    @classmethod
    def _build(cls, graph: IndexedGraph) -> Self:
        verbalized = [relation_text(graph, graph.relation(number)) for number in range(graph.relation_count)]
        texts = sorted(set(verbalized))
        place = {text: number for number, text in enumerate(texts)}
        relations: list[tuple[int, ...]] = [()] * len(texts)
        for number, text in enumerate(verbalized):
            relations[place[text]] = (*relations[place[text]], number)
        text_of = np.array([place[text] for text in verbalized], dtype=np.int32)
        return cls(tuple(texts), tuple(relations), text_of)

    @cached_property
    def numbers(self) -> dict[str, int]:
        """The number of each text, without the spaces around it."""
        return {text.strip(): number for number, text in enumerate(self.texts)}

    @property
    def count(self) -> int:
        """The number of steps."""
        return 2 * len(self.texts)
