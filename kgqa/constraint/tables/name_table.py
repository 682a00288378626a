"""The token sequences of entity names, and every entity's neighbours in their order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from kgqa.constraint.tables.entity_names import between
from kgqa.constraint.tables.step_rows import NamedEntities, StepRows, ranges
from kgqa.constraint.tables.token_store import TokenStore
from kgqa.constraint.tables.token_table import TokenTable, encode_or_refuse
from kgqa.constraint.tokenizer import Tokenizer
from kgqa.constraint.verbalize import entity_text
from kgqa.graph import IndexedGraph
from kgqa.graph.adjacency import Ids, search
from kgqa.graph.text_column import TextColumn

__all__ = ["FirstTokens", "NameTable"]

_ARRAYS = (
    *("ids", "starts", "lengths", "entities", "members", "shared", "head_slots", "head_tokens"),
    *("text_offsets", "text_data", "text_places"),
)


LARGE_GROUP = 4096
"""Groups with at least this many names have their first tokens stored: too many to scan for a question."""


@dataclass(frozen=True, eq=False)
class FirstTokens:
    """Where the first token of the names changes, in each large group.

    Entries are sorted by slot: `slots` has the first slot with a token, `tokens` the token.
    """

    slots: NDArray[np.int64]
    tokens: Ids

    @classmethod
    def of(cls, rows: StepRows, names: TokenTable, members: Ids, shared: NDArray[Any]) -> Self:
        """The first tokens of all large groups of a table."""
        large = np.flatnonzero(rows.silent - rows.starts[:-1] >= LARGE_GROUP)
        parts = [
            low + np.flatnonzero(shared[low:high] == 0)
            for low, high in zip(rows.starts[large].tolist(), rows.silent[large].tolist(), strict=True)
        ]
        slots = np.concatenate([np.empty(0, dtype=np.int64), *parts])
        slots = slots[names.lengths[members[slots]] > 0]
        return cls(slots, names.at(members[slots], 0))

    def allowed(self, low: int, high: int) -> Ids:
        """The first tokens of the slots from `low` to `high` of one large group, sorted."""
        first, stop = self._entries(low, high)
        return self.tokens[first:stop]

    def narrowed(self, low: int, high: int, token: int) -> tuple[int, int]:
        """Those slots whose first token this is."""
        first, stop = self._entries(low, high)
        at = first + search(self.tokens[first:stop], token)
        if at == stop or self.tokens[at] != token:
            return low, low
        following = int(self.slots[at + 1]) if at + 1 < stop else high
        return max(low, int(self.slots[at])), following

    def _entries(self, low: int, high: int) -> tuple[int, int]:
        return search(self.slots, low, "right") - 1, search(self.slots, high)


@dataclass(frozen=True, eq=False)
class NameTable:
    """The named entities of a graph in the order of their names' tokens.

    An entity's *place* is its rank in that order, ties by number: `entities` holds the entity at each
    place, `tokens` the tokens of its name. `members` holds the place of every named slot of
    `StepRows` (-1: unnamed), sorted within each group, so that a group's names are a sorted trie.
    `shared` is the length of the token prefix that a slot shares with the previous slot of its
    group; it shows where the token at a given depth changes. `first_tokens` stores these positions
    for the first token of large groups.

    `texts` and `text_places` (the place of one entity with each text) are stored so that unchanged
    names are not tokenised again after the graph has changed.
    """

    tokens: TokenTable
    entities: Ids
    members: Ids
    shared: NDArray[Any]
    first_tokens: FirstTokens
    texts: TextColumn
    text_places: Ids
    places: Ids = field(init=False, repr=False)
    """The place of each entity up to the last named one, -1 for unnamed ones; built with the table, not
    during a question."""

    def __post_init__(self) -> None:
        places = np.full(int(self.entities.max(initial=-1)) + 1, -1, dtype=np.int32)
        places[self.entities] = np.arange(len(self.entities), dtype=np.int32)
        object.__setattr__(self, "places", places)

    @classmethod
    def of(cls, graph: IndexedGraph, rows: StepRows, tokenizer: Tokenizer) -> Self:
        """The table of a graph: loaded from its index folder, else built and stored there."""
        store = TokenStore.of(graph, tokenizer, "tokens")
        stored = store.open(_ARRAYS)
        known: Mapping[str, tuple[int, ...]] = {}
        if stored is not None:
            table = cls._of_arrays(stored.arrays, stored.speakable)
            if stored.is_current and len(table.members) == len(rows.targets):
                return table
            known = table._known()
        table = cls._build(graph, rows, tokenizer, known)
        store.write(table._arrays(), table.tokens.speakable)
        return table

    def first_tokens_of(self, rows: StepRows, named: NamedEntities) -> FirstTokens | None:
        """The stored first tokens, if the entities are a large group."""
        if named.group < 0 or rows.silent[named.group] - rows.starts[named.group] < LARGE_GROUP:
            return None
        return self.first_tokens

    def spans(self, rows: StepRows, named: NamedEntities) -> Iterator[tuple[Ids, int, int]]:
        """The places of named entities, in order, as ranges of arrays: `(places, low, high)`."""
        if named.group < 0:
            members = np.sort(self.places[named.entities])
            low, high = 0, len(members)
        else:
            members = self.members
            low, high = int(rows.starts[named.group]), int(rows.silent[named.group])
        closed = (int(self.places[e]) for e in set(named.without) if 0 <= e < len(self.places))
        holes = []
        for place in sorted(place for place in closed if place >= 0):
            hole = low + search(members[low:high], place)
            if hole < high and members[hole] == place:
                holes.append(hole)
        for start, stop in between(holes, low, high):
            yield members, start, stop

    @classmethod
    def _build(
        cls,
        graph: IndexedGraph,
        rows: StepRows,
        tokenizer: Tokenizer,
        known: Mapping[str, tuple[int, ...]],
    ) -> Self:
        named = np.flatnonzero(graph.named)
        numbers: dict[str, int] = {}
        text_of = np.array(
            [
                numbers.setdefault(entity_text(graph.labels[entity]), len(numbers))
                for entity in named.tolist()
            ],
            dtype=np.int64,
        )
        new = [text for text in numbers if text not in known]
        ids = {**known, **dict(zip(new, encode_or_refuse(tokenizer, new), strict=True))}
        table, order = TokenTable.of([ids[text] for text in numbers])
        rank = np.empty(len(order), dtype=np.int64)
        rank[order] = np.arange(len(order))
        by_rank = np.lexsort((named, _dense(table, order)[rank[text_of]]))
        ranks = rank[text_of[by_rank]]
        tokens = TokenTable(
            table.ids,
            table.starts[ranks],
            table.lengths[ranks],
            int((ranks < table.speakable).sum()),
        )
        text_places = np.empty(len(numbers), dtype=np.int32)
        text_places[text_of[by_rank]] = np.arange(len(by_rank), dtype=np.int32)
        entities = named[by_rank].astype(np.int32)
        members, shared = _in_order(rows, tokens, entities)
        first_tokens = FirstTokens.of(rows, tokens, members, shared)
        return cls(tokens, entities, members, shared, first_tokens, TextColumn.of(numbers), text_places)

    def _known(self) -> dict[str, tuple[int, ...]]:
        places = self.text_places.tolist()
        return {
            self.texts[number]: self.tokens.sequence(place)
            for number, place in enumerate(places)
            if place < self.tokens.speakable
        }

    def _arrays(self) -> dict[str, NDArray[Any]]:
        tokens, first = self.tokens, self.first_tokens
        arrays = (
            *(tokens.ids, tokens.starts, tokens.lengths, self.entities, self.members, self.shared),
            *(first.slots, first.tokens, self.texts.offsets, self.texts.data, self.text_places),
        )
        return dict(zip(_ARRAYS, arrays, strict=True))

    @classmethod
    def _of_arrays(cls, arrays: Mapping[str, NDArray[Any]], speakable: int) -> Self:
        ids, starts, lengths, entities, members, shared, *others = (arrays[name] for name in _ARRAYS)
        head_slots, head_tokens, text_offsets, text_data, text_places = others
        return cls(
            TokenTable(ids, starts, lengths, speakable),
            entities,
            members,
            shared,
            FirstTokens(head_slots, head_tokens),
            TextColumn(text_offsets, text_data),
            text_places,
        )


def _dense(table: TokenTable, order: NDArray[np.int64]) -> NDArray[np.int64]:
    """The rank of each place of a table; texts with equal tokens have equal ranks.

    Texts that the tokenizer could not encode have ranks of their own.
    """
    places = np.arange(len(order), dtype=np.int32)
    former, latter = places[:-1], places[1:]
    alike = table.lengths[former] == table.lengths[latter]
    alike &= (latter < table.speakable) & (table.shared(former, latter) == table.lengths[latter])
    return np.cumsum(np.append(0, ~alike))[: len(order)]


def _in_order(rows: StepRows, tokens: TokenTable, entities: Ids) -> tuple[Ids, NDArray[Any]]:
    """`members` and `shared` of a table."""
    place = np.full(rows.entity_count, -1, dtype=np.int64)
    place[entities] = np.arange(len(entities))
    slots = ranges(rows.starts[:-1], rows.silent)
    group = np.repeat(np.arange(len(rows.steps)), rows.silent - rows.starts[:-1])
    count = max(1, len(entities))
    keys = np.sort(group * count + place[rows.targets[slots]])
    found = (keys % count).astype(np.int32)
    members = np.full(len(rows.targets), -1, dtype=np.int32)
    members[slots] = found
    inside = np.flatnonzero(group[1:] == group[:-1])
    deepest = int(tokens.lengths.max(initial=0))
    shared = np.zeros(len(rows.targets), dtype=np.uint8 if deepest < 2**8 else np.uint16)
    shared[slots[inside + 1]] = tokens.shared(found[inside], found[inside + 1])
    return members, shared
