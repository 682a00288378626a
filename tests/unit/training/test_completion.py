"""That a model is trained on the very ids, places and losses that it is asked for when it answers."""

from __future__ import annotations

import pytest
import torch
from tiny_models import CAUSAL, SEQ2SEQ, tiny_model
from unit.training.film_graph import EXAMPLES, GRAPH

from kgqa.errors import ModelError
from kgqa.lm.load import as_language_model
from kgqa.lm.request import Prompt
from kgqa.lm.testing import log_probability
from kgqa.training.fine_tuning.completion import IGNORED, completions, padded_batch, trained_places
from kgqa.training.fine_tuning.completion_trainer import completion_loss
from kgqa.training.fine_tuning.training_text import TrainingText, training_texts

TEXTS = [text for example in EXAMPLES for text in training_texts(GRAPH, example, "path")]


@pytest.mark.parametrize("name", [*CAUSAL, *SEQ2SEQ])
def test_the_loss_is_what_the_language_model_says_when_it_is_asked(name: str) -> None:
    model, tokenizer = tiny_model(name)
    language_model = as_language_model(model, tokenizer)
    rows = completions(language_model, TEXTS)
    batch = padded_batch(rows)
    labels = batch.pop("labels")
    with torch.no_grad():
        loss = float(completion_loss(model(**batch), labels))
    told, count = 0.0, 0
    for text, row in zip(TEXTS, rows, strict=True):
        said = [token for token in row.wanted if token != IGNORED]
        told -= log_probability(language_model, text.prompt, said[:-1])
        count += len(said)
    assert loss == pytest.approx(told / count, rel=1e-4)


@pytest.mark.parametrize("name", CAUSAL)
def test_the_loss_is_the_same_where_only_the_logits_of_completions_are_computed(name: str) -> None:
    model, tokenizer = tiny_model(name)
    batch = padded_batch(completions(as_language_model(model, tokenizer), TEXTS))
    few = trained_places(batch)
    labels, places = few.pop("labels"), few["logits_to_keep"]
    with torch.no_grad():
        found = model(**few)
        whole = completion_loss(model(**{**batch, "labels": None}), batch["labels"])
    assert found.logits.shape[1] == len(places) < batch["labels"].shape[1]
    assert float(completion_loss(found, labels)) == pytest.approx(float(whole), rel=1e-5)


@pytest.mark.parametrize("name", ["llama", "gpt2", "qwen2"])
def test_a_causal_model_learns_the_completion_and_not_the_prompt(name: str) -> None:
    model = as_language_model(*tiny_model(name))
    tokenizer = model.tokenizer
    for text, row in zip(TEXTS, completions(model, TEXTS), strict=True):
        prompt = tuple(model.renderer.encode(text.prompt))
        first, *others = text.segments
        segments = [first if tokenizer.leading_space else first[1:], *others]
        said = tuple(token for ids in tokenizer.encode_batch(segments) for token in ids)
        assert row.given == (*prompt, *said)
        assert row.wanted == (*(IGNORED,) * (len(prompt) - 1), *said, tokenizer.end_id)
        assert row.prompt == ()


def test_an_encoder_decoder_reads_the_prompt_and_learns_the_text() -> None:
    model = as_language_model(*tiny_model("t5"))
    for text, row in zip(TEXTS, completions(model, TEXTS), strict=True):
        said = tuple(token for ids in model.tokenizer.encode_batch(text.segments) for token in ids)
        assert row.prompt == tuple(model.renderer.encode(text.prompt))
        assert row.given == (0, *said)  # the token that the decoder starts with
        assert row.wanted == (*said, model.tokenizer.end_id)


def test_padding_is_on_the_right_and_neither_read_nor_learnt() -> None:
    for name in ("llama", "t5"):
        rows = completions(as_language_model(*tiny_model(name)), TEXTS)
        batch = padded_batch(rows)
        longest = max(len(row.given) for row in rows)
        assert batch["labels"].shape == (len(rows), longest)
        given, mask = (
            (batch["decoder_input_ids"], batch["decoder_attention_mask"])
            if rows[0].prompt
            else (batch["input_ids"], batch["attention_mask"])
        )
        for number, row in enumerate(rows):
            assert mask[number].tolist() == [1] * len(row.given) + [0] * (longest - len(row.given))
            assert given[number, : len(row.given)].tolist() == list(row.given)
            padding = batch["labels"][number, len(row.given) :].tolist()
            assert padding == [IGNORED] * (longest - len(row.given))


def test_a_text_longer_than_the_window_is_an_error() -> None:
    model = as_language_model(*tiny_model("gpt2"))
    long = TrainingText(Prompt("who?", ("Kismet",)), (" Kismet",) + (" ->", " directed_by") * 500)
    with pytest.raises(ModelError, match="does not fit: the model's window leaves"):
        completions(model, [long])
