import copy
import functools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest
import torch
from tiny_models import CAUSAL, SEQ2SEQ, tiny_model
from tokenizer_families import FAMILIES

from kgqa.lm import LanguageModel, MockLanguageModel, Prompt, Scores
from kgqa.lm.causal import CausalLanguageModel
from kgqa.lm.hf_tokenizer import HuggingFaceTokenizer
from kgqa.lm.seq2seq import Seq2SeqLanguageModel
from kgqa.lm.testing import SAMPLE_PROMPTS, SAMPLE_SEGMENTS, check_language_model

Adapter = CausalLanguageModel | Seq2SeqLanguageModel


@functools.cache
def tiny(name: str) -> tuple[Any, Any]:
    return tiny_model(name)


def adapter(name: str, **options: Any) -> Adapter:
    kind = CausalLanguageModel if name in CAUSAL else Seq2SeqLanguageModel
    return kind(*tiny(name), **options)


@pytest.mark.parametrize("name", CAUSAL + SEQ2SEQ)
def test_every_architecture_keeps_the_laws(name: str) -> None:
    check_language_model(adapter(name))


@pytest.mark.parametrize("name", ["llama", "t5"])
def test_small_batches_change_nothing(name: str) -> None:
    check_language_model(adapter(name, batch_size=3, kept_prompts=1))


@pytest.mark.parametrize(
    "model",
    [
        MockLanguageModel(),
        MockLanguageModel(5, preferences={" Joel Zwick <-": 9.0, " Joel": 4.0}, sharpness=3.0),
        MockLanguageModel(tokenizer=HuggingFaceTokenizer(FAMILIES["llama3"]())),
    ],
)
def test_the_mock_keeps_the_laws(model: MockLanguageModel) -> None:
    check_language_model(model)


@torch.inference_mode()
def plain_logits(name: str, lm: Adapter, prompt: Prompt, tokens: Sequence[int]) -> torch.Tensor:
    """One forward pass over the whole text, with no cache, no batch and no padding."""
    model, _ = tiny(name)
    ids = lm.renderer.encode(prompt)
    if name in CAUSAL:
        logits = model(input_ids=torch.tensor([[*ids, *tokens]]), use_cache=False).logits
        return logits[0, len(ids) - 1 :].float()  # type: ignore[no-any-return]
    opening = [model.config.decoder_start_token_id]
    if name == "bart":
        opening.append(0)  # forced_bos_token_id
    if lm.tokenizer.path_start_id is not None:
        opening.append(lm.tokenizer.path_start_id)
    logits = model(
        input_ids=torch.tensor([ids]), decoder_input_ids=torch.tensor([[*opening, *tokens]]), use_cache=False
    ).logits
    return logits[0, len(opening) - 1 :].float()  # type: ignore[no-any-return]


@pytest.mark.parametrize("name", CAUSAL + SEQ2SEQ)
def test_scores_are_those_of_one_pass_without_a_cache(name: str) -> None:
    lm = adapter(name)
    ids = [token for segment in lm.tokenizer.encode_batch(SAMPLE_SEGMENTS) for token in segment]
    texts = [ids[:1], ids, (), ids[::-1], [*ids, lm.tokenizer.end_id]]
    for prompt in SAMPLE_PROMPTS[:1]:
        for tokens, got in zip(texts, lm.score(prompt, texts), strict=True):
            rows = plain_logits(name, lm, prompt, tokens).log_softmax(-1).numpy()
            np.testing.assert_allclose(got.following, rows[-1], atol=1e-4)
            np.testing.assert_allclose(got.tokens, rows[np.arange(len(tokens)), list(tokens)], atol=1e-4)


@pytest.mark.parametrize("name", ["gemma2", "gemma3", "llama", "bart"])
def test_the_tiny_models_do_read_their_prompts(name: str) -> None:
    lm = adapter(name)
    first, second = (lm.score(prompt, [()])[0].following for prompt in SAMPLE_PROMPTS[:2])
    assert np.abs(first - second).max() > 0.01


@pytest.mark.parametrize("name", ["llama", "gemma3", "t5"])
def test_a_prompt_is_read_once_and_forgotten_in_the_end(name: str) -> None:
    lm = adapter(name, kept_prompts=2)
    ids = lm.tokenizer.encode_batch([" Kismet"])[0]
    prompts = [Prompt(f"question {number}?", ("Kismet",)) for number in range(3)]
    for _ in range(4):
        for prompt in prompts[:2]:
            lm.score(prompt, [ids, ids[:1]])
    assert lm.prompt_passes == 2
    assert lm.passes == 8
    lm.score(prompts[2], [ids])
    lm.score(prompts[1], [ids])
    assert lm.prompt_passes == 3
    lm.score(prompts[0], [ids])
    assert lm.prompt_passes == 4
    assert len(lm._prompts) == 2


@pytest.mark.parametrize("name", ["gemma3", "qwen2"])
def test_scoring_leaves_the_kept_prompt_as_it_was(name: str) -> None:
    lm = adapter(name)
    prompt = SAMPLE_PROMPTS[0]
    _, cache, _ = lm._prompts[prompt]
    before = copy.deepcopy([layer.keys for layer in cache.layers])
    lm.score(prompt, [lm.tokenizer.encode_batch([" Kismet"])[0]] * 3)
    for kept, layer in zip(before, cache.layers, strict=True):
        assert torch.equal(kept, layer.keys)


class _Broken:
    """A mock that breaks one law."""

    def __init__(self, change: Callable[[int, Scores], Scores]) -> None:
        self._model = MockLanguageModel()
        self.tokenizer = self._model.tokenizer
        self._change = change
        self._calls = 0

    def score(self, prompt: Prompt, continuations: Sequence[Sequence[int]]) -> list[Scores]:
        self._calls += 1
        found = self._model.score(prompt, continuations)
        return [self._change(len(found) + 100 * self._calls, scores) for scores in found]


@pytest.mark.parametrize(
    ("law", "change"),
    [
        ("Distribution", lambda _, s: Scores(s.tokens, s.following + 0.1)),
        ("Distribution", lambda _, s: Scores(s.tokens, s.following[:-1])),
        ("Distribution", lambda _, s: Scores(s.tokens.astype(np.float64), s.following)),
        ("Distribution", lambda _, s: Scores(s.tokens[:-1], s.following)),
        ("Chain rule", lambda _, s: Scores(s.tokens - 0.1, s.following)),
        ("Independence", lambda n, s: Scores(s.tokens, np.roll(s.following, n % 100 == 1))),
        ("Constancy", lambda n, s: Scores(s.tokens, s.following + np.float32(n * 1e-7))),
    ],
)
def test_the_checker_finds_a_model_that_breaks_a_law(
    law: str, change: Callable[[int, Scores], Scores]
) -> None:
    broken: LanguageModel = _Broken(change)
    with pytest.raises(AssertionError, match=law):
        check_language_model(broken)
