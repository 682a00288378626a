"""The cross-encoder that reads a question and a path side by side."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from tokenizers import Tokenizer

from kgqa.errors import ModelError
from kgqa.graph import RelationStep
from kgqa.lm import PathReading, Relevance, Reranks
from kgqa.lm.path_writer.configuration import PathWriterConfig
from kgqa.lm.path_writer.language_model import WEIGHTS, PathWriterLanguageModel
from kgqa.lm.path_writer.modeling import encoder_folder, load_encoder
from kgqa.lm.path_writer.question_text import CLS, MASK, MAX_TEXT_PIECES, SEP, load_tokenizer, pair_ids
from kgqa.lm.path_writer.reranker import RERANKER, Reranker

torch.set_num_threads(1)  # more wait for each other where the machine is busy

BORN = PathReading((RelationStep("place of birth"),), ("Ulm",))
DIED = PathReading((RelationStep("place of death"),), ("Princeton",))
CHILD = PathReading((RelationStep("child"), RelationStep("occupation")), ("engineer",))


@pytest.fixture(scope="module")
def model() -> PathWriterLanguageModel:
    return PathWriterLanguageModel.load(dtype=torch.float32)


@pytest.fixture(scope="module")
def relevance(model: PathWriterLanguageModel) -> Relevance:
    assert model.relevance
    return model.relevance


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    return load_tokenizer(encoder_folder(PathWriterConfig()))


def pieces(tokenizer: Tokenizer, text: str) -> list[int]:
    ids: list[int] = tokenizer.encode(text, add_special_tokens=False).ids
    return ids


@pytest.mark.parametrize(
    ("question", "wanted"),
    [
        ("where was Albert Einstein born", BORN),
        ("where did Albert Einstein die", DIED),
        ("what do the kids of Albert Einstein work as", CHILD),
    ],
)
def test_the_path_that_is_asked_for_is_the_most_relevant(
    relevance: Relevance, question: str, wanted: PathReading
) -> None:
    paths = [BORN, DIED, CHILD]
    scores = relevance(question, ("Albert Einstein",), paths)
    assert scores.dtype == np.float32
    assert paths[int(scores.argmax())] == wanted


def test_the_end_that_is_asked_for_is_the_most_relevant(relevance: Relevance) -> None:
    ends = ("Emsley A. Laney High School", "University of North Carolina at Chapel Hill")
    studied = [PathReading((RelationStep("educated at"),), (end,)) for end in ends]
    scores = relevance("what university did Michael Jordan go to", ("Michael Jordan",), studied)
    assert scores[1] > scores[0]


def test_bfloat16_reads_like_float32(relevance: Relevance) -> None:
    half = PathWriterLanguageModel.load(dtype=torch.bfloat16).relevance
    assert half
    asked = ("where was Albert Einstein born", ("Albert Einstein",), [BORN, DIED, CHILD])
    assert np.abs(relevance(*asked) - half(*asked)).max() < 0.5


def test_a_pair_is_the_masked_question_and_the_path_in_words(tokenizer: Tokenizer) -> None:
    path = PathReading((RelationStep("film.film.directed_by"), RelationStep("bornIn", True)), ("Ulm", "Rome"))
    expected = [
        CLS, *pieces(tokenizer, "who made"), MASK, *pieces(tokenizer, "?"), SEP,
        *pieces(tokenizer, "> directed by < born in : ulm rome"), SEP,
    ]  # fmt: skip
    assert pair_ids(tokenizer, "who made Kismet?", ("Kismet",), path) == expected
    bare = pair_ids(tokenizer, "", (), PathReading((RelationStep("capital"),)))
    assert bare == [CLS, SEP, *pieces(tokenizer, "> capital"), SEP]


def test_hostile_texts_are_read(relevance: Relevance, tokenizer: Tokenizer) -> None:
    long = PathReading(tuple(RelationStep("x" * 500) for _ in range(60)), ("y" * 10_000, ""))
    odd = PathReading((RelationStep(""), RelationStep("[SEP] \ud800", True)), ("[MASK]\n",))
    for question in ("", "東京 " * 3_000, "half \ud800 a pair"):
        scores = relevance(question, (question, ""), [long, odd, PathReading(())])
        assert np.isfinite(scores).all()
        assert len(pair_ids(tokenizer, question, (), long)) <= MAX_TEXT_PIECES


def test_without_a_reranker_the_model_cannot_tell(tmp_path: Path) -> None:
    for file in ("config.json", "model.safetensors"):
        shutil.copy(WEIGHTS / file, tmp_path)
    model = PathWriterLanguageModel.load(tmp_path)
    assert isinstance(model, Reranks)
    assert model.relevance is None


def test_nothing_is_read_where_there_is_no_path(relevance: Relevance) -> None:
    assert len(relevance("who", (), [])) == 0


def test_a_reranker_is_the_same_after_it_was_saved(tmp_path: Path) -> None:
    encoder = load_encoder(PathWriterConfig())
    Reranker(encoder).save(tmp_path)
    again = Reranker.load(tmp_path, encoder)
    assert again is not None
    fresh = Reranker(encoder).half().float().state_dict()
    assert all(torch.equal(weight, fresh[name]) for name, weight in again.state_dict().items())
    assert (tmp_path / RERANKER).stat().st_size < 22e6


@pytest.mark.parametrize("pairs", [1, 3, 4, 5])
def test_a_reranker_learns_from_any_number_of_pairs(pairs: int) -> None:
    """What a pass is padded with has no states, and no share in the gradient."""
    reranker = Reranker.load(WEIGHTS, load_encoder(PathWriterConfig()))
    assert reranker is not None
    reranker([[101, *range(2003, 2005 + number), 102] for number in range(pairs)]).sum().backward()
    gradients = [weight.grad for weight in reranker.parameters()]
    assert all(gradient is not None and gradient.isfinite().all() for gradient in gradients)


@pytest.mark.parametrize("damage", ["cut", "foreign", "empty"])
def test_a_damaged_reranker_is_one_clear_error(tmp_path: Path, damage: str) -> None:
    whole = (WEIGHTS / RERANKER).read_bytes()
    foreign = (WEIGHTS / "model.safetensors").read_bytes()
    content = {"cut": whole[:-1000], "foreign": foreign, "empty": b""}[damage]
    (tmp_path / RERANKER).write_bytes(content)
    with pytest.raises(ModelError, match=r"reranker.safetensors is no whole reranker .*; copy it again"):
        Reranker.load(tmp_path, load_encoder(PathWriterConfig()))
