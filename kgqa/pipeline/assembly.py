"""Building an answerer from settings: the one place where names become graphs, models and aggregators."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, replace

from kgqa.answer import (
    Aggregator,
    GraphVote,
    LlmAggregator,
    PaperAggregator,
    PathDirection,
    PathFit,
    PathRanker,
    PathRelevance,
    ProgramVote,
    Vote,
)
from kgqa.chat import ChatModel
from kgqa.constraint import named_filters
from kgqa.finders import ChatFinder, Finder, ModelFinder, ThinkOnGraph
from kgqa.graph import ATLAS, GraphBuilder, IndexedGraph, is_endpoint, only_sources, open_graph
from kgqa.graph.endpoint import EndpointCache, EndpointGraph, FetchLimits
from kgqa.linking import NameLinker
from kgqa.lm import (
    CascadeLanguageModel,
    Embed,
    LanguageModel,
    load_encoder,
    load_language_model,
    load_reranker,
)
from kgqa.lm.vllm.served_name import is_served
from kgqa.pipeline.answerer import Answerer
from kgqa.pipeline.endpoint_answerer import EndpointAnswerer
from kgqa.pipeline.served_settings import build_served
from kgqa.pipeline.settings import AnswererSettings, FilterSettings
from kgqa.pipeline.settings_check import check_settings
from kgqa.pipeline.settings_table import SettingError
from kgqa.program import CoverageRule

__all__ = ["build_answerer", "build_answers", "build_endpoint"]


def build_answerer(
    settings: AnswererSettings,
    *,
    graph: IndexedGraph | None = None,
    model: LanguageModel | None = None,
    llm: Callable[[], ChatModel] | None = None,
) -> Answerer:
    """The answerer that the settings describe.

    A `graph` or `model` that is given is used instead of being opened by its name. `llm` gives the LLM; it is
    called only where the settings need one. Raises `UsageError` for settings that contradict each other, and
    whatever opening a graph or loading a model raises.
    """
    check_settings(settings)
    named = asdict(settings.filters)
    graph = open_graph(settings.graph or ATLAS) if graph is None else graph
    graph = only_sources(graph, named.pop("only_source"))
    filters = named_filters(graph, **named)
    chat = _llm(llm) if settings.asks_llm else None
    embed = load_encoder(settings.encoder, device=settings.device) if settings.encoder else None
    finder: Finder
    if settings.reason == "llm":
        assert chat is not None
        finder = _walking_finder(settings, chat, embed)
    elif is_served(settings.model):
        finder = build_served(settings, _rankers(settings, embed, None, None) or ())
    else:
        if model is None:
            model = _load(settings, settings.model)
        if settings.large_model is not None:
            model = _cascade(settings, model, settings.large_model)
        finder = _model_finder(settings, model, embed)
    answerer = Answerer(
        graph,
        finder,
        settings.grammar,
        settings.hops,
        settings.inverse,
        settings.allow_return,
        filters,
        NameLinker(embed=embed),
        min_confidence=settings.min_confidence,
        check_form=settings.check_form,
        coverage=CoverageRule(settings.coverage, settings.coverage_action),
        speak_identifiers=settings.speak_identifiers,
        keep_texts=settings.keep_texts,
    )
    return replace(answerer, aggregator=_aggregator(settings, answerer, chat))


def build_answers(
    settings: AnswererSettings,
    *,
    graph: IndexedGraph | None = None,
    model: LanguageModel | None = None,
    llm: Callable[[], ChatModel] | None = None,
) -> Answerer | EndpointAnswerer:
    """As `build_answerer`; where the settings name a SPARQL endpoint, an answerer that asks it."""
    if graph is not None or not is_endpoint(settings.graph):
        return build_answerer(settings, graph=graph, model=model, llm=llm)
    check_settings(settings)
    named = {key: names for key, names in asdict(settings.filters).items() if names}
    plain = replace(settings, filters=FilterSettings())
    answerer = build_answerer(plain, graph=GraphBuilder.of([]), model=model, llm=llm)
    return EndpointAnswerer(answerer, build_endpoint(settings), named)


def build_endpoint(settings: AnswererSettings) -> EndpointGraph:
    """The graph at the SPARQL endpoint that the settings name; secrets come from the environment."""
    own = settings.endpoint
    cache = EndpointCache(max_age=own.max_age * 3600, offline=own.offline, version=own.graph_version or None)
    return EndpointGraph.at(
        settings.graph or "",
        named_graphs=own.named_graph,
        limits=FetchLimits(hub=own.hub_cap, nodes=own.node_cap),
        languages=own.language,
        cache=cache if own.max_age or own.offline else None,
        timeout=own.timeout,
        concurrency=own.concurrency,
    )


def _llm(llm: Callable[[], ChatModel] | None) -> ChatModel:
    if llm is None:
        raise SettingError("llm.name", "these settings need an LLM; name one")
    return llm()


def _load(settings: AnswererSettings, name: str | None) -> LanguageModel:
    return load_language_model(name, device=settings.device, dtype=settings.dtype, engine=settings.engine)


def _cascade(settings: AnswererSettings, small: LanguageModel, name: str) -> CascadeLanguageModel:
    """A language model that asks the larger one of this name where it is uncertain."""
    large = _load(settings, name)
    above = {} if settings.large_above is None else {"threshold": settings.large_above}
    return CascadeLanguageModel(small, large, **above)


def _walking_finder(settings: AnswererSettings, chat: ChatModel, embed: Embed | None) -> Finder:
    """The finder in which the LLM walks."""
    own = {name: value for name, value in asdict(settings.walk).items() if value is not None}
    if own.pop("name") == "scores":
        return ThinkOnGraph(chat, seed=settings.seed, **own)
    if "width" in own:
        own["beams"] = own.pop("width")
    return ChatFinder(chat, embed=embed, **own)


def _model_finder(settings: AnswererSettings, model: LanguageModel, embed: Embed | None) -> ModelFinder:
    """The model's own rankers, but for those that the settings replace."""
    finder = ModelFinder(
        model,
        settings.search.decoder(settings.seed),
        rankers=None if settings.rank else (),
        prompt=settings.prompt,
        answer=settings.answer,
        explain=settings.explain,
    )
    rankers = _rankers(settings, embed, finder.own_fit, finder.own_relevance) if settings.rank else None
    return finder if rankers is None else replace(finder, rankers=rankers)


