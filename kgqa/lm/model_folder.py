"""Checks of a model's folder before transformers loads it."""

from __future__ import annotations

import json
import struct
from pathlib import Path

from kgqa.config_file import read_json_object
from kgqa.errors import ModelError, ParseError

__all__ = ["PATH_WRITER_TYPE", "REMEDY", "check_folder", "is_gguf"]

PATH_WRITER_TYPE = "kgqa-path-writer"
"""`model_type` in the configuration of the model that ships with kgqa."""

REMEDY = "name a folder with config.json, tokenizer and model.safetensors, a GGUF, or a model on the hub"
"""The advice in the message for something that is no model."""

_TOKENIZER_FILES = (
    "tokenizer.json",
    "tokenizer_config.json",
    "tokenizer.model",
    "spiece.model",
    "vocab.txt",
    "vocab.json",
)


def is_gguf(source: str | Path) -> bool:
    """Whether a model's source is written as the path of a GGUF file, which need not exist."""
    path = Path(source)
    return path.suffix.lower() == ".gguf" and not path.is_dir()


def check_folder(folder: Path) -> str:
    """The model's type. Raises `ModelError` for a folder without config, tokenizer or whole safetensors."""
    if (folder / "adapter_config.json").exists() and not (folder / "config.json").exists():
        raise ModelError(f"{folder} holds an adapter, not a model; merge it into its base model first")
    if not (folder / "config.json").exists():
        raise ModelError(f"{folder} has no config.json, so it is not a model; {REMEDY}")
    try:
        config = read_json_object(folder / "config.json")
        kind = str(config["model_type"])
    except (ParseError, KeyError) as error:
        raise ModelError(f"{folder}/config.json does not describe a model ({error}); {REMEDY}") from error
    if kind != PATH_WRITER_TYPE:
        for file in _weight_files(folder):
            _check_safetensors(file)
        if not any((folder / file).exists() for file in _TOKENIZER_FILES):
            raise ModelError(
                f"{folder} has no tokenizer; copy tokenizer.json and tokenizer_config.json into it"
            )
    return kind


def _weight_files(folder: Path) -> list[Path]:
    index = folder / "model.safetensors.index.json"
    if index.exists():
        try:
            shards = read_json_object(index)["weight_map"].values()
        except (ParseError, KeyError, AttributeError) as error:
            raise ModelError(f"{index} is damaged ({error}); copy it again") from error
        return [folder / shard for shard in sorted(set(shards))]
    if (folder / "model.safetensors").exists():
        return [folder / "model.safetensors"]
    if any(folder.glob("*.bin")) or any(folder.glob("*.pt")):
        raise ModelError(
            f"{folder} has pickled weights only, which can run code when they are read; save the model "
            "again as safetensors (save_pretrained does)"
        )
    raise ModelError(f"{folder} has no weights; {REMEDY}")


def _check_safetensors(file: Path) -> None:
    """Compare a file's size with its header, which finds incomplete copies."""
    try:
        with file.open("rb") as stream:
            (length,) = struct.unpack("<Q", stream.read(8))
            if length > file.stat().st_size:
                raise ValueError("the header is longer than the file")
            tensors = json.loads(stream.read(length))
        end = max((t["data_offsets"][1] for key, t in tensors.items() if key != "__metadata__"), default=0)
        if file.stat().st_size != 8 + length + end:
            raise ValueError(f"{file.stat().st_size} bytes instead of {8 + length + end}")
    except FileNotFoundError as error:
        raise ModelError(f"{file} is missing; copy the whole model again") from error
    except (ValueError, KeyError, AttributeError, TypeError, struct.error) as error:
        raise ModelError(f"{file} is damaged or cut off ({error}); copy it again") from error
