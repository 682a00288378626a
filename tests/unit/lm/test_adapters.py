from typing import Any

import numpy as np
import pytest
import torch
from tiny_models import tiny_model
from tokenizer_families import FAMILIES

from kgqa.errors import ModelError, TokenizerError
from kgqa.lm import Distributions, Prompt, Request, Text
from kgqa.lm.causal import CausalLanguageModel
from kgqa.lm.seq2seq import Seq2SeqLanguageModel
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
    with pytest.raises(ModelError, match=r"a text of 1100 tokens does not fit.*leaves \d+ after"):
        score(adapter(name), (5,) * 1100)


def test_a_question_longer_than_the_window_leaves_room_for_the_text() -> None:
    lm = adapter("gpt2")
    follows = score(lm, (5,) * 256, Prompt("very " * 3000 + "long?", ("Kismet",)))
    assert np.isfinite(follows[0]).all()


def test_a_tokenizer_of_another_model_is_refused() -> None:
    model, _ = tiny_model("gpt2", more_tokens=-100)
    with pytest.raises(TokenizerError, match=r"the model scores only \d+ tokens"):
        CausalLanguageModel(model, FAMILIES["gpt2"]())


def test_half_precision_keeps_the_laws_within_its_means() -> None:
    model, tokenizer = tiny_model("gpt2")
    check_language_model(CausalLanguageModel(model.to(torch.bfloat16), tokenizer), tolerance=0.25)
