"""Masks of a trie on a device are those of the constraint, and nothing is read back to make them."""

from __future__ import annotations

import random

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from property_examples import examples
from strategies import graphs

from kgqa.constraint import GrammarName, KGTrie
from kgqa.errors import ConstraintError, NoChainError, UsageError
from kgqa.graph import GraphBuilder, IndexedGraph, Triple
from kgqa.lm import MockTokenizer
from kgqa.lm.hf.device_trie import DeviceTrie
from kgqa.lm.hf.generate import ChainLogitsProcessor
from kgqa.lm.hf.trie_processor import TrieLogitsProcessor

TOKENIZER = MockTokenizer()
END, PAD = TOKENIZER.end_id, 7
GRAMMARS: tuple[GrammarName, ...] = ("path", "chain", "relations")


def tries_of(graph: IndexedGraph, grammar: GrammarName, count: int) -> list[KGTrie]:
    found = []
    for topic in sorted(graph.entities):
        try:
            found.append(KGTrie.of(graph, [topic], TOKENIZER, grammar=grammar, hops=1, limit=500))
        except NoChainError:
            continue
    return found[:count]


def step(generator: random.Random, masks: torch.Tensor, beams: int) -> tuple[list[int], list[int]]:
    """For each row the row that it continues, of the same prompt, and an allowed token."""
    parents, tokens = [], []
    for row in range(len(masks)):
        first = row // beams * beams
        usable = [at for at in range(first, first + beams) if not masks[at].isneginf().all()]
        parents.append(generator.choice(usable))
        tokens.append(generator.choice(torch.where(~masks[parents[-1]].isneginf())[0].tolist()))
    return parents, tokens


@given(graphs(), st.sampled_from(GRAMMARS), st.integers(1, 3), st.integers(1, 3), st.integers(0, 1000))
@examples(30)
def test_masks_are_those_of_the_constraint_whatever_beams_do(
    graph: IndexedGraph, grammar: GrammarName, prompts: int, beams: int, seed: int
) -> None:
    tries = tries_of(graph, grammar, prompts)
    if not tries:
        return
    generator = random.Random(seed)
    theirs = ChainLogitsProcessor(tries, TOKENIZER, 2, pad_id=PAD)
    ours = TrieLogitsProcessor(tries, TOKENIZER, 2, pad_id=PAD)
    rows = len(tries) * beams
    ids = torch.zeros((rows, 2), dtype=torch.int64)
    for _ in range(60):
        scores = torch.randn(rows, TOKENIZER.vocabulary_size)
        expected = theirs(ids, scores)
        assert torch.equal(ours(ids, scores), expected)
        parents, tokens = step(generator, expected, beams)
        ids = torch.cat([ids[parents], torch.tensor(tokens)[:, None]], dim=1)
    if (ids[:, -1] == END).any():
        row = int(torch.where(ids[:, -1] == END)[0][0])
        assert tries[row // beams].accepts(ours.state(ids[row], row // beams))


def test_nothing_is_read_back() -> None:
    """On torch's device without values, where reading one, or making a shape of one, is an error."""
    trie = KGTrie.of(GraphBuilder.of([Triple("a", "r", "b"), Triple("a", "s", "c")]), ["a"], TOKENIZER)
    processor = TrieLogitsProcessor([trie, trie], TOKENIZER, 2, pad_id=PAD, device="meta")
    with torch.device("meta"):
        for length in (7, *range(2, 20)):  # a text that is walked, then one that grows beyond all of the trie
            ids = torch.zeros((4, length), dtype=torch.int64)
            scores = torch.zeros(4, TOKENIZER.vocabulary_size)
            assert processor(ids, scores).shape == scores.shape
            with pytest.raises(RuntimeError):
                ids[0, 0].item()


def test_a_second_text_begins_at_the_root_and_a_later_one_is_walked() -> None:
    trie = KGTrie.of(GraphBuilder.of([Triple("a", "r", "b"), Triple("a", "s", "c")]), ["a"], TOKENIZER)
    processor = TrieLogitsProcessor(trie, TOKENIZER, 0)
    scores = torch.zeros(1, TOKENIZER.vocabulary_size)
    text = torch.tensor([list(trie.texts()[0])])
    at_end = processor(text, scores)
    assert torch.where(~at_end[0].isneginf())[0].tolist() == [END]
    assert torch.equal(
        processor(text[:, :0], scores), ChainLogitsProcessor(trie, TOKENIZER, 0)(text[:, :0], scores)
    )
    wrong = torch.cat([text[:, :-1], torch.tensor([[END]])], dim=1)
    assert processor(wrong, scores).isneginf().all()
    beyond = torch.tensor([[TOKENIZER.vocabulary_size - 1]])
    assert processor(beyond, scores).isneginf().all()


def test_rows_that_are_no_multiple_of_the_tries_are_refused() -> None:
    trie = KGTrie.of(GraphBuilder.of([Triple("a", "r", "b")]), ["a"], TOKENIZER)
    processor = TrieLogitsProcessor([trie, trie], TOKENIZER, 0)
    with pytest.raises(UsageError, match="3 rows for 2 constraints"):
        processor(torch.zeros((3, 0), dtype=torch.int64), torch.zeros(3, TOKENIZER.vocabulary_size))
    with pytest.raises(UsageError, match="no trie"):
        DeviceTrie.of([], END)
    with pytest.raises(ConstraintError, match="holds the end token"):
        DeviceTrie.of([trie], int(trie.texts()[0][0]))


def test_a_text_that_begins_another_has_both_edges() -> None:
    graph = GraphBuilder.of([Triple("a", "r", "b"), Triple("b", "r", "c")])
    trie = KGTrie.of(graph, ["a"], TOKENIZER, hops=2)
    shorter, longer = trie.texts()
    assert list(longer[: len(shorter)]) == list(shorter)
    processor = TrieLogitsProcessor(trie, TOKENIZER, 0)
    mask = processor(torch.tensor([list(shorter)]), torch.zeros(1, TOKENIZER.vocabulary_size))
    assert torch.where(~mask[0].isneginf())[0].tolist() == sorted([END, int(longer[len(shorter)])])
