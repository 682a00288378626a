"""From the settings of a run to its questions, its graph and its answerer."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Self

from kgqa.chat import ChatModel
from kgqa.datasets import CATALOGUE, DataFolders, KnownSet, Question, Selection, known_set, load_questions
from kgqa.datasets import part as part_of
from kgqa.errors import DataError, UsageError
from kgqa.evaluation.running.batch_runner import BatchRunner
from kgqa.evaluation.running.executor import Executor, InProcess
from kgqa.evaluation.running.named_graphs import NamedGraphs, is_folder_of_graphs
from kgqa.evaluation.running.provenance import code_fingerprint
from kgqa.evaluation.running.run import Run
from kgqa.evaluation.running.run_settings import MODELS, RunSettings
from kgqa.graph import (
    ATLAS,
    GraphBuilder,
    IndexedGraph,
    is_atlas,
    is_endpoint,
    only_sources,
    open_graph,
)
from kgqa.lm import load_chat
from kgqa.pipeline import Answerer, Answers, EndpointAnswerer
from kgqa.pipeline.assembly import build_answers
from kgqa.pipeline.settings_check import check_settings

__all__ = ["RunRecipe"]


@dataclass(frozen=True)
class RunRecipe:
    """Makes what a run needs from its settings, in this process or, pickled, in a worker.

    Data sets are looked for in `folders`. Indexes of graphs, linked and decoded questions and replies of LLMs
    are kept below `cache`, where it is not `None`. Workers may have another working directory: `of` makes all
    paths absolute.
    """

    settings: RunSettings
    folders: DataFolders
    cache: Path | None = None

    @classmethod
    def of(cls, settings: RunSettings, data: str | Path | None, cache: str | Path | None) -> Self:
        """The recipe of settings whose paths are relative to the working directory."""
        places = tuple(place.absolute() for place in DataFolders.of(data).places)
        if settings.dataset not in CATALOGUE:
            settings = replace(settings, dataset=os.path.abspath(settings.dataset))
        if settings.graph is not None and not is_atlas(settings.graph) and not is_endpoint(settings.graph):
            settings = replace(settings, graph=os.path.abspath(settings.graph))
        for name in MODELS:
            if (value := getattr(settings, name)) is not None and Path(value).expanduser().is_dir():
                settings = settings.but(name, os.path.abspath(os.path.expanduser(value)))
        if settings.llm.config is not None:
            settings = settings.but("llm.config", os.path.abspath(os.path.expanduser(settings.llm.config)))
        if settings.llm.name is not None and settings.llm.name.startswith("."):
            settings = settings.but("llm.name", os.path.abspath(settings.llm.name))
        return cls(settings, DataFolders(places), None if cache is None else Path(cache).absolute())

    def __reduce__(self) -> tuple[type[RunRecipe], tuple[object, ...]]:
        """Only settings travel to a worker, not what was made of them."""
        return RunRecipe, (self.settings, self.folders, self.cache)

    def __call__(self) -> BatchRunner:
        """The runner of batches; loads the model, and the LLM where there is one."""
        return self.runner(self.answerer())

    def runner(self, answerer: Answers) -> BatchRunner:
        """The runner of batches with this answerer."""
        return BatchRunner(answerer, self.settings.link, self.named_graphs)

    def answerer(self, chat: ChatModel | None = None, *, stages: bool = True) -> Answerer | EndpointAnswerer:
        """The answerer, with its stages cached unless told otherwise; `chat` replaces the LLM."""
        self.check()
        built = build_answers(
            self.settings,
            graph=None if self.asks_endpoint else self.graph,
            llm=(lambda: self.chat) if chat is None else lambda: chat,
        )
        if self.cache is None or not stages or isinstance(built, EndpointAnswerer):
            return built
        return built.cached(self.cache / "stages", code_fingerprint())

    def check(self) -> None:
        """Raise `KgqaError` for settings that cannot work, before a model is loaded."""
        check_settings(self.settings)
        if any(asdict(self.settings.filters).values()) and self.has_several_graphs and not self.asks_endpoint:
            has = "bring a graph each" if self.own_graphs else "name several"
            raise UsageError(
                f"filters name what is in one graph, and these questions {has}; leave filters out"
            )
        if not any(True for _ in self.questions):
            part = "" if self.settings.part is None else f" of the part {self.settings.part}"
            raise DataError(f"{self.settings.dataset}: holds no questions{part}")
        _ = self.named_graphs
        if self.own_graphs and self.settings.graph is None:
            bare = next((question.id for question in self.questions if question.graph is None), None)
            if bare is not None:
                raise UsageError(
                    f"{self.settings.dataset}: others bring a graph, question {bare!r} does not; set graph"
                )
        if self.settings.asks_llm:
            _ = self.chat

    def run(self, out: str | Path, *, workers: int = 1, warn: Callable[[str], None] | None = None) -> Run:
        """The run of these settings with its records in a folder."""
        s = self.settings
        return Run(
            self.questions,
            self.checksum,
            Path(out),
            s.link,
            {"seed": s.seed},
            s.batch_size,
            about={"workers": workers, **s.about},
            warn=warn,
        )

    def executor(self, workers: int = 1, ray: str | None = None) -> Executor:
        """This process, `workers` processes, or actors of the Ray cluster at the address `ray`."""
        if (workers > 1 or ray is not None) and self.settings.llm.max_cost is not None:
            raise UsageError("max_cost is counted in one process; leave workers and ray out")
        if ray is None and workers == 1:
            return InProcess(self())
        from kgqa.evaluation.running.worker_pool import WorkerFactory, WorkerPool

        factory: WorkerFactory
        if ray is not None:
            from kgqa.evaluation.running.ray_workers import RayWorkers

            factory = RayWorkers(self, workers, ray)
        else:
            from kgqa.evaluation.running.process_workers import ProcessWorkers

            factory = ProcessWorkers(self, workers)
        return WorkerPool(factory, workers)

    @cached_property
    def chat(self) -> ChatModel:
        """The LLM of the settings; the time of its budget begins when it is first used."""
        llm = asdict(self.settings.llm)
        return load_chat(
            llm.pop("name"),
            **llm,
            device=self.settings.device,
            dtype=self.settings.dtype,
            cache=False if self.cache is None else self.cache,
        )

    @cached_property
    def known(self) -> KnownSet | None:
        """The data set, where the settings name one; `None` for a file. Raises `UsageError`."""
        dataset = self.settings.dataset
        if dataset in CATALOGUE:
            return CATALOGUE[dataset]
        return None if Path(dataset).is_file() or Path(dataset).suffix else known_set(Path(dataset).name)

    @cached_property
    def questions(self) -> Iterable[Question]:
        """The questions; read anew by every loop where each has a graph, since these need much memory."""
        return self._chosen if self.own_graphs else tuple(self._chosen)

    @cached_property
    def own_graphs(self) -> bool:
        """Whether questions bring a graph each."""
        if self.known:
            return self.known.own_graphs
        return any(question.graph is not None for question in self._chosen)

    @cached_property
    def named_graphs(self) -> NamedGraphs | None:
        """The graphs that questions name: those of the data set, or in a folder of graph files.

        `None` where the questions share one graph or bring their own. Raises `UsageError` for a question that
        names none where others do, and where their files are not known; `DataError` for files that are not
        there.
        """
        graph = self.settings.graph
        if self.own_graphs or (graph is not None and (is_endpoint(graph) or not is_folder_of_graphs(graph))):
            return None
        names = dict.fromkeys(question.graph_name for question in self.questions)
        if graph is None and not any(names):
            return None
        used = [name for name in names if name is not None]
        if None in names:
            bare = next(question.id for question in self.questions if question.graph_name is None)
            raise UsageError(
                f"{self.settings.dataset}: question {bare!r} names none of several graphs (`graph`)"
            )
        cache = None if self.cache is None else self.cache / "graphs"
        if graph is not None:
            return NamedGraphs.of_folder(graph, used, cache)
        if self.known is None or not self.known.graphs:
            raise UsageError(
                f"{self.settings.dataset}: questions name graphs, {used[0]!r:.80} first; "
                "set graph to the folder with their files"
            )
        return NamedGraphs(self.known.graph_files(self.folders, used), cache)

    @property
    def asks_endpoint(self) -> bool:
        """Whether the graph stays at its SPARQL endpoint, and each question is given a part of it."""
        return is_endpoint(self.settings.graph)

    @property
    def checksum(self) -> str:
        """What identifies the graph, or the graphs; of an endpoint its address and version."""
        if self.asks_endpoint:
            named = [
                self.settings.graph,
                *self.settings.endpoint.named_graph,
                self.settings.endpoint.graph_version,
            ]
            return hashlib.sha256(json.dumps(named).encode()).hexdigest()
        return self.graph.checksum if self.named_graphs is None else self.named_graphs.checksum

    @property
    def has_several_graphs(self) -> bool:
        """Whether questions have a graph each, or name one of several."""
        return self.own_graphs or self.asks_endpoint or self.named_graphs is not None

    @property
    def takes_default_graph(self) -> bool:
        """Whether the atlas is taken because neither the settings nor the questions name a graph."""
        return self.settings.graph is None and self.known is None and not self.has_several_graphs

    @cached_property
    def graph(self) -> IndexedGraph:
        """The graph that the questions share; an empty one where there are several."""
        if self.asks_endpoint or self.named_graphs is not None:
            return GraphBuilder.of([])
        if self.settings.graph is not None:
            return self._opened(self.settings.graph)
        if self.own_graphs:
            return GraphBuilder.of([])
        if self.known is None or self.known.graph is None:
            return self._opened(ATLAS)
        return self._opened(self.folders.find(self.known.graph))

    @cached_property
    def _chosen(self) -> Selection:
        s = self.settings
        return Selection(self._all, s.sample, s.seed, s.limit)

    def _all(self) -> Iterable[Question]:
        part = self.settings.part
        if self.known:
            return self.known.questions(self.folders, part)
        return (q for q in load_questions(self.settings.dataset) if part is None or part_of(q.id) == part)

    def _opened(self, source: str | Path) -> IndexedGraph:
        where = {"use_cache": False} if self.cache is None else {"cache": self.cache / "graphs"}
        return only_sources(open_graph(source, **where), self.settings.filters.only_source)
