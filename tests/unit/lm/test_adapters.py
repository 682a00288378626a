import logging
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
import transformers
from tiny_models import tiny_model
from tokenizer_families import FAMILIES

from kgqa.errors import ModelError, TokenizerError
from kgqa.lm import Distributions, Prompt, Request, Text
from kgqa.lm.forward.forward_arguments import ForwardArguments
from kgqa.lm.forward.row_scorer import RowScorer
from kgqa.lm.forward.tree_rows import TreeRows
from kgqa.lm.forward.tree_scorer import TreeScorer
from kgqa.lm.hf.causal import CausalLanguageModel
from kgqa.lm.hf.contrast import ContextContrast
from kgqa.lm.hf.seq2seq import Seq2SeqLanguageModel
from kgqa.lm.testing import check_language_model

PROMPT = Prompt("which language?", ("Kismet",))


def adapter(name: str, **options: Any) -> CausalLanguageModel | Seq2SeqLanguageModel:
    return (CausalLanguageModel if name == "gpt2" else Seq2SeqLanguageModel)(*tiny_model(name), **options)


def score(
    lm: CausalLanguageModel | Seq2SeqLanguageModel, text: Text, prompt: Prompt = PROMPT
) -> Distributions:
    return lm.score([Request(prompt, [text])])[0]


@pytest.mark.parametrize("name", ["gpt2", "bart"])
def test_a_damaged_model_gives_an_error_and_no_numbers(name: str) -> None:
    lm = adapter(name)
    with torch.no_grad():
        for weight in lm._model.parameters():
            weight.fill_(float("nan"))
    with pytest.raises(ModelError, match=r"NaN or infinite.*float32"):
        score(lm, (5, 6))
    with pytest.raises(ModelError, match="NaN or infinite"):
        score(lm, ())


@pytest.mark.parametrize("name", ["gpt2", "bart"])
@pytest.mark.parametrize("token", [-1, 10**6])
def test_a_token_out_of_range_is_refused(name: str, token: int) -> None:
    with pytest.raises(ModelError, match=f"token {token} is outside the model's vocabulary of"):
        score(adapter(name), (token,))


@pytest.mark.parametrize("name", ["gpt2", "bart"])
def test_a_text_beyond_the_window_is_refused(name: str) -> None:
    with pytest.raises(ModelError, match=r"a text of 1,100 tokens does not fit.*leaves [\d,]+ after"):
        score(adapter(name), (5,) * 1100)


def test_a_question_longer_than_the_window_leaves_room_for_the_text() -> None:
    lm = adapter("gpt2")
    follows = score(lm, (5,) * 256, Prompt("very " * 3000 + "long?", ("Kismet",)))
    assert np.isfinite(follows[0]).all()


def test_a_tokenizer_of_another_model_is_refused() -> None:
    model, _ = tiny_model("gpt2", more_tokens=-100)
    with pytest.raises(TokenizerError, match=r"the model scores only \d+ tokens"):
        CausalLanguageModel(model, FAMILIES["gpt2"]())


def test_a_prompt_that_the_model_has_no_words_for_is_refused() -> None:
    model, tokenizer = tiny_model("gpt2")
    lm = CausalLanguageModel(model, tokenizer)
    model.set_input_embeddings(torch.nn.Embedding(100, 32))
    with pytest.raises(ModelError, match=r"gives the prompt the id \d+, but the model reads only 100 tokens"):
        score(lm, (5,))


@pytest.mark.parametrize(("name", "positions"), [("gpt2", 1024), ("roberta", 1022), ("opt", 1024)])
def test_a_text_may_fill_the_window_and_no_more(name: str, positions: int) -> None:
    lm = CausalLanguageModel(*tiny_model(name))
    prompt = Prompt("who?", ("Kismet",))
    room = lm.room(prompt)
    assert room is not None
    assert room + len(lm.renderer.encode(prompt)) == positions
    (follows,) = lm.score([Request(prompt, [(5,) * room])])
    assert np.isfinite(follows[0]).all()
    with pytest.raises(ModelError, match="does not fit"):
        lm.score([Request(prompt, [(5,) * (room + 1)])])


def test_the_logits_of_a_prompt_that_was_read_are_not_kept() -> None:
    lm = CausalLanguageModel(*tiny_model("gemma2"), tree=False)
    score(lm, (5,))
    assert isinstance(lm._scorer, RowScorer)
    ((_, _, last), _), *_ = lm._scorer._prompts._kept.values()
    assert last.untyped_storage().nbytes() == last.numel() * last.element_size()


def test_an_interrupt_while_a_pass_is_planned_leaves_nothing_half_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lm = CausalLanguageModel(*tiny_model("llama"))
    expected = score(lm, (5, 6))
    score(lm, (5, 7))

    def interrupted(*_: Any) -> Any:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(TreeRows, "_arranged", interrupted)
        with pytest.raises(KeyboardInterrupt):
            score(lm, (5, 6, 9, 10))
    again = score(lm, (5, 6, 9, 10))
    np.testing.assert_allclose(score(lm, (5, 6))[0], expected[0], atol=1e-4)
    fresh = score(CausalLanguageModel(*tiny_model("llama")), (5, 6, 9, 10))
    np.testing.assert_allclose(again[0], fresh[0], atol=1e-4)


