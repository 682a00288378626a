"""Question sets: questions with their topic entities and gold answers, and how files hold them."""

from kgqa.datasets.catalogue import CATALOGUE, known_set
from kgqa.datasets.data_folders import DataFolders, SourceFile
from kgqa.datasets.dataset import Dataset
from kgqa.datasets.json_lines import read_json_lines
from kgqa.datasets.known_set import HubFiles, KnownSet, Portion
from kgqa.datasets.question import Question
from kgqa.datasets.question_file import load_questions
from kgqa.datasets.selection import Selection
from kgqa.datasets.split import Part, part

__all__ = [
    "CATALOGUE",
    "DataFolders",
    "Dataset",
    "HubFiles",
    "KnownSet",
    "Part",
    "Portion",
    "Question",
    "Selection",
    "SourceFile",
    "known_set",
    "load_questions",
    "part",
    "read_json_lines",
]
