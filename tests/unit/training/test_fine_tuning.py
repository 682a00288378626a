"""Fine-tuning of tiny models on questions about a few films."""

from __future__ import annotations

import importlib.util
import random
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from tiny_models import tiny_model
from unit.training.film_graph import EXAMPLES, GRAPH

from kgqa.decode import BestFirst
from kgqa.errors import ModelError, OutOfMemoryError, UsageError
from kgqa.finders import ModelFinder
from kgqa.lm import LanguageModel, Request, load_language_model
from kgqa.lm.hf.tokenizer import HuggingFaceTokenizer
from kgqa.lm.load import as_language_model, load_transformers
from kgqa.lm.testing import check_language_model
from kgqa.pipeline import Answerer, Query
from kgqa.training.examples.example import Example
from kgqa.training.fine_tuning.checkpoints import Checkpoints
from kgqa.training.fine_tuning.completion import completions
from kgqa.training.fine_tuning.completion_trainer import CompletionTrainer
from kgqa.training.fine_tuning.fine_tuning import FineTuned, FineTuning
from kgqa.training.fine_tuning.lora import Lora
from kgqa.training.fine_tuning.training_text import training_texts

TEXTS = [text for example in EXAMPLES for text in training_texts(GRAPH, example, "relations")]
SHORT = FineTuning(
    6,
    batch_size=2,
    gradient_accumulation=2,
    learning_rate=3e-3,
    neftune=5.0,
    device="cpu",
    checkpoint_every=2,
)
LORA = Lora(rank=4, alpha=8)
TOKENS = np.arange(20, dtype=np.int32)


class Killed(Exception):
    pass


def killed_at(step: int) -> Any:
    def progress(done: int, loss: float) -> None:
        if done == step:
            raise Killed

    return progress


