"""Arrays computed from a graph, stored beside its index and replaced as a whole.

::

    FOLDER/manifest.json    facts about the arrays, size and SHA-256 of each file
    FOLDER/<name>.npy
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from kgqa.graph.arrays.mapped_array import map_array, write_array

__all__ = ["open_arrays", "write_arrays"]

MANIFEST = "manifest.json"
VERIFIED_BYTES = 64 * 2**20
"""Folders up to this size are checked byte by byte whenever they are opened, larger ones by size."""
STAGING = ".building-arrays-"
ABANDONED_SECONDS = 3600.0
"""Files of a build that was killed are removed after this time."""

Arrays = dict[str, NDArray[Any]]


def open_arrays(folder: Path) -> tuple[dict[str, Any], Arrays] | None:
    """The facts about the arrays in a folder, and the arrays, memory-mapped.

    None if there are no arrays or they are damaged: the caller then computes them again.
    """
    try:
        manifest = json.loads((folder / MANIFEST).read_text("utf-8"))
        files: dict[str, dict[str, Any]] = manifest["files"]
        verify = sum(int(entry["bytes"]) for entry in files.values()) <= VERIFIED_BYTES
        arrays: Arrays = {}
        for name, entry in files.items():
            path = folder / f"{name}.npy"
            if path.stat().st_size != entry["bytes"] or (verify and _sha256(path) != entry["sha256"]):
                return None
            arrays[name] = map_array(path)
        # If the folder was replaced while it was read, the files may be of two builds.
        if json.loads((folder / MANIFEST).read_text("utf-8")) != manifest:
            return None
        return dict(manifest["facts"]), arrays
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def write_arrays(folder: Path, facts: Mapping[str, Any], arrays: Arrays) -> bool:
    """Replace a folder of arrays in one step; False if it cannot be written (missing rights, full disk).

    When several processes write the same folder, the arrays of one of them stay.
    """
    _remove_abandoned(folder.parent)
    try:
        staging = Path(tempfile.mkdtemp(prefix=STAGING, dir=folder.parent))
    except OSError:
        return False
    try:
        files = {}
        for name, array in arrays.items():
            path = staging / f"{name}.npy"
            with path.open("wb") as stream:
                write_array(stream, array)
                stream.flush()
                os.fsync(stream.fileno())
            files[name] = {"bytes": path.stat().st_size, "sha256": _sha256(path)}
        manifest = {"facts": dict(facts), "files": files}
        (staging / MANIFEST).write_text(json.dumps(manifest, indent=1), "utf-8")
        shutil.copymode(folder.parent, staging)  # mkdtemp's folders are for their maker only
        if folder.exists():
            aside = Path(tempfile.mkdtemp(prefix=STAGING, dir=folder.parent))
            try:
                folder.rename(aside / "old")
            finally:  # another process may have moved it just now
                shutil.rmtree(aside, ignore_errors=True)
        staging.rename(folder)
    except OSError:
        return False
    finally:
        _remove_staging(folder.parent, staging)
    return True


def _remove_staging(parent: Path, staging: Path) -> None:
    shutil.rmtree(staging, ignore_errors=True)
    for path in parent.glob(f"{STAGING}*"):
        if (path / "old").exists():
            shutil.rmtree(path, ignore_errors=True)


def _remove_abandoned(parent: Path) -> None:
    for path in parent.glob(f"{STAGING}*"):
        try:
            if time.time() - path.stat().st_mtime > ABANDONED_SECONDS:
                shutil.rmtree(path, ignore_errors=True)
        except OSError:
            continue


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
