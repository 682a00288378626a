"""Which files of the known question sets are on this machine."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kgqa.counted import counted
from kgqa.datasets.catalogue import CATALOGUE
from kgqa.datasets.data_folders import DataFolders, SourceFile
from kgqa.datasets.known_set import HubFiles, KnownSet, Part, Portion
from kgqa.errors import DataError

__all__ = ["FileStatus", "SetStatus", "inventory", "set_status"]


@dataclass(frozen=True)
class FileStatus:
    """Whether the file of a part, or of the graph, is here.

    `file` is its path if it is here, else its path below a data folder. `size` is in bytes, `None` if
    unknown. `read` is the number of questions read from it, where it was checked; `error` says what is
    wrong with it.
    """

    file: str
    size: int | None
    here: bool
    read: int | None = None
    error: str | None = None

    def to_json(self) -> dict[str, Any]:
        """One object; `read` and `error` only where they are known."""
        found = {"file": self.file, "bytes": self.size, "here": self.here}
        more = {"read": self.read, "error": self.error}
        return found | {name: value for name, value in more.items() if value is not None}


@dataclass(frozen=True)
class SetStatus:
    """A known set and the status of its files: one for each part, and the graph's if it has one.

    Several graphs have one status, by their folder: they are here if all of them are.
    """

    known: KnownSet
    parts: Mapping[Part | None, FileStatus]
    graph: FileStatus | None

    @property
    def files(self) -> Mapping[str, FileStatus]:
        """The status of every file by the name of its part (`all` for an undivided set) or `graph`."""
        files: dict[str, FileStatus] = {part or "all": status for part, status in self.parts.items()}
        name = "graphs" if self.known.graphs else "graph"
        return files if self.graph is None else files | {name: self.graph}

    @property
    def hub(self) -> str | None:
        """The repository on the Hugging Face hub that the set is downloaded from; `None` for no such."""
        sources = (portion.source for portion in self.known.portions.values())
        return next((source.repository for source in sources if isinstance(source, HubFiles)), None)

    def to_json(self) -> dict[str, Any]:
        """One object."""
        known = self.known
        return {
            "name": known.name,
            "title": known.title,
            "parts": {
                part or "all": {"questions": known.portion(part).count, **status.to_json()}
                for part, status in self.parts.items()
            },
            "graph": None if self.graph is None else self.graph.to_json(),
            "graphs": len(known.graphs),
            "own_graphs": known.own_graphs,
            "licence": known.licence,
            "hub": self.hub,
            "origin": known.origin,
        }


def inventory(folders: DataFolders | None = None) -> tuple[SetStatus, ...]:
    """The status of every known set, by whether its files exist; their contents are not read.

    >>> [each.known.name for each in inventory() if each.known.name == "atlas"]
    ['atlas']
    """
    found = folders or DataFolders.of()
    return tuple(set_status(known, found) for known in CATALOGUE.values())


def set_status(known: KnownSet, folders: DataFolders, *, check: bool = False) -> SetStatus:
    """The status of a set's files. With `check`, every question is read and compared with the set.

    So are the files of several graphs.
    """
    graph = None if known.graph is None else _status(known.graph, folders)
    if known.graphs:
        graph = _graphs_status(known, folders, check)
    return SetStatus(known, dict(_parts(known, folders, check)), graph)


def _graphs_status(known: KnownSet, folders: DataFolders, check: bool) -> FileStatus:
    each = [_status(source, folders) for source in known.graphs.values()]
    missing = [status.file for status in each if not status.here]
    error = (
        f"{len(missing)} of {counted(len(each), 'graph')} missing, {missing[0]} first" if missing else None
    )
    if check and not missing:
        try:
            known.graph_files(folders)
        except DataError as wrong:
            error = str(wrong)
    place = str(Path(each[0].file).parent)
    size = sum(status.size or 0 for status in each)
    return FileStatus(place, size, error is None, error=error if check else None)


def _parts(known: KnownSet, folders: DataFolders, check: bool) -> Iterator[tuple[Part | None, FileStatus]]:
    for part, portion in known.portions.items():
        status = _portion_status(portion, folders)
        yield part, _checked(known, part, folders, status) if check and status.here else status


def _portion_status(portion: Portion, folders: DataFolders) -> FileStatus:
    source = portion.source
    if isinstance(source, SourceFile):
        return _status(source, folders)
    files = folders.hub_files(source.folder, source.pattern)
    path = str(files[0].parent) if files else f"{source.folder}/{source.pattern}"
    return FileStatus(path, sum(file.stat().st_size for file in files) or None, bool(files))


def _status(source: SourceFile, folders: DataFolders) -> FileStatus:
    path: Path | None = folders.path(source.path)
    return FileStatus(str(path or source.path), source.size, path is not None)


def _checked(known: KnownSet, part: Part | None, folders: DataFolders, status: FileStatus) -> FileStatus:
    try:
        read = sum(1 for _ in known.questions(folders, part))
    except DataError as error:
        return FileStatus(status.file, status.size, False, error=str(error))
    return FileStatus(status.file, status.size, True, read=read)
