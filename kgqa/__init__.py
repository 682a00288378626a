"""kgqa: answers questions from a knowledge graph and proves every answer.

>>> from kgqa import Answerer, GraphBuilder, MockLanguageModel, Triple
>>> graph = GraphBuilder.of([Triple("Kismet", "directed_by", "William Dieterle")])
>>> answer = Answerer(graph, MockLanguageModel()).answer("Who directed Kismet?")
>>> answer.entities[0].chains[0].triples
(Triple(head='Kismet', relation='directed_by', tail='William Dieterle'),)

`docs/reference/python.md` lists the public names. Each is imported when it is first used: `import kgqa` takes
a few milliseconds and loads neither torch nor pandas.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kgqa.answer import Aggregator, Answer, GraphVote, LlmAggregator, PaperAggregator, RankedEntity, Vote
    from kgqa.constraint import Constraint, Walk, named_filters
    from kgqa.datasets import Question, load_questions
    from kgqa.decode import BeamSearch, Hypothesis
    from kgqa.diagnosis import Explainer, GraphGaps
    from kgqa.drawing import draw
    from kgqa.errors import KgqaError, UsageError
    from kgqa.evaluation import evaluate
    from kgqa.finders import ChatFinder, ModelFinder, ThinkOnGraph
    from kgqa.graph import (
        Chain,
        GraphBuilder,
        Hop,
        IndexedGraph,
        KnowledgeGraph,
        Quad,
        RelationPath,
        Triple,
        ground,
        only_sources,
        open_graph,
        save_index,
    )
    from kgqa.graph.endpoint import EndpointGraph
    from kgqa.graph.readers import Columns, read_dataframe, read_networkx, read_rdflib
    from kgqa.linking import EntityCandidate, Linker, Mention, NameLinker
    from kgqa.lm import (
        LanguageModel,
        MockLanguageModel,
        Prompt,
        as_language_model,
        load_chat,
        load_encoder,
        load_language_model,
        load_reranker,
    )
    from kgqa.lm.hf.generate import ChainLogitsProcessor
    from kgqa.pipeline import Answerer, EndpointAnswerer, Outcome, Query
    from kgqa.program import Proof, parse_program, prove, to_sparql
    from kgqa.report import leaderboard, load_run
    from kgqa.training import TrainingSettings, train
    from kgqa.validation import validate_chain

_HOMES = {
    "kgqa.answer": (
        "Aggregator",
        "Answer",
        "GraphVote",
        "LlmAggregator",
        "PaperAggregator",
        "RankedEntity",
        "Vote",
    ),
    "kgqa.constraint": ("Constraint", "Walk", "named_filters"),
    "kgqa.datasets": ("Question", "load_questions"),
    "kgqa.decode": ("BeamSearch", "Hypothesis"),
    "kgqa.diagnosis": ("Explainer", "GraphGaps"),
    "kgqa.drawing": ("draw",),
    "kgqa.errors": ("KgqaError", "UsageError"),
    "kgqa.evaluation": ("evaluate",),
    "kgqa.finders": ("ChatFinder", "ModelFinder", "ThinkOnGraph"),
    "kgqa.graph": (
        "Chain",
        "GraphBuilder",
        "Hop",
        "IndexedGraph",
        "KnowledgeGraph",
        "Quad",
        "RelationPath",
        "Triple",
        "ground",
        "only_sources",
        "open_graph",
        "save_index",
    ),
    "kgqa.graph.endpoint": ("EndpointGraph",),
    "kgqa.graph.readers": ("Columns", "read_dataframe", "read_networkx", "read_rdflib"),
    "kgqa.linking": ("EntityCandidate", "Linker", "Mention", "NameLinker"),
    "kgqa.lm": (
        "LanguageModel",
        "MockLanguageModel",
        "Prompt",
        "as_language_model",
        "load_chat",
        "load_encoder",
        "load_language_model",
        "load_reranker",
    ),
    "kgqa.lm.hf.generate": ("ChainLogitsProcessor",),
    "kgqa.pipeline": ("Answerer", "EndpointAnswerer", "Outcome", "Query"),
    "kgqa.program": ("Proof", "parse_program", "prove", "to_sparql"),
    "kgqa.report": ("leaderboard", "load_run"),
    "kgqa.training": ("TrainingSettings", "train"),
    "kgqa.validation": ("validate_chain",),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

__all__ = [
    "Aggregator",
    "Answer",
    "Answerer",
    "BeamSearch",
    "Chain",
    "ChainLogitsProcessor",
    "ChatFinder",
    "Columns",
    "Constraint",
    "EndpointAnswerer",
    "EndpointGraph",
    "EntityCandidate",
    "Explainer",
    "GraphBuilder",
    "GraphGaps",
    "GraphVote",
    "Hop",
    "Hypothesis",
    "IndexedGraph",
    "KgqaError",
    "KnowledgeGraph",
    "LanguageModel",
    "Linker",
    "LlmAggregator",
    "Mention",
    "MockLanguageModel",
    "ModelFinder",
    "NameLinker",
    "Outcome",
    "PaperAggregator",
    "Prompt",
    "Proof",
    "Quad",
    "Query",
    "Question",
    "RankedEntity",
    "RelationPath",
    "ThinkOnGraph",
    "TrainingSettings",
    "Triple",
    "UsageError",
    "Vote",
    "Walk",
    "as_language_model",
    "draw",
    "evaluate",
    "ground",
    "leaderboard",
    "load_chat",
    "load_encoder",
    "load_language_model",
    "load_questions",
    "load_reranker",
    "load_run",
    "named_filters",
    "only_sources",
    "open_graph",
    "parse_program",
    "prove",
    "read_dataframe",
    "read_networkx",
    "read_rdflib",
    "save_index",
    "to_sparql",
    "train",
    "validate_chain",
]


def __getattr__(name: str) -> object:
    if name not in _HOME_OF:
        raise AttributeError(f"module 'kgqa' has no attribute {name!r}")
    return getattr(import_module(_HOME_OF[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