@pytest.fixture(scope="module")
def bases(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Saved models: the folder of each is named for it."""
    folder = tmp_path_factory.mktemp("bases")
    for name in ("llama", "gpt2", "qwen2", "t5"):
        model, tokenizer = tiny_model(name)
        if name == "llama":
            model.config.attention_dropout = 0.1  # so that there is something to draw
        if name == "t5":
            model.config.dropout_rate = 0.0  # so that a few steps are enough
        model.save_pretrained(folder / name)
        tokenizer.save_pretrained(folder / name)
    return folder


def weights(folder: Path) -> dict[str, torch.Tensor]:
    return load_file(folder / "model.safetensors")


def same_weights(first: Path, second: Path) -> bool:
    one, other = weights(first), weights(second)
    return one.keys() == other.keys() and all(torch.equal(one[name], other[name]) for name in one)


def files(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


@pytest.mark.parametrize(
    ("name", "lora", "path_tokens", "steps", "learning_rate", "learnt"),
    [
        ("llama", None, False, 40, 1e-2, EXAMPLES[:2]),
        ("gpt2", Lora(rank=16, alpha=32, dropout=0), False, 40, 2e-2, EXAMPLES[:2]),
        ("qwen2", Lora(rank=16, alpha=32, dropout=0), True, 40, 2e-2, EXAMPLES[:2]),
        ("t5", None, True, 60, 5e-2, EXAMPLES[1:2]),
    ],
)
def test_what_was_learnt_is_answered_by_the_saved_model(
    bases: Path,
    tmp_path: Path,
    name: str,
    lora: Lora | None,
    path_tokens: bool,
    steps: int,
    learning_rate: float,
    learnt: list[Example],
) -> None:
    texts = [text for example in learnt for text in training_texts(GRAPH, example, "relations")]
    tuning = FineTuning(
        steps, len(learnt), 1, learning_rate, lora=lora, path_tokens=path_tokens, device="cpu"
    )
    seen: list[tuple[int, float]] = []
    done = tuning.train(bases / name, texts, tmp_path, progress=lambda *step: seen.append(step))
    assert [step for step, _ in done.losses] == list(range(1, steps + 1))
    assert list(done.losses) == seen
    assert done.losses[-1][1] < 0.5 * done.losses[0][1]
    model = load_language_model(tmp_path, device="cpu")
    assert isinstance(model.tokenizer, HuggingFaceTokenizer)
    assert (model.tokenizer.path_end_id is not None) == (path_tokens or name == "llama")
    answerer = Answerer(GRAPH, ModelFinder(model, BestFirst(3)))
    for example in learnt:
        (outcome,) = answerer.run([Query(example.question, example.topics)])
        best = outcome.hypotheses[0]
        walked = tuple((hop.relation, hop.inverse) for hop in best.chain.hops)
        assert walked == example.targets[0].steps
    answer = answerer.answer(EXAMPLES[1].question)
    assert {ranked.entity for ranked in answer.entities[:2]} == {"English", "German"}


@pytest.mark.parametrize(("name", "lora"), [("llama", None), ("gpt2", LORA), ("t5", None)])
def test_a_training_that_was_cut_off_goes_on_to_the_weights_of_one_that_was_not(
    bases: Path, tmp_path: Path, name: str, lora: Lora | None
) -> None:
    tuning = replace(SHORT, lora=lora)
    scores: list[float] = []

    def dev(model: LanguageModel) -> float:
        scores.append(len(scores) + random.random())  # what scoring draws changes nothing
        torch.rand(3)
        return scores[-1]

    whole = tuning.train(bases / name, TEXTS, tmp_path / "whole")
    for step in (3, 6):
        with pytest.raises(Killed):
            tuning.train(bases / name, TEXTS, tmp_path / "cut", dev=dev, progress=killed_at(step))
    assert files(tmp_path / "cut") == {"checkpoints"}
    random.seed(7)
    expected = random.random()
    random.seed(7)
    torch.rand(5)
    np.random.rand(5)
    resumed = tuning.train(bases / name, TEXTS, tmp_path / "cut", dev=dev)
    assert random.random() == expected  # training has generators of its own
    assert resumed == FineTuned(whole.losses, tuple(zip((2, 4, 6), scores, strict=True)), 6)
    assert same_weights(tmp_path / "whole", tmp_path / "cut")
    assert files(tmp_path / "cut") == files(bases / name)


def test_a_seed_decides_the_weights(bases: Path, tmp_path: Path) -> None:
    for name, seed in (("first", 0), ("again", 0), ("other", 1)):
        replace(SHORT, steps=2, seed=seed).train(bases / "gpt2", TEXTS, tmp_path / name)
    assert same_weights(tmp_path / "first", tmp_path / "again")
    assert not same_weights(tmp_path / "first", tmp_path / "other")


def test_a_checkpoint_that_broke_off_is_passed_over(bases: Path, tmp_path: Path) -> None:
    SHORT.train(bases / "gpt2", TEXTS, tmp_path / "whole")
    with pytest.raises(Killed):
        SHORT.train(bases / "gpt2", TEXTS, tmp_path / "cut", progress=killed_at(5))
    checkpoints = Checkpoints(tmp_path / "cut" / "checkpoints")
    assert checkpoints.last() == checkpoints.at(4)
    checkpoints.at(6).mkdir()
    (checkpoints.at(6) / "trained.safetensors").write_bytes(b"half")
    SHORT.train(bases / "gpt2", TEXTS, tmp_path / "cut")
    assert same_weights(tmp_path / "whole", tmp_path / "cut")


def test_a_checkpoint_of_other_settings_is_refused_by_name(bases: Path, tmp_path: Path) -> None:
    with pytest.raises(Killed):
        SHORT.train(bases / "gpt2", TEXTS, tmp_path, progress=killed_at(5))
    other = replace(SHORT, learning_rate=1e-3, lora=LORA)
    with pytest.raises(UsageError, match=r"other settings: learning_rate 0.003 \(now 0.001\), lora None"):
        other.train(bases / "gpt2", TEXTS, tmp_path)
    with pytest.raises(UsageError, match=r"other settings: texts "):
        SHORT.train(bases / "gpt2", TEXTS[1:], tmp_path)
    SHORT.train(bases / "gpt2", TEXTS, tmp_path)


@pytest.mark.parametrize("lora", [None, LORA])
def test_the_checkpoint_with_the_best_score_is_saved_the_earlier_of_equals(
    bases: Path, tmp_path: Path, lora: Lora | None
) -> None:
    tuning = replace(SHORT, learning_rate=1e-2, lora=lora)
    kept: list[Any] = []

    def dev(model: LanguageModel) -> float:
        kept.append(model.score([request])[0].of(0, TOKENS).copy())
        return (1.0, 2.0, 2.0)[len(kept) - 1]

    request = Request(TEXTS[0].prompt, [()])
    done = tuning.train(bases / "gpt2", TEXTS, tmp_path, dev=dev)
    assert done == FineTuned(done.losses, ((2, 1.0), (4, 2.0), (6, 2.0)), 4)
    saved = load_language_model(tmp_path, device="cpu").score([request])[0].of(0, TOKENS)
    assert np.allclose(saved, kept[1], atol=1e-4)
    assert not np.allclose(saved, kept[2], atol=1e-3)


def test_a_trained_model_keeps_the_laws_and_its_settings(bases: Path, tmp_path: Path) -> None:
    tuning = replace(SHORT, lora=LORA, path_tokens=True)
    tuning.train(bases / "qwen2", TEXTS, tmp_path)
    model: Any = load_language_model(tmp_path, device="cpu")
    check_language_model(model)
    assert model._model.config.use_cache
    assert files(tmp_path) >= {"config.json", "model.safetensors", "tokenizer.json"}


@pytest.mark.parametrize("initialiser", ["gaussian", "orthogonal", "pissa", "corda"])
def test_adapters_may_begin_otherwise(bases: Path, tmp_path: Path, initialiser: str) -> None:
    tuning = FineTuning(6, 8, 1, 1e-2, warmup=0, lora=replace(LORA, initialiser=initialiser), device="cpu")
    done = tuning.train(bases / "gpt2", TEXTS, tmp_path)
    assert done.losses[-1][1] < done.losses[0][1]
    load_language_model(tmp_path, device="cpu")


def test_kasa_trades_the_smallest_components_for_trained_ones(bases: Path, tmp_path: Path) -> None:
    lora = Lora(rank=4, alpha=8, targets=("q_proj", "v_proj"), initialiser="kasa")
    replace(SHORT, lora=lora).train(bases / "qwen2", TEXTS, tmp_path)
    before, after = weights(bases / "qwen2"), weights(tmp_path)
    name = next(name for name in before if name.endswith("q_proj.weight"))
    u, s, v = torch.linalg.svd(before[name], full_matrices=False)
    learnt = after[name] - (u[:, :-4] * s[:-4]) @ v[:-4]
    values = torch.linalg.svdvals(learnt)
    assert values[3] > 1e-4 > 10 * values[4]
    with pytest.raises(ModelError, match=r"gpt2.*KaSA does not support"):
        replace(SHORT, lora=replace(LORA, initialiser="kasa")).train(bases / "gpt2", TEXTS, tmp_path / "gpt2")


def test_the_penalty_of_kasa_leads_to_orthonormal_directions(bases: Path) -> None:
    tuning = replace(SHORT, lora=replace(LORA, initialiser="kasa"))
    model, tokenizer = load_transformers(bases / "qwen2")
    rows = completions(as_language_model(model, tokenizer), TEXTS)
    assert tuning.lora is not None
    adapted = tuning.lora.adapt(model, [], rows)
    penalty = tuning.lora.penalty(adapted)
    assert penalty is not None
    pairs = [
        (layer.lora_A["default"].weight, layer.lora_B["default"].weight, layer.lora_diag["default"])
        for layer in adapted.modules()
        if hasattr(layer, "lora_diag")
    ]
    one = torch.eye(4)
    expected = sum(
        1e-4 * (s**2).sum() + 1e-3 * ((b.T @ b - one).norm() + (a @ a.T - one).norm()) for a, b, s in pairs
    )
    assert torch.allclose(penalty(), torch.as_tensor(expected), rtol=1e-4)
    assert Lora().penalty(adapted) is None


def test_lora_trains_what_is_named_and_nothing_else(bases: Path, tmp_path: Path) -> None:
    tuning = replace(SHORT, steps=3, lora=Lora(targets=("q_proj", "v_proj"), initialiser="gaussian"))
    tuning.train(bases / "qwen2", TEXTS, tmp_path)
    before, after = weights(bases / "qwen2"), weights(tmp_path)
    changed = {name.split(".")[-2] for name in before if not torch.equal(before[name], after[name])}
    assert changed == {"q_proj", "v_proj"}
    with pytest.raises(UsageError, match="no linear module of the model is named query"):
        replace(tuning, lora=Lora(targets=("query",))).train(bases / "qwen2", TEXTS, tmp_path / "other")


def test_half_precision_passes_train_float32_weights(bases: Path, tmp_path: Path) -> None:
    tuning = FineTuning(6, 8, 1, 3e-3, warmup=0, dtype="bfloat16", device="cpu")
    done = tuning.train(bases / "gpt2", TEXTS, tmp_path)
    assert done.losses[-1][1] < done.losses[0][1]
    assert {weight.dtype for weight in weights(tmp_path).values()} == {torch.bfloat16}


def test_a_loss_that_is_no_number_stops_at_once(bases: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"the loss of step \d+ is .*lower learning rate than 1e\+30"):
        replace(SHORT, learning_rate=1e30).train(bases / "gpt2", TEXTS, tmp_path)


def test_running_out_of_memory_says_what_to_do(
    bases: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def out_of_memory(*_: Any, **__: Any) -> None:
        raise torch.OutOfMemoryError("CUDA out of memory")

    monkeypatch.setattr(CompletionTrainer, "training_step", out_of_memory)
    with pytest.raises(OutOfMemoryError, match="smaller batch_size with more gradient_accumulation"):
        SHORT.train(bases / "gpt2", TEXTS, tmp_path)


def test_packages_that_are_missing_are_named(
    bases: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(UsageError, match=r"needs accelerate: pip install 'kgqa\[train\]'"):
        SHORT.train(bases / "gpt2", TEXTS, tmp_path)
    with pytest.raises(UsageError, match="needs accelerate and peft"):
        replace(SHORT, lora=LORA).train(bases / "gpt2", TEXTS, tmp_path)


def test_what_makes_no_sense_is_refused(bases: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no texts to train on"):
        SHORT.train(bases / "gpt2", [], tmp_path)
    with pytest.raises(UsageError, match="holds a model already"):
        SHORT.train(bases / "gpt2", TEXTS, bases / "gpt2")
    with pytest.raises(UsageError, match="is the path writer"):
        SHORT.train("kgqa/path-writer", TEXTS, tmp_path)
    with pytest.raises(ModelError, match="is not a folder"):
        SHORT.train(bases / "nothing", TEXTS, tmp_path)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"steps": 0}, "steps must be a whole number of at least 1, not 0"),
        ({"warmup": 3}, "warmup must be a number from 0 to 1, not 3"),
        ({"device": "cuda:1"}, "cannot train on 'cuda:1'"),
        ({"dtype": "int4"}, "unknown dtype 'int4'"),
        ({"dtype": "float16"}, "only a GPU trains in float16"),
    ],
)
def test_settings_that_make_no_sense(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        replace(SHORT, **settings)


def test_adapters_that_make_no_sense() -> None:
    with pytest.raises(UsageError, match="no initialiser 'zeros'"):
        Lora(initialiser="zeros")
    with pytest.raises(UsageError, match="rank of at least 1, got 0"):
        Lora(rank=0)


def test_training_writes_nothing(bases: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    replace(SHORT, steps=2, lora=LORA).train(bases / "gpt2", TEXTS, tmp_path, dev=lambda model: 0.0)
    assert capfd.readouterr() == ("", "")
