"""The token sequences of steps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from kgqa.constraint.tables.step_texts import StepTexts
from kgqa.constraint.tables.token_store import TokenStore
from kgqa.constraint.tables.token_table import TokenTable, encode_or_refuse
from kgqa.constraint.tokenizer import Tokenizer
from kgqa.constraint.verbalize import arrow
from kgqa.graph import IndexedGraph
from kgqa.graph.adjacency import Ids
from kgqa.graph.text_column import TextColumn

__all__ = ["StepTable"]

_ARRAYS = ("ids", "starts", "lengths", "steps", "text_offsets", "text_data")


@dataclass(frozen=True, eq=False)
class StepTable:
    """All steps in the order of the tokens of their arrows and relations.

    `steps` holds the step at each place, `tokens` its token sequence. `texts` are the texts of the
    relations, numbered as in `StepTexts`.
    """

    tokens: TokenTable
    steps: Ids
    texts: TextColumn

    @classmethod
    def of(cls, graph: IndexedGraph, steps: StepTexts, tokenizer: Tokenizer) -> Self:
        """The table of a graph: loaded from its index folder, else built and stored there."""
        store = TokenStore.of(graph, tokenizer, "steps")
        stored = store.open(_ARRAYS)
        arrows = [arrow(False), arrow(True)]
        known: dict[str, tuple[int, ...]] = {}
        if stored is not None:
            table = cls._of_arrays(stored.arrays, stored.speakable)
            if stored.is_current and len(table.steps) == steps.count:
                return table
            known = table._known(len(tokenizer.encode_batch(arrows[:1])[0]))
        fresh = [text for text in steps.texts if text not in known]
        ids = {**known, **dict(zip(fresh, encode_or_refuse(tokenizer, fresh), strict=True))}
        pointers = tokenizer.encode_batch(arrows)
        sequences: list[tuple[int, ...] | None] = []
        for text in steps.texts:
            verbalized = ids[text]
            sequences += [None if verbalized is None else (*pointer, *verbalized) for pointer in pointers]
        tokens, order = TokenTable.of(sequences)
        table = cls(tokens, order.astype(np.int32), TextColumn.of(steps.texts))
        store.write(table._arrays(), tokens.speakable)
        return table

    @cached_property
    def places(self) -> Ids:
        """The place of each step."""
        places = np.empty(len(self.steps), dtype=np.int32)
        places[self.steps] = np.arange(len(self.steps), dtype=np.int32)
        return places

    def _known(self, arrow_length: int) -> dict[str, tuple[int, ...]]:
        places = self.places[::2].tolist()
        return {
            self.texts[number]: self.tokens.sequence(place)[arrow_length:]
            for number, place in enumerate(places)
            if place < self.tokens.speakable
        }

    def _arrays(self) -> dict[str, NDArray[Any]]:
        tokens, texts = self.tokens, self.texts
        arrays = (tokens.ids, tokens.starts, tokens.lengths, self.steps, texts.offsets, texts.data)
        return dict(zip(_ARRAYS, arrays, strict=True))

    @classmethod
    def _of_arrays(cls, arrays: Mapping[str, NDArray[Any]], speakable: int) -> Self:
        return cls(
            TokenTable(arrays["ids"], arrays["starts"], arrays["lengths"], speakable),
            arrays["steps"],
            TextColumn(arrays["text_offsets"], arrays["text_data"]),
        )
