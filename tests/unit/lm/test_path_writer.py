"""The model that ships."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import huggingface_hub
import numpy as np
import pytest
import torch
from tokenizers import Tokenizer

from kgqa.errors import ModelError
from kgqa.graph import RelationStep
from kgqa.lm.path_writer.configuration import PathWriterConfig
from kgqa.lm.path_writer.language_model import WEIGHTS, PathWriterLanguageModel
from kgqa.lm.path_writer.modeling import PathWriter, encoder_folder
from kgqa.lm.path_writer.question_text import (
    CLS,
    MASK,
    MAX_NAME_PIECES,
    MAX_QUESTION_PIECES,
    SEP,
    load_tokenizer,
    question_ids,
)
from kgqa.lm.request import Prompt, Request
from kgqa.lm.testing import check_language_model, log_probability
from kgqa.training.examples.example import step_text

torch.set_num_threads(1)  # more wait for each other where the machine is busy

KENYA = Prompt("What is the capital of Kenya?", ("Kenya",), "relations")
PATHS = (
    " -> capital",
    " -> population",
    " -> currency",
    " -> country",
    " -> spouse",
    " <- author",
    " -> capital -> country",
)


@pytest.fixture(scope="module")
def model() -> PathWriterLanguageModel:
    return PathWriterLanguageModel.load(dtype=torch.float32)


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    return load_tokenizer(encoder_folder(PathWriterConfig()))


def log_probabilities(model: PathWriterLanguageModel, prompt: Prompt, paths: tuple[str, ...]) -> list[float]:
    return [log_probability(model, prompt, ids) for ids in model.tokenizer.encode_batch(paths)]


def pieces(tokenizer: Tokenizer, text: str) -> list[int]:
    ids: list[int] = tokenizer.encode(text, add_special_tokens=False).ids
    return ids


# What it says ------------------------------------------------------------------------------------


def test_the_laws_of_language_models_hold(model: PathWriterLanguageModel) -> None:
    check_language_model(model)


def test_what_is_scored_in_between_does_not_change_a_question(model: PathWriterLanguageModel) -> None:
    before = log_probabilities(model, KENYA, PATHS)
    for number in range(20):  # more than are kept
        log_probabilities(model, Prompt(f"who wrote book {number}?", (), "relations"), PATHS[:1])
    assert log_probabilities(model, KENYA, PATHS) == pytest.approx(before, abs=1e-4)


def test_passes_of_like_sizes_have_one_shape(
    model: PathWriterLanguageModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    shapes: list[tuple[int, ...]] = []
    decode_tree = model.model.decode_tree

    def spied(ids: torch.Tensor, positions: torch.Tensor, sees: torch.Tensor, *rest: Any) -> torch.Tensor:
        shapes.append((*ids.shape, *sees.shape, *rest[1][0][0].shape))
        return decode_tree(ids, positions, sees, *rest)

    monkeypatch.setattr(model.model, "decode_tree", spied)
    for number, question in enumerate(("who wrote it?", "where was he born?", "what is its size?")):
        model.score([Request(Prompt(question, (), "relations"), [(at + 1000,) for at in range(2 + number)])])
    assert len(set(shapes)) == 1


def test_the_capital_of_kenya_is_asked_for_with_the_relation_capital(model: PathWriterLanguageModel) -> None:
    capital, *others = log_probabilities(model, KENYA, PATHS)
    assert capital > max(others) + 3


def test_the_question_and_not_the_habit_decides(model: PathWriterLanguageModel) -> None:
    asked = Prompt("What is the currency of Kenya?", ("Kenya",), "relations")
    scores = dict(zip(PATHS, log_probabilities(model, asked, PATHS), strict=True))
    assert max(scores, key=scores.__getitem__) == " -> currency"


def test_bfloat16_ranks_paths_like_float32(model: PathWriterLanguageModel) -> None:
    half = PathWriterLanguageModel.load(dtype=torch.bfloat16)
    exact, rough = (np.array(log_probabilities(m, KENYA, PATHS)) for m in (model, half))
    assert half.score([Request(KENYA, [()])])[0].log_probabilities.dtype == np.float32
    assert not np.array_equal(exact, rough)
    assert np.argsort(exact).tolist() == np.argsort(rough).tolist()


def test_steps_have_the_pieces_that_were_trained(
    model: PathWriterLanguageModel, tokenizer: Tokenizer
) -> None:
    steps = [RelationStep("film.actor.film", True), RelationStep("birthPlace"), RelationStep("a [MASK] b")]
    texts = [step_text(step) for step in steps]
    assert [list(ids) for ids in model.tokenizer.encode_batch(texts)] == [pieces(tokenizer, t) for t in texts]
    assert model.tokenizer.end_id == SEP


def test_hostile_questions_are_scored(model: PathWriterLanguageModel) -> None:
    for question in (
        "",
        "\n",
        "[MASK] [SEP]\r\n</PATH>",
        "x" * 10_000,
        "東京 " * 3_000,
        "half \ud800 a pair",
    ):
        prompt = Prompt(question, (question, ""), "relations")
        assert np.isfinite(model.score([Request(prompt, [()])])[0][0]).all()


def test_tokens_outside_the_vocabulary_are_refused(model: PathWriterLanguageModel) -> None:
    for token in (-1, 30522):
        with pytest.raises(ModelError, match=rf"token {token} is outside the model's vocabulary of 30522"):
            model.score([Request(KENYA, [(token,)])])


def test_a_text_that_is_too_long_is_refused(model: PathWriterLanguageModel) -> None:
    with pytest.raises(ModelError, match=r"1,025 tokens does not fit: the model's window leaves 1,024"):
        model.score([Request(KENYA, [(5,) * 1025])])


# What it reads -----------------------------------------------------------------------------------


def test_a_mentioned_topic_is_masked_and_then_named(tokenizer: Tokenizer) -> None:
    expected = [
        CLS, *pieces(tokenizer, "who directed"), MASK, *pieces(tokenizer, "?"), SEP,
        *pieces(tokenizer, "The Matrix"), SEP,
    ]  # fmt: skip
    assert question_ids(tokenizer, "who directed the matrix?", ["The Matrix"]) == expected


def test_half_of_a_name_is_a_mention_and_less_is_none(tokenizer: Tokenizer) -> None:
    assert MASK in question_ids(tokenizer, "where was Lincoln born", ["Abraham Lincoln"])
    assert MASK not in question_ids(tokenizer, "where was Lincoln born", ["Abraham Lincoln High School"])


def test_every_topic_is_masked_once(tokenizer: Tokenizer) -> None:
    ids = question_ids(tokenizer, "did Anna meet Bob before Anna left", ["Anna", "Bob"])
    assert ids.count(MASK) == 2


def test_mask_and_names_can_be_left_out(tokenizer: Tokenizer) -> None:
    asked = pieces(tokenizer, "where is Peru")
    assert question_ids(tokenizer, "where is Peru", ["Peru"], masked=False, named=False) == [
        CLS,
        *asked,
        SEP,
        SEP,
    ]


@pytest.mark.parametrize("name", ["", " ", "\n", "\u200b", "Ghana"])
def test_a_name_that_is_not_mentioned_masks_nothing(tokenizer: Tokenizer, name: str) -> None:
    asked = pieces(tokenizer, "where is Peru")
    assert question_ids(tokenizer, "where is Peru", [name]) == [
        CLS, *asked, SEP, *pieces(tokenizer, name), SEP,
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["[MASK]", "[SEP]", "[CLS] [PAD]", "[unused1]", "a\nb", "a\r\n[SEP]\nb"])
def test_names_cannot_write_special_pieces(tokenizer: Tokenizer, name: str) -> None:
    ids = question_ids(tokenizer, f"who knows {name} [SEP] well", [name])
    assert [ids.count(piece) for piece in (0, 2, CLS, SEP, MASK)] == [0, 0, 1, 2, 1]
    assert ids[0] == CLS
    assert ids[-1] == SEP


def test_questions_and_names_are_cut(tokenizer: Tokenizer) -> None:
    question, name = "ab " * 3_400, "cd " * 3_400
    ids = question_ids(tokenizer, question, [name, name, name])
    assert len(ids) == 3 + MAX_QUESTION_PIECES + 2 * MAX_NAME_PIECES


# Where its weights are ---------------------------------------------------------------------------


def copy_of_weights(folder: Path) -> Path:
    shutil.copy(WEIGHTS / "config.json", folder)
    (folder / "model.safetensors").symlink_to(WEIGHTS / "model.safetensors")
    return folder


def change_config(folder: Path, **changes: object) -> None:
    file = folder / "config.json"
    file.write_text(json.dumps({**json.loads(file.read_text()), **changes}))


def error_of(folder: Path) -> str:
    with pytest.raises(ModelError) as caught:
        PathWriterLanguageModel.load(folder)
    message = str(caught.value)
    assert len(message.splitlines()) == 1, message
    return message


def test_missing_weights_are_an_error(tmp_path: Path) -> None:
    assert f"no path writer in {tmp_path}" in error_of(tmp_path)


def test_truncated_weights_are_an_error(tmp_path: Path) -> None:
    shutil.copy(WEIGHTS / "config.json", tmp_path)
    (tmp_path / "model.safetensors").write_bytes((WEIGHTS / "model.safetensors").read_bytes()[:100_000])
    assert f"{tmp_path} holds no whole path writer" in error_of(tmp_path)


def test_weights_without_a_configuration_are_an_error(tmp_path: Path) -> None:
    (copy_of_weights(tmp_path) / "config.json").unlink()
    assert f"no path writer in {tmp_path}" in error_of(tmp_path)


def test_weights_of_another_shape_are_an_error(tmp_path: Path) -> None:
    change_config(copy_of_weights(tmp_path), decoder_layers=1)
    assert f"{tmp_path} holds no whole path writer" in error_of(tmp_path)


def test_a_configuration_that_is_no_json_is_an_error(tmp_path: Path) -> None:
    (copy_of_weights(tmp_path) / "config.json").write_text("{")
    assert f"{tmp_path} holds no whole path writer" in error_of(tmp_path)


def test_another_encoder_is_an_error(tmp_path: Path) -> None:
    change_config(copy_of_weights(tmp_path), encoder_sha256="0" * 64)
    message = error_of(tmp_path)
    assert "is not the one that the path writer was trained with" in message
    assert "expected 000000000000…" in message


def test_an_encoder_that_is_nowhere_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def unreachable(*_: object, **__: object) -> str:
        raise OSError("cannot be reached\nand more lines")

    monkeypatch.setattr(huggingface_hub, "snapshot_download", unreachable)
    change_config(copy_of_weights(tmp_path), encoder_package="no_such_package")
    assert error_of(tmp_path).endswith("be fetched from the hub (cannot be reached)")


def test_a_decoder_without_its_encoder_says_so() -> None:
    with pytest.raises(ModelError, match=r"no encoder; call attach_encoder"):
        PathWriter(PathWriterConfig(decoder_layers=1, reader_layers=0)).encoder  # noqa: B018
