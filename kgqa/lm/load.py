"""Getting a language model by name."""

from __future__ import annotations

import json
import re
import struct
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from logging import CRITICAL, getLogger
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kgqa.errors import ModelError, UsageError

if TYPE_CHECKING:
    from kgqa.lm.protocol import LanguageModel

__all__ = ["PATH_WRITER", "load_language_model", "quiet"]

PATH_WRITER = "kgqa/path-writer"
"""The name of the model that ships with kgqa."""

_PATH_WRITER_TYPE = "kgqa-path-writer"
_HUB_NAME = re.compile(r"[\w.-]+(/[\w.-]+)?")
_TOKENIZER_FILES = (
    "tokenizer.json",
    "tokenizer_config.json",
    "tokenizer.model",
    "spiece.model",
    "vocab.txt",
    "vocab.json",
)
_DTYPES = ("auto", "float32", "bfloat16", "float16")
_REMEDY = "name a folder with config.json, tokenizer and model.safetensors, or a model on the hub"


def load_language_model(
    name_or_folder: str | Path | None = None, *, device: str = "auto", dtype: str = "auto"
) -> LanguageModel:
    """A language model: the shipped one (`None` or `"kgqa/path-writer"`), a folder, or a hub name.

    Its configuration decides whether it continues texts or reads one and writes another. Only
    safetensors are read and no code of the model's own is run. `device` is `"auto"` (a GPU if there
    is one) or torch's name; `dtype` is `"auto"` (float32 on a processor, elsewhere that of the
    weights), `"float32"`, `"bfloat16"` or `"float16"`. Raises `ModelError` for what cannot be
    loaded, `TokenizerError` for a tokenizer that does not split chains.
    """
    if dtype not in _DTYPES:
        raise UsageError(f"unknown dtype {dtype!r}; use one of {', '.join(_DTYPES)}")
    name = PATH_WRITER if name_or_folder is None else str(name_or_folder)
    if name == PATH_WRITER:
        return _load_path_writer(None, device, dtype)
    folder = Path(name).expanduser()
    if folder.is_dir():
        if _check_folder(folder) == _PATH_WRITER_TYPE:
            return _load_path_writer(folder, device, dtype)
        name = str(folder)
    elif folder.exists() or not _HUB_NAME.fullmatch(name):
        raise ModelError(f"{name} is not a folder; {_REMEDY}")
    with quiet():
        return _load(name, _device(device), dtype)


def _load_path_writer(folder: Path | None, device: str, dtype: str) -> LanguageModel:
    import torch

    from kgqa.lm.path_writer.language_model import PathWriterLanguageModel

    if device not in ("auto", "cpu"):
        raise UsageError(f"the path writer runs on the processor, not on {device!r}; use device cpu")
    number_format = None if dtype == "auto" else getattr(torch, dtype)
    with quiet():
        if folder is None:
            return PathWriterLanguageModel.load(dtype=number_format)
        return PathWriterLanguageModel.load(folder, dtype=number_format)


def _check_folder(folder: Path) -> str:
    """Look for what a model consists of before transformers does; returns the model's type."""
    if (folder / "adapter_config.json").exists() and not (folder / "config.json").exists():
        raise ModelError(f"{folder} holds an adapter, not a model; merge it into its base model first")
    if not (folder / "config.json").exists():
        raise ModelError(f"{folder} has no config.json, so it is not a model; {_REMEDY}")
    try:
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        kind = str(config["model_type"])
    except (ValueError, KeyError, TypeError) as error:
        raise ModelError(f"{folder}/config.json does not describe a model ({error}); {_REMEDY}") from error
    if kind != _PATH_WRITER_TYPE:
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
            shards = json.loads(index.read_text(encoding="utf-8"))["weight_map"].values()
        except (ValueError, KeyError, AttributeError) as error:
            raise ModelError(f"{index} is damaged ({error}); copy it again") from error
        return [folder / shard for shard in sorted(set(shards))]
    if (folder / "model.safetensors").exists():
        return [folder / "model.safetensors"]
    if any(folder.glob("*.bin")) or any(folder.glob("*.pt")):
        raise ModelError(
            f"{folder} has pickled weights only, which can run code when they are read; save the model "
            "again as safetensors (save_pretrained does)"
        )
    raise ModelError(f"{folder} has no weights; {_REMEDY}")


