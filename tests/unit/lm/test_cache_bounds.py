"""What the caches of language models may hold: a number of bytes, whatever the prompts are."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from tiny_models import tiny_model

from kgqa.errors import UsageError
from kgqa.lm import Prompt, Request, Text, as_language_model, load_language_model
from kgqa.lm.forward.key_value_pool import KeyValuePool
from kgqa.lm.forward.prefix_cache import PrefixCache, tensor_bytes
from kgqa.lm.forward.row_scorer import RowScorer
from kgqa.lm.forward.tree_scorer import TreeScorer
from kgqa.lm.hf.causal import CausalLanguageModel
from kgqa.lm.hf.seq2seq import Seq2SeqScorer
from kgqa.lm.path_writer.language_model import PathWriterLanguageModel

PROMPTS = [Prompt(f"question {number} {'very ' * number}long?", ("Kismet",)) for number in range(24)]
TEXTS: list[Text] = [(), (5,), (5, 6), (7, 8, 9)]


@given(
    sizes=st.lists(st.integers(1, 9), max_size=30),
    max_bytes=st.integers(1, 20),
    count=st.integers(1, 6),
)
def test_a_prefix_cache_keeps_to_its_bounds(sizes: list[int], max_bytes: int, count: int) -> None:
    prompts = [Prompt(str(size), ()) for size in sizes]
    computed: list[Prompt] = []

    def compute(prompt: Prompt) -> int:
        computed.append(prompt)
        return int(prompt.question)

    cache = PrefixCache(compute, count, max_bytes, lambda size: size)
    for at, prompt in enumerate(prompts):
        again = prompt in prompts[max(0, at - 1) : at]
        before = len(computed)
        assert cache[prompt] == int(prompt.question)
        assert not (again and len(computed) > before)  # the one before is always there
        assert len(cache) <= count
        assert cache.nbytes == sum(size for _, size in cache._kept.values())
        assert cache.nbytes <= max_bytes or len(cache) == 1
    cache.clear()
    assert cache.nbytes == len(cache) == 0


def test_the_bytes_of_a_cache_are_those_of_its_tensors() -> None:
    half = torch.zeros(10)
    assert tensor_bytes([half, (half[:3], {"a": torch.zeros(4, dtype=torch.int64)}), 5]) == 40 + 32


def scored(lm: Any, prompts: list[Prompt], together: int) -> list[np.ndarray]:
    found = []
    for at in range(0, len(prompts), together):
        requests = [Request(prompt, TEXTS) for prompt in prompts[at : at + together]]
        found += [follows.log_probabilities for follows in lm.score(requests)]
    return found


def test_trees_of_many_prompts_keep_to_the_bound() -> None:
    model, tokenizer = tiny_model("llama")
    free = CausalLanguageModel(model, tokenizer)
    expected = scored(free, PROMPTS, 12)
    assert isinstance(free._scorer, TreeScorer)
    most = free._scorer._pool.nbytes // 5
    bound = CausalLanguageModel(model, tokenizer, cache_bytes=most)
    assert isinstance(bound._scorer, TreeScorer)
    pool = bound._scorer._pool
    for _ in range(3):
        for one, other in zip(scored(bound, PROMPTS, 12), expected, strict=True):
            np.testing.assert_allclose(one, other, atol=1e-4)
    assert 0 < pool.nbytes <= most
    assert pool.allocated_rows > 1
    passes = bound.passes
    scored(bound, PROMPTS, 12)
    assert bound.passes - passes <= -(-len(PROMPTS) // bound._scorer._rows.room) + 2


def test_a_prompt_that_is_larger_than_the_bound_is_scored() -> None:
    model, tokenizer = tiny_model("llama")
    expected = scored(CausalLanguageModel(model, tokenizer), PROMPTS[:5], 5)
    bound = CausalLanguageModel(model, tokenizer, cache_bytes=1)
    for together in (5, 1):
        for one, other in zip(scored(bound, PROMPTS[:5], together), expected, strict=True):
            np.testing.assert_allclose(one, other, atol=1e-4)
    assert isinstance(bound._scorer, TreeScorer)
    assert bound._scorer._pool.allocated_rows == 1
    read = bound.prompts_read
    scored(bound, PROMPTS[4:5] * 3, 1)
    assert bound.prompts_read == read  # the last one stays


@pytest.mark.parametrize("name", ["gpt2", "t5"])
def test_rows_of_many_prompts_keep_to_the_bound(name: str) -> None:
    model, tokenizer = tiny_model(name)
    options: dict[str, Any] = {} if name == "t5" else {"tree": False}
    kind = type(as_language_model(model, tokenizer))
    free = kind(model, tokenizer, **options)
    expected = scored(free, PROMPTS, 1)
    assert isinstance(free._scorer, RowScorer | Seq2SeqScorer)
    most = free._scorer._prompts.nbytes // 5
    assert most > 0
    bound = kind(model, tokenizer, cache_bytes=most, **options)
    for one, other in zip(scored(bound, PROMPTS, 1), expected, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-4)
    assert isinstance(bound._scorer, RowScorer | Seq2SeqScorer)
    assert 0 < bound._scorer._prompts.nbytes <= most
    assert 1 < len(bound._scorer._prompts) < len(free._scorer._prompts)


def test_the_shipped_model_keeps_to_its_bound() -> None:
    free = load_language_model(dtype="float32")
    expected = scored(free, PROMPTS * 4, 32)
    assert isinstance(free, PathWriterLanguageModel)
    most = free._pool.nbytes // 4
    bound = load_language_model(dtype="float32", cache_bytes=most)
    assert isinstance(bound, PathWriterLanguageModel)
    for _ in range(2):  # the first pass shows how large a row is
        for one, other in zip(scored(bound, PROMPTS, 24), expected, strict=False):
            np.testing.assert_allclose(one, other, atol=1e-3)
        assert bound._pool.nbytes <= most
    assert 0 < bound._pool.nbytes <= most
    used = sum(part.untyped_storage().nbytes() for m in bound._memories.values() for kv in m for part in kv)
    assert 0 < used <= most // 8 or len(bound._memories) == 1


@pytest.mark.parametrize("bytes_", [0, -1, 1.5, "4GB"])
def test_a_bound_is_a_positive_number(bytes_: Any) -> None:
    with pytest.raises(UsageError, match="cache_bytes is a positive number of bytes"):
        load_language_model(cache_bytes=bytes_)
    with pytest.raises(UsageError, match="cache_bytes is a positive number of bytes"):
        as_language_model(*tiny_model("llama"), cache_bytes=bytes_)


def test_an_empty_pool_has_no_memory() -> None:
    pool = KeyValuePool()
    assert pool.nbytes == pool.allocated_rows == pool.row_bytes == 0