def test_half_precision_keeps_the_laws_within_its_means() -> None:
    model, tokenizer = tiny_model("gpt2")
    check_language_model(CausalLanguageModel(model.to(torch.bfloat16), tokenizer), tolerance=0.25)


INSTALLED = ForwardArguments.of(transformers.LlamaForCausalLM)
"""What the transformers that is installed calls its cache."""


def _under(name: str, forward: Any, cache: Any, **given: Any) -> Any:
    """A pass of the installed transformers, whose cache is called `name`."""
    found = forward(**given, **{INSTALLED.cache: cache})
    return SimpleNamespace(logits=found.logits, **{name: getattr(found, INSTALLED.cache)})


class Before(transformers.LlamaForCausalLM):  # type: ignore[misc]
    """The signature up to transformers 5.23."""

    def forward(  # type: ignore[no-untyped-def]
        self, input_ids=None, attention_mask=None, position_ids=None, past_key_values=None, use_cache=None
    ):
        return _under(
            "past_key_values",
            super().forward,
            past_key_values,
            input_ids=input_ids,
            attention_mask=attention_mask,
            position_ids=position_ids,
            use_cache=use_cache,
        )


class After(transformers.LlamaForCausalLM):  # type: ignore[misc]
    """The signature from transformers 5.24 on."""

    def forward(  # type: ignore[no-untyped-def]
        self, input_ids=None, attention_mask=None, position_ids=None, cache=None, use_cache=None
    ):
        return _under(
            "cache",
            super().forward,
            cache,
            input_ids=input_ids,
            attention_mask=attention_mask,
            position_ids=position_ids,
            use_cache=use_cache,
        )


def renamed(kind: Any) -> tuple[Any, Any]:
    model, tokenizer = tiny_model("llama")
    model.__class__ = kind
    return model, tokenizer


@pytest.mark.parametrize("kind", [Before, After])
@pytest.mark.parametrize("tree", [None, False])
def test_the_cache_may_have_its_old_or_its_new_name(
    kind: Any, tree: bool | None, caplog: pytest.LogCaptureFixture
) -> None:
    lm = CausalLanguageModel(*renamed(kind), tree=tree)
    assert lm.tree == lm.packed == (tree is None)
    assert isinstance(lm._scorer, TreeScorer if tree is None else RowScorer)
    assert not caplog.records
    check_language_model(lm)
    expected = score(CausalLanguageModel(*tiny_model("llama")), (5, 6))
    np.testing.assert_allclose(score(lm, (5, 6))[0], expected[0], atol=1e-4)


@pytest.mark.parametrize("kind", [Before, After])
def test_contrast_goes_on_from_a_cache_of_either_name(kind: Any) -> None:
    model, _ = renamed(kind)
    read: list[int] = []
    forward = model.forward
    contrast = ContextContrast(model, [5, 6, 7])

    def counted(**given: Any) -> Any:
        read.append(given["input_ids"].shape[1])
        return forward(**given)

    model.forward = counted
    for length in (4, 5, 6):
        contrast(torch.tensor([list(range(8, 8 + length))]), torch.zeros(1, model.config.vocab_size))
    assert read == [3, 1, 1]


def test_the_slow_way_to_read_is_said_once_with_its_reason(caplog: pytest.LogCaptureFixture) -> None:
    class NoPositions(transformers.LlamaForCausalLM):  # type: ignore[misc]
        def forward(self, input_ids=None, attention_mask=None, use_cache=None, **more):  # type: ignore[no-untyped-def]
            return super().forward(
                input_ids=input_ids, attention_mask=attention_mask, use_cache=use_cache, **more
            )

    with caplog.at_level(logging.WARNING, "kgqa"):
        lm = CausalLanguageModel(*renamed(NoPositions))
        check_language_model(lm)
    assert [record.getMessage() for record in caplog.records] == [
        "NoPositions scores texts row by row, about three times slower (its forward takes no position_ids "
        f"and no {INSTALLED.cache})"
    ]


def test_a_model_without_a_usable_cache_says_so(caplog: pytest.LogCaptureFixture) -> None:
    class NoCache(transformers.LlamaForCausalLM):  # type: ignore[misc]
        def forward(self, input_ids=None, attention_mask=None):  # type: ignore[no-untyped-def]
            return super().forward(input_ids=input_ids, attention_mask=attention_mask, use_cache=False)

    with caplog.at_level(logging.WARNING, "kgqa"):
        check_language_model(CausalLanguageModel(*renamed(NoCache)))
    (record,) = caplog.records
    assert "NoCache has no usable key-value cache: each text is read with its prompt" in record.getMessage()