def _rankers(
    settings: AnswererSettings,
    embed: Embed | None,
    fit: PathRanker | None,
    relevance: PathRanker | None,
) -> tuple[PathRanker, ...] | None:
    """What ranks chains where the settings name an encoder or a reranker; else `None`.

    `fit` and `relevance` are the model's own, for what they do not name.
    """
    if not settings.rank or (embed is None and settings.reranker is None):
        return None
    if embed is not None:
        fit = PathFit(embed)
    if settings.reranker is not None:
        relevance = PathRelevance(load_reranker(settings.reranker, device=settings.device))
    return tuple(ranker for ranker in (fit, relevance, PathDirection()) if ranker is not None)


def _aggregator(settings: AnswererSettings, answerer: Answerer, chat: ChatModel | None) -> Aggregator:
    aggregate = settings.aggregate
    if settings.grammar == "programs":
        return ProgramVote(check_form=settings.check_form)
    vote = Vote(**aggregate.of_vote)
    voting: Aggregator = vote
    if settings.rank:
        voting = GraphVote(vote, answerer.hypothesis_finder.relevance(answerer.space))
    if settings.aggregate_name == "vote":
        return voting
    assert chat is not None
    own = aggregate.of_llm
    for setting, name in (("evidence_tokens", "prompt_tokens"), ("answer_tokens", "reply_tokens")):
        if setting in own:
            own[name] = own.pop(setting)
    if aggregate.chains_per_answer is not None:
        own["chains_per_answer"] = aggregate.chains_per_answer
    name = settings.aggregate_name
    if name == "weighed" or name == "grounded" or name == "open":
        return LlmAggregator(chat, name, vote=voting, **own)
    return PaperAggregator(chat, vote=voting, form=name, **own)
