"""The graphs of a set in which each question names its graph."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Self

from kgqa.datasets.data_folders import sha256_of
from kgqa.errors import DataError, check_names
from kgqa.graph import IndexedGraph, open_graph
from kgqa.graph.index_folder import is_index_folder, open_index
from kgqa.graph.readers.compression import PACKED_SUFFIXES

__all__ = ["NamedGraphs", "is_folder_of_graphs"]


@dataclass(frozen=True)
class NamedGraphs:
    """Graph files, or index folders, by the names that questions have for them.

    Indexes of files are kept in the folder `cache`; `None`: a graph is read anew each time.
    """

    files: Mapping[str, str | Path]
    cache: str | Path | None = None

    @classmethod
    def of_folder(cls, folder: str | Path, names: Iterable[str], cache: str | Path | None = None) -> Self:
        """The graphs with these names in a folder: `NAME.ttl.gz`, `NAME.tsv`, ..., or index folders.

        Raises `DataError` for a name without a file, or with two.
        """
        check_names(names, "names")
        there: dict[str, list[Path]] = {}
        for path in sorted(Path(folder).iterdir()):
            if path.is_file() or is_index_folder(path):
                for name in _names(path):
                    there.setdefault(name, []).append(path)
        found = {}
        for name in dict.fromkeys(names):
            match there.get(name, []):
                case [path]:
                    found[name] = path
                case []:
                    raise DataError(f"{folder}: has no file for the graph {name!r:.80} that questions name")
                case [one, two, *_]:
                    raise DataError(
                        f"{folder}: has two files for the graph {name!r:.80}: {one.name}, {two.name}"
                    )
        return cls(found, cache)

    @property
    def checksum(self) -> str:
        """The SHA-256 of all names and contents; it identifies the graphs of a run.

        Raises `DataError` for a file that is not there.
        """
        digest = sha256()
        for name, path in sorted(self.files.items()):
            if not os.path.exists(path):
                raise DataError(f"{path}: no such file, for the graph {name!r:.80}")
            content = open_index(path).checksum if Path(path).is_dir() else sha256_of(Path(path))
            digest.update(f"{len(name)} {name} {content}\n".encode("utf-8", "surrogatepass"))
        return digest.hexdigest()

    def open(self, name: str) -> IndexedGraph:
        """One of the graphs. Raises `DataError` for a name that has no file, and what `open_graph` raises."""
        if name not in self.files:
            raise DataError(f"no graph is called {name!r:.80}")
        if self.cache is None:
            return open_graph(self.files[name], use_cache=False)
        return open_graph(self.files[name], cache=self.cache)


def is_folder_of_graphs(source: str | Path) -> bool:
    """Whether this is a folder of several graphs, and not one graph."""
    return os.path.isdir(source) and not is_index_folder(source)


def _names(path: Path) -> tuple[str, ...]:
    """The names under which a file may be asked for: without `.gz` or the like, and without its suffix."""
    bare = path.stem if path.suffix in PACKED_SUFFIXES else path.name
    return tuple(dict.fromkeys((bare.rpartition(".")[0] or bare, path.name)))
