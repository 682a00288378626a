import functools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest
import torch
from tiny_models import CAUSAL, SEQ2SEQ, TREES, WINDOWS, tiny_model
from tokenizer_families import FAMILIES

from kgqa.lm import Distributions, LanguageModel, MockLanguageModel, Prompt, Request, Text
from kgqa.lm.forward.scorer import WindowedScorer
from kgqa.lm.forward.tree_scorer import TreeScorer
from kgqa.lm.hf.causal import CausalLanguageModel
from kgqa.lm.hf.seq2seq import Seq2SeqLanguageModel
from kgqa.lm.hf.tokenizer import HuggingFaceTokenizer
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
    check_language_model(adapter(name, kept_prompts=2))


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
    ids = tuple(token for segment in lm.tokenizer.encode_batch(SAMPLE_SEGMENTS) for token in segment)
    texts = [ids[:1], ids, (), ids[::-1], (*ids, lm.tokenizer.end_id), ids]
    for prompt in SAMPLE_PROMPTS[:1]:
        (follows,) = lm.score([Request(prompt, texts)])
        for at, tokens in enumerate(texts):
            rows = plain_logits(name, lm, prompt, tokens).log_softmax(-1).numpy()
            np.testing.assert_allclose(follows[at], rows[-1], atol=1e-4)


@pytest.mark.parametrize("name", ["gemma2", "gemma3", "llama", "bart"])
def test_the_tiny_models_do_read_their_prompts(name: str) -> None:
    first, second = adapter(name).score([Request(prompt, [()]) for prompt in SAMPLE_PROMPTS[:2]])
    assert np.abs(first[0] - second[0]).max() > 0.01


@pytest.mark.parametrize("name", ["llama", "gemma3", "t5"])
def test_a_prompt_is_read_once_and_forgotten_in_the_end(name: str) -> None:
    lm = adapter(name, kept_prompts=2)
    first, second, third = [Prompt(f"question {number}?", ("Kismet",)) for number in range(3)]
    for _ in range(4):
        lm.score([Request(first, [(5,), (6,)])])
        lm.score([Request(second, [(5,)])])
    assert lm.prompts_read == 2
    lm.score([Request(third, [(5,)])])
    lm.score([Request(second, [(5,)])])
    assert lm.prompts_read == 3
    lm.score([Request(first, [(5,)])])
    assert lm.prompts_read == 4


@pytest.mark.parametrize("name", TREES)
def test_token_trees_give_what_plain_rows_give(name: str) -> None:
    trees, rows = adapter(name), adapter(name, tree=False)
    assert isinstance(trees, CausalLanguageModel)
    assert trees.tree
    generator = np.random.default_rng(7)
    for prompt in SAMPLE_PROMPTS:
        texts: list[Text] = [()]
        for _ in range(5):  # grow a tree, ask for a part of it again each time
            parents = [texts[at] for at in generator.integers(0, len(texts), 6)]
            texts += [(*parent, int(generator.integers(0, 50))) for parent in parents]
            asked = [texts[at] for at in generator.permutation(len(texts))[:9]]
            (one,), (other,) = (lm.score([Request(prompt, asked)]) for lm in (trees, rows))
            np.testing.assert_allclose(one.log_probabilities, other.log_probabilities, atol=1e-4)


@pytest.mark.parametrize("name", TREES)
def test_trees_read_without_padding_give_what_plain_rows_give(name: str) -> None:
    trees, rows = adapter(name), adapter(name, tree=False)
    assert isinstance(trees, CausalLanguageModel)
    assert trees.packed
    generator = np.random.default_rng(8)
    for _ in range(6):  # other prompts each time, so that rows of the pool do not lie side by side
        prompts = [SAMPLE_PROMPTS[at] for at in generator.permutation(len(SAMPLE_PROMPTS))[:3]]
        requests = [
            Request(prompt, [tuple(text.tolist()) for text in generator.integers(0, 50, (count, length))])
            for prompt, count, length in zip(
                prompts, generator.integers(1, 7, 3), generator.integers(1, 4, 3), strict=True
            )
        ]
        for one, other in zip(trees.score(requests), rows.score(requests), strict=True):
            np.testing.assert_allclose(one.log_probabilities, other.log_probabilities, atol=1e-4)


@pytest.mark.parametrize("name", sorted(WINDOWS))
def test_trees_are_read_as_far_as_the_window_of_attention(name: str) -> None:
    model, tokenizer = tiny_model(name)
    prompt = SAMPLE_PROMPTS[0]
    ids = CausalLanguageModel(model, tokenizer).renderer.encode(prompt)
    texts: list[Text] = [(), (5,), (5, 6), (5, 6, 7), (8, 9, 10, 11), (8, 9)]
    for beyond in range(-3, 6):
        setattr(model.config, WINDOWS[name], len(ids) + beyond)
        lm = CausalLanguageModel(model, tokenizer)
        with torch.inference_mode():
            plain = {
                text: model(input_ids=torch.tensor([[*ids, *text]]), use_cache=False).logits[0, -1]
                for text in texts
            }
        assert lm.tree
        assert isinstance(lm._scorer, WindowedScorer)
        trees = []
        for asked in (texts[:3], texts[3:], texts):
            (found,) = lm.score([Request(prompt, asked)])
            trees.append(lm._scorer._near.passes)
            for at, text in enumerate(asked):
                np.testing.assert_allclose(found[at], plain[text].log_softmax(-1).numpy(), atol=1e-4)
        assert trees == [beyond >= 2, (beyond >= 2) + (beyond >= 4), (beyond >= 2) + 2 * (beyond >= 4)]


