"""A graph on disk, memory-mapped when it is opened; `index_writer` writes it.

::

    DIR/manifest.json       format, version, checksum, counts, size and SHA-256 of each data file
    DIR/data-<checksum>/    arrays (.npy) and dictionaries (.marisa); of sources only where there are any
    DIR/<kind>-<tokenizer>/ the token ids of the graph's texts (see kgqa.constraint)
    DIR/values-<format>/    the values of its literals and cells (see kgqa.graph.values)
    DIR/relations-<format>/ where the facts of each relation are (see kgqa.graph.relation_facts)
    DIR/classes-<format>/   its classes, with numbers of instances (see kgqa.program)
    DIR/changes-<checksum>.jsonl   what was added and removed since (see kgqa.graph.updating)
    DIR/.lock               locked during a build, so that builds into one folder run one after the other

The manifest is replaced in one step after everything it names is on disk. So whoever opens the
folder reads the old graph or the new one, also when a build was killed or is running.
"""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import Any

import marisa_trie

from kgqa.errors import IndexFolderError, check_path
from kgqa.graph.adjacency import Adjacency
from kgqa.graph.arrays.mapped_array import map_array
from kgqa.graph.indexed_graph import IndexedGraph
from kgqa.graph.naming import Naming
from kgqa.graph.sources.fact_sources import FactSources
from kgqa.graph.text_column import TextColumn
from kgqa.graph.updating.changes import Changes
from kgqa.graph.updating.layering import layered

__all__ = [
    "ARRAYS",
    "CHANGED_VERSION",
    "CHANGES",
    "FEEDS",
    "FORMAT",
    "MANIFEST",
    "SOURCES",
    "SOURCE_ARRAYS",
    "VERSION",
    "changes_name",
    "check_files",
    "data_name",
    "is_index_folder",
    "open_index",
    "read_changes",
    "read_manifest",
    "sha256_of",
    "verify_index",
    "version_of",
]

FORMAT = "kgqa-graph"
VERSION, CHANGED_VERSION, SOURCED_VERSION = 1, 2, 3
"""Of an index; of one with changes or feeds; of one with sources. Older kgqa refuse what they do not know."""
CHANGES, FEEDS = "changes", "feeds"
MANIFEST = "manifest.json"
VERIFIED_BYTES = 64 * 2**20
"""Indexes up to this size are checked byte by byte whenever they are opened (about 1 GB/s)."""

_COLUMNS = ("labels", "relation_labels", "aliases")
_DIRECTIONS = ("outward", "inward")
ARRAYS = (
    *(f"{d}_{part}" for d in _DIRECTIONS for part in ("offsets", "relations", "targets")),
    *(f"{column}_{part}" for column in _COLUMNS for part in ("offsets", "data")),
    "kinds",
    "alias_offsets",
)
SOURCES = "sources.marisa"
"""The names of sources; not there, like their arrays, where no source is known."""
SOURCE_ARRAYS = {
    "fact_sources": "of_facts",
    "source_sets_offsets": "set_offsets",
    "source_sets_members": "set_sources",
}
"""The files of the arrays of `FactSources`, with their names there."""


