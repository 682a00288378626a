"""Adapters and new tokens, on every kind of model."""

from __future__ import annotations

import copy
from typing import Any

import pytest
import torch
import transformers as hf
from tiny_models import CAUSAL, SEQ2SEQ, tiny_model
from tokenizer_families import FAMILIES
from unit.training.film_graph import EXAMPLES, GRAPH

from kgqa.errors import ModelError, UsageError
from kgqa.lm.hf.tokenizer import HuggingFaceTokenizer
from kgqa.lm.load import as_language_model
from kgqa.training.fine_tuning.completion import completions, padded_batch
from kgqa.training.fine_tuning.embeddings import add_path_tokens
from kgqa.training.fine_tuning.lora import Lora
from kgqa.training.fine_tuning.training_text import training_texts

TEXTS = training_texts(GRAPH, EXAMPLES[1], "path")


def own(name: str, **options: Any) -> tuple[Any, Any]:
    model, tokenizer = tiny_model(name, **options)
    return model, copy.deepcopy(tokenizer)


NO_ADAPTERS = ("qwen3-next", "mamba")
"""What peft refuses, as we name its modules: experts with dropout, and the ends of recurrent layers."""


def logits(model: Any, rows: Any) -> torch.Tensor:
    batch = padded_batch(rows)
    del batch["labels"]
    with torch.no_grad():
        found: torch.Tensor = model.eval()(**batch).logits
    return found


@pytest.mark.parametrize("name", [*CAUSAL, *SEQ2SEQ])
@pytest.mark.parametrize("path_tokens", [False, True])
def test_merged_adapters_and_new_tokens_say_what_they_said_before(name: str, path_tokens: bool) -> None:
    if name == "bert2bert" and path_tokens:
        return
    model, tokenizer = own(name, more_tokens=0)
    new_tokens = add_path_tokens(model, tokenizer) if path_tokens else []
    rows = completions(as_language_model(model, tokenizer), TEXTS)
    before = logits(model, rows)
    if name in NO_ADAPTERS:
        with pytest.raises(ModelError, match="peft has no adapters for models of type"):
            Lora().adapt(model, new_tokens, rows)
        return
    adapted = Lora().adapt(model, new_tokens, rows)
    assert torch.allclose(logits(adapted, rows), before, atol=1e-3)
    with torch.no_grad():
        for weight in adapted.parameters():
            if weight.requires_grad:
                weight += 0.1 * torch.randn_like(weight)
    trained = logits(adapted, rows)
    assert not torch.allclose(trained, before, atol=1e-2)
    merged = adapted.merge_and_unload()
    assert torch.allclose(logits(merged, rows), trained, atol=1e-3)
    if new_tokens:
        embeddings, head = merged.get_input_embeddings().weight, merged.get_output_embeddings().weight
        assert not torch.equal(embeddings[new_tokens[0]], embeddings[new_tokens[1]])
        tied = getattr(merged.config, "tie_word_embeddings", False)
        assert torch.equal(embeddings[new_tokens], head[new_tokens]) == tied


def test_adapters_that_change_the_model_before_they_are_trained_are_refused() -> None:
    size = {"hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 1, "num_attention_heads": 4}
    tokenizer = copy.deepcopy(FAMILIES["gpt2"]())
    model = hf.PhiForCausalLM(hf.PhiConfig(vocab_size=len(tokenizer), **size))
    torch.nn.init.normal_(model.lm_head.bias)  # which peft forgets beside new tokens
    new_tokens = add_path_tokens(model, tokenizer)
    rows = completions(as_language_model(model, tokenizer), TEXTS)
    with pytest.raises(ModelError, match=r"models of type phi .* without path_tokens"):
        Lora().adapt(model, new_tokens, rows)


@pytest.mark.parametrize("more_tokens", [0, 5])
def test_new_tokens_are_the_mean_of_the_others_and_found_by_the_tokenizer(more_tokens: int) -> None:
    model, tokenizer = own("qwen2", more_tokens=more_tokens)
    size = len(tokenizer)
    assert add_path_tokens(model, tokenizer) == [size, size + 1]
    for layer in (model.get_input_embeddings(), model.get_output_embeddings()):
        assert len(layer.weight) == max(size + 2, size + more_tokens)
        others = torch.cat([layer.weight[:size], layer.weight[size + 2 :]])
        assert torch.allclose(layer.weight[size : size + 2], others.mean(0), atol=1e-6)
    wrapped = HuggingFaceTokenizer(tokenizer, vocabulary_size=len(layer.weight))
    assert (wrapped.path_start_id, wrapped.path_end_id) == (size, size + 1)


def test_a_model_that_has_the_tokens_stays_as_it_is() -> None:
    model, tokenizer = own("llama")
    before = [weight.clone() for weight in model.parameters()]
    assert add_path_tokens(model, tokenizer) == []
    assert all(torch.equal(one, other) for one, other in zip(before, model.parameters(), strict=True))


def test_a_model_that_takes_no_new_tokens_says_so() -> None:
    model, tokenizer = own("bert2bert", more_tokens=0)
    with pytest.raises(UsageError, match="encoder-decoder take no new tokens; leave path_tokens out"):
        add_path_tokens(model, tokenizer)
