"""Load a language model by name or from a folder, or wrap one that is loaded already."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args

from kgqa.errors import ModelError, UsageError, check_path
from kgqa.lm.first_line import first_line
from kgqa.lm.hf.quiet import quiet
from kgqa.lm.llama_cpp.library import has_llama_cpp
from kgqa.lm.model_folder import PATH_WRITER_TYPE, REMEDY, check_folder, is_gguf
from kgqa.lm.vllm.served_name import is_served

if TYPE_CHECKING:
    from kgqa.lm.hf.causal import CausalLanguageModel
    from kgqa.lm.hf.seq2seq import Seq2SeqLanguageModel
    from kgqa.lm.protocol import LanguageModel

__all__ = [
    "PATH_WRITER",
    "EngineName",
    "NumberFormat",
    "as_language_model",
    "check_source",
    "is_path_writer",
    "load_for_inference",
    "load_language_model",
    "load_transformers",
    "torch_device",
]

PATH_WRITER = "kgqa/path-writer"
"""The name of the model that ships with kgqa."""

NumberFormat = Literal["auto", "float32", "bfloat16", "float16"]
"""The number format of a model's weights; `"auto"` chooses by device and model."""

EngineName = Literal["auto", "transformers", "llama.cpp"]
"""What computes a model; `"auto"` is llama.cpp for GGUF files where llama-cpp-python is installed."""

_HUB_NAME = re.compile(r"[\w.-]+(/[\w.-]+)?")


def load_language_model(
    source: str | Path | None = None,
    *,
    device: str = "auto",
    dtype: NumberFormat = "auto",
    cache_bytes: int | None = None,
    engine: EngineName = "auto",
) -> LanguageModel:
    """Load a language model: the shipped one (`None` or `"kgqa/path-writer"`), a folder, or a hub name.

    A `.gguf` file is computed by llama.cpp (`LlamaCppLanguageModel`). With `engine="transformers"`, a
    `dtype`, `cache_bytes`, or without llama-cpp-python it is computed by transformers: converted once into a
    folder in kgqa's cache (`gguf_folder`) and loaded from there. The model's configuration says whether it
    is decoder-only or encoder-decoder. Only safetensors are read, and no code that comes with a model is run.
    `device` is `"auto"` (a GPU if there is one) or a device name of torch; `dtype` `"auto"` means float32 on
    a CPU and the format of the weights elsewhere. `cache_bytes` bounds the cached keys and values (default:
    4 GiB, for the shipped model 8 % of `KGQA_CACHE_MB`); a smaller cache costs time, not quality. A
    transformers model that is loaded already goes to `as_language_model`.

    Raises `UsageError` for a source of another type, `ModelError` for a model that cannot be loaded,
    `TokenizerError` for a tokenizer that does not split chains at their segments.
    """
    check_source(source, "load_language_model", optional=True)
    if is_served(source):
        raise UsageError(f"{source}: it is in a vLLM server, and a model is needed that runs in this process")
    _check_dtype(dtype)
    _check_cache_bytes(cache_bytes)
    if _takes_llama_cpp(source, engine, dtype, cache_bytes):
        from kgqa.lm.llama_cpp.language_model import LlamaCppLanguageModel

        return LlamaCppLanguageModel.load(str(source), device=device)
    if source is None or is_path_writer(source):
        folder = None if source in (None, PATH_WRITER) else Path(str(source)).expanduser()
        return _load_path_writer(folder, device, dtype, cache_bytes)
    found = as_language_model(
        *load_for_inference(source, device=device, dtype=dtype), cache_bytes=cache_bytes
    )
    folder = Path(source).expanduser()
    found.folder = folder if folder.is_dir() else None
    return found


def load_for_inference(
    name_or_folder: str | Path, *, device: str = "auto", dtype: NumberFormat = "auto"
) -> tuple[Any, Any]:
    """A transformers model and its tokenizer, checked as in `load_language_model`, for inference.

    On a CPU its layers are prepacked: they can be neither trained nor saved.
    """
    from kgqa.lm.hf.prepacking import prepack

    model, tokenizer = load_transformers(name_or_folder, device=device, dtype=dtype)
    with quiet():
        return prepack(model.eval()), tokenizer


def load_transformers(
    name_or_folder: str | Path, *, device: str = "auto", dtype: NumberFormat = "auto"
) -> tuple[Any, Any]:
    """A transformers model and its tokenizer, checked as in `load_language_model`, for training.

    Raises `UsageError` for the path writer, which is no transformers model.
    """
    _check_dtype(dtype)
    if is_path_writer(name_or_folder):
        raise UsageError(f"{name_or_folder} is the path writer, which is no transformers model")
    return _load_checked(name_or_folder, device, dtype)


def as_language_model(
    model: Any, tokenizer: Any, *, cache_bytes: int | None = None
) -> CausalLanguageModel | Seq2SeqLanguageModel:
    """Wrap a transformers model with its tokenizer as a `LanguageModel`.

    The model is used as it is: its device and number format stay, its weights are shared. `cache_bytes`
    bounds the cached keys and values (default: 4 GiB). Raises
    `UsageError` for objects of another type, `ModelError` for a model whose scores cannot be used,
    `TokenizerError` for a tokenizer that does not split chains at their segments.
    """
    if not callable(getattr(model, "forward", None)) or not hasattr(
        getattr(model, "config", None), "is_encoder_decoder"
    ):
        raise UsageError(
            f"model is a transformers model with a configuration, got {type(model).__name__}; "
            "load_language_model loads a model by name or from a folder"
        )
    if not callable(tokenizer) or not hasattr(tokenizer, "get_vocab"):
        raise UsageError(
            f"tokenizer is the transformers tokenizer of the model, got {type(tokenizer).__name__}"
        )
    _check_cache_bytes(cache_bytes)
    with quiet():
        from kgqa.lm.forward.prefix_cache import CACHE_BYTES

        if model.config.is_encoder_decoder:
            from kgqa.lm.hf.seq2seq import Seq2SeqLanguageModel

            return Seq2SeqLanguageModel(model, tokenizer, cache_bytes=cache_bytes or CACHE_BYTES)
        from kgqa.lm.hf.causal import CausalLanguageModel

        return CausalLanguageModel(model, tokenizer, cache_bytes=cache_bytes or CACHE_BYTES)


