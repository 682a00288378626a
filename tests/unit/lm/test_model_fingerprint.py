"""Which model it is: by weights, configuration and tokenizer, not by where it lies."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from kgqa.errors import ModelError
from kgqa.lm.load import PATH_WRITER
from kgqa.lm.model_fingerprint import model_fingerprint


def folder_of(place: Path, **files: str) -> str:
    place.mkdir()
    content = {"model_safetensors": "weights", "config_json": "{}", "tokenizer_json": "{}", **files}
    for name, text in content.items():
        stem, _, suffix = name.rpartition("_")
        (place / f"{stem}.{suffix}").write_text(text)
    return str(place)


def test_the_same_files_are_the_same_model_wherever_they_lie(tmp_path: Path) -> None:
    one = folder_of(tmp_path / "one")
    shutil.copytree(one, tmp_path / "two")
    assert model_fingerprint(one) == model_fingerprint(str(tmp_path / "two"))
    assert model_fingerprint(folder_of(tmp_path / "three", calibration_json="{}")) == model_fingerprint(one)


@pytest.mark.parametrize("changed", ["model_safetensors", "config_json", "tokenizer_json", "merges_txt"])
def test_another_file_is_another_model(tmp_path: Path, changed: str) -> None:
    one, two = folder_of(tmp_path / "one"), folder_of(tmp_path / "two", **{changed: "other"})
    assert model_fingerprint(one) != model_fingerprint(two)


def test_the_shipped_model_goes_by_two_names() -> None:
    assert model_fingerprint(None) == model_fingerprint(PATH_WRITER)


def test_an_empty_folder_is_no_model(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="has no weights"):
        model_fingerprint(str(tmp_path))
