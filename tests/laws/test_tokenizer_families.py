"""Over every tokenizer family: the walk gives the ids that the tokenizer gives the whole text."""

from __future__ import annotations

from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st
from named_graphs import ENTITIES, NamedGraph, named_graphs
from property_examples import examples
from tokenizer_families import FAMILIES, SPLITTABLE

from kgqa.constraint import GRAMMARS, GrammarName, KGTrie, Walk
from kgqa.constraint.testing import check_constraint
from kgqa.errors import NoChainError, TokenizerError
from kgqa.lm.hf.tokenizer import HuggingFaceTokenizer


@cache
def wrapped(family: str) -> HuggingFaceTokenizer:
    return HuggingFaceTokenizer(FAMILIES[family]())


def whole(family: str, text: str) -> tuple[int, ...]:
    """The ids of a whole text in the words of transformers alone, behind an anchor character.

    Where transformers itself takes the text of a special token for the token, ours counts.
    """
    tokenizer = FAMILIES[family]()
    options = {"add_special_tokens": False, "split_special_tokens": True}
    anchor = tokenizer("x", **options)["input_ids"]
    ids = tokenizer("x" + text, **options)["input_ids"]
    assert ids[: len(anchor)] == anchor
    if special_ids(family) & set(ids):
        ids = wrapped(family).encode_text("x" + text)
    return tuple(ids[len(anchor) :])


def special_ids(family: str) -> set[int]:
    """The ids that no text may have; what stands for unknown characters is none of them."""
    return set(FAMILIES[family]().all_special_ids) - {wrapped(family).unknown_id}


@pytest.mark.parametrize("family", sorted(SPLITTABLE))
@pytest.mark.parametrize("kind", [Walk, KGTrie])
@examples(25)
@given(
    named_graphs(triples=4),
    st.sampled_from(sorted(GRAMMARS)),
    st.integers(1, 2),
    st.lists(st.sampled_from(ENTITIES), min_size=1, max_size=2),
)
def test_the_language_has_the_ids_of_whole_texts(
    family: str,
    kind: type[Walk] | type[KGTrie],
    named: NamedGraph,
    grammar: GrammarName,
    hops: int,
    topics: list[str],
) -> None:
    tokenizer = wrapped(family)
    try:
        constraint = kind.of(named.graph, topics, tokenizer, grammar=grammar, hops=hops)
    except TokenizerError:
        return  # some name does not split where it must: refused, never verbalized wrongly
    except NoChainError:
        constraint = None
    oracle = named.oracle(inverse=True, allow_return=False)
    expected = oracle.language(grammar, topics, hops, lambda text: whole(family, text))
    if constraint is None:
        assert not expected
        return
    try:
        check_constraint(constraint, named.graph, expected=expected)
    except TokenizerError:
        return
    assert not special_ids(family) & {token for tokens in expected for token in tokens}


@pytest.mark.parametrize("family", sorted(set(FAMILIES) - set(SPLITTABLE)))
def test_a_tokenizer_that_merges_across_boundaries_is_refused(family: str) -> None:
    with pytest.raises(TokenizerError):
        HuggingFaceTokenizer(FAMILIES[family]())
