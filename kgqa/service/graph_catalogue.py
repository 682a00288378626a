"""The graphs that are held open, by their names."""

from __future__ import annotations

import logging
import os
import re
import threading
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Self

from kgqa.errors import UnknownGraphError, UsageError, check_count
from kgqa.graph import IndexedGraph, is_atlas, is_endpoint, open_graph
from kgqa.graph.index_folder import MANIFEST
from kgqa.pipeline import EndpointAnswerer
from kgqa.pipeline.assembly import build_answers
from kgqa.pipeline.settings import AnswererSettings
from kgqa.service.graph_schema import graph_schema
from kgqa.service.hosted_graph import HostedGraph
from kgqa.service.name_completion import complete_name
from kgqa.service.question_queue import QuestionQueue
from kgqa.service.question_worker import QuestionWorker, WorkerGraphs

__all__ = ["GraphCatalogue", "graph_sources"]

_LOG = logging.getLogger("kgqa")
_NAME = re.compile(r"[\w.-]{1,100}")


class GraphCatalogue:
    """Graphs by name. One whose source has changed is opened anew; who asks the old one goes on with it."""

    def __init__(self, graphs: Iterable[HostedGraph], sources: Mapping[str, str] | None = None) -> None:
        self._graphs = {graph.name: graph for graph in graphs}
        self._sources = {name: Path(source) for name, source in (sources or {}).items() if _is_file(source)}
        self._stamps = {name: _stamp(path) for name, path in self._sources.items()}
        self._refreshing = threading.Lock()
        self._stopped = threading.Event()

    @classmethod
    def open(
        cls,
        sources: Mapping[str, str],
        settings: AnswererSettings,
        *,
        most_waiting: int = 64,
        batch: int = 16,
        workers: int = 1,
    ) -> Self:
        """Open graphs by their sources: index folders, graph files, "atlas", or SPARQL endpoints.

        All answer by `settings`, but for their `graph`, and share a model and a queue. More `workers` than
        one are processes that are started when questions wait. Each endpoint has its own model and queue,
        since its questions wait for the endpoint. Raises as `open_graph` and `build_answers`.
        """
        check_count(workers, "workers")
        stamps = {name: _stamp(Path(source)) for name, source in sources.items() if _is_file(source)}
        local = {name: source for name, source in sources.items() if not is_endpoint(source)}
        shared = WorkerGraphs(local, settings)
        model = shared.model() if local else None
        threads = max(1, (os.cpu_count() or 1) // workers)
        queue = QuestionQueue(
            most_waiting, batch, workers - 1, partial(QuestionWorker.start, shared, threads)
        )
        checks = QuestionQueue(most_waiting)
        graphs = []
        for name, source in sources.items():
            if name not in local:
                own = replace(settings, graph=source)
                version = own.endpoint.graph_version or ""
                alone = QuestionQueue(most_waiting, batch)
                graphs.append(HostedGraph(name, build_answers(own), version, alone))
            else:
                graph = open_graph(source)
                answers = shared.answers(name, graph, model)
                graphs.append(HostedGraph(name, answers, graph.checksum, queue, checks))
        found = cls(graphs, sources)
        found._stamps = stamps  # a source that changed meanwhile is opened again
        return found

    def __iter__(self) -> Iterator[HostedGraph]:
        return iter(tuple(self._graphs.values()))

    def graph(self, name: str) -> HostedGraph:
        """The newest version of a graph. Raises `UnknownGraphError`."""
        found = self._graphs.get(name)
        if found is None:
            raise UnknownGraphError(name)
        return found

    def refresh(self) -> list[str]:
        """Open graphs anew whose source has changed; the names of those that are other graphs now.

        A source that cannot be opened leaves the graph as it is, until it changes again.
        """
        changed = []
        with self._refreshing:
            for name, path in self._sources.items():
                stamp = _stamp(path)
                if stamp == self._stamps[name]:
                    continue
                self._stamps[name] = stamp
                old = self._graphs[name]
                try:
                    graph = open_graph(path)
                    if graph.checksum == old.version:
                        continue
                    _prepare(graph)
                    answers = old.answers.over(graph)
                except Exception as error:  # of any kind: the other graphs go on being looked at
                    _LOG.warning("%s: the new version cannot be opened, the old one stays: %s", name, error)
                    continue
                self._graphs[name] = replace(old, answers=answers, version=graph.checksum)
                changed.append(name)
                _LOG.warning("%s: the new version %.12s is answered from", name, graph.checksum)
        return changed

    def watch(self, seconds: float = 1.0) -> None:
        """Prepare what the first search for a name would wait for; then refresh every so many seconds."""

        def look() -> None:
            for graph in self:
                if isinstance(graph.answers, EndpointAnswerer):
                    continue
                try:
                    _prepare(graph.graph)
                except Exception:  # whoever searches for a name is told; all graphs are watched
                    _LOG.exception("%s: names and classes cannot be prepared", graph.name)
            while not self._stopped.wait(seconds):
                self.refresh()

        threading.Thread(target=look, name="graphs", daemon=True).start()

    def drain(self, begin: float, finish: float) -> None:
        """Take no questions any more, and end those that take too long; see `QuestionQueue.drain`."""
        self._stopped.set()
        queues = [threading.Thread(target=queue.drain, args=(begin, finish)) for queue in self._queues()]
        for one in queues:
            one.start()
        for one in queues:
            one.join()

    def close(self) -> None:
        """Take no questions any more, drop those that wait, and end all that runs beside this process."""
        self._stopped.set()
        for queue in self._queues():
            queue.close()

    def _queues(self) -> set[QuestionQueue]:
        return {queue for graph in self for queue in (graph.queue, graph.checks)}


def graph_sources(given: Iterable[str]) -> dict[str, str]:
    """Sources by name: `NAME=SOURCE`, or a source that has the name of its folder or file.

    Raises `UsageError` for names that are no names, or that two sources have.

    >>> graph_sources(["graphs/films", "books=library.ttl", "atlas"])
    {'films': 'graphs/films', 'books': 'library.ttl', 'atlas': 'atlas'}
    """
    found: dict[str, str] = {}
    for one in given:
        name, equals, source = one.partition("=")
        if not equals or not _NAME.fullmatch(name):
            name, source = _named_after(one), one
        if name in found:
            raise UsageError(f"two graphs are called {name!r}; name one of them: NAME={source}")
        found[name] = source
    return found


def _prepare(graph: IndexedGraph) -> None:
    """Sort the names of a graph, and find its classes: of a large graph that takes seconds."""
    complete_name(graph, "", 1)
    graph_schema(graph, 1)


def _named_after(source: str) -> str:
    if is_endpoint(source):
        raise UsageError(f"an endpoint needs a name: NAME={source}")
    stem = Path(source).resolve().name.split(".")[0]
    name = re.sub(r"[^\w-]+", "_", stem).strip("_")
    if not name:
        raise UsageError(f"{source}: needs a name: NAME={source}")
    return name


def _is_file(source: str) -> bool:
    return not is_endpoint(source) and not is_atlas(source)


def _stamp(path: Path) -> tuple[int, int, int] | None:
    """What changes whenever the graph at a path does; `None` while nothing is there."""
    manifest = path / MANIFEST
    try:
        status = (manifest if path.is_dir() else path).stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size, status.st_ino
