"""What an edit of a graph changed: its facts, and the answers of questions."""

from kgqa.diff.answer_diff import AnswerDiff
from kgqa.diff.change_report import change_report, lines_of
from kgqa.diff.fact_table import FactTable
from kgqa.diff.given_answer import GivenAnswer
from kgqa.diff.graph_diff import GraphDiff
from kgqa.diff.model_memory import ModelMemory
from kgqa.diff.question_change import ChangeKind, QuestionChange
from kgqa.diff.relabelled import Relabelled
from kgqa.diff.renamed import Renamed

__all__ = [
    "AnswerDiff",
    "ChangeKind",
    "FactTable",
    "GivenAnswer",
    "GraphDiff",
    "ModelMemory",
    "QuestionChange",
    "Relabelled",
    "Renamed",
    "change_report",
    "lines_of",
]
