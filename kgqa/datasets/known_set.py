"""A question set that kgqa knows by name, with the checks that its files are the right ones."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import Literal

from kgqa.datasets.data_folders import DataFolders, SourceFile
from kgqa.datasets.question import Question
from kgqa.datasets.question_file import load_questions
from kgqa.errors import DataError, UsageError

__all__ = ["HubFiles", "KnownSet", "Part", "Portion", "part"]

Part = Literal["train", "dev", "test"]


@dataclass(frozen=True)
class HubFiles:
    """A repository on the Hugging Face hub, and the pattern of the files with a part of a set."""

    repository: str
    pattern: str

    @property
    def folder(self) -> str:
        """Their folder below a data folder."""
        return f"hub/{self.repository}"


@dataclass(frozen=True)
class Portion:
    """A part of a set: a file, or files of the hub; how many questions, and the ids of some.

    `ids` has the first, tenth and last, where they are known.
    """

    source: SourceFile | HubFiles
    count: int | None
    ids: tuple[str, str, str] | None = None


@dataclass(frozen=True)
class KnownSet:
    """A question set; one without official parts has a single portion under `None`.

    `graph` is `None` if questions bring graphs of their own (`own_graphs`) or ask about the atlas.
    `default` is the part that is used if none is named.
    """

    name: str
    title: str
    portions: Mapping[Part | None, Portion]
    default: Part | None
    licence: str
    origin: str
    graph: SourceFile | None = None
    own_graphs: bool = False

    def portion(self, part: Part | None) -> Portion:
        """Where the questions of a part are. Raises `UsageError` for a part that the set has not."""
        if None in self.portions:
            return self.portions[None]
        wanted = part or self.default
        if wanted not in self.portions:
            names = ", ".join(str(name) for name in self.portions)
            raise UsageError(f"{self.name} has no part {wanted}; it has {names}")
        return self.portions[wanted]

    def questions(self, folders: DataFolders, part: Part | None = None) -> Iterator[Question]:
        """The questions of a part, in the set's order, checked to be those of the set.

        A set without official parts is split by id (`kgqa.datasets.part`). Raises `DataError` for a
        missing or different file, and what `load_questions` raises.
        """
        found = self._all(folders, part)
        return found if None not in self.portions else _divided(found, part)

    def _all(self, folders: DataFolders, part: Part | None) -> Iterator[Question]:
        portion = self.portion(part)
        if isinstance(portion.source, SourceFile):
            files = [folders.find(portion.source)]
        else:
            files = folders.find_hub(portion.source.folder, portion.source.pattern, self.name)
        count = 0
        expected = _at(portion)
        for question in chain.from_iterable(load_questions(file) for file in files):
            if count in expected and question.id != expected[count]:
                raise DataError(
                    f"{files[0]}: is not {self.name}: question {count + 1} has the id {question.id!r}, "
                    f"not {expected[count]!r}"
                )
            count += 1
            yield question
        if portion.count not in (None, count):
            raise DataError(f"{files[0]}: is not {self.name}: {count} questions, not {portion.count}")


def _at(portion: Portion) -> dict[int, str]:
    if portion.ids is None or portion.count is None:
        return {}
    return dict(zip((0, 9, portion.count - 1), portion.ids, strict=True))


def _divided(questions: Iterator[Question], wanted: Part | None) -> Iterator[Question]:
    return (question for question in questions if wanted in (None, part(question.id)))


def part(question_id: str) -> Part:
    """The part that a question belongs to: 80 % train, 10 % dev, 10 % test.

    It depends on the identifier alone, so it is the same in every file, on every machine and in
    every version. Used for MetaQA; PathQuestion, WebQSP and Atlas bring their own parts.

    >>> part("metaqa-1hop-dev-0"), part("metaqa-1hop-dev-7")
    ('train', 'test')
    """
    bucket = int.from_bytes(hashlib.sha256(question_id.encode()).digest()[:8], "big") % 10
    return "train" if bucket < 8 else "dev" if bucket == 8 else "test"
