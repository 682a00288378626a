"""Any model of the sentence-transformers library as an `Embed`."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from kgqa.errors import ModelError, UsageError, check_path
from kgqa.lm.first_line import first_line

if TYPE_CHECKING:
    from kgqa.lm.protocol import Embed

__all__ = ["TextEncoder", "architectures", "load_encoder", "load_part", "well_formed"]

_MODULES = "modules.json"
_SCORES_PAIRS = "ForSequenceClassification"


def load_encoder(
    source: str | Path | object | None = None, *, device: str = "auto", batch_size: int = 32
) -> Embed:
    """Load a sentence encoder, of any width: texts in, vectors of length 1 out.

    `source` is a folder, a name on the hub, or a `sentence_transformers.SentenceTransformer` that is
    loaded already. `None` is the encoder that ships with kgqa (all-MiniLM-L6-v2); it, its name and copies
    of its folder are loaded without the import of sentence-transformers, which takes seconds. Only
    safetensors are read, and no code that comes with a model is run. `device` is `"auto"` (a GPU if
    there is one) or a device name of torch.

    Raises `UsageError` for a source of another type and `ModelError` for what cannot be loaded.
    """
    from kgqa.lm.encoders.sentence_encoder import SentenceEncoder

    if source is None or source == SentenceEncoder.hub_name:
        return SentenceEncoder(batch_size=batch_size)
    if isinstance(source, str | Path):
        check_path(source, "source")
        folder = Path(source).expanduser()
        if folder.is_dir():
            if _is_shipped(folder):
                return SentenceEncoder(folder, batch_size=batch_size)
            if not (folder / _MODULES).is_file():
                raise ModelError(
                    f"{folder} has no {_MODULES}, so it is not a model of sentence-transformers; save one "
                    "with SentenceTransformer.save_pretrained"
                )
        model, name = load_part("SentenceTransformer", source, device), str(source)
        if any(kind.endswith(_SCORES_PAIRS) for kind in architectures(model)):
            raise ModelError(f"{name} is a cross-encoder, not an encoder; load_reranker loads it")
    elif callable(getattr(source, "encode", None)):
        model, name = source, type(source).__name__
    else:
        raise UsageError(
            "an encoder is a folder, a name or a SentenceTransformer with its method encode, got "
            f"{type(source).__name__}"
        )
    return TextEncoder(model, name, batch_size)


class TextEncoder:
    """The vectors of a `SentenceTransformer`, checked and normalised; `name` is for messages."""

    def __init__(self, model: Any, name: str = "the encoder", batch_size: int = 32) -> None:
        self.name = name
        self._model = model
        self._batch_size = batch_size
        self._width = 0

    @cached_property
    def fingerprint(self) -> str:
        """The same for two encoders with the same weights."""
        from kgqa.lm.weights_fingerprint import weights_fingerprint

        return weights_fingerprint(self._model)

    def __repr__(self) -> str:
        return f"TextEncoder({self.name!r})"

    def __call__(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """One vector of length 1 for each text. *Shape:* (texts, width).

        Raises `ModelError` for a model that gives no finite numbers.
        """
        if not texts:
            return np.empty((0, self._width), dtype=np.float32)
        given = self._model.encode(
            [well_formed(text) for text in texts],
            batch_size=self._batch_size,
            show_progress_bar=False,
            convert_to_numpy=True,
        )
        vectors: NDArray[np.float32] = np.asarray(given, dtype=np.float32)
        if vectors.ndim != 2 or len(vectors) != len(texts):
            raise ModelError(f"{self.name} gives vectors of shape {vectors.shape} for {len(texts)} texts")
        if not np.isfinite(vectors).all():
            raise ModelError(f"{self.name} gives no numbers (NaN or infinity); are its weights damaged?")
        self._width = vectors.shape[1]
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        unit: NDArray[np.float32] = vectors / np.maximum(lengths, np.finfo(np.float32).tiny)
        return unit


def load_part(kind: str, source: str | Path, device: str) -> Any:
    """Load a `SentenceTransformer` or a `CrossEncoder`; any failure becomes a `ModelError` in one line."""
    from kgqa.lm.hf.quiet import quiet
    from kgqa.lm.load import torch_device

    folder = Path(source).expanduser()
    name = str(folder) if folder.is_dir() else str(source)
    with quiet():
        try:
            import sentence_transformers
        except ImportError as error:
            raise ModelError(f"{name} needs the package sentence-transformers; install it") from error
        try:
            return getattr(sentence_transformers, kind)(
                name,
                device=torch_device(device),
                trust_remote_code=False,
                local_files_only=folder.is_dir(),
                model_kwargs={"use_safetensors": True},
            )
        except UsageError:
            raise
        except Exception as error:  # configurations, weights, networks: the library raises anything
            place = "" if folder.is_dir() else "; without a network only folders and cached models load"
            raise ModelError(f"{name} cannot be loaded as a {kind}: {first_line(error)}{place}") from error


def architectures(model: Any) -> list[str]:
    """The transformers classes that a loaded model's weights were saved from, as far as it says so."""
    return list(getattr(getattr(model, "config", None), "architectures", None) or ())


def well_formed(text: str) -> str:
    """The text with `?` in place of half a surrogate pair, which JSON can hold and tokenizers refuse."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _is_shipped(folder: Path) -> bool:
    """Whether a folder is a copy of the encoder that ships."""
    from kgqa.lm.path_writer.configuration import ENCODER_SHA256

    weights = folder / "model.safetensors"
    if not weights.is_file() or not (folder / "tokenizer.json").is_file():
        return False
    with weights.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest() == ENCODER_SHA256
