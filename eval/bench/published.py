"""The published way to decode on a graph, written anew from its description.

"Graph-constrained Reasoning" (GCR, ICML 2025) lists every path around the question's entities by
recursive depth-first search, tokenises each, keeps them in a marisa trie with a character for each
token, and lets transformers' beam search ask that trie what may follow: it goes through all keys
under the prefix. Here the paths have the form and the rules of `kgqa.constraint` (both directions,
no way back to the start, parallel relations kept), so that the language is that of `Walk`.

The listing is here twice. `listed_a_hop_too_far` does what the published program does: it calls
itself for every neighbour and only then looks whether the path is too long, so that it visits all
paths of one hop more than asked, and copies the path at each visit. `listed` stops in time. What
else is slow or wrong in the published program for no reason of the method is in neither: neighbours
are looked up in a table made beforehand, the place where the path begins is known, and a row that
has left the trie gets the end token instead of the whole vocabulary. The diverse beams of the paper
are no longer in transformers; these are plain.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import marisa_trie
import torch
from meter import Meter

from kgqa.constraint.verbalize import arrow, entity_text, relation_text, topic_text
from kgqa.graph import IndexedGraph

__all__ = [
    "Limit",
    "LimitError",
    "Lister",
    "Neighbours",
    "ScannedTrie",
    "Written",
    "generate",
    "listed",
    "listed_a_hop_too_far",
    "published",
]

SURROGATES = range(0xD800, 0xE000)
MOST_TOKENS = 256
LOST = -1e6
"""What transformers writes where beams outnumber the paths is scored -1e9, divided by its length."""


class LimitError(Exception):
    """It would have taken too long."""


@dataclass(frozen=True)
class Limit:
    """How many paths may be listed, and until when."""

    paths: int = 100_000
    seconds: float = float("inf")
    began: float = field(default_factory=time.perf_counter)

    def check(self, paths: int = 0) -> None:
        """Raise `LimitError` where one of the two is exceeded."""
        if paths > self.paths:
            raise LimitError(f"more than {self.paths:,} paths")
        if time.perf_counter() - self.began > self.seconds:
            raise LimitError(f"more than {self.seconds:g} s")


class Neighbours:
    """What can be said after each entity, and where it leads."""

    def __init__(self, graph: IndexedGraph) -> None:
        self._graph = graph
        self._known: dict[str, list[tuple[str, str]]] = {}

    def __getitem__(self, entity: str) -> list[tuple[str, str]]:
        found = self._known.get(entity)
        if found is None:
            found = self._known[entity] = [
                (self._said(hop.relation, hop.entity, hop.inverse), hop.entity)
                for hop in self._graph.hops(entity)
            ]
        return found

    def read_all(self) -> None:
        """Look up every entity, so that nobody waits for it later."""
        for entity in self._graph.entities:
            self[entity]

    def opening(self, topic: str) -> str:
        """How a path begins that starts at an entity."""
        return topic_text(self._graph, topic).removeprefix(" ")

    def _said(self, relation: str, entity: str, inverse: bool) -> str:
        label = self._graph.label(entity)
        if label is None:
            raise ValueError(f"the published form has no paths over unnamed entities, as {entity!r} is")
        pointer = arrow(inverse)
        return f"{pointer}{relation_text(self._graph, relation)}{pointer}{entity_text(label)}"


def listed(neighbours: Neighbours, topics: Iterable[str], hops: int, limit: Limit) -> list[str]:
    """The texts of all paths of 1 to `hops` hops. Raises `LimitError` when there are too many."""
    found: list[str] = []

    def visit(entity: str, text: str, left: int, start: str) -> None:
        for said, following in neighbours[entity]:
            if following != start:
                longer = text + said
                found.append(longer)
                if len(found) % 1024 == 0:
                    limit.check(len(found))
                if left > 1:
                    visit(following, longer, left - 1, start)

    for topic in topics:
        visit(topic, neighbours.opening(topic), hops, topic)
    limit.check(len(found))
    return found


def listed_a_hop_too_far(neighbours: Neighbours, topics: Iterable[str], hops: int, limit: Limit) -> list[str]:
    """The same texts, listed as the published program does it."""
    found: list[str] = []

    def visit(entity: str, path: list[str], start: str) -> None:
        if len(path) > hops + 1:  # the topic's name, then the hops
            return
        if len(path) > 1:
            found.append("".join(path))
            if len(found) % 1024 == 0:
                limit.check(len(found))
        for said, following in neighbours[entity]:
            if following != start:
                visit(following, [*path, said], start)

    for topic in topics:
        visit(topic, [neighbours.opening(topic)], topic)
    limit.check(len(found))
    return found


Lister = Callable[[Neighbours, Iterable[str], int, Limit], list[str]]


class ScannedTrie:
    """Token sequences as the keys of a marisa trie, a character for each token."""

    def __init__(self, sequences: Iterable[Sequence[int]]) -> None:
        self._trie = marisa_trie.Trie(_key(sequence) for sequence in sequences)

    def get(self, prefix: Sequence[int]) -> list[int]:
        """The tokens that follow a prefix in any sequence, found by going through all of them."""
        key = _key(prefix)
        length = len(key)
        return [
            _token(c) for c in {found[length] for found in self._trie.iterkeys(key) if len(found) > length}
        ]


@dataclass(frozen=True)
class Written:
    """What beam search wrote: texts without their end, best first, with scores as it ranks them."""

    texts: list[tuple[int, ...]]
    scores: list[float]
    seconds: float
    passes: int
    model_seconds: float
    paths: int | None = None
    parts: dict[str, float] = field(default_factory=dict)


def published(
    raw: Any,
    tokenizer: Any,
    neighbours: Neighbours,
    prompt: Sequence[int],
    topics: Sequence[str],
    hops: int,
    end: int,
    beams: int,
    limit: Limit,
    lister: Lister = listed,
) -> Written:
    """A whole question the published way. Raises `LimitError`."""
    began = time.perf_counter()
    texts = lister(neighbours, topics, hops, limit)
    paths_listed = time.perf_counter()
    sequences: list[list[int]] = []
    for at in range(0, len(texts), 10_000):
        limit.check()
        encoded = tokenizer(texts[at : at + 10_000], add_special_tokens=False, return_attention_mask=False)
        sequences += [[*ids, end] for ids in encoded["input_ids"]]
    tokenised = time.perf_counter()
    trie = ScannedTrie(sequences)
    made = time.perf_counter()
    width = len(prompt)
    asking = 0.0

    def allowed(_: int, ids: torch.Tensor) -> list[int]:
        nonlocal asking
        limit.check()
        before = time.perf_counter()
        found = trie.get(ids[width:].tolist()) or [end]
        asking += time.perf_counter() - before
        return found

    written = generate(raw, prompt, end, beams, allowed)
    return Written(
        written.texts,
        written.scores,
        time.perf_counter() - began,
        written.passes,
        written.model_seconds,
        len(texts),
        {
            "list": paths_listed - began,
            "tokenise": tokenised - paths_listed,
            "trie": made - tokenised,
            "callback": asking,
        },
    )


def generate(
    raw: Any,
    prompt: Sequence[int],
    end: int,
    beams: int,
    allowed: Callable[[int, torch.Tensor], list[int]],
) -> Written:
    """Beam search of transformers under a function that says which tokens may follow."""
    ids = torch.tensor([list(prompt)])
    began = time.perf_counter()
    with Meter(raw) as meter:
        output = raw.generate(
            input_ids=ids,
            attention_mask=torch.ones_like(ids),
            num_beams=beams,
            num_return_sequences=beams,
            do_sample=False,
            early_stopping=False,
            length_penalty=1.0,
            max_new_tokens=MOST_TOKENS,
            eos_token_id=end,
            pad_token_id=end,
            prefix_allowed_tokens_fn=allowed,
            return_dict_in_generate=True,
            output_scores=beams > 1,  # without it the beams' scores are not given
        )
    seconds = time.perf_counter() - began
    rows = [_text(row, end) for row in output.sequences[:, len(prompt) :].tolist()]
    scores = output.sequences_scores.tolist() if beams > 1 else [0.0] * len(rows)
    real = [(row, score) for row, score in zip(rows, scores, strict=True) if score > LOST and row is not None]
    return Written(
        [row for row, _ in real], [score for _, score in real], seconds, meter.passes, meter.seconds
    )


def _text(row: list[int], end: int) -> tuple[int, ...] | None:
    return tuple(row[: row.index(end)]) if end in row else None


def _key(sequence: Iterable[int]) -> str:
    return "".join(map(_character, sequence))


def _character(token: int) -> str:
    point = token + 1  # no key holds the character 0
    return chr(point if point < SURROGATES.start else point + len(SURROGATES))


def _token(character: str) -> int:
    point = ord(character)
    return (point if point < SURROGATES.start else point - len(SURROGATES)) - 1
