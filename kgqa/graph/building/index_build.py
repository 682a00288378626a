"""A build of an index folder from graph files, an endpoint or a database."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Self

from kgqa.counted import counted
from kgqa.errors import IndexFolderError, UsageError
from kgqa.graph.building.fetched_graph import FetchedDatabase, FetchedEndpoint
from kgqa.graph.building.graph_files import GraphFiles
from kgqa.graph.building.index_builder import IndexBuilder
from kgqa.graph.index_folder import is_index_folder, open_index
from kgqa.graph.indexed_graph import IndexedGraph
from kgqa.graph.name import clean_name
from kgqa.graph.naming import MEDIATORS, Unlabelled
from kgqa.graph.readers import SkipReport

__all__ = ["IndexBuild", "default_folder"]

FACT_MEMORY = 1024
"""Bytes of memory for each fact that is sorted."""
LEAST_RUN = 10_000
"""So many facts are sorted at a time, however little memory there is."""


class IndexBuild:
    """Builds the index of a graph in `folder`: a context manager in which it is `read`, then saved.

    `memory` is how many bytes sorting facts may take. An index that is there is replaced only when the new
    one is complete. A build of files that was killed, interrupted or ended by bad data is gone on with by the
    next that reads the same files in the same way.
    """

    def __init__(
        self,
        folder: Path,
        graph: GraphFiles | FetchedEndpoint | FetchedDatabase,
        report: SkipReport,
        *,
        memory: int = 2**31,
        mediators: str = MEDIATORS,
        unlabelled: Unlabelled = "auto",
    ) -> None:
        self.folder = folder
        self.graph = graph
        self.report = report
        fingerprint = graph.fingerprint if isinstance(graph, GraphFiles) else None
        run_facts = max(LEAST_RUN, memory // FACT_MEMORY)
        self._builder = IndexBuilder(folder, mediators, unlabelled, run_facts, fingerprint)

    def __enter__(self) -> Self:
        self._builder.__enter__()
        return self

    def __exit__(self, *error: Any) -> None:
        self._builder.__exit__(*error)

    @property
    def kept(self) -> int:
        """So many facts need not be read again: at the start, of a build that was stopped before."""
        return self._builder.kept

    def kept_after(self, error: BaseException) -> int:
        """The same if this ends the build: nothing is kept on a disk that is full."""
        return self._builder.kept_after(error)

    @property
    def bytes_left(self) -> int | None:
        """The size of the files that are to be read; `None` where it is not known."""
        return self.graph.bytes_from(self._builder.file) if isinstance(self.graph, GraphFiles) else None

    def read(self, progress: Callable[[int], None] | None = None) -> None:
        """Read the graph; `progress` is called now and then with the number of facts. Raises as `read`."""
        self._builder.read(self.graph.parts(self.report, self._builder.file), self.report, progress)

    def replaces(self) -> str | None:
        """What of another graph the folder holds, in words; `None` where nothing of another is replaced."""
        if not is_index_folder(self.folder):
            return None
        try:
            before = open_index(self.folder, verify=False)
        except IndexFolderError:
            return "a damaged index, or one of another version"
        others = before.facts_about.get("sources")
        if others == self.graph.names:
            return None
        named = f" of {', '.join(map(str, others))}" if isinstance(others, list) else ""
        return clean_name(f"the index{named:.200} with {counted(len(before), 'triple')}")

    def save(self) -> IndexedGraph:
        """Write the index, and open it."""
        facts_about: dict[str, object] = {
            "sources": self.graph.names,
            "skipped": len(self.report),
            **self.graph.facts_about(),
        }
        if self.report.notes:
            facts_about["notes"] = self.report.notes
        self._builder.save(facts_about)
        self.graph.finish()
        return open_index(self.folder, verify=False)


def default_folder(source: Path, sources: Sequence[str]) -> Path:
    """`FOLDER-NAME.kgqa` in the working folder, after the first source and where that is.

    Raises `UsageError` where that holds the index of other sources: it is not replaced unasked.
    """
    name = source.name.split(".")[0]
    folder = Path("-".join(filter(None, (source.parent.name, name))) + ".kgqa")
    if is_index_folder(folder):
        before = open_index(folder, verify=False).facts_about.get("sources")
        if before != list(sources):
            raise UsageError(f"{folder} holds the index of {before}; name a folder with -o")
    return folder