def _check_safetensors(file: Path) -> None:
    """Compare a file's size with its header: a copy that broke off is found before it is read."""
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


def _load(name: str, device: str, dtype: str) -> LanguageModel:
    from transformers import AutoConfig, AutoModelForCausalLM, AutoModelForSeq2SeqLM, AutoTokenizer

    config = _attempt(name, "configuration", AutoConfig)
    if not config.is_encoder_decoder:
        _check_writes(name, config)
    tokenizer = _attempt(name, "tokenizer", AutoTokenizer)
    kind = AutoModelForSeq2SeqLM if config.is_encoder_decoder else AutoModelForCausalLM
    if dtype == "auto":
        dtype = "float32" if device == "cpu" else "auto"
    model, found = _attempt(
        name, "weights", kind, dtype=dtype, use_safetensors=True, output_loading_info=True
    )
    for what in ("missing_keys", "mismatched_keys"):
        if found.get(what):
            sample = sorted(map(str, found[what]))[0]
            raise ModelError(
                f"the weights of {name} do not fit its configuration: {len(found[what])} of them are "
                f"{what.removesuffix('_keys')}, such as {sample}; copy the whole model again"
            )
    try:
        model = model.to(device)
    except (RuntimeError, AssertionError) as error:
        raise ModelError(f"{name} cannot be put on device {device!r}: {_first_line(error)}") from error
    if config.is_encoder_decoder:
        from kgqa.lm.seq2seq import Seq2SeqLanguageModel

        return Seq2SeqLanguageModel(model, tokenizer)
    from kgqa.lm.causal import CausalLanguageModel

    return CausalLanguageModel(model, tokenizer)


def _check_writes(name: str, config: Any) -> None:
    """Refuse encoders: transformers would load one, and it would see the tokens it is to predict."""
    from transformers import MODEL_FOR_CAUSAL_LM_MAPPING, MODEL_FOR_MASKED_LM_MAPPING

    fills = type(config) in MODEL_FOR_MASKED_LM_MAPPING and not getattr(config, "is_decoder", False)
    if fills or type(config) not in MODEL_FOR_CAUSAL_LM_MAPPING:
        raise ModelError(
            f"{name} is a {config.model_type} model, which writes no text; use a causal model "
            "(Llama, Qwen, GPT) or an encoder-decoder (T5, BART)"
        )


def _attempt(name: str, what: str, kind: Any, **options: Any) -> Any:
    """Load one part of a model; whatever goes wrong becomes one line."""
    try:
        return kind.from_pretrained(name, trust_remote_code=False, **options)
    except Exception as error:  # configurations, pickles, networks: transformers raises anything
        place = "" if Path(name).is_dir() else "; without a network only folders and models kept here load"
        raise ModelError(f"the {what} of {name} cannot be loaded: {_first_line(error)}{place}") from error


def _first_line(error: Exception) -> str:
    text = " ".join(str(error).split()) or type(error).__name__
    return text if len(text) <= 200 else f"{text[:199]}…"


def _device(device: str) -> str:
    import torch

    if device == "auto":
        return "cuda" if torch.cuda.is_available() else "cpu"
    try:
        torch.device(device)
    except RuntimeError as error:
        raise UsageError(f"unknown device {device!r}; use auto, cpu, cuda or mps") from error
    return device


@contextmanager
def quiet() -> Iterator[None]:
    """Keep transformers and its hub client from writing to the terminal while a model loads."""
    from transformers.utils import logging

    level, bars = logging.get_verbosity(), logging.is_progress_bar_enabled()
    hub = getLogger("huggingface_hub")
    hub_level = hub.level
    hub.setLevel(CRITICAL)
    logging.set_verbosity(logging.CRITICAL)
    logging.disable_progress_bar()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.set_verbosity(level)
        hub.setLevel(hub_level)
        if bars:
            logging.enable_progress_bar()
