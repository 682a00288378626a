"""The scores of a few tokens: those of the whole vocabulary, renormalised."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

import kgqa.lm.path_writer.choice_scores as module
from kgqa.errors import ModelError
from kgqa.lm.path_writer.choice_scores import choice_scores
from kgqa.lm.path_writer.language_model import PathWriterLanguageModel
from kgqa.lm.request import Prompt, Request, renormalised

torch.set_num_threads(1)  # more wait for each other where the machine is busy

QUESTION = "how many rivers flow through Kenya?"


def tokens(*numbers: int) -> NDArray[np.int32]:
    return np.array(numbers, dtype=np.int32)


def drawn(texts: int, seed: int = 0) -> tuple[torch.Tensor, torch.Tensor, list[NDArray[np.int32]]]:
    chance = np.random.default_rng(seed)
    sizes = chance.integers(1, 6, texts)
    choices = [np.sort(chance.choice(40, size, replace=False)).astype(np.int32) for size in sizes]
    states = torch.from_numpy(chance.normal(size=(texts, 16))).bfloat16()
    return states, torch.from_numpy(chance.normal(size=(40, 16))).bfloat16(), choices


def test_they_are_the_softmax_over_the_choices() -> None:
    states, embeddings, choices = drawn(30)
    found = choice_scores(states, embeddings, choices)
    logits = (states.float() @ embeddings.float().T).numpy()
    for row, some, gains in zip(logits, choices, found, strict=True):
        shares = np.exp(row[some]) / np.exp(row[some]).sum()
        np.testing.assert_allclose(np.exp(gains), shares, rtol=1e-5)


def test_they_do_not_depend_on_company(monkeypatch: pytest.MonkeyPatch) -> None:
    states, embeddings, choices = drawn(30)
    found = choice_scores(states, embeddings, choices)
    for at, gains in enumerate(found):
        (alone,) = choice_scores(states[at : at + 1], embeddings, choices[at : at + 1])
        assert alone.tolist() == gains.tolist()
    monkeypatch.setattr(module, "_COLUMNS", 7)
    parts = choice_scores(states, embeddings, choices)
    assert [one.tolist() for one in parts] == [one.tolist() for one in found]


def test_a_single_choice_is_certain_and_not_looked_at() -> None:
    states = torch.full((2, 4), float("nan"))
    found = choice_scores(states, torch.zeros(8, 4), [tokens(3), tokens(5)])
    assert [gains.tolist() for gains in found] == [[0.0], [0.0]]


def test_what_is_no_number_is_an_error() -> None:
    states = torch.tensor([[1.0, 1.0], [float("nan"), 1.0]])
    with pytest.raises(ModelError, match="gives no numbers"):
        choice_scores(states, torch.ones(8, 2), [tokens(3, 4), tokens(5, 6)])


@pytest.fixture(scope="module")
def model() -> PathWriterLanguageModel:
    return PathWriterLanguageModel.load(dtype=torch.float32)


def test_the_shipped_model_scores_choices_as_it_scores_all(model: PathWriterLanguageModel) -> None:
    requests = [
        Request(Prompt(QUESTION, ("Kenya",), "programs"), [(), (7, 8), (7,)]),
        Request(Prompt(QUESTION, ("Kenya",), "relations"), []),
        Request(Prompt(QUESTION, ("Kenya",), "relations"), [(9,), ()]),
    ]
    choices = [
        [tokens(1, 2, 3), tokens(100), tokens(2000, 2001)],
        [],
        [tokens(5, 3), tokens(7, 8, 9, 10)],
    ]
    found = model.score_choices(requests, choices)
    for follows, some, gains in zip(model.score(requests), choices, found, strict=True):
        expected = renormalised(follows.of_each(some))
        assert [len(one) for one in gains] == [len(one) for one in some]
        for one, other in zip(gains, expected, strict=True):
            np.testing.assert_allclose(one, other, atol=1e-4)
