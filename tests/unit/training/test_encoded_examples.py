"""Batches of encoded examples."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from itertools import islice

import pytest
import torch
from tokenizers import Tokenizer
from unit.training.tiny_writer import EXAMPLES, shipped_tokenizer, tiny_writer

from kgqa.errors import UsageError
from kgqa.graph import RelationStep
from kgqa.lm.path_writer.modeling import PathWriter
from kgqa.lm.path_writer.question_text import CLS, SEP, question_ids
from kgqa.training.examples.example import Target, step_text
from kgqa.training.path_writer.encoded_examples import EncodedExamples

LONG = replace(EXAMPLES[0], question="and who was it that once " + EXAMPLES[0].question, source="long")


def lengths(encoded: EncodedExamples) -> list[int]:
    rows = [(number, [CLS]) for number in range(len(encoded.examples))]
    return [int(length) for length in encoded.batch(rows).attention_mask.sum(dim=1)]


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    return shipped_tokenizer()


@pytest.fixture(scope="module")
def model() -> PathWriter:
    return tiny_writer()


def test_a_batch_pads_memories_and_pieces(model: PathWriter, tokenizer: Tokenizer) -> None:
    encoded = EncodedExamples([EXAMPLES[0], LONG], model, tokenizer)
    short, long = encoded.pieces([RelationStep("capital")]), encoded.pieces(EXAMPLES[0].targets[0].steps)
    batch = encoded.batch([(0, long), (1, short)])
    lengths = [len(question_ids(tokenizer, e.question, e.topics)) for e in (EXAMPLES[0], LONG)]
    assert batch.memory.shape == (2, lengths[1], 64)
    assert batch.attention_mask.sum(dim=1).tolist() == lengths
    assert not batch.memory[0, lengths[0] :].any()
    assert batch.pieces.tolist() == [long, [*short, *[0] * (len(long) - len(short))]]


def test_pieces_are_those_of_the_written_path(model: PathWriter, tokenizer: Tokenizer) -> None:
    encoded = EncodedExamples(EXAMPLES[:1], model, tokenizer)
    steps = EXAMPLES[0].targets[0].steps
    text = "".join(map(step_text, steps))
    written = tokenizer.encode(text, add_special_tokens=False).ids
    assert encoded.pieces(steps) == [CLS, *written, SEP]
    assert encoded.known_pieces() == sorted({SEP, *written})


def test_what_is_encoded_beside_a_question_does_not_change_its_states(
    model: PathWriter, tokenizer: Tokenizer
) -> None:
    batch_size = EncodedExamples([EXAMPLES[0], LONG], model, tokenizer).batch([(0, [CLS])]).memory
    alone = EncodedExamples([EXAMPLES[0]], model, tokenizer).batch([(0, [CLS])]).memory
    assert torch.allclose(batch_size, alone, atol=0.05)


def test_what_was_encoded_before_a_question_does_not_change_its_states(
    model: PathWriter, tokenizer: Tokenizer
) -> None:
    first, second = (EncodedExamples([*EXAMPLES, LONG], model, tokenizer) for _ in range(2))
    for number in range(len(EXAMPLES)):
        first.batch([(number, [CLS])])
    rows = [(number, [CLS]) for number in reversed(range(len(EXAMPLES) + 1))]
    assert torch.equal(first.batch(rows).memory, second.batch(rows).memory)


def test_masks_and_names_are_left_out_as_often_as_asked(model: PathWriter, tokenizer: Tokenizer) -> None:
    masked = EncodedExamples(EXAMPLES, model, tokenizer)
    bare = EncodedExamples(EXAMPLES, model, tokenizer, unmasked=1, unnamed=1)
    some = EncodedExamples(EXAMPLES, model, tokenizer, unnamed=0.5)
    shorter = [a - b for a, b in zip(lengths(masked), lengths(bare), strict=True)]
    assert shorter == [1] * len(EXAMPLES)
    unlike = sum(a != b for a, b in zip(lengths(masked), lengths(some), strict=True))
    assert 0 < unlike < len(EXAMPLES)


def test_draws_follow_shares_and_weights_and_repeat_with_their_seed(
    model: PathWriter, tokenizer: Tokenizer
) -> None:
    likely, rare = (RelationStep("capital"),), (RelationStep("written_by", True),)
    split = replace(EXAMPLES[0], source="split", targets=(Target(likely, 0.9), Target(rare, 0.1)))
    never = replace(EXAMPLES[1], source="never", targets=(Target((RelationStep("film"),)),))
    encoded = EncodedExamples([split, never, LONG], model, tokenizer)
    shares = {"split": 0.75, "long": 0.25, "absent": 5.0}
    batches = list(islice(encoded.draws(10, shares, seed=1), 100))
    assert all(len(batch.pieces) == 10 for batch in batches)
    rows = Counter(tuple(p for p in row if p) for batch in batches for row in batch.pieces.tolist())
    counts = [rows[tuple(encoded.pieces(steps))] for steps in (likely, rare, LONG.targets[0].steps)]
    assert sum(counts) == 1000
    assert counts == pytest.approx([675, 75, 250], abs=60)
    again = islice(encoded.draws(10, shares, seed=1), 100)
    assert all(torch.equal(a.pieces, b.pieces) for a, b in zip(batches, again, strict=True))
    other = islice(encoded.draws(10, shares, seed=2), 100)
    assert not all(
        a.pieces.shape == b.pieces.shape and torch.equal(a.pieces, b.pieces)
        for a, b in zip(batches, other, strict=True)
    )


def test_shares_of_no_source_are_refused(model: PathWriter, tokenizer: Tokenizer) -> None:
    encoded = EncodedExamples(EXAMPLES, model, tokenizer)
    with pytest.raises(UsageError, match=r"no examples of webqsp, only of even, odd"):
        next(encoded.draws(4, {"webqsp": 1.0}, seed=0))
