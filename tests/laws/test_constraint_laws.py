"""The laws of constraints: the walk, the listed trie and brute force speak the same language."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from named_graphs import ENTITIES, NamedGraph, named_graphs
from property_examples import examples

from kgqa.constraint import GRAMMARS, Constraint, GrammarName, KGTrie, StepWalk, Tokenizer, Walk
from kgqa.constraint.tables.reach import Reach
from kgqa.constraint.testing import check_constraint, language
from kgqa.errors import NoChainError
from kgqa.graph import Chain
from kgqa.lm import MockTokenizer

TOKENIZER = MockTokenizer()
GRAMMAR = st.sampled_from(sorted(GRAMMARS))
TOPICS = st.lists(st.sampled_from(ENTITIES), min_size=1, max_size=2)


class GluedTokenizer(MockTokenizer):
    """A tokenizer whose texts start without a space and whose spaces and accents are no tokens."""

    def __init__(self) -> None:
        super().__init__(leading_space=False)

    def encode_batch(self, segments: Sequence[str]) -> list[tuple[int, ...]]:
        return [tuple(b for b in ids if 0x20 < b < 0x80) for ids in super().encode_batch(segments)]


class OtherTokenizer(MockTokenizer):
    """Bytes that sort the other way round."""

    def __init__(self) -> None:
        super().__init__()
        self.fingerprint = "mock-bytes-reversed"

    def encode_batch(self, segments: Sequence[str]) -> list[tuple[int, ...]]:
        return [tuple(255 - byte for byte in ids) for ids in super().encode_batch(segments)]


def build(
    kind: type[Walk] | type[KGTrie],
    named: NamedGraph,
    topics: list[str],
    tokenizer: Tokenizer,
    **settings: object,
) -> Constraint | None:
    try:
        return kind.of(named.graph, topics, tokenizer, **settings)  # type: ignore[arg-type]
    except NoChainError:
        return None


def by_brute_force(
    named: NamedGraph,
    topics: list[str],
    tokenizer: Tokenizer,
    grammar: GrammarName,
    hops: int,
    inverse: bool = True,
    allow_return: bool = False,
) -> dict[tuple[int, ...], Counter[Chain]]:
    """The language that a constraint should have."""
    oracle = named.oracle(inverse, allow_return)
    return oracle.language(grammar, topics, hops, lambda text: tokenizer.encode_batch([text])[0])


@pytest.mark.parametrize("kind", [Walk, KGTrie])
@examples(250)
@given(named_graphs(), GRAMMAR, st.integers(1, 3), st.booleans(), st.booleans(), TOPICS)
def test_walk_and_trie_obey_all_laws_and_speak_what_brute_force_finds(
    kind: type[Walk] | type[KGTrie],
    named: NamedGraph,
    grammar: GrammarName,
    hops: int,
    inverse: bool,
    allow_return: bool,
    topics: list[str],
) -> None:
    expected = by_brute_force(named, topics, TOKENIZER, grammar, hops, inverse, allow_return)
    constraint = build(
        kind,
        named,
        topics,
        TOKENIZER,
        grammar=grammar,
        hops=hops,
        inverse=inverse,
        allow_return=allow_return,
    )
    if constraint is None:
        assert not expected
    else:
        check_constraint(constraint, named.graph, vocabulary=[0, 32, 45, 256], expected=expected)


@examples(150)
@given(named_graphs(names=["é", "a", "éa", "日", "b"]), GRAMMAR, st.integers(1, 2), TOPICS)
def test_names_without_any_token_are_walked_through_and_lose_nothing(
    named: NamedGraph, grammar: GrammarName, hops: int, topics: list[str]
) -> None:
    tokenizer = GluedTokenizer()
    expected = by_brute_force(named, topics, tokenizer, grammar, hops)
    walk = build(Walk, named, topics, tokenizer, grammar=grammar, hops=hops)
    if walk is None:
        assert not expected
    else:
        check_constraint(walk, named.graph, expected=expected)


@examples(60)
@given(named_graphs(), GRAMMAR, st.lists(st.sampled_from(ENTITIES), min_size=1, max_size=3))
def test_a_saved_trie_is_the_same_trie(
    tmp_path_factory: pytest.TempPathFactory, named: NamedGraph, grammar: GrammarName, topics: list[str]
) -> None:
    trie = build(KGTrie, named, topics, TOKENIZER, grammar=grammar, hops=2)
    if isinstance(trie, KGTrie):
        folder = tmp_path_factory.mktemp("trie")
        trie.save(folder)
        loaded = KGTrie.load(folder, TOKENIZER)
        assert language(loaded) == language(trie)
        check_constraint(loaded, named.graph)


@examples(100)
@given(named_graphs(), GRAMMAR, st.integers(1, 2), TOPICS)
def test_more_hops_only_add_texts(
    named: NamedGraph, grammar: GrammarName, hops: int, topics: list[str]
) -> None:
    fewer = build(Walk, named, topics, TOKENIZER, grammar=grammar, hops=hops)
    more = build(Walk, named, topics, TOKENIZER, grammar=grammar, hops=hops + 1)
    if fewer is not None:
        assert more is not None
        assert language(fewer).items() <= language(more).items()


@examples(100)
@given(named_graphs(triples=9), st.sampled_from(["path", "chain"]), st.integers(1, 2), st.booleans(), TOPICS)
def test_large_groups_whose_first_tokens_are_kept_change_nothing(
    named: NamedGraph, grammar: GrammarName, hops: int, allow_return: bool, topics: list[str]
) -> None:
    expected = by_brute_force(named, topics, TOKENIZER, grammar, hops, allow_return=allow_return)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("kgqa.constraint.tables.name_table.LARGE_GROUP", 1)
        walk = build(Walk, named, topics, TOKENIZER, grammar=grammar, hops=hops, allow_return=allow_return)
        if walk is None:
            assert not expected
        else:
            check_constraint(walk, named.graph, expected=expected)


@examples(200)
@given(named_graphs(triples=9), GRAMMAR, st.integers(1, 3), st.booleans(), st.booleans(), TOPICS)
def test_a_large_graph_whose_names_are_encoded_when_they_are_come_to_speaks_the_same(
    named: NamedGraph,
    grammar: GrammarName,
    hops: int,
    inverse: bool,
    allow_return: bool,
    topics: list[str],
) -> None:
    expected = by_brute_force(named, topics, TOKENIZER, grammar, hops, inverse, allow_return)
    settings = {"grammar": grammar, "hops": hops, "inverse": inverse, "allow_return": allow_return}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("kgqa.constraint.tables.reach.MOST_ROWS", 0)
        patch.setattr("kgqa.constraint.tables.name_table.NameTable.of", None)
        patch.setattr("kgqa.constraint.tables.step_rows.StepRows.of", None)
        walk = build(Walk, named, topics, TOKENIZER, **settings)
        if walk is None:
            assert not expected
            return
        check_constraint(walk, named.graph, vocabulary=[0, 32, 45, 256], expected=expected)
        if grammar not in ("path", "relations"):
            return
        steps = StepWalk.over(Reach.of(named.graph, inverse), topics, grammar, hops, allow_return)
        check_constraint(steps, named.graph)
    rows = Reach(named.graph, inverse)
    assert language(steps) == language(StepWalk.over(rows, topics, grammar, hops, allow_return))


@examples(100)
@given(named_graphs(), GRAMMAR, st.integers(1, 2), st.booleans(), TOPICS)
def test_constraints_of_one_graph_share_its_tables_and_nothing_else(
    named: NamedGraph, grammar: GrammarName, hops: int, inverse: bool, topics: list[str]
) -> None:
    for tokenizer in (TOKENIZER, OtherTokenizer(), TOKENIZER):
        for other in (["e0"], topics):
            walk = build(Walk, named, other, tokenizer, grammar=grammar, hops=hops, inverse=inverse)
            trie = build(KGTrie, named, other, tokenizer, grammar=grammar, hops=hops, inverse=inverse)
            assert (walk is None) == (trie is None)
            if walk is not None and trie is not None:
                assert language(walk) == language(trie)
