"""How a tokenizer spells a graph."""

from __future__ import annotations

from functools import cached_property

from kgqa.constraint.tables.name_table import NameTable
from kgqa.constraint.tables.step_rows import StepRows
from kgqa.constraint.tables.step_table import StepTable
from kgqa.constraint.tokenizer import Tokenizer
from kgqa.graph import IndexedGraph

__all__ = ["GraphTokens"]


class GraphTokens:
    """The tables of a graph and a tokenizer, made when they are first needed and then shared."""

    def __init__(self, graph: IndexedGraph, rows: StepRows, tokenizer: Tokenizer) -> None:
        self.rows = rows
        self._graph = graph
        self._tokenizer = tokenizer
        self._segments: dict[tuple[str, ...], tuple[int, ...]] = {}

    @cached_property
    def names(self) -> NameTable:
        """The names; a constraint that says none never needs them."""
        return NameTable.of(self._graph, self.rows, self._tokenizer)

    @cached_property
    def steps(self) -> StepTable:
        """The steps."""
        return StepTable.of(self._graph, self.rows, self._tokenizer)

    def segments(self, texts: tuple[str, ...]) -> tuple[int, ...]:
        """The ids of separators, end to end: there are few, and they are remembered."""
        found = self._segments.get(texts)
        if found is None:
            verbalized = self._tokenizer.encode_batch(texts) if texts else []
            found = self._segments[texts] = tuple(token for ids in verbalized for token in ids)
        return found
