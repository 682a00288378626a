"""What `--graph` may name."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from kgqa.cli.console import status
from kgqa.errors import DataError, IndexFolderError, UsageError
from kgqa.graph import GraphBuilder, IndexedGraph, is_index_folder, open_index, save_index
from kgqa.graph.readers import read

__all__ = ["atlas_source", "is_atlas", "open_graph", "open_indexed"]

ATLAS = "atlas"


def open_graph(place: Path | None) -> IndexedGraph:
    """The graph of an index folder, of a graph file (read into memory), or the atlas for None or its name.

    Raises what reading raises, and `DataError` for a graph without any triple.
    """
    if place is None or is_atlas(place):
        graph = _atlas()
    elif place.is_dir() or not place.exists():
        graph = open_index(place)
    else:
        with status(f"reading {place}"):
            graph = GraphBuilder().add_all(read(place)).build()
    if not len(graph):
        raise DataError(f"{place}: the graph is empty, there is nothing to answer from")
    return graph


def is_atlas(place: str | Path) -> bool:
    """Whether this is the atlas by its name, and not a file or folder of that name."""
    return str(place) == ATLAS and not Path(place).exists()


def atlas_source() -> Path:
    """Where the atlas that ships with kgqa is."""
    for folder in (Path(__file__).parents[2] / "graphs", Path(sys.prefix) / "share" / "kgqa"):
        source = folder / "atlas" / "atlas.ttl"
        if source.is_file():
            return source
    raise UsageError("this installation came without the atlas; name a graph with --graph")


def _atlas() -> IndexedGraph:
    """The atlas, indexed when it is first needed, next to its source or in the user's cache."""
    source = atlas_source()
    return open_indexed(source, _index_folder(source), "the atlas")


def open_indexed(source: Path, folder: Path, name: str | None = None) -> IndexedGraph:
    """The graph of a file, through an index in `folder` that is made when it is first needed."""
    stamp = {"bytes": source.stat().st_size, "changed": source.stat().st_mtime_ns}
    if is_index_folder(folder):
        try:
            graph = open_index(folder)
        except IndexFolderError:
            pass
        else:
            if graph.facts_about.get("source") == stamp:
                return graph
    with status(f"indexing {name or source} (first time only)"):
        graph = GraphBuilder().add_all(read(source)).build({"source": stamp})
        save_index(graph, folder)
    return graph


def _index_folder(source: Path) -> Path:
    if os.access(source.parent, os.W_OK):
        return source.parent / "index"
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return cache / "kgqa" / "atlas"
