"""A graph on disk: written atomically, memory-mapped when it is opened.

::

    DIR/manifest.json       format, version, checksum, counts, size and SHA-256 of each data file
    DIR/data-<checksum>/    arrays (.npy) and dictionaries (.marisa)
    DIR/<kind>-<tokenizer>/ the token ids of the graph's texts (see kgqa.constraint)
    DIR/values-<format>/    the values of its literals and cells (see kgqa.graph.values)
    DIR/.lock               locked during a build, so that builds into one folder run one after the other

The manifest is replaced in one step after everything it names is on disk. So whoever opens the
folder reads the old graph or the new one, also when a build was killed or is running.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import marisa_trie
import numpy as np
from numpy.typing import NDArray

from kgqa.errors import IndexFolderError, UsageError, check_path
from kgqa.graph.adjacency import Adjacency
from kgqa.graph.indexed_graph import IndexedGraph
from kgqa.graph.text_column import TextColumn

__all__ = ["is_index_folder", "open_index", "save_index", "verify_index"]

FORMAT = "kgqa-graph"
VERSION = 1
MANIFEST = "manifest.json"
VERIFIED_BYTES = 64 * 2**20
"""Indexes up to this size are checked byte by byte whenever they are opened (about 1 GB/s)."""

LOCK = ".lock"

_OWN = re.compile(r"\.building-.*|data-[0-9a-f]{16}|\.manifest\.json\.[0-9]+")
"""What builds leave in a folder beside the manifest; removed by the next build."""

_DERIVED = re.compile(r"(tokens|steps|values)-[0-9a-f]{16}")
"""Token tables and values. They stay when the index is replaced: most names are the same in the next one."""

_COLUMNS = ("labels", "relation_labels", "aliases")
_DIRECTIONS = ("outward", "inward")
_ARRAYS = (
    *(f"{d}_{part}" for d in _DIRECTIONS for part in ("offsets", "relations", "targets")),
    *(f"{column}_{part}" for column in _COLUMNS for part in ("offsets", "data")),
    "kinds",
    "alias_offsets",
)


def is_index_folder(folder: str | Path) -> bool:
    """Whether the folder holds an index of this format, of any version."""
    try:
        manifest = json.loads((Path(folder) / MANIFEST).read_text("utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(manifest, dict) and manifest.get("format") == FORMAT


def save_index(graph: IndexedGraph, folder: str | Path) -> None:
    """Write a graph to a folder; an index that is there is replaced in one step.

    While another process writes to the same folder, this call waits for it.

    Raises `IndexFolderError` when the folder holds something else, or cannot be written (a full
    disk, missing rights); what was there before then stays as it was.
    """
    folder = check_path(folder, "folder")
    if not isinstance(graph, IndexedGraph):
        raise UsageError(f"graph must be an IndexedGraph, not {type(graph).__name__}")
    _refuse_foreign(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with _lock(folder):
            staging = Path(tempfile.mkdtemp(prefix=".building-", dir=folder))
            try:
                shutil.copymode(folder, staging)  # mkdtemp's folders are readable by their owner only
                _write(graph, staging, folder)
            finally:
                shutil.rmtree(staging, ignore_errors=True)
    except (OSError, RuntimeError) as error:  # marisa-trie raises RuntimeError
        reason = getattr(error, "strerror", None) or f"{error}; is the disk full?"
        raise IndexFolderError(f"{folder}: cannot write the index ({reason}); nothing was changed") from error


def open_index(folder: str | Path, verify: bool | None = None) -> IndexedGraph:
    """Open the graph in a folder; its arrays stay on disk until they are used.

    Sizes are always checked; contents too when `verify` is true, or is None and the index is not
    large. Raises `IndexFolderError` for a folder that is missing, foreign, of another version or
    damaged.
    """
    folder = check_path(folder, "folder")
    while True:
        manifest = _read_manifest(folder)
        data = folder / str(manifest["data"])
        try:
            _check_files(data, manifest["files"], verify)
            return _load(data, manifest)
        except IndexFolderError:
            if _read_manifest(folder)["data"] == manifest["data"]:
                raise
        except (OSError, ValueError, RuntimeError, KeyError, TypeError) as error:
            if _read_manifest(folder)["data"] == manifest["data"]:
                raise IndexFolderError(f"{folder}: damaged index ({error}); build it again") from error
        # The index was replaced while it was being opened: open the new one.


def verify_index(folder: str | Path) -> None:
    """Check every byte of an index. Raises `IndexFolderError` when it is damaged."""
    open_index(folder, verify=True)


def _refuse_foreign(folder: Path) -> None:
    if os.path.isfile(folder):
        raise IndexFolderError(f"{folder}: is a file, the index needs a folder")
    if os.path.isdir(folder) and not is_index_folder(folder):
        try:
            names = sorted(path.name for path in folder.iterdir())
        except OSError as error:
            raise IndexFolderError(f"{folder}: cannot be read ({error.strerror or error})") from error
        others = [n for n in names if n != LOCK and not _OWN.fullmatch(n) and not _DERIVED.fullmatch(n)]
        if others:
            raise IndexFolderError(
                f"{folder}: holds {others[0]}, which is no kgqa index; choose another folder"
            )


@contextmanager
def _lock(folder: Path) -> Iterator[None]:
    """Keep other builds out of a folder; the operating system ends the lock of a process that dies."""
    from filelock import FileLock

    with FileLock(folder / LOCK):
        yield


def _write(graph: IndexedGraph, staging: Path, folder: Path) -> None:
    _write_data(graph, staging)
    files = {path.name: _fingerprint(path) for path in sorted(staging.iterdir())}
    manifest = {
        "format": FORMAT,
        "version": VERSION,
        "checksum": graph.checksum,
        "counts": {
            "triples": len(graph),
            "entities": graph.entity_count,
            "relations": graph.relation_count,
        },
        "files": files,
        "facts_about": dict(graph.facts_about),
    }
    _publish(staging, folder, manifest)


def _write_data(graph: IndexedGraph, staging: Path) -> None:
    for name in _ARRAYS:
        np.save(staging / f"{name}.npy", _array(graph, name), allow_pickle=False)
    graph.entities.save(str(staging / "entities.marisa"))
    graph.relation_names.save(str(staging / "relations.marisa"))
    graph.names.save(str(staging / "names.marisa"))
    for path in staging.iterdir():
        with path.open("r+b") as stream:  # Windows flushes only what is open for writing
            os.fsync(stream.fileno())


def _publish(staging: Path, folder: Path, manifest: dict[str, Any]) -> None:
    """Give the data its final name, then switch the manifest to it, then drop what is old."""
    manifest = json.loads(json.dumps(manifest, default=str))
    data = folder / _data_name(manifest)
    if not _is_intact(data, manifest["files"]):  # if it is intact, the present manifest may name it
        if data.exists():
            shutil.rmtree(data)
        staging.rename(data)
    _sync_folder(folder)
    temporary = folder / f".{MANIFEST}.{os.getpid()}"
    try:
        with temporary.open("w", encoding="utf-8") as stream:
            json.dump({**manifest, "data": data.name}, stream, indent=1)
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(temporary, folder / MANIFEST)
    except OSError:
        temporary.unlink(missing_ok=True)
        raise
    _sync_folder(folder)
    with suppress(OSError):  # the new index is in place, whatever else stays here
        for path in folder.iterdir():
            if _OWN.fullmatch(path.name) and path != data:
                shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink(missing_ok=True)


def _data_name(manifest: dict[str, Any]) -> str:
    """The name of the data folder holds the checksum of the manifest, which names all other checksums."""
    content = {key: value for key, value in manifest.items() if key != "data"}
    return f"data-{hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:16]}"


def _is_intact(data: Path, files: dict[str, dict[str, Any]]) -> bool:
    try:
        _check_files(data, files, verify=True)
    except IndexFolderError:
        return False
    return True


def _sync_folder(folder: Path) -> None:
    if not hasattr(os, "O_DIRECTORY"):  # Windows opens no folders
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _array(graph: IndexedGraph, name: str) -> NDArray[Any]:
    if hasattr(graph, name):
        return np.asarray(getattr(graph, name))
    owner, _, part = name.rpartition("_")
    return np.asarray(getattr(getattr(graph, owner), part))


def _fingerprint(path: Path) -> dict[str, object]:
    return {"bytes": path.stat().st_size, "sha256": _sha256(path)}


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _read_manifest(folder: Path) -> dict[str, Any]:
    path = folder / MANIFEST
    if not os.path.exists(folder):
        raise IndexFolderError(f"{folder}: no such folder; build one with `kgqa build SOURCE -o {folder}`")
    try:
        manifest = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise IndexFolderError(f"{folder}: no kgqa index ({MANIFEST} is missing or unreadable)") from error
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        raise IndexFolderError(f"{folder}: no kgqa index ({MANIFEST} has another format)")
    if manifest.get("version") != VERSION:
        raise IndexFolderError(
            f"{folder}: index version {manifest.get('version')}, this kgqa reads {VERSION}; build it again"
        )
    if not {"data", "files", "checksum"} <= manifest.keys() or manifest["data"] != _data_name(manifest):
        raise IndexFolderError(f"{folder}: damaged index ({MANIFEST} was changed); build it again")
    return manifest


def _check_files(data: Path, files: dict[str, dict[str, Any]], verify: bool | None) -> None:
    if verify is None:
        verify = sum(int(entry["bytes"]) for entry in files.values()) <= VERIFIED_BYTES
    for name, entry in files.items():
        path = data / name
        try:
            size = path.stat().st_size
        except OSError as error:
            raise IndexFolderError(f"{path}: missing from the index; build it again") from error
        if size != entry["bytes"] or (verify and _sha256(path) != entry["sha256"]):
            raise IndexFolderError(f"{path}: damaged (wrong checksum); build the index again")


def _load(data: Path, manifest: dict[str, Any]) -> IndexedGraph:
    arrays = {name: _open_array(data / f"{name}.npy") for name in _ARRAYS}
    outward, inward = (
        Adjacency(*(arrays[f"{direction}_{part}"] for part in ("offsets", "relations", "targets")))
        for direction in _DIRECTIONS
    )
    labels, relation_labels, aliases = (
        TextColumn(arrays[f"{column}_offsets"], arrays[f"{column}_data"]) for column in _COLUMNS
    )
    return IndexedGraph(
        entities=marisa_trie.Trie().mmap(str(data / "entities.marisa")),
        relation_names=marisa_trie.Trie().mmap(str(data / "relations.marisa")),
        names=marisa_trie.RecordTrie("<IB").mmap(str(data / "names.marisa")),
        kinds=arrays["kinds"],
        alias_offsets=arrays["alias_offsets"],
        checksum=str(manifest["checksum"]),
        facts_about=manifest.get("facts_about", {}),
        outward=outward,
        inward=inward,
        labels=labels,
        relation_labels=relation_labels,
        aliases=aliases,
        folder=data.parent,
    )


def _open_array(path: Path) -> NDArray[Any]:
    # np.memmap as a plain ndarray view: same memory, without the subclass's cost on every slice.
    return np.asarray(np.load(path, mmap_mode="r", allow_pickle=False))
