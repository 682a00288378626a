"""What the settings of a run come to: questions, a graph, somebody to ask."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from functools import cached_property, partial
from pathlib import Path
from typing import Any, Self

from kgqa.chat import ChatModel
from kgqa.chat.cached import IdentifiedChat
from kgqa.cli.aggregator_option import step_grammar
from kgqa.cli.model_option import load_calibration, load_model
from kgqa.cli.run_aggregator import check_aggregator, run_aggregator
from kgqa.constraint import Filter, named_filters
from kgqa.datasets import CATALOGUE, DataFolders, KnownSet, Question, Selection, known_set, load_questions
from kgqa.datasets import part as part_of
from kgqa.decode import Decoder, named_decoder
from kgqa.errors import UsageError
from kgqa.evaluation import Asker, Caches, RunSettings
from kgqa.evaluation.provenance import code_fingerprint
from kgqa.evaluation.run_settings import LlmSettings, SearchSettings
from kgqa.graph import ATLAS, GraphBuilder, IndexedGraph, is_atlas, open_graph
from kgqa.lm import load_chat
from kgqa.lm.model_fingerprint import model_fingerprint
from kgqa.pipeline import Answerer
from kgqa.reason import ChatAnswerer, ChatReasoner

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
        if settings.graph is not None and not is_atlas(settings.graph):
            settings = replace(settings, graph=os.path.abspath(settings.graph))
        if settings.model is not None and Path(settings.model).expanduser().is_dir():
            settings = replace(settings, model=os.path.abspath(os.path.expanduser(settings.model)))
        if settings.llm.config is not None:
            settings = settings.but("llm.config", os.path.abspath(os.path.expanduser(settings.llm.config)))
        if settings.llm.name is not None and settings.llm.name.startswith("."):
            settings = settings.but("llm.name", os.path.abspath(settings.llm.name))
        if cache is None:
            return cls(settings, DataFolders(places))
        return cls(settings, DataFolders(places), cache.absolute() / "graphs", cache.absolute() / "stages")

    def __reduce__(self) -> tuple[type[RunRecipe], tuple[object, ...]]:
        """What was made of the settings stays behind."""
        return RunRecipe, (self.settings, self.folders, self.graphs, self.stages)

    def __call__(self, chat: ChatModel | None = None) -> Asker:
        """The asker; loads the model, and the LLM where there is one and no other `chat` model is given."""
        self.check()
        chat = chat or self.chat
        if self.settings.reason == "chat":
            assert chat is not None
            return self._choosing(chat)
        settings = self.settings
        model = load_model(settings.model, settings.grammar, settings.device, settings.dtype)
        votes = settings.aggregate["name"] == "vote"
        answerer = partial(
            Answerer,
            model=model,
            grammar=settings.grammar,
            hops=settings.hops,
            inverse=settings.inverse,
            allow_return=settings.allow_return,
            decoder=self._decoder(),
            aggregator=run_aggregator(settings.aggregate, self.graph, chat),
            filters=self.filters,
            calibration=load_calibration(model, settings.grammar, settings.search.name) if votes else None,
        )
        facts: dict[str, object] = {"tokenizer": model.tokenizer.fingerprint, **_named(chat)}
        return Asker(answerer(self.graph), answerer, settings.link, self.caches, facts)

    def _choosing(self, chat: ChatModel) -> Asker:
        """Who asks the LLM for the chains too."""
        settings = self.settings
        answerer = partial(
            ChatAnswerer,
            reasoner=ChatReasoner(chat),
            grammar=step_grammar(settings.grammar),
            hops=settings.hops,
            inverse=settings.inverse,
            allow_return=settings.allow_return,
            aggregator=run_aggregator(settings.aggregate, self.graph, chat),
            filters=self.filters,
        )
        return Asker(answerer(self.graph), answerer, settings.link, facts=_named(chat))

    def check(self) -> None:
        """Raise `KgqaError` for settings that nobody can work under, before a model is loaded."""
        check_aggregator(self.settings.aggregate)
        self._decoder()
        if self.settings.reason == "chat":
            step_grammar(self.settings.grammar)
            if self.settings.search != SearchSettings() or self.settings.model is not None:
                raise UsageError(
                    "with --reason chat no path model searches; leave --model, --search, --beams and "
                    "--seconds out"
                )
        _ = self.filters, self.chat

    @cached_property
    def chat(self) -> ChatModel | None:
        """The LLM that is asked, if any; the time of its budget begins when it is first named."""
        settings = self.settings
        if not settings.asks_llm:
            if settings.llm.name is None and settings.llm != LlmSettings():
                raise UsageError(
                    "--base-url, --max-cost and their like are about an LLM; name one with --llm"
                )
            if settings.llm.name is not None:
                raise UsageError(
                    f"nobody asks {settings.llm.name}: let it aggregate (grounded, open) or reason (chat)"
                )
            return None
        return load_chat(
            **asdict(settings.llm),
            device=settings.device,
            dtype=settings.dtype,
            cache=self.stages.parent if self.stages else False,
        )

    def _decoder(self) -> Decoder:
        search = self.settings.search
        return named_decoder(search.name, beams=search.beams, seconds=search.seconds, seed=self.settings.seed)

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
            return self._open(self.settings.graph)
        if self.own_graphs:
            return GraphBuilder.of([])
        if self.known is None or self.known.graph is None:
            return self._open(ATLAS)
        return self._open(self.folders.find(self.known.graph))

    def _open(self, source: str | Path) -> IndexedGraph:
        return open_graph(source, cache=self.graphs, use_cache=self.graphs is not None)

    @cached_property
    def filters(self) -> tuple[Filter, ...]:
        """What chains must keep to. Raises `UsageError` where there is no graph that all questions share."""
        names = asdict(self.settings.filters)
        if any(names.values()) and self.own_graphs:
            raise UsageError(
                "these questions bring a graph each; --without, --only-relation, --must-use and "
                "--answer-type name what is in one graph"
            )
        return named_filters(self.graph, **names)

    @cached_property
    def caches(self) -> Caches | None:
        """Where stages keep what they find."""
        return Caches(self.stages, self.decoding) if self.stages else None

    @cached_property
    def decoding(self) -> dict[str, Any]:
        """All that decides what is decoded, but for graph, question and topics."""
        decides = self.settings.to_json()
        names = ("dtype", "device", "grammar", "hops", "inverse", "allow_return", "search", "filters")
        found = {name: decides[name] for name in names}
        return found | {"weights": model_fingerprint(self.settings.model), "code": code_fingerprint()}

    @cached_property
    def decides(self) -> dict[str, Any]:
        """All that decides the records, but for questions, graph and what the asker knows itself."""
        unasked = ("code", "search", "weights") if self.settings.reason == "chat" else ("code",)
        found = {key: value for key, value in self.decoding.items() if key not in unasked}
        found |= {"model": self.settings.model or "shipped", "seed": self.settings.seed}
        return found | {"aggregate": dict(self.settings.aggregate), "reason": self.settings.reason}


def _named(chat: ChatModel | None) -> dict[str, object]:
    """What its replies depend on, but for the place where it is: a server may move."""
    if chat is None:
        return {}
    known = chat.identity if isinstance(chat, IdentifiedChat) else {"model": chat.name}
    return {"llm": {name: value for name, value in known.items() if name != "base_url"}}
