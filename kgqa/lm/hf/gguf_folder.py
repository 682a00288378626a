"""Models in GGUF files, as llama.cpp reads them, turned into folders that transformers reads."""

from __future__ import annotations

import hashlib
import shutil
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from filelock import FileLock

from kgqa.cache_folder import cache_folder
from kgqa.errors import ModelError
from kgqa.lm.first_line import first_line
from kgqa.lm.hf.quiet import quiet

__all__ = ["gguf_folder"]

_FORMAT = 1
"""Of converted folders; a change of what is written into them needs another number."""
_MAGIC = b"GGUF"
_ADVICE = "copy the file again"


def gguf_folder(file: Path) -> Path:
    """The folder of a GGUF file's model, with weights in safetensors, tokenizer and chat template.

    The file is converted once, into kgqa's cache under its SHA-256: quantised weights are written out as
    float16 (those that it cannot hold as float32), so the folder is larger than the file. The tokenizer is
    the one that transformers makes of the file.

    Raises `ModelError` for a missing, damaged or cut off file, one that is no GGUF, a part of a split
    model, an architecture that transformers does not read, and where `gguf` or `accelerate` is not installed.
    """
    _check(file)
    folder = cache_folder() / "gguf" / f"{_checksum(file)}-{_FORMAT}"
    if not folder.is_dir():
        try:
            folder.parent.mkdir(parents=True, exist_ok=True)
            with FileLock(f"{folder}.lock"):  # several processes may want the same model
                if not folder.is_dir():
                    _convert(file, folder)
        except OSError as error:
            reason = error.strerror or str(error)
            raise ModelError(f"{file} cannot be converted into {folder.parent}: {reason}") from error
    return folder


def _check(file: Path) -> None:
    """Raise `ModelError` for what is not a whole GGUF file, before something reads weights of it."""
    try:
        with file.open("rb") as stream:
            magic = stream.read(len(_MAGIC))
    except OSError as error:
        raise ModelError(f"{file} cannot be read: {error.strerror or error}; name a GGUF file") from error
    if magic != _MAGIC:
        raise ModelError(f"{file} is not a GGUF file: it does not begin with GGUF; {_ADVICE}")
    for package in ("gguf", "accelerate"):
        if find_spec(package) is None:
            raise ModelError(f"{file} needs the package {package} in transformers; pip install 'kgqa[gguf]'")


def _checksum(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _convert(file: Path, folder: Path) -> None:
    """Write the folder beside its place first, so that it is never seen half written."""
    _check_content(file)
    part = folder.with_name(f"{folder.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    try:
        with quiet():
            _write(file, part)
        part.rename(folder)
    finally:
        shutil.rmtree(part, ignore_errors=True)


def _check_content(file: Path) -> None:
    """Read the index of the file, which names the place of every tensor."""
    from gguf import GGUFReader

    try:
        reader = GGUFReader(file)
        split = reader.fields.get("split.count")
        parts = 1 if split is None else int(split.contents())
    except Exception as error:  # the reader has no checks of its own: anything is raised for damaged bytes
        raise ModelError(f"{file} is damaged or cut off ({first_line(error)}); {_ADVICE}") from error
    if parts > 1:
        raise ModelError(f"{file} is one of {parts} parts of a model; merge them (llama-gguf-split --merge)")


def _write(file: Path, folder: Path) -> None:
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    where: dict[str, Any] = {"gguf_file": file.name, "trust_remote_code": False, "local_files_only": True}
    try:
        tokenizer = AutoTokenizer.from_pretrained(file.parent, **where)
        model = AutoModelForCausalLM.from_pretrained(file.parent, **where, dtype=torch.float32, **_dense())
    except Exception as error:  # transformers raises anything
        raise ModelError(f"transformers cannot load {file}: {first_line(error)}") from error
    if (quantizer := getattr(model, "hf_quantizer", None)) is not None:
        quantizer.remove_quantization_config(model)  # the weights are dense by now
    for weight in (*model.parameters(), *model.buffers()):
        if weight.is_floating_point():
            weight.data = _narrow(weight.data)
    model.config.dtype = torch.bfloat16  # what runs on a GPU; on a CPU it is float32
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)


def _dense() -> dict[str, Any]:
    """The option of newer transformers that unpacks quantised weights."""
    import transformers

    options = getattr(transformers, "GgufConfig", None)
    return {} if options is None else {"quantization_config": options(dequantize=True)}


def _narrow(weight: Any) -> Any:
    half = weight.half()
    return half if half.isfinite().all() else weight
