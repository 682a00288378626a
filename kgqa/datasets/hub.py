"""Downloads of data sets from the Hugging Face hub."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

from kgqa.config_file import read_json_object
from kgqa.datasets.data_folders import CHECKSUMS, check_file
from kgqa.datasets.known_set import HubFiles, KnownSet, Part
from kgqa.errors import DataError, UsageError

__all__ = ["fetch", "fetch_part"]


def fetch(files: HubFiles, folder: str | Path, progress: Callable[[str], None] | None = None) -> list[Path]:
    """Download files from the hub into a data folder and check them against the hub's SHA-256.

    The hub's address is `HF_ENDPOINT`, if that is set. A broken download is resumed; complete files are
    not downloaded again. `progress` is called with the name and size of each file. Raises `DataError`
    without a network, for a repository or files that the hub does not have, and for damaged downloads.
    """
    from huggingface_hub import HfApi
    from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError, OfflineModeIsEnabled

    # The HTTP library under the hub's client has changed over its versions; this is its base error.
    connection_error: Any = HfHubHTTPError.__bases__[0]
    api = HfApi(endpoint=os.environ.get("HF_ENDPOINT"))
    target = Path(folder) / files.folder
    try:
        wanted = _listed(api, files)
        target.mkdir(parents=True, exist_ok=True)
        found = [_fetched(api, files.repository, entry, target, progress) for entry in wanted]
    except (connection_error, LocalEntryNotFoundError, OfflineModeIsEnabled) as error:
        reason = " ".join(str(error).split())[:200]
        raise DataError(
            f"{files.repository} cannot be downloaded ({reason}); run again to resume, or download its files "
            "elsewhere and register them with `kgqa data`"
        ) from error
    except OSError as error:
        raise DataError(f"{target}: cannot be written ({error.strerror or error})") from error
    _remember(target, wanted)
    return found


def fetch_part(
    known: KnownSet, part: Part | None, folder: str | Path, progress: Callable[[str], None] | None = None
) -> list[Path]:
    """Download a part of a known set; see `fetch`. Raises `UsageError` for a set that is not on the hub."""
    source = known.portion(part).source
    if not isinstance(source, HubFiles):
        raise UsageError(
            f"{known.name} is not on the hub; download it from {known.origin} and register its files "
            "with `kgqa data`"
        )
    return fetch(source, folder, progress)


def _listed(api: Any, files: HubFiles) -> list[Any]:
    """The hub's entries for the files."""
    tree = api.list_repo_tree(files.repository, repo_type="dataset", recursive=True)
    found = [e for e in tree if hasattr(e, "size") and fnmatch(e.path, files.pattern)]
    if not found:
        raise DataError(f"{files.repository}: has no files {files.pattern} on the hub")
    return sorted(found, key=lambda entry: str(entry.path))


def _fetched(
    api: Any, repository: str, entry: Any, target: Path, progress: Callable[[str], None] | None
) -> Path:
    if progress:
        progress(f"{entry.path}, {entry.size / 1e6:.1f} MB")
    path = Path(
        api.hf_hub_download(repository, entry.path, repo_type="dataset", local_dir=target, etag_timeout=30)
    )
    try:
        if entry.lfs is not None:
            check_file(path, entry.size, entry.lfs.sha256)
    except DataError:
        path.unlink()
        raise
    return path


def _remember(target: Path, entries: list[Any]) -> None:
    """Write the checksums beside the files, to be compared when they are opened."""
    file = target / CHECKSUMS
    known = read_json_object(file) if file.exists() else {}
    known |= {e.path: {"bytes": e.size, "sha256": e.lfs.sha256} for e in entries if e.lfs is not None}
    file.write_text(json.dumps(known, indent=1) + "\n", "utf-8")
