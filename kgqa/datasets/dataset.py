"""A question file as a set that can be gone through again and again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from kgqa.datasets.question import Question
from kgqa.datasets.question_file import load_questions

__all__ = ["Dataset"]


@dataclass(frozen=True)
class Dataset:
    """The questions of a file, the first `limit` of them if given; read anew by every loop.

    Raises `ParseError` while it is gone through, as `load_questions` does.
    """

    path: Path
    limit: int | None = None

    def __iter__(self) -> Iterator[Question]:
        return islice(load_questions(self.path), self.limit)
