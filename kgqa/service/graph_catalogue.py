"""The graphs that are held open, by their names."""

from __future__ import annotations

import logging
import re
import threading
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Self

from kgqa.errors import KgqaError, UnknownGraphError, UsageError
from kgqa.graph import is_atlas, is_endpoint, open_graph
from kgqa.lm import LanguageModel, load_language_model
from kgqa.pipeline.assembly import build_answers
from kgqa.pipeline.settings import AnswererSettings
from kgqa.service.hosted_graph import HostedGraph
from kgqa.service.question_queue import QuestionQueue

__all__ = ["GraphCatalogue", "graph_sources"]

_LOG = logging.getLogger("kgqa")
_MANIFEST = "manifest.json"
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
        model: LanguageModel | None = None,
        most_waiting: int = 64,
        batch: int = 16,
    ) -> Self:
        """Open graphs by their sources: index folders, graph files, "atlas", or SPARQL endpoints.

        All answer by `settings`, but for their `graph`. They share a model; each endpoint has its own, since
        its questions wait for the endpoint. Raises as `open_graph` and `build_answers`.
        """
        lock = threading.Lock()
        stamps = {name: _stamp(Path(source)) for name, source in sources.items() if _is_file(source)}
        graphs = []
        for name, source in sources.items():
            own = replace(settings, graph=source)
            if is_endpoint(source):
                answers = build_answers(own)
                queue = QuestionQueue(most_waiting, batch)
                graphs.append(HostedGraph(name, answers, own.endpoint.graph_version or "", queue))
                continue
            if model is None:
                model = load_language_model(settings.model, device=settings.device, dtype=settings.dtype)
            graph = open_graph(source)
            answers = build_answers(own, graph=graph, model=model)
            graphs.append(
                HostedGraph(name, answers, graph.checksum, QuestionQueue(most_waiting, batch, lock))
            )
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
                try:
                    graph = open_graph(path)
                except KgqaError as error:
                    _LOG.warning("%s: the new version cannot be opened, the old one stays: %s", name, error)
                    continue
                old = self._graphs[name]
                if graph.checksum != old.version:
                    answers = old.answers.over(graph)
                    self._graphs[name] = replace(old, answers=answers, version=graph.checksum)
                    changed.append(name)
                    _LOG.warning("%s: the new version %.12s is answered from", name, graph.checksum)
        return changed

    def watch(self, seconds: float = 1.0) -> None:
        """Refresh every so many seconds, until `close`."""

        def look() -> None:
            while not self._stopped.wait(seconds):
                self.refresh()

        threading.Thread(target=look, name="graphs", daemon=True).start()

    def close(self, seconds: float = 0.0) -> None:
        """Take no questions any more; see `QuestionQueue.close`."""
        self._stopped.set()
        closing = [threading.Thread(target=graph.queue.close, args=(seconds,)) for graph in self]
        for one in closing:
            one.start()
        for one in closing:
            one.join()


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
    manifest = path / _MANIFEST
    try:
        status = (manifest if path.is_dir() else path).stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size, status.st_ino
