"""Models in GGUF files: what is no whole file is refused, and a real one speaks as it did."""

import shutil
import struct
from functools import partial
from pathlib import Path

import pytest

from kgqa.chat import Message
from kgqa.errors import ModelError
from kgqa.lm import Prompt, Request, load_chat, load_language_model
from kgqa.lm.hf.causal import CausalLanguageModel


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("KGQA_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def refused(file: Path, message: str) -> None:
    for load in (partial(load_language_model, engine="transformers"), load_chat):
        with pytest.raises(ModelError, match=message) as caught:
            load(file)
        assert "\n" not in str(caught.value)
        assert str(file) in str(caught.value)


def test_a_missing_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)
    refused(tmp_path / "model.gguf", "cannot be read: No such file")


@pytest.mark.parametrize("content", [b"", b"GGU", b"<html>not found</html>", b"PK\3\4"])
def test_a_file_of_another_format(content: bytes, tmp_path: Path) -> None:
    file = tmp_path / "model.gguf"
    file.write_bytes(content)
    refused(file, "is not a GGUF file")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        struct.pack("<I", 3),
        struct.pack("<IQQ", 3, 1, 2**60),
        struct.pack("<IQQ", 77, 0, 0),
        b"\xff" * 64,
    ],
)
def test_a_damaged_file(content: bytes, tmp_path: Path, cache: Path) -> None:
    file = tmp_path / "model.gguf"
    file.write_bytes(b"GGUF" + content)
    refused(file, "is damaged or cut off")
    assert not list(cache.glob("gguf/*-*[0-9]"))


def test_a_file_without_a_model(tmp_path: Path) -> None:
    file = tmp_path / "model.gguf"
    file.write_bytes(b"GGUF" + struct.pack("<IQQ", 3, 0, 0))
    refused(file, "transformers cannot load")


def test_what_is_missing_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "model.gguf"
    file.write_bytes(b"GGUF" + bytes(100))
    monkeypatch.setattr("kgqa.lm.hf.gguf_folder.find_spec", lambda name: None if name == "gguf" else name)
    refused(file, "needs the package gguf in transformers; pip install 'kgqa.gguf.'")


@pytest.mark.slow
def test_half_of_a_real_file(smollm2_gguf: Path, tmp_path: Path) -> None:
    file = tmp_path / "model.gguf"
    whole = smollm2_gguf.read_bytes()
    for length in (len(whole) - 1, len(whole) // 2, 1_000_000, 1_000):
        file.write_bytes(whole[:length])
        refused(file, "is damaged or cut off")


@pytest.mark.slow
def test_a_real_file_is_converted_once_and_speaks(
    smollm2_gguf: Path, smollm2_folder: Path, cache: Path
) -> None:
    (cache / "gguf").mkdir(parents=True)
    shutil.copytree(smollm2_folder, cache / "gguf" / smollm2_folder.name)
    before = {path: path.stat().st_mtime_ns for path in cache.rglob("*")}
    chat = load_chat(smollm2_gguf, device="cpu", cache=False)
    said = chat.reply(
        [Message("user", "What is the capital of France? Answer with one word.")], max_tokens=16
    )
    assert "Paris" in said.text
    assert said.finished
    model = load_language_model(smollm2_gguf, device="cpu", engine="transformers")
    assert isinstance(model, CausalLanguageModel)
    prompt = Prompt("Which city is the capital of France?", ("France",))
    right, wrong = model.tokenizer.encode_batch([" Paris", " Banana"])
    likely = model.score([Request(prompt, [()])])[0].log_probabilities[0]
    assert likely[right[0]] > likely[wrong[0]]
    assert {path: path.stat().st_mtime_ns for path in cache.rglob("*")} == before
