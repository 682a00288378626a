"""A process that answers questions beside this one."""

from __future__ import annotations

import io
import pickle
import signal
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection
from typing import Any, NamedTuple, Self

from kgqa.cache_memory import collect_garbage_less
from kgqa.errors import KgqaError
from kgqa.evaluation.running.child_process import ChildProcess
from kgqa.graph import IndexedGraph, open_graph
from kgqa.lm import LanguageModel, load_language_model
from kgqa.lm.vllm.served_name import is_served
from kgqa.pipeline import Answers, Outcome, Query
from kgqa.pipeline.assembly import build_answers
from kgqa.pipeline.settings import AnswererSettings

__all__ = ["GraphVersion", "QuestionWorker", "WorkerGraphs"]


class GraphVersion(NamedTuple):
    """A graph by its name, in the version with this checksum."""

    name: str
    checksum: str


@dataclass(frozen=True)
class WorkerGraphs:
    """The sources of graphs by name, and the settings by which they are asked."""

    sources: Mapping[str, str]
    settings: AnswererSettings

    def answers(self, name: str, graph: IndexedGraph, model: LanguageModel | None) -> Answers:
        """What answers from one of the graphs."""
        return build_answers(replace(self.settings, graph=self.sources[name]), graph=graph, model=model)

    def model(self) -> LanguageModel | None:
        """The language model of the settings; `None` for one in a vLLM server."""
        own = self.settings
        if is_served(own.model):
            return None
        return load_language_model(own.model, device=own.device, dtype=own.dtype, engine=own.engine)


class QuestionWorker:
    """A new process, with a model of its own, that opens graphs when it is asked about them."""

    def __init__(self, child: ChildProcess) -> None:
        self._child = child

    @classmethod
    def start(cls, graphs: WorkerGraphs, threads: int) -> Self:
        """A worker whose model is loaded. Raises `WorkerLost`, and what loading the model raises."""
        child = ChildProcess(_work, graphs, threads)
        child.receive()
        return cls(child)

    def ask(
        self, version: GraphVersion, graph: IndexedGraph, queries: Sequence[Query]
    ) -> list[Outcome] | None:
        """The outcomes of questions to `graph`, without hypotheses; `None` where it cannot open that version.

        Raises `WorkerLost`, and what the answerer raises.
        """
        self._child.send((version, tuple(queries)))
        packed = self._child.receive()
        return None if packed is None else _Unpacker(io.BytesIO(packed), graph).load()

    def stop(self) -> None:
        """End the process."""
        self._child.stop()


class _Graphs:
    """The graphs of a worker: of each the version that was asked last."""

    def __init__(self, graphs: WorkerGraphs) -> None:
        self._graphs = graphs
        self._model = graphs.model()
        self._answers: dict[str, tuple[str, Answers]] = {}

    def answers(self, version: GraphVersion) -> Answers | None:
        """What answers from a version, where it is the one at the source now."""
        known = self._answers.get(version.name)
        if known is None or known[0] != version.checksum:
            graph = open_graph(self._graphs.sources[version.name])
            if graph.checksum != version.checksum:
                return None
            known = version.checksum, self._graphs.answers(version.name, graph, self._model)
            self._answers[version.name] = known
        return known[1]


def _work(graphs: WorkerGraphs, connection: Connection) -> None:
    """The loop of the process, until its connection is closed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the server ends its workers
    collect_garbage_less()
    try:
        own = _Graphs(graphs)
        connection.send(True)
        while True:
            version, queries = connection.recv()
            connection.send(_asked(own, version, queries))
    except (EOFError, BrokenPipeError, ConnectionResetError):
        return
    except (KgqaError, MemoryError) as error:
        connection.send(error)


def _asked(own: _Graphs, version: GraphVersion, queries: Sequence[Query]) -> bytes | None:
    """The outcomes, packed; `None` where the server has to ask itself."""
    try:
        answers = own.answers(version)
        if answers is None:
            return None
        outcomes = [replace(one, hypotheses=()) for one in answers.run(queries, len(queries))]
        packed = io.BytesIO()
        _Packer(packed, pickle.HIGHEST_PROTOCOL).dump(outcomes)
        return packed.getvalue()
    except Exception:  # the server asks again, and says what is wrong
        return None


class _Packer(pickle.Pickler):
    """Packs outcomes without their graph, which both sides have."""

    def persistent_id(self, value: Any) -> str | None:
        """What stands for a graph."""
        return "graph" if isinstance(value, IndexedGraph) else None


class _Unpacker(pickle.Unpickler):
    """Unpacks outcomes about a graph."""

    def __init__(self, packed: io.BytesIO, graph: IndexedGraph) -> None:
        super().__init__(packed)
        self._graph = graph

    def persistent_load(self, _: Any) -> IndexedGraph:
        """The graph of this side."""
        return self._graph
