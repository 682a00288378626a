"""The token tables of a graph."""

from __future__ import annotations

from functools import cached_property

from kgqa.constraint.tables.name_table import NameTable
from kgqa.constraint.tables.step_rows import StepRows
from kgqa.constraint.tables.step_table import StepTable
from kgqa.constraint.tables.step_texts import StepTexts
from kgqa.constraint.tokenizer import Tokenizer
from kgqa.graph import IndexedGraph

__all__ = ["GraphTokens"]


class GraphTokens:
    """The token tables of a graph and a tokenizer, built on first use and then shared."""

    def __init__(self, graph: IndexedGraph, steps: StepTexts, tokenizer: Tokenizer) -> None:
        self._graph = graph
        self._steps = steps
        self._tokenizer = tokenizer
        self._segments: dict[tuple[str, ...], tuple[int, ...]] = {}

    @cached_property
    def names(self) -> NameTable:
        """The names of entities; relation paths never need them."""
        return NameTable.of(self._graph, self.rows, self._tokenizer)

    @property
    def rows(self) -> StepRows:
        """The groups of edges that the names of entities are sorted by."""
        return StepRows.of(self._graph)

    @property
    def texts(self) -> tuple[str, ...]:
        """The texts of relations."""
        return self._steps.texts

    @cached_property
    def steps(self) -> StepTable:
        """The arrows and relations of steps."""
        return StepTable.of(self._graph, self._steps, self._tokenizer)

    def segments(self, texts: tuple[str, ...]) -> tuple[int, ...]:
        """The concatenated token ids of separators; cached, since there are few."""
        found = self._segments.get(texts)
        if found is None:
            encoded = self._tokenizer.encode_batch(texts) if texts else []
            found = self._segments[texts] = tuple(token for ids in encoded for token in ids)
        return found
