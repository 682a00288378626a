"""Writes graphs to index folders, each in one step."""

from __future__ import annotations

import json
import os
import re
import shutil
import tempfile
from collections.abc import Container, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kgqa.errors import IndexFolderError, UsageError, check_path
from kgqa.graph.arrays.mapped_array import save_array
from kgqa.graph.index_folder import (
    ARRAYS,
    CHANGES,
    FEEDS,
    FORMAT,
    MANIFEST,
    SOURCE_ARRAYS,
    SOURCES,
    VERSION,
    changes_name,
    check_files,
    data_name,
    is_index_folder,
    read_manifest,
    sha256_of,
    version_of,
)
from kgqa.graph.indexed_graph import IndexedGraph
from kgqa.graph.naming import Naming
from kgqa.graph.updating.changes import Changes

__all__ = [
    "locked",
    "publish",
    "refuse_foreign",
    "save_index",
    "staged",
    "staging_folder",
    "write_changes",
    "writing",
]

LOCK = ".lock"
_STAGING = ".building-"
_GONE = f"{_STAGING}gone-"

_OWN = re.compile(r"\.building-.*|data-[0-9a-f]{16}|changes-[0-9a-f]{16}\.jsonl|\.manifest\.json\.[0-9]+")
"""What builds leave in a folder beside the manifest; removed by the next build."""

_DERIVED = re.compile(r"(tokens|steps|values|relations|classes)-[0-9a-f]{16}")
"""Token tables and values. They stay when the index is replaced: most names are the same in the next one."""


def save_index(graph: IndexedGraph, folder: str | Path) -> None:
    """Write a graph to a folder; an index that is there is replaced in one step.

    While another process writes to the same folder, this call waits for it.

    Raises `IndexFolderError` when the folder holds something else, or cannot be written (a full
    disk, missing rights); what was there before then stays as it was.
    """
    folder = check_path(folder, "folder")
    if not isinstance(graph, IndexedGraph):
        raise UsageError(f"graph must be an IndexedGraph, not {type(graph).__name__}")
    if "only_sources" in graph.facts_about:
        raise UsageError(
            f"a view of {graph.facts_about['only_sources']} cannot be saved; save the whole graph"
        )
    if graph.changed:
        raise UsageError(f"{graph.folder}: has changes; `kgqa compact` makes one index of them")
    with staged(folder) as staging:
        index = staging / "index"
        index.mkdir()
        _write_data(graph, index)
        counts = {
            "triples": len(graph),
            "entities": graph.entity_count,
            "relations": graph.relation_count,
        }
        publish(index, folder, graph.checksum, counts, graph.facts_about, graph.naming)


@contextmanager
def staged(folder: Path, name: str = "") -> Iterator[Path]:
    """A folder to work in, inside of an index folder that is locked until it is left.

    With a `name`, the folder stays if an error or a kill ends the work; the next work of this name gets it as
    it is. What work of other names has left is removed.

    Raises `IndexFolderError` when the folder holds something else, or cannot be written.
    """
    refuse_foreign(folder)
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
        with locked(folder):
            staging = _staging(folder, name)
            kept = False
            try:
                yield staging
            except BaseException:
                kept = bool(name)
                raise
            finally:
                if not kept:
                    _discard(staging)


def staging_folder(folder: Path, name: str) -> Path:
    """Where work of a name is `staged` in a folder."""
    return folder / f"{_STAGING}{name}"


def _staging(folder: Path, name: str) -> Path:
    if not name:
        staging = Path(tempfile.mkdtemp(prefix=_STAGING, dir=folder))
        shutil.copymode(folder, staging)  # mkdtemp's folders are readable by their owner only
        return staging
    staging = staging_folder(folder, name)
    staging.mkdir(exist_ok=True)
    for path in folder.glob(f"{_STAGING}*"):
        if path != staging:
            _discard(path)
    return staging


def _discard(path: Path) -> None:
    """Remove a file or a folder as a whole: no build goes on with half of what another has left."""
    with suppress(OSError):
        if not path.is_dir():
            path.unlink()
            return
        if not path.name.startswith(_GONE):
            path = path.rename(path.with_name(f"{_GONE}{os.getpid()}-{path.name}"))
        shutil.rmtree(path, ignore_errors=True)


@contextmanager
def writing(folder: Path) -> Iterator[None]:
    """Errors of the disk as `IndexFolderError`."""
    try:
        yield
    except (OSError, RuntimeError) as error:  # marisa-trie raises RuntimeError
        reason = getattr(error, "strerror", None) or f"{error}; is the disk full?"
        raise IndexFolderError(f"{folder}: cannot write the index ({reason}); nothing was changed") from error


