"""From chains to answers."""

from kgqa.answer.answer import Answer, RankedEntity
from kgqa.answer.calibration import Calibration, Evidence
from kgqa.answer.election import Election
from kgqa.answer.end_relevance import EndRelevance
from kgqa.answer.llm_aggregator import LlmAggregator
from kgqa.answer.meeting import Meeting
from kgqa.answer.path_fit import PathFit
from kgqa.answer.path_relevance import PathRelevance
from kgqa.answer.protocol import Aggregator, OverGraph, over_graph
from kgqa.answer.question_words import QuestionWords
from kgqa.answer.testimony import Agreement, Testimony
from kgqa.answer.vote import Vote

__all__ = [
    "Aggregator",
    "Agreement",
    "Answer",
    "Calibration",
    "Election",
    "EndRelevance",
    "Evidence",
    "LlmAggregator",
    "Meeting",
    "OverGraph",
    "PathFit",
    "PathRelevance",
    "QuestionWords",
    "RankedEntity",
    "Testimony",
    "Vote",
    "over_graph",
]