@pytest.mark.parametrize("name", sorted(set(CAUSAL) - set(TREES) - set(WINDOWS)))
def test_other_causal_models_read_rows(name: str) -> None:
    lm = adapter(name)
    assert isinstance(lm, CausalLanguageModel)
    assert not lm.tree


def test_attention_that_cannot_be_packed_is_padded() -> None:
    model, tokenizer = tiny_model("llama")
    model.config._attn_implementation = "eager"
    padded, rows = CausalLanguageModel(model, tokenizer), adapter("llama", tree=False)
    assert padded.tree
    assert not padded.packed
    requests = [Request(SAMPLE_PROMPTS[0], [(5,), (5, 6), (7,)]), Request(SAMPLE_PROMPTS[1], [()])]
    for one, other in zip(padded.score(requests), rows.score(requests), strict=True):
        np.testing.assert_allclose(one.log_probabilities, other.log_probabilities, atol=1e-4)


def test_a_model_is_left_as_it_was_after_a_pass_that_failed(monkeypatch: pytest.MonkeyPatch) -> None:
    lm = adapter("llama")
    assert isinstance(lm, CausalLanguageModel)
    requests = [Request(prompt, [(5,), (6,)]) for prompt in SAMPLE_PROMPTS[:2]]
    expected = lm.score(requests)

    def broken(*_: Any, **__: Any) -> Any:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(torch.nn.functional, "scaled_dot_product_attention", broken)
        with pytest.raises(KeyboardInterrupt):
            lm.score(requests)
    assert lm._model.config._attn_implementation == "sdpa"
    for one, other in zip(lm.score(requests), expected, strict=True):
        np.testing.assert_allclose(one.log_probabilities, other.log_probabilities, atol=1e-5)


def test_a_row_that_is_full_forgets_what_is_not_gone_on_from() -> None:
    lm, fresh = adapter("llama"), adapter("llama", tree=False)
    assert isinstance(lm, CausalLanguageModel)
    assert isinstance(lm._scorer, TreeScorer)
    lm._scorer._rows._limit = 60
    prompt = SAMPLE_PROMPTS[0]
    text: Text = ()
    for step in range(40):
        around = [(*text, token) for token in range(step % 7 + 1)]
        np.testing.assert_allclose(
            lm.score([Request(prompt, around)])[0].log_probabilities,
            fresh.score([Request(prompt, around)])[0].log_probabilities,
            atol=1e-4,
        )
        text = around[-1]


def test_prompts_that_begin_alike_are_read_from_where_they_differ() -> None:
    lm = adapter("llama")
    assert isinstance(lm, CausalLanguageModel)
    read: list[int] = []
    forward = lm._model.forward

    def counted(**given: Any) -> Any:
        read.append(given["input_ids"].numel())
        return forward(**given)

    lm._model.forward = counted
    try:
        for question in ("who wrote it?", "who sang it?"):
            lm.score([Request(Prompt(question, ("Kismet",)), [()])])
    finally:
        del lm._model.forward
    assert read[1] < read[0] / 2


class _Broken:
    """A mock that breaks one law."""

    def __init__(self, change: Callable[[int, int, Distributions], Distributions]) -> None:
        self._model = MockLanguageModel()
        self.tokenizer = self._model.tokenizer
        self._change = change
        self._calls = 0

    def score(self, requests: Sequence[Request]) -> list[Distributions]:
        self._calls += 1
        found = self._model.score(requests)
        return [self._change(self._calls, len(requests), one) for one in found]


def _rolled(count: int, one: Distributions) -> Distributions:
    return Distributions(np.roll(one.log_probabilities, count, axis=1))


@pytest.mark.parametrize(
    ("law", "change"),
    [
        ("Distribution", lambda _, __, s: Distributions(s.log_probabilities + 0.1)),
        ("Distribution", lambda _, __, s: Distributions(s.log_probabilities[:, :-1])),
        ("Distribution", lambda _, __, s: Distributions(s.log_probabilities.astype(np.float64))),
        ("Distribution", lambda _, __, s: Distributions(s.log_probabilities[:-1])),
        ("Independence", lambda _, __, s: _rolled(int(len(s) > 1), s)),
        ("Independence", lambda _, n, s: _rolled(int(n > 1), s)),
        ("Constancy", lambda n, _, s: Distributions(s.log_probabilities + np.float32(n % 2 * 3e-4))),
    ],
)
def test_the_checker_finds_a_model_that_breaks_a_law(
    law: str, change: Callable[[int, int, Distributions], Distributions]
) -> None:
    broken: LanguageModel = _Broken(change)
    with pytest.raises(AssertionError, match=law):
        check_language_model(broken)
