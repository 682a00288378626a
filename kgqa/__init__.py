"""kgqa: answers from a knowledge graph, every one with its proof.

>>> from kgqa import Answerer, GraphBuilder, MockLanguageModel, Triple
>>> graph = GraphBuilder.of([Triple("Kismet", "directed_by", "William Dieterle")])
>>> answer = Answerer(graph, MockLanguageModel()).answer("Who directed Kismet?")
>>> answer.entities[0].chains[0].triples
(Triple(head='Kismet', relation='directed_by', tail='William Dieterle'),)

Names are imported when they are first used, so `import kgqa` costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kgqa.answer import Answer, RankedEntity, Vote
    from kgqa.constraint import Constraint, KGTrie, Walk
    from kgqa.decode import BeamSearch, Hypothesis
    from kgqa.errors import KgqaError
    from kgqa.graph import (
        Chain,
        GraphBuilder,
        Hop,
        IndexedGraph,
        KnowledgeGraph,
        RelationPath,
        Triple,
        ground,
        open_graph,
        open_index,
        save_index,
    )
    from kgqa.graph.readers import read, read_dataframe, read_networkx, read_rdflib
    from kgqa.lm import LanguageModel, MockLanguageModel, Prompt, load_language_model
    from kgqa.pipeline.answerer import Answerer

_HOMES = {
    "kgqa.answer": ("Answer", "RankedEntity", "Vote"),
    "kgqa.constraint": ("Constraint", "KGTrie", "Walk"),
    "kgqa.decode": ("BeamSearch", "Hypothesis"),
    "kgqa.errors": ("KgqaError",),
    "kgqa.graph": (
        "Chain",
        "GraphBuilder",
        "Hop",
        "IndexedGraph",
        "KnowledgeGraph",
        "RelationPath",
        "Triple",
        "ground",
        "open_graph",
        "open_index",
        "save_index",
    ),
    "kgqa.graph.readers": ("read", "read_dataframe", "read_networkx", "read_rdflib"),
    "kgqa.lm": ("LanguageModel", "MockLanguageModel", "Prompt", "load_language_model"),
    "kgqa.pipeline": ("Answerer",),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

__all__ = [
    "Answer",
    "Answerer",
    "BeamSearch",
    "Chain",
    "Constraint",
    "GraphBuilder",
    "Hop",
    "Hypothesis",
    "IndexedGraph",
    "KGTrie",
    "KgqaError",
    "KnowledgeGraph",
    "LanguageModel",
    "MockLanguageModel",
    "Prompt",
    "RankedEntity",
    "RelationPath",
    "Triple",
    "Vote",
    "Walk",
    "ground",
    "load_language_model",
    "open_graph",
    "open_index",
    "read",
    "read_dataframe",
    "read_networkx",
    "read_rdflib",
    "save_index",
]


def __getattr__(name: str) -> object:
    if name not in _HOME_OF:
        raise AttributeError(f"module 'kgqa' has no attribute {name!r}")
    return getattr(import_module(_HOME_OF[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
