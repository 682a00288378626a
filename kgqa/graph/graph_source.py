"""Where a graph comes from: an index folder, a graph file, or the graph that ships with kgqa."""

from __future__ import annotations

import hashlib
import logging
import os
import re
import site
import sys
from dataclasses import asdict
from pathlib import Path

from kgqa.cache_folder import cache_folder
from kgqa.errors import DataError, IndexFolderError, UsageError, check_path
from kgqa.graph.builder import GraphBuilder
from kgqa.graph.building import IndexBuilder, read_blocks
from kgqa.graph.index_folder import is_index_folder, open_index
from kgqa.graph.indexed_graph import IndexedGraph
from kgqa.graph.readers.columns import Columns
from kgqa.graph.readers.format import READERS_VERSION, read
from kgqa.graph.readers.skip_report import SkipReport

__all__ = ["ATLAS", "atlas_source", "is_atlas", "is_endpoint", "open_graph"]

ATLAS = "atlas"
"""The name of the graph that ships with kgqa."""
_LOG = logging.getLogger("kgqa")


def open_graph(
    source: str | Path = ATLAS,
    *,
    cache: str | Path | None = None,
    use_cache: bool = True,
    columns: Columns | None = None,
) -> IndexedGraph:
    """The graph of an index folder or of a graph file, or the atlas that ships with kgqa, by its name.

    A graph file may have any of the formats of `read`. The first time it is read and an index of it is
    written to the folder `cache` (by default `graphs` in the cache folder, see `KGQA_CACHE`); as long as
    the file stays as it is, the index is opened from then on. Where the folder cannot be written, or without
    `use_cache`, the graph is held in memory. `columns` says how a table is read where its columns do not tell
    (CSV, TSV, parquet). What its reader guessed is logged, and kept in `facts_about["notes"]`.

    Raises `IndexFolderError`, `ParseError` or `UsageError` for a source that cannot be read, and
    `DataError` for a graph without any triple.

    >>> graph = open_graph("atlas")
    >>> graph.label(graph.find("Kenya")[0])
    'Kenya'
    """
    check_path(source, "source")
    address = re.sub("^(https?):/+", r"\1://", str(source))  # of a Path, which has one slash
    if is_endpoint(address) and not os.path.exists(source):
        raise UsageError(
            f"{address}: a whole graph is needed here, and this is a SPARQL endpoint; make an index of it: "
            f"kgqa build --from {address}"
        )
    if cache is not None:
        check_path(cache, "cache")
    if is_atlas(source):
        graph = _open_file(atlas_source(), cache, use_cache, columns)
    elif os.path.isdir(source) or not os.path.exists(source):
        if columns is not None:
            raise UsageError(f"{source}: columns are of graph files, this is none")
        graph = open_index(source)
    else:
        graph = _open_file(Path(source), cache, use_cache, columns)
        notes = graph.facts_about.get("notes")
        for note in notes if isinstance(notes, list) else ():
            _LOG.warning("note: %s", note)
    if not len(graph):
        raise DataError(f"{source}: the graph is empty, there is nothing to answer from")
    return graph


def is_endpoint(source: object) -> bool:
    """Whether a graph is named by the address of a SPARQL endpoint.

    >>> is_endpoint("http://localhost:8890/sparql"), is_endpoint("films.ttl")
    (True, False)
    """
    return str(source).lower().startswith(("http://", "https://"))


def is_atlas(source: str | Path) -> bool:
    """Whether this is the atlas by its name, and not a file or folder of that name."""
    return str(source) == ATLAS and not os.path.exists(source)


def atlas_source() -> Path:
    """The file of the atlas. Raises `UsageError` for an installation without it."""
    installed = (Path(root) / "share" / "kgqa" for root in (sys.prefix, site.getuserbase()))
    for folder in (Path(__file__).parents[2] / "graphs", *installed):
        source = folder / "atlas" / "atlas.ttl"
        if source.is_file():
            return source
    raise UsageError("this installation came without the atlas; name another graph")


def _open_file(
    source: Path, cache: str | Path | None, use_cache: bool, columns: Columns | None
) -> IndexedGraph:
    if not use_cache:
        return _read(source, columns, {})
    source = source.absolute()
    try:
        status = source.stat()
    except OSError as error:
        raise DataError(f"{source}: cannot be read ({error.strerror or error})") from error
    stamp: dict[str, object] = {
        "bytes": status.st_size,
        "changed": status.st_mtime_ns,
        "readers": READERS_VERSION,
    }
    if columns is not None:
        stamp["columns"] = asdict(columns)
    folder = _index_folder(source, cache)
    if is_index_folder(folder):
        try:
            graph = open_index(folder)
        except IndexFolderError:
            pass  # damaged, or of another version: it is made again
        else:
            if graph.facts_about.get("source") == stamp:
                return graph
    try:
        with IndexBuilder(folder) as builder:
            report = SkipReport()
            builder.add_all(read_blocks(source, report=report, columns=columns or Columns()))
            builder.save({"source": stamp, **_noted(report)})
        return open_index(folder)
    except IndexFolderError:
        return _read(source, columns, {"source": stamp})


def _read(source: Path, columns: Columns | None, facts_about: dict[str, object]) -> IndexedGraph:
    report = SkipReport()
    builder = GraphBuilder().add_all(read(source, report=report, columns=columns))
    return builder.build({**facts_about, **_noted(report)})


def _noted(report: SkipReport) -> dict[str, object]:
    return {"notes": report.notes} if report.notes else {}


def _index_folder(source: Path, cache: str | Path | None) -> Path:
    """Each file has an index of its own: files of one name in several folders are kept apart."""
    graphs = cache_folder() / "graphs" if cache is None else Path(cache)
    name = re.sub(r"[^\w-]+", "_", source.name.split(".")[0])[:40]
    return graphs / f"{name}-{hashlib.sha256(os.fsencode(source)).hexdigest()[:16]}"
