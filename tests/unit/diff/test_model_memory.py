"""What a model said is remembered to the last bit, and no number is made up."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from judging_model import JudgingModel
from numpy.typing import NDArray
from property_examples import examples

from kgqa import cache_file
from kgqa.diff import ModelMemory, model_memory
from kgqa.diff.model_memory import PromptMemory
from kgqa.diff.remembering_model import RememberingModel
from kgqa.errors import NotRememberedError
from kgqa.lm import Prompt, Request, renormalised

PROMPT = Prompt("who directed Kismet", ("Kismet",), "relations")
TEXT = (1, 2)
some_tokens = st.lists(st.integers(0, 40), min_size=1, max_size=12, unique=True)


def ids(tokens: list[int]) -> NDArray[np.int32]:
    return np.array(tokens, dtype=np.int32)


@given(st.lists(some_tokens, min_size=1, max_size=4), some_tokens)
@examples(60)
def test_scores_over_choices_give_those_over_any_of_the_tokens(
    sets: list[list[int]], wanted: list[int]
) -> None:
    logits = np.random.default_rng(3).standard_normal(41)
    memory = PromptMemory()
    for tokens in sets:
        memory.add_chosen(TEXT, ids(tokens), renormalised([logits[tokens]])[0])
    found = memory.find_chosen(TEXT, ids(wanted))
    if set(wanted) <= set(sets[-1]):
        assert found is not None
    if found is not None:
        np.testing.assert_allclose(found, renormalised([logits[wanted]])[0], atol=1e-9)


@given(st.lists(some_tokens, min_size=1, max_size=3), some_tokens)
@examples(40)
def test_what_is_known_is_what_the_model_says(asked: list[list[int]], wanted: list[int]) -> None:
    model = JudgingModel()
    remembering = RememberingModel.of(model, ModelMemory())
    texts = [(n,) for n in range(len(asked))]
    (given_scores,) = remembering.score([Request(PROMPT, texts, list(map(ids, asked)))])
    (own,) = model.score([Request(PROMPT, texts)])
    for at, tokens in enumerate(asked):
        assert given_scores.of(at, ids(tokens)).tolist() == own.of(at, ids(tokens)).tolist()
    calls = model.calls
    with remembering.closed():
        try:
            (again,) = remembering.score([Request(PROMPT, texts[:1], [ids(wanted)])])
        except NotRememberedError:
            assert remembering.missed == 1
            assert not set(wanted) <= set(asked[0])
        else:
            assert again.of(0, ids(wanted)).tolist() == own.of(0, ids(wanted)).tolist()
    assert model.calls == calls


def test_a_file_gives_back_what_was_put_into_it(tmp_path: Path) -> None:
    first = ModelMemory(tmp_path / "said.sqlite", "a model")
    prompt = first.of_prompt(PROMPT)
    prompt.add(TEXT, ids([3, 1]), np.array([-0.5, -1.25]))
    prompt.add_chosen((), ids([7, 5]), np.log([0.25, 0.75]))
    first.keep(("vector", "a text"), np.array([0.1, 0.2], dtype=np.float32))
    first.flush()
    second = ModelMemory(tmp_path / "said.sqlite", "a model")
    found = second.of_prompt(PROMPT).find(TEXT, ids([1, 3]))
    assert found is not None
    assert found.tolist() == [-1.25, -0.5]
    chosen = second.of_prompt(PROMPT).find_chosen((), ids([5, 7]))
    assert chosen is not None
    np.testing.assert_allclose(np.exp(chosen), [0.75, 0.25])
    value = second.value(("vector", "a text"))
    assert value is not None
    assert value.tolist() == np.array([0.1, 0.2], dtype=np.float32).tolist()
    other = ModelMemory(tmp_path / "said.sqlite", "another model")
    assert other.of_prompt(PROMPT).find(TEXT, ids([1])) is None
    assert other.value(("vector", "a text")) is None


@pytest.mark.parametrize("content", [b"", b"no arrays", b"PK\x03\x04 cut off"])
def test_a_damaged_entry_is_as_if_nothing_was_said(tmp_path: Path, content: bytes) -> None:
    memory = ModelMemory(tmp_path / "said.sqlite")
    memory.of_prompt(PROMPT).add(TEXT, ids([1]), np.array([-1.0]))
    memory.flush()
    memory._file.attempt("UPDATE said SET arrays = ?", (content,))  # type: ignore[union-attr]
    assert ModelMemory(tmp_path / "said.sqlite").of_prompt(PROMPT).find(TEXT, ids([1])) is None


def test_a_large_memory_forgets_what_its_file_knows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model_memory, "MOST_PROMPTS", 2)
    memory = ModelMemory(tmp_path / "said.sqlite")
    prompts = [Prompt(f"question {n}", ("Kismet",)) for n in range(5)]
    for prompt in prompts:
        memory.of_prompt(prompt).add(TEXT, ids([1]), np.array([-1.0]))
    memory.flush()
    assert len(memory._prompts) == 2
    assert all(memory.of_prompt(prompt).find(TEXT, ids([1])) is not None for prompt in prompts)


def test_a_file_forgets_what_was_used_longest_ago(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache_file, "MOST_BYTES", 200_000)
    noise = np.random.default_rng(5).random((60, 2000), dtype=np.float32)

    def reopened() -> ModelMemory:
        return ModelMemory(tmp_path / "said.sqlite", "a model")

    def known(memory: ModelMemory) -> list[int]:
        return [at for at in range(60) if memory.value(at) is not None]

    for at, values in enumerate(noise):
        memory = reopened()
        assert at == 0 or memory.value(0) is not None  # it is used all the time
        memory.keep(at, values)
        memory.flush()
    found = known(reopened())
    assert found[0] == 0
    assert found[1:] == list(range(found[1], 60))
    assert 12 < len(found) < 28
    assert (tmp_path / "said.sqlite").stat().st_size < 250_000


def test_options_are_bounded() -> None:
    memory = ModelMemory()
    memory.offer([np.arange(5000, dtype=np.int32)])
    memory.offer([ids([9999])])
    assert len(memory.options) == model_memory.MOST_OPTIONS
