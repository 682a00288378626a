"""From hypotheses to answers: rankers, aggregators, calibration."""

from kgqa.answer.answer import Answer, RankedEntity
from kgqa.answer.asked_kind import AskedKind
from kgqa.answer.asked_quantity import can_be_quantity
from kgqa.answer.calibration import UNSURE, Calibration, Evidence
from kgqa.answer.direction import PathDirection
from kgqa.answer.end_relevance import EndRelevance
from kgqa.answer.expected_form import ExpectedForm
from kgqa.answer.graph_vote import GraphVote
from kgqa.answer.llm.llm_aggregator import LlmAggregator
from kgqa.answer.llm_report import Agreement, LlmReport
from kgqa.answer.papers import PaperAggregator, PaperForm
from kgqa.answer.path_fit import PathFit
from kgqa.answer.path_relevance import PathRelevance
from kgqa.answer.programs.asked_measure import AskedMeasure, compares_as_asked
from kgqa.answer.programs.asked_names import AskedNames
from kgqa.answer.programs.asked_negation import AskedNegation
from kgqa.answer.programs.asked_order import AskedOrder, goes_against
from kgqa.answer.programs.asked_superlative import AskedSuperlative
from kgqa.answer.programs.asked_values import AskedValues
from kgqa.answer.programs.kind_filter import only_asked_class
from kgqa.answer.programs.named_exceptions import NamedExceptions
from kgqa.answer.programs.named_variants import NamedVariants
from kgqa.answer.programs.program_rank import ProgramRank, program_reading
from kgqa.answer.programs.program_vote import ProgramVote
from kgqa.answer.programs.rewritten import program_of
from kgqa.answer.programs.vacuous_programs import VacuousPrograms
from kgqa.answer.protocol import Aggregator, PathRanker
from kgqa.answer.question_words import QuestionWords
from kgqa.answer.topic_intersection import TopicIntersection
from kgqa.answer.vote import Vote

__all__ = [
    "UNSURE",
    "Aggregator",
    "Agreement",
    "Answer",
    "AskedKind",
    "AskedMeasure",
    "AskedNames",
    "AskedNegation",
    "AskedOrder",
    "AskedSuperlative",
    "AskedValues",
    "Calibration",
    "EndRelevance",
    "Evidence",
    "ExpectedForm",
    "GraphVote",
    "LlmAggregator",
    "LlmReport",
    "NamedExceptions",
    "NamedVariants",
    "PaperAggregator",
    "PaperForm",
    "PathDirection",
    "PathFit",
    "PathRanker",
    "PathRelevance",
    "ProgramRank",
    "ProgramVote",
    "QuestionWords",
    "RankedEntity",
    "TopicIntersection",
    "VacuousPrograms",
    "Vote",
    "can_be_quantity",
    "compares_as_asked",
    "goes_against",
    "only_asked_class",
    "program_of",
    "program_reading",
]
