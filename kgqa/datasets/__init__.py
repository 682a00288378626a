"""Question sets: questions with topic entities and gold answers, their files, and where to get them."""

from kgqa.datasets.catalogue import CATALOGUE, known_set
from kgqa.datasets.data_folders import DataFolders, SourceFile
from kgqa.datasets.inventory import FileStatus, SetStatus, inventory, set_status
from kgqa.datasets.json_objects import read_json_lines, read_json_objects
from kgqa.datasets.known_set import HubFiles, KnownSet, Part, Portion, part
from kgqa.datasets.question import ANSWER_TYPES, AnswerType, Question
from kgqa.datasets.question_file import load_questions
from kgqa.datasets.selection import Selection

__all__ = [
    "ANSWER_TYPES",
    "CATALOGUE",
    "AnswerType",
    "DataFolders",
    "FileStatus",
    "HubFiles",
    "KnownSet",
    "Part",
    "Portion",
    "Question",
    "Selection",
    "SetStatus",
    "SourceFile",
    "inventory",
    "known_set",
    "load_questions",
    "part",
    "read_json_lines",
    "read_json_objects",
    "set_status",
]
