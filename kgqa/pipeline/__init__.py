"""The line from a question to its answer."""

from kgqa.pipeline.answerer import Answerer, Answers
from kgqa.pipeline.caches import CachedFinder, CachedLinker, cached
from kgqa.pipeline.description import described
from kgqa.pipeline.outcome import Outcome, Query, Timings

__all__ = [
    "Answerer",
    "Answers",
    "CachedFinder",
    "CachedLinker",
    "Outcome",
    "Query",
    "Timings",
    "cached",
    "described",
]