def is_path_writer(name_or_folder: str | Path) -> bool:
    """Whether a name or folder is a path writer. Raises `ModelError` for what is no model at all."""
    name = str(name_or_folder)
    if name == PATH_WRITER:
        return True
    folder = Path(name).expanduser()
    if folder.is_dir():
        return check_folder(folder) == PATH_WRITER_TYPE
    if is_gguf(folder):
        return False
    if folder.exists() or not _HUB_NAME.fullmatch(name):
        raise ModelError(f"{name} is not a folder; {REMEDY}")
    return False


def check_source(source: object, function: str, *, optional: bool = False) -> None:
    """Raise `UsageError` for a source that is neither a name nor a folder."""
    if optional and source is None:
        return
    if isinstance(source, str | Path):
        check_path(source, "source")
        return
    advice = "; as_language_model(model, tokenizer) takes a loaded model" if hasattr(source, "config") else ""
    raise UsageError(
        f"{function} takes a name or a folder (str or Path), got {type(source).__name__}{advice}"
    )


def _takes_llama_cpp(source: str | Path | None, engine: str, dtype: str, cache_bytes: int | None) -> bool:
    if engine not in get_args(EngineName):
        raise UsageError(f"unknown engine {engine!r}; use one of {', '.join(get_args(EngineName))}")
    gguf = source is not None and is_gguf(Path(source))
    if engine == "auto":
        return gguf and dtype == "auto" and cache_bytes is None and has_llama_cpp()
    if engine == "llama.cpp":
        if not gguf:
            raise UsageError(f"llama.cpp computes GGUF files, and {source or 'the shipped model'} is none")
        if dtype != "auto":
            raise UsageError(
                f"llama.cpp computes weights as the file has them, not in {dtype}; leave dtype out"
            )
        if cache_bytes is not None:
            raise UsageError("llama.cpp keeps a fixed number of keys and values; leave cache_bytes out")
        return True
    return False


def _check_dtype(dtype: str) -> None:
    if dtype not in get_args(NumberFormat):
        raise UsageError(f"unknown dtype {dtype!r}; use one of {', '.join(get_args(NumberFormat))}")


def _check_cache_bytes(cache_bytes: int | None) -> None:
    if cache_bytes is not None and (not isinstance(cache_bytes, int) or cache_bytes < 1):
        raise UsageError(f"cache_bytes is a positive number of bytes, got {cache_bytes!r}")


def _load_path_writer(folder: Path | None, device: str, dtype: str, cache_bytes: int | None) -> LanguageModel:
    import torch

    from kgqa.lm.path_writer.language_model import WEIGHTS, PathWriterLanguageModel

    if device not in ("auto", "cpu"):
        raise UsageError(f"the path writer runs on the CPU only, not on {device!r}; use device cpu")
    number_format = None if dtype == "auto" else getattr(torch, dtype)
    return PathWriterLanguageModel.load(folder or WEIGHTS, dtype=number_format, cache_bytes=cache_bytes)


def _load_checked(name_or_folder: str | Path, device: str, dtype: str) -> tuple[Any, Any]:
    folder = Path(name_or_folder).expanduser()
    if is_gguf(folder):
        from kgqa.lm.hf.gguf_folder import gguf_folder

        folder = gguf_folder(folder)
    name = str(folder) if folder.is_dir() else str(name_or_folder)
    with quiet():
        return _load(name, torch_device(device), dtype)


def _load(name: str, device: str, dtype: str) -> tuple[Any, Any]:
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
        return model.to(device), tokenizer
    except (RuntimeError, AssertionError) as error:
        raise ModelError(f"{name} cannot be put on device {device!r}: {first_line(error)}") from error


def _check_writes(name: str, config: Any) -> None:
    """Refuse encoders: transformers would load one, and it would see the tokens that it predicts."""
    from transformers import MODEL_FOR_CAUSAL_LM_MAPPING, MODEL_FOR_MASKED_LM_MAPPING

    fills = type(config) in MODEL_FOR_MASKED_LM_MAPPING and not getattr(config, "is_decoder", False)
    if fills or type(config) not in MODEL_FOR_CAUSAL_LM_MAPPING:
        raise ModelError(
            f"{name} is a {config.model_type} model, which writes no text; use a causal model "
            "(Llama, Qwen, GPT) or an encoder-decoder (T5, BART)"
        )


def _attempt(name: str, what: str, kind: Any, **options: Any) -> Any:
    """Load one part of a model; any error becomes a `ModelError` in one line."""
    try:
        return kind.from_pretrained(name, trust_remote_code=False, **options)
    except Exception as error:  # configurations, pickles, networks: transformers raises anything
        place = "" if Path(name).is_dir() else "; without a network only folders and cached models load"
        raise ModelError(f"the {what} of {name} cannot be loaded: {first_line(error)}{place}") from error


def torch_device(device: str) -> str:
    """A device of torch for its name; `"auto"` is a GPU if there is one. Raises `UsageError`."""
    import torch

    if device == "auto":
        return "cuda" if torch.cuda.is_available() else "cpu"
    try:
        torch.device(device)
    except RuntimeError as error:
        raise UsageError(f"unknown device {device!r}; use auto, cpu, cuda or mps") from error
    return device