def is_index_folder(folder: str | Path) -> bool:
    """Whether the folder holds an index of this format, of any version."""
    try:
        manifest = json.loads((Path(folder) / MANIFEST).read_text("utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(manifest, dict) and manifest.get("format") == FORMAT


def open_index(folder: str | Path, verify: bool | None = None) -> IndexedGraph:
    """Open the graph in a folder; its arrays stay on disk until they are used.

    Sizes are always checked; contents too when `verify` is true, or is None and the index is not
    large. Raises `IndexFolderError` for a folder that is missing, foreign, of another version or
    damaged.
    """
    graph, changes, digest = _opened(check_path(folder, "folder"), verify)
    return layered(graph, changes, digest) if digest else graph


def read_changes(folder: Path) -> tuple[IndexedGraph, Changes]:
    """The graph of a folder as it was built, and what changed since. Raises as `open_index`."""
    graph, changes, _ = _opened(folder, None)
    return graph, changes


def _opened(folder: Path, verify: bool | None) -> tuple[IndexedGraph, Changes, str]:
    while True:
        manifest = read_manifest(folder)
        data = folder / str(manifest["data"])
        try:
            check_files(data, manifest["files"], verify)
            return _load(data, manifest), *_load_changes(folder, manifest)
        except IndexFolderError:
            if read_manifest(folder) == manifest:
                raise
        except (OSError, ValueError, RuntimeError, KeyError, TypeError) as error:
            if read_manifest(folder) == manifest:
                raise IndexFolderError(f"{folder}: damaged index ({error}); build it again") from error
        # The index was replaced while it was being opened: open the new one.


def _load_changes(folder: Path, manifest: dict[str, Any]) -> tuple[Changes, str]:
    """The changes that a manifest names, and their checksum; empty for none."""
    if CHANGES not in manifest:
        return Changes(), ""
    said = manifest[CHANGES]
    content = (folder / str(said["file"])).read_bytes()
    digest = hashlib.sha256(content).hexdigest()
    if said["file"] != changes_name(manifest["data"], content):
        raise IndexFolderError(f"{folder / said['file']}: damaged (wrong checksum); build the index again")
    return Changes.of_bytes(content), digest


def changes_name(data: str, content: bytes) -> str:
    """The name of the file of changes holds the checksum of the changes and of what they belong to."""
    return f"changes-{hashlib.sha256(data.encode() + content).hexdigest()[:16]}.jsonl"


def verify_index(folder: str | Path) -> None:
    """Check every byte of an index. Raises `IndexFolderError` when it is damaged."""
    open_index(folder, verify=True)


def read_manifest(folder: Path) -> dict[str, Any]:
    """The manifest of an index folder. Raises `IndexFolderError` where it is none, or damaged."""
    path = folder / MANIFEST
    if not os.path.exists(folder):
        raise IndexFolderError(f"{folder}: no such folder; build one with `kgqa build SOURCE -o {folder}`")
    try:
        manifest = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise IndexFolderError(f"{folder}: no kgqa index ({MANIFEST} is missing or unreadable)") from error
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        raise IndexFolderError(f"{folder}: no kgqa index ({MANIFEST} has another format)")
    version = manifest.get("version")
    if version not in (VERSION, CHANGED_VERSION, SOURCED_VERSION):
        raise IndexFolderError(
            f"{folder}: index version {version}, this kgqa reads up to {SOURCED_VERSION}; build it again"
        )
    is_whole = {"data", "files", "checksum"} <= manifest.keys() and manifest["data"] == data_name(manifest)
    if not is_whole or version != version_of(manifest):
        raise IndexFolderError(f"{folder}: damaged index ({MANIFEST} was changed); build it again")
    return manifest


def version_of(manifest: dict[str, Any]) -> int:
    """The version of an index: the first that knows all of what it has."""
    if SOURCES in manifest["files"] or manifest.get(CHANGES, {}).get("sources"):
        return SOURCED_VERSION
    return CHANGED_VERSION if CHANGES in manifest or FEEDS in manifest else VERSION


def data_name(manifest: dict[str, Any]) -> str:
    """The name of the data folder holds the checksum of the manifest, which names all other checksums."""
    content = {key: value for key, value in manifest.items() if key not in ("data", CHANGES, FEEDS)}
    content["version"] = VERSION  # changes leave the data as it is
    return f"data-{hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:16]}"


def check_files(data: Path, files: dict[str, dict[str, Any]], verify: bool | None) -> None:
    """Raise `IndexFolderError` where files are missing or damaged; see `open_index` for `verify`."""
    if verify is None:
        verify = sum(int(entry["bytes"]) for entry in files.values()) <= VERIFIED_BYTES
    for name, entry in files.items():
        path = data / name
        try:
            size = path.stat().st_size
        except OSError as error:
            raise IndexFolderError(f"{path}: missing from the index; build it again") from error
        if size != entry["bytes"] or (verify and sha256_of(path) != entry["sha256"]):
            raise IndexFolderError(f"{path}: damaged (wrong checksum); build the index again")


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file (hexadecimal)."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _load(data: Path, manifest: dict[str, Any]) -> IndexedGraph:
    arrays = {name: map_array(data / f"{name}.npy") for name in ARRAYS}
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
        naming=_naming(manifest),
        provenance=_provenance(data, outward) if SOURCES in manifest["files"] else None,
    )


def _provenance(data: Path, outward: Adjacency) -> FactSources:
    names = marisa_trie.Trie().mmap(str(data / SOURCES))
    arrays = {part: map_array(data / f"{name}.npy") for name, part in SOURCE_ARRAYS.items()}
    return FactSources(names, outward, **arrays)


def _naming(manifest: dict[str, Any]) -> Naming | None:
    facts = manifest.get("naming")
    return None if facts is None else Naming.of_facts(facts)
