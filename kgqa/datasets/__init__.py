"""Question sets: questions with their topic entities and gold answers, and how files hold them."""

from kgqa.datasets.dataset import Dataset
from kgqa.datasets.json_lines import read_json_lines
from kgqa.datasets.question import Question
from kgqa.datasets.question_file import load_questions
from kgqa.datasets.split import Part, part

__all__ = ["Dataset", "Part", "Question", "load_questions", "part", "read_json_lines"]
