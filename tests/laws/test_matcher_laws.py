"""Matchers: ours obeys the laws of engines over random multigraphs, and broken ones are found out."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from named_graphs import ENTITIES, NamedGraph, named_graphs
from numpy.typing import NDArray
from property_examples import examples
from test_tokenizer_families import whole, wrapped
from tokenizer_families import SPLITTABLE

from kgqa.constraint import GRAMMARS, Constraint, GrammarName, KGTrie, Walk
from kgqa.constraint.engines import bitmask as bits
from kgqa.constraint.engines.conformance import check_matcher, whole_text_language
from kgqa.constraint.engines.matcher import Matcher
from kgqa.errors import NoChainError, TokenizerError, UsageError
from kgqa.graph import GraphBuilder, Triple
from kgqa.lm import MockTokenizer

pytestmark = pytest.mark.slow  # minutes

TOKENIZER = MockTokenizer()
END = TOKENIZER.end_id
GRAMMAR = st.sampled_from(sorted(GRAMMARS))
TOPICS = st.lists(st.sampled_from(ENTITIES), min_size=1, max_size=2)


def encode(text: str) -> tuple[int, ...]:
    return TOKENIZER.encode_batch([text])[0]


@pytest.mark.parametrize("kind", [Walk, KGTrie])
@examples(40)
@given(named_graphs(triples=5), GRAMMAR, st.integers(1, 2), st.booleans(), st.booleans(), TOPICS)
def test_through_bitmasks_exactly_the_chains_of_brute_force_can_be_written(
    kind: type[Walk] | type[KGTrie],
    named: NamedGraph,
    grammar: GrammarName,
    hops: int,
    inverse: bool,
    allow_return: bool,
    topics: list[str],
) -> None:
    expected = named.oracle(inverse, allow_return).language(grammar, topics, hops, encode)
    settings = {"grammar": grammar, "hops": hops, "inverse": inverse, "allow_return": allow_return}
    listed = whole_text_language(named.graph, topics, encode, **settings)  # type: ignore[arg-type]
    assert listed == expected
    if not expected or sum(map(len, expected)) > 1000:
        return
    constraint = kind.of(named.graph, topics, TOKENIZER, **settings)  # type: ignore[arg-type]
    check_matcher(
        lambda c: Matcher(c, END), constraint, named.graph, expected, end_id=END, vocabulary_size=257
    )


@pytest.mark.parametrize("family", sorted(SPLITTABLE))
@examples(6)
@given(named_graphs(triples=3), GRAMMAR, TOPICS)
def test_with_every_tokenizer_the_ids_are_those_of_whole_texts(
    family: str, named: NamedGraph, grammar: GrammarName, topics: list[str]
) -> None:
    tokenizer = wrapped(family)
    expected = whole_text_language(
        named.graph, topics, lambda text: whole(family, text), grammar=grammar, hops=2
    )
    if sum(map(len, expected)) > 600:
        return
    try:
        constraint = Walk.of(named.graph, topics, tokenizer, grammar=grammar, hops=2)
        check_matcher(
            lambda c: Matcher(c, tokenizer.end_id),
            constraint,
            named.graph,
            expected,
            end_id=tokenizer.end_id,
            vocabulary_size=tokenizer.vocabulary_size,
        )
    except (TokenizerError, NoChainError):
        return  # refused, never verbalized wrongly


class TooWide(Matcher):
    """Offers one more token, and takes it for another."""

    def fill_next_token_bitmask(self, bitmask: NDArray[np.int32], row: int = 0) -> bool:
        bits.fill(bitmask, row, sorted({*self.allowed_tokens().tolist(), ord("z")}))
        return True


class Widest(Matcher):
    """Lifts the constraint where a name begins, as GCR's published code does where it is stuck."""

    def fill_next_token_bitmask(self, bitmask: NDArray[np.int32], row: int = 0) -> bool:
        super().fill_next_token_bitmask(bitmask, row)
        if len(self.tokens) == 3:
            bitmask[row] = -1
        return True


class TooNarrow(Matcher):
    """Leaves out the last of several alternatives."""

    def fill_next_token_bitmask(self, bitmask: NDArray[np.int32], row: int = 0) -> bool:
        allowed = self.allowed_tokens()
        bits.fill(bitmask, row, allowed[:-1] if len(allowed) > 1 else allowed)
        return True


class NeverEnds(Matcher):
    """Offers the end token only where nothing else may follow."""

    def fill_next_token_bitmask(self, bitmask: NDArray[np.int32], row: int = 0) -> bool:
        allowed = self.allowed_tokens()
        bits.fill(bitmask, row, allowed[allowed != END] if len(allowed) > 1 else allowed)
        return True


class ShortRollback(Matcher):
    """Never goes back further than one token."""

    def rollback(self, count: int = 1) -> None:
        super().rollback(min(count, 1))


class LongRollback(Matcher):
    """Goes back one token too far where it can, if it goes back further than one."""

    def rollback(self, count: int = 1) -> None:
        super().rollback(min(count + (count > 1), len(self.tokens)))


class OneBitOff(Matcher):
    """Counts the bits of a word from 1."""

    def fill_next_token_bitmask(self, bitmask: NDArray[np.int32], row: int = 0) -> bool:
        bits.fill(bitmask, row, self.allowed_tokens() + 1)
        return True


class OneWordOff(Matcher):
    """Puts the tokens of the second word into the third and so on."""

    def fill_next_token_bitmask(self, bitmask: NDArray[np.int32], row: int = 0) -> bool:
        super().fill_next_token_bitmask(bitmask, row)
        bitmask[row, 2:] = bitmask[row, 1:-1].copy()
        return True


