"""Which model it is, by what its files hold."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

from kgqa.errors import ModelError
from kgqa.lm.load import PATH_WRITER

__all__ = ["model_fingerprint"]

_SUFFIXES = (".safetensors", ".json", ".txt", ".model")
_NOT_THE_MODEL = ("calibration.json", "training.json", "reranker.json", "README.md")


@cache
def model_fingerprint(name_or_folder: str | None) -> str:
    """The SHA-256 of a model's weights, configuration and tokenizer files; reads all of them.

    Of the shipped model for `None`, of a folder, or of the local copy of a model on the hub. Raises
    `ModelError` where there are none.
    """
    if name_or_folder in (None, PATH_WRITER):
        folder = Path(__file__).parent / "path_writer" / "weights"
    else:
        folder = Path(str(name_or_folder)).expanduser()
        if not folder.is_dir():
            folder = _local_copy(str(name_or_folder))
    files = [f for f in sorted(folder.iterdir()) if f.suffix in _SUFFIXES and f.name not in _NOT_THE_MODEL]
    if not files:
        raise ModelError(f"{folder} has no weights")
    digest = hashlib.sha256()
    for file in files:
        with file.open("rb") as stream:
            content = hashlib.file_digest(stream, "sha256").digest()
        digest.update(file.name.encode() + b"\0" + content)
    return digest.hexdigest()


def _local_copy(name: str) -> Path:
    """The folder of a hub's model, fetched if need be (as loading it would)."""
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalEntryNotFoundError

    wanted = [f"*{suffix}" for suffix in _SUFFIXES]
    try:
        return Path(snapshot_download(name, allow_patterns=wanted))
    except (LocalEntryNotFoundError, HfHubHTTPError, HFValidationError, OSError) as error:
        raise ModelError(f"{name} is not a folder, and not to be had from the hub") from error
