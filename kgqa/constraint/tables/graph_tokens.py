"""The token tables of a graph."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import Any, NamedTuple

from numpy.typing import NDArray

from kgqa.constraint.tables.entity_names import EntityNames, NameLookup
from kgqa.constraint.tables.name_table import FirstTokens, NameTable
from kgqa.constraint.tables.step_rows import NamedEntities, StepRows
from kgqa.constraint.tables.step_table import StepTable
from kgqa.constraint.tables.step_texts import StepTexts
from kgqa.constraint.tables.token_table import encode_or_refuse
from kgqa.constraint.tokenizer import Tokenizer
from kgqa.constraint.verbalize import entity_text
from kgqa.graph import IndexedGraph
from kgqa.graph.adjacency import Ids

__all__ = ["GraphTokens", "NameSpan"]


class NameSpan(NamedTuple):
    """Names that may follow: `members`, places of `names` in the order of tokens, from `low` to `high`.

    `shared` and `first_tokens` as in `NameTable`, where they are known.
    """

    names: NameTable | EntityNames
    members: Ids
    low: int
    high: int
    shared: NDArray[Any] | None = None
    first_tokens: FirstTokens | None = None


class GraphTokens:
    """The token tables of a graph and a tokenizer, built on first use and then shared.

    With `on_demand` there is no table of all names: those that a walk comes to are encoded then.
    """

    def __init__(
        self, graph: IndexedGraph, steps: StepTexts, tokenizer: Tokenizer, on_demand: bool = False
    ) -> None:
        self._lookup = NameLookup(graph, tokenizer) if on_demand else None
        self._graph = graph
        self._steps = steps
        self._tokenizer = tokenizer
        self._segments: dict[tuple[str, ...], tuple[int, ...]] = {}

    @cached_property
    def names(self) -> NameTable:
        """The names of all entities; relation paths never need them."""
        return NameTable.of(self._graph, self.rows, self._tokenizer)

    @property
    def rows(self) -> StepRows:
        """The groups of edges that the names of entities are sorted by."""
        return StepRows.of(self._graph)

    def name(self, entity: int) -> tuple[int, ...] | None:
        """The token ids of a named entity's name, None if the tokenizer cannot encode it."""
        if self._lookup is not None:
            return encode_or_refuse(self._tokenizer, [entity_text(self._graph.labels[entity])])[0]
        place = int(self.names.places[entity])
        return self.names.tokens.sequence(place) if place < self.names.tokens.speakable else None

    def name_spans(self, named: NamedEntities) -> Iterator[NameSpan]:
        """The names of entities as spans, one between any two names that are left out."""
        if self._lookup is not None:
            some = self._lookup.of(named.entities)
            for members, low, high in some.spans(set(named.without)):
                yield NameSpan(some, members, low, high)
            return
        names = self.names
        first_tokens = names.first_tokens_of(self.rows, named)
        for members, low, high in names.spans(self.rows, named):
            shared = names.shared if members is names.members else None
            yield NameSpan(names, members, low, high, shared, first_tokens)

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
