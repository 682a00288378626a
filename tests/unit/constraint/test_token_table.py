"""Token tables: searched spans are what a plain list of sequences says."""

from __future__ import annotations

import random
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kgqa.constraint.tables import name_table
from kgqa.constraint.tables.name_table import NameTable
from kgqa.constraint.tables.span import Span
from kgqa.constraint.tables.step_rows import NamedEntities, StepRows
from kgqa.constraint.tables.token_table import TokenTable, encode_or_refuse
from kgqa.errors import TokenizerError
from kgqa.graph import GraphBuilder, IndexedGraph, Name, Triple
from kgqa.lm import MockTokenizer

NOTHING = np.empty(0, dtype=np.int32)
SEQUENCES = st.lists(st.lists(st.integers(0, 3), max_size=4).map(tuple), min_size=1, max_size=30)


@dataclass
class ChunkTokenizer:
    """A token for every `width` characters, folded into `vocabulary` ids that keep no order."""

    width: int
    vocabulary: int
    leading_space: bool = True

    @property
    def fingerprint(self) -> str:
        return f"chunks-{self.width}-{self.vocabulary}"

    def encode_batch(self, segments: Sequence[str]) -> list[tuple[int, ...]]:
        return [
            tuple(
                int.from_bytes(text[at : at + self.width].encode(), "big") * 40503 % self.vocabulary
                for at in range(0, len(text), self.width)
            )
            for text in segments
        ]


@given(SEQUENCES)
def test_a_table_ranks_sequences_as_python_sorts_them(sequences: list[tuple[int, ...]]) -> None:
    table, order = TokenTable.of(sequences)
    assert [table.sequence(place) for place in range(len(table))] == sorted(sequences)
    assert [sequences[index] for index in order] == sorted(sequences)


@given(SEQUENCES)
def test_what_two_sequences_share_is_their_common_beginning(sequences: list[tuple[int, ...]]) -> None:
    table, _ = TokenTable.of(sequences)
    places = np.arange(len(table), dtype=np.int32)
    for (former, latter), found in zip(
        pairwise(sorted(sequences)), table.shared(places[:-1], places[1:]).tolist(), strict=True
    ):
        assert former[:found] == latter[:found]
        assert former[found : found + 1] != latter[found : found + 1] or len(former) == len(latter) == found


def test_refused_texts_come_last_and_hold_up_nobody_else() -> None:
    class Fussy(MockTokenizer):
        def encode_batch(self, segments: Sequence[str]) -> list[tuple[int, ...]]:
            if any("!" in text for text in segments):
                raise TokenizerError("no exclamations")
            return super().encode_batch(segments)

    texts = ["b", "!", "a", "c!", "d"]
    sequences = encode_or_refuse(Fussy(), texts)
    assert sequences == [(98,), None, (97,), None, (100,)]
    table, order = TokenTable.of(sequences)
    assert table.speakable == 3
    assert [texts[index] for index in order] == ["a", "b", "d", "!", "c!"]


def hub(names: Sequence[str]) -> IndexedGraph:
    """A graph whose entity `hub` leads to entities with these names over one relation."""
    facts = [Triple("hub", "r", f"e{number:05}") for number in range(len(names))]
    return GraphBuilder.of([*facts, *(Name(f"e{n:05}", name) for n, name in enumerate(names))])


def spans_of(graph: IndexedGraph, table: NameTable, without: tuple[int, ...] = ()) -> list[Span]:
    rows = StepRows.of(graph)
    named = NamedEntities(rows.group(graph.entity_id("hub"), 0), without, NOTHING)
    return [
        Span(
            table.tokens,
            members,
            low,
            high,
            lambda p: p,
            shared=table.shared,
            first_tokens=table.first_tokens_of(rows, named),
        )
        for members, low, high in table.spans(rows, named)
    ]


@pytest.mark.parametrize("large", [1, 10**9])
@pytest.mark.parametrize("tokenizer", [MockTokenizer(), ChunkTokenizer(1, 3), ChunkTokenizer(3, 50_000)])
@pytest.mark.parametrize("size", [3, 70, 3000])
def test_thousands_of_spans_of_a_hub_are_what_a_list_says(
    monkeypatch: pytest.MonkeyPatch, large: int, tokenizer: MockTokenizer | ChunkTokenizer, size: int
) -> None:
    monkeypatch.setattr(name_table, "LARGE_GROUP", large)
    generator = random.Random(size)
    names = ["".join(generator.choices("ab é", k=generator.randint(1, 12))) + "." for _ in range(size)]
    graph = hub(names)
    table = NameTable.of(graph, StepRows.of(graph), tokenizer)
    (span,) = spans_of(graph, table)
    members = [table.tokens.sequence(place) for place in span.members[span.low : span.high].tolist()]
    assert members == sorted(tokenizer.encode_batch([" " + " ".join(name.split()) for name in names]))
    pending = [(0, len(members), 0)]
    seen = 0
    while pending and seen < 3000:
        low, high, depth = pending.pop(generator.randrange(len(pending)))
        seen += 1
        inside = members[low:high]
        following = sorted({ids[depth] for ids in inside})
        assert span.allowed(span.low + low, span.low + high, depth).tolist() == following
        for token in (*generator.sample(following, min(3, len(following))), -1, 10**6):
            found = span.narrowed(span.low + low, span.low + high, depth, token)
            keys = [ids[depth] for ids in inside]
            first, stop = bisect_left(keys, token), bisect_left(keys, token + 1)
            if first == stop:
                assert found[0] == found[1]
                continue
            assert found == (span.low + low + first, span.low + low + stop)
            ended = sum(len(ids) == depth + 1 for ids in inside[first:stop])
            assert span.ended(*found, depth + 1) == found[0] + ended
            if first + ended < stop:
                pending.append((low + first + ended, low + stop, depth + 1))
    assert seen > 1


@pytest.mark.parametrize("large", [1, 10**9])
@given(data=st.data())
def test_names_left_out_are_holes(large: int, data: st.DataObject) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(name_table, "LARGE_GROUP", large)
        names = data.draw(st.lists(st.sampled_from(["a", "ab", "b", "ba", "bb"]), min_size=1, max_size=9))
        graph = hub(names)
        without = data.draw(st.lists(st.integers(-1, graph.entity_count - 1), max_size=4))
        table = NameTable.of(graph, StepRows.of(graph), MockTokenizer())
        spans = spans_of(graph, table, tuple(without))
        found = [e for s in spans for e in table.entities[s.members[s.low : s.high]].tolist()]
        assert sorted(found) == sorted(
            {graph.entity_id(f"e{n:05}") for n in range(len(names))} - set(without)
        )
        for span in spans:
            texts = [table.tokens.sequence(place) for place in span.members[span.low : span.high].tolist()]
            assert texts == sorted(texts)
            assert span.allowed(span.low, span.high, 0).tolist() == [32]
            assert span.allowed(span.low, span.high, 1).tolist() == sorted({ids[1] for ids in texts})
