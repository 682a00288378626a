"""What the settings of a run come to: questions, a graph, somebody to ask."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property, partial
from pathlib import Path
from typing import Any, Self

from kgqa.cli.aggregator_option import aggregator
from kgqa.cli.decoder_option import decoder
from kgqa.cli.filter_option import named_filters
from kgqa.cli.graph_option import open_graph, open_indexed
from kgqa.cli.model_option import load_calibration, load_model
from kgqa.constraint import Filter
from kgqa.datasets import CATALOGUE, DataFolders, KnownSet, Question, Selection, known_set, load_questions
from kgqa.datasets import part as part_of
from kgqa.decode import Decoder
from kgqa.errors import UsageError
from kgqa.evaluation import Asker, Caches, RunSettings
from kgqa.evaluation.provenance import code_fingerprint
from kgqa.graph import GraphBuilder, IndexedGraph
from kgqa.lm.model_fingerprint import model_fingerprint
from kgqa.pipeline import Answerer

__all__ = ["RunRecipe"]


@dataclass(frozen=True)
class RunRecipe:
    """Makes what a run needs from its settings, in this process or, pickled, in another.

    Data sets are looked for in `folders`. Their graphs are indexed in `graphs`, and what is linked and
    decoded is kept in `stages`, where these are not `None`. Another process may be at work elsewhere:
    `settled` makes all paths absolute.
    """

    settings: RunSettings
    folders: DataFolders
    graphs: Path | None = None
    stages: Path | None = None

    @classmethod
    def settled(cls, settings: RunSettings, data: Path | None, cache: Path | None) -> Self:
        """The recipe with paths as they are seen from here, and everything below one `cache`."""
        places = tuple(place.absolute() for place in DataFolders.of(data).places)
        if settings.dataset not in CATALOGUE:
            settings = replace(settings, dataset=os.path.abspath(settings.dataset))
        if settings.graph is not None:
            settings = replace(settings, graph=os.path.abspath(settings.graph))
        if settings.model is not None and Path(settings.model).expanduser().is_dir():
            settings = replace(settings, model=os.path.abspath(os.path.expanduser(settings.model)))
        if cache is None:
            return cls(settings, DataFolders(places))
        return cls(settings, DataFolders(places), cache.absolute() / "graphs", cache.absolute() / "stages")

    def __reduce__(self) -> tuple[type[RunRecipe], tuple[object, ...]]:
        """What was made of the settings stays behind."""
        return RunRecipe, (self.settings, self.folders, self.graphs, self.stages)

    def __call__(self) -> Asker:
        """The asker; loads the model."""
        settings = self.settings
        self.check()
        model = load_model(settings.model, settings.grammar, settings.device, settings.dtype)
        answerer = partial(
            Answerer,
            model=model,
            grammar=settings.grammar,
            hops=settings.hops,
            inverse=settings.inverse,
            returns=settings.returns,
            decoder=self._decoder(),
            aggregator=aggregator(settings.aggregate),
            filters=self.filters,
            calibration=load_calibration(settings.model, settings.grammar, settings.search.name),
        )
        facts: dict[str, object] = {"tokenizer": model.tokenizer.fingerprint}
        return Asker(answerer(self.graph), answerer, settings.link, self.caches, facts)

    def check(self) -> None:
        """Raise `KgqaError` for settings that nobody can work under, before a model is loaded."""
        aggregator(self.settings.aggregate)
        self._decoder()
        _ = self.filters

    def _decoder(self) -> Decoder:
        search = self.settings.search
        return decoder(search.name, search.beams, search.seconds)

    @cached_property
    def known(self) -> KnownSet | None:
        """The data set, where the settings name one; `None` for a file. Raises `UsageError`."""
        dataset = self.settings.dataset
        if dataset in CATALOGUE:
            return CATALOGUE[dataset]
        return None if Path(dataset).is_file() or Path(dataset).suffix else known_set(Path(dataset).name)

    @cached_property
    def questions(self) -> Iterable[Question]:
        """The questions; read anew by every loop where each has a graph, which is much to keep."""
        return self._chosen if self.own_graphs else tuple(self._chosen)

    @cached_property
    def _chosen(self) -> Selection:
        s = self.settings
        return Selection(self._all, s.sample, s.seed, s.limit)

    def _all(self) -> Iterable[Question]:
        part = self.settings.part
        if self.known:
            return self.known.questions(self.folders, part)
        return (q for q in load_questions(self.settings.dataset) if part is None or part_of(q.id) == part)

    @cached_property
    def own_graphs(self) -> bool:
        """Whether questions bring a graph each."""
        if self.known:
            return self.known.own_graphs
        return any(question.graph is not None for question in self._chosen)

    @cached_property
    def graph(self) -> IndexedGraph:
        """The graph that the questions share; an empty one where each has its own."""
        if self.settings.graph is not None:
            return open_graph(Path(self.settings.graph))
        if self.own_graphs:
            return GraphBuilder.of([])
        if self.known is None or self.known.graph is None:
            return open_graph(None)
        source = self.folders.find(self.known.graph)
        if self.graphs is None:
            return open_graph(source)
        return open_indexed(source, self.graphs / self.known.graph.sha256[:16])

    @cached_property
    def filters(self) -> tuple[Filter, ...]:
        """What chains must keep to. Raises `UsageError` where there is no graph that all questions share."""
        f = self.settings.filters
        names = (f.without, f.only_relation, f.must_use, f.answer_type)
        if any(names) and self.own_graphs:
            raise UsageError(
                "these questions bring a graph each; --without, --only-relation, --must-use and "
                "--answer-type name what is in one graph"
            )
        return named_filters(self.graph, *names)

    @cached_property
    def caches(self) -> Caches | None:
        """Where stages keep what they find."""
        return Caches(self.stages, self.decoding) if self.stages else None

    @cached_property
    def decoding(self) -> dict[str, Any]:
        """All that decides what is decoded, but for graph, question and topics."""
        decides = self.settings.to_json()
        names = ("dtype", "device", "grammar", "hops", "inverse", "returns", "search", "filters")
        found = {name: decides[name] for name in names}
        return found | {"weights": model_fingerprint(self.settings.model), "code": code_fingerprint()}

    @cached_property
    def decides(self) -> dict[str, Any]:
        """All that decides the records, but for questions, graph and what the asker knows itself."""
        found = {key: value for key, value in self.decoding.items() if key != "code"}
        found |= {"model": self.settings.model or "shipped", "seed": self.settings.seed}
        return found | {"aggregate": dict(self.settings.aggregate)}