def publish(
    index: Path,
    folder: Path,
    checksum: str,
    counts: Mapping[str, int],
    facts_about: Mapping[str, object],
    naming: Naming | None,
    feeds: Mapping[str, object] | None = None,
) -> None:
    """Make the files in a folder, which are all of an index, the index of another folder, in one step.

    `feeds` has how far it has come with the feeds that it follows.
    """
    for path in index.iterdir():
        with path.open("r+b") as stream:  # Windows flushes only what is open for writing
            os.fsync(stream.fileno())
    manifest = {
        "format": FORMAT,
        "version": VERSION,
        "checksum": checksum,
        "counts": dict(counts),
        "files": {path.name: _fingerprint(path) for path in sorted(index.iterdir())},
        "facts_about": dict(facts_about),
        **({} if naming is None else {"naming": naming.facts}),
        **({FEEDS: dict(feeds)} if feeds else {}),
    }
    manifest["version"] = version_of(manifest)
    _switch(index, folder, manifest)


def refuse_foreign(folder: Path) -> None:
    """Raise `IndexFolderError` for a folder that holds something else than an index."""
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
def locked(folder: Path) -> Iterator[None]:
    """Keep other builds out of a folder; the operating system ends the lock of a process that dies."""
    from filelock import FileLock

    with FileLock(folder / LOCK):
        yield


def _write_data(graph: IndexedGraph, index: Path) -> None:
    for name in ARRAYS:
        save_array(index / f"{name}.npy", _array(graph, name))
    graph.entities.save(str(index / "entities.marisa"))
    graph.relation_names.save(str(index / "relations.marisa"))
    graph.names.save(str(index / "names.marisa"))
    if graph.provenance is not None:
        graph.provenance.names.save(str(index / SOURCES))
        for name, part in SOURCE_ARRAYS.items():
            save_array(index / f"{name}.npy", getattr(graph.provenance, part))


def write_changes(folder: Path, changes: Changes, feeds: Mapping[str, object] | None = None) -> None:
    """Replace the changes of an index in one step; its folder is `locked`, by who is `writing`.

    `feeds` are positions of feeds, which are replaced in the same step; others stay.
    """
    manifest = read_manifest(folder)
    plain = {key: value for key, value in manifest.items() if key not in (CHANGES, FEEDS)}
    positions = {**manifest.get(FEEDS, {}), **(feeds or {})}
    if positions:
        plain[FEEDS] = positions
    if not changes:
        _replace_manifest(folder, {**plain, "version": version_of(plain)}, {manifest["data"]})
        return
    content = changes.to_bytes()
    name = changes_name(manifest["data"], content)
    count = int(manifest.get(CHANGES, {}).get("count", 0)) + 1
    with (folder / name).open("wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())
    said = {"file": name, "count": count, "changes": len(changes)}
    if changes.sources:
        said["sources"] = True
    manifest = {**plain, CHANGES: said}
    manifest["version"] = version_of(manifest)
    _replace_manifest(folder, manifest, {manifest["data"], name})


def _switch(staging: Path, folder: Path, manifest: dict[str, Any]) -> None:
    """Give the data its final name, then switch the manifest to it, then drop what is old."""
    manifest = json.loads(json.dumps(manifest, default=str))
    data = folder / data_name(manifest)
    if not _is_intact(data, manifest["files"]):  # if it is intact, the present manifest may name it
        if data.exists():
            shutil.rmtree(data)
        staging.rename(data)
    _replace_manifest(folder, {**manifest, "data": data.name}, {data.name})


def _replace_manifest(folder: Path, manifest: dict[str, Any], kept: Container[str]) -> None:
    """Put a manifest in place; of what builds and updates left, only the files `kept` stay."""
    _sync_folder(folder)
    temporary = folder / f".{MANIFEST}.{os.getpid()}"
    try:
        with temporary.open("w", encoding="utf-8") as stream:
            json.dump(manifest, stream, indent=1)
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(temporary, folder / MANIFEST)
    except OSError:
        temporary.unlink(missing_ok=True)
        raise
    _sync_folder(folder)
    with suppress(OSError):  # the new index is in place, whatever else stays here
        for path in folder.iterdir():
            if _OWN.fullmatch(path.name) and path.name not in kept:
                _discard(path)


def _is_intact(data: Path, files: dict[str, dict[str, Any]]) -> bool:
    try:
        check_files(data, files, verify=True)
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
    return {"bytes": path.stat().st_size, "sha256": sha256_of(path)}