class BigEndian(Matcher):
    """Packs the bits of a byte from the top."""

    def fill_next_token_bitmask(self, bitmask: NDArray[np.int32], row: int = 0) -> bool:
        flags = np.zeros(bitmask.shape[1] * 32, dtype=np.bool_)
        flags[self.allowed_tokens()] = True
        bitmask[row] = np.packbits(flags).view(np.int32)
        return True


class AddsToTheMask(Matcher):
    """Sets bits and clears none."""

    def fill_next_token_bitmask(self, bitmask: NDArray[np.int32], row: int = 0) -> bool:
        bitmask[row] |= bits.pack(self.allowed_tokens(), bitmask.shape[1] * 32)
        return True


class AllRows(Matcher):
    """Writes its mask over every row."""

    def fill_next_token_bitmask(self, bitmask: NDArray[np.int32], row: int = 0) -> bool:
        super().fill_next_token_bitmask(bitmask, row)
        bitmask[:] = bitmask[row]
        return True


class SharedFork(Matcher):
    """Its forks are itself."""

    def fork(self) -> SharedFork:
        return self


class SharedStack(Matcher):
    """Its forks share what was accepted."""

    def fork(self) -> SharedStack:
        other = super().fork()
        other._states = self._states
        return other


class RemembersRefusals(Matcher):
    """Goes on with a token that it refuses."""

    def accept_token(self, token: int) -> bool:
        taken = super().accept_token(token)
        if not taken and token == ord("z"):
            self._tokens.append(END)
            self._states.append(self.state)
        return taken


class ForcesTooLittle(Matcher):
    """Knows one forced token at a time."""

    def forced_tokens(self) -> tuple[int, ...]:
        return super().forced_tokens()[:1]


class ForcesByAccepting(Matcher):
    """Accepts what it says is forced."""

    def forced_tokens(self) -> tuple[int, ...]:
        run = super().forced_tokens()
        for token in run:
            self.accept_token(token)
        return run


class GoesOnAfterTheEnd(Matcher):
    """Offers every token once the text has ended."""

    def fill_next_token_bitmask(self, bitmask: NDArray[np.int32], row: int = 0) -> bool:
        super().fill_next_token_bitmask(bitmask, row)
        if self.is_terminated():
            bits.fill(bitmask, row, range(257))
        return True


class NeverTerminates(Matcher):
    """Does not say that a text has ended."""

    def is_terminated(self) -> bool:
        return False


GRAPH = GraphBuilder.of(
    [Triple("a", "r", "b"), Triple("a", "r", "bc"), Triple("a", "s", "b"), Triple("b", "r", "d")]
)
BROKEN: dict[type[Matcher], str] = {
    TooWide: "Language",
    Widest: "Mask|Language",
    TooNarrow: "Language",
    NeverEnds: "Language",
    ShortRollback: "Rollback",
    LongRollback: "Rollback|Language",
    OneBitOff: "Language",
    OneWordOff: "Language|Mask",
    BigEndian: "Language",
    AddsToTheMask: "Language|Mask",
    AllRows: "Mask",
    SharedFork: "Fork",
    SharedStack: "Fork|Language",
    RemembersRefusals: "Refusal",
    ForcesTooLittle: "Forced",
    ForcesByAccepting: "Forced",
    GoesOnAfterTheEnd: "Language",
    NeverTerminates: "Language",
}


def check(make: Callable[[Constraint], Matcher], **changes: object) -> None:
    constraint = Walk.of(GRAPH, ["a"], TOKENIZER)
    expected = whole_text_language(GRAPH, ["a"], encode)
    settings = {"end_id": END, "vocabulary_size": 257, "refused": [ord("z")], **changes}
    check_matcher(make, constraint, GRAPH, expected, **settings)  # type: ignore[arg-type]


def test_on_the_graph_of_the_broken_matchers_ours_passes() -> None:
    check(lambda constraint: Matcher(constraint, END))


@pytest.mark.parametrize("kind", BROKEN, ids=lambda kind: kind.__name__)
def test_a_broken_matcher_is_found_out(kind: type[Matcher]) -> None:
    with pytest.raises(AssertionError, match=f"^({BROKEN[kind]}):"):
        check(lambda constraint: kind(constraint, END))


def test_a_matcher_over_another_language_is_found_out() -> None:
    fewer = Walk.of(GRAPH, ["a"], TOKENIZER, hops=1)
    more = Walk.of(GRAPH, ["a"], TOKENIZER, hops=3, allow_return=True)
    for other in (fewer, more):
        with pytest.raises(AssertionError, match=r"^Language:"):
            check(lambda _, other=other: Matcher(other, END))  # type: ignore[misc]


def test_a_bit_beyond_the_vocabulary_is_found_out() -> None:
    class Padding(Matcher):
        def fill_next_token_bitmask(self, bitmask: NDArray[np.int32], row: int = 0) -> bool:
            super().fill_next_token_bitmask(bitmask, row)
            bitmask[row, -1] |= 1 << 30
            return True

    with pytest.raises(AssertionError, match="beyond the vocabulary"):
        check(lambda constraint: Padding(constraint, END))


def test_taking_back_more_than_there_is_is_an_error_and_changes_nothing() -> None:
    matcher = Matcher(Walk.of(GRAPH, ["a"], TOKENIZER), END)
    assert matcher.accept_token(32)
    for count in (2, -1):
        with pytest.raises(UsageError, match=f"roll back {count} of 1"):
            matcher.rollback(count)
    assert matcher.tokens == (32,)
