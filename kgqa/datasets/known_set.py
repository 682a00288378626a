"""A question set that kgqa knows by name, with the checks that its files are the right ones."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Literal

from kgqa.counted import counted
from kgqa.datasets.data_folders import DataFolders, SourceFile
from kgqa.datasets.question import Question
from kgqa.datasets.question_file import load_questions
from kgqa.errors import DataError, UsageError, check_names

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

    `ids` has the first, tenth and last, where they are known. Of a set with `clean_only`, `ids` and `rows`
    count all rows of the file, `count` those that are used.
    """

    source: SourceFile | HubFiles
    count: int | None
    ids: tuple[str, str, str] | None = None
    rows: int | None = None


@dataclass(frozen=True)
class KnownSet:
    """A question set; one without official parts has a single portion under `None`.

    `graph` is `None` if questions bring graphs of their own (`own_graphs`), name one of `graphs`, or ask
    about the atlas. `default` is the part that is used if none is named. With `clean_only`, questions are
    used only where their row says `"clean": true`.
    """

    name: str
    title: str
    portions: Mapping[Part | None, Portion]
    default: Part | None
    licence: str
    origin: str
    graph: SourceFile | None = None
    own_graphs: bool = False
    graphs: Mapping[str, SourceFile] = field(default_factory=dict)
    clean_only: bool = False

    def graph_files(self, folders: DataFolders, names: Iterable[str] | None = None) -> dict[str, Path]:
        """The files of the graphs with these names, all by default.

        Raises `DataError` for a name that is no graph of the set, a missing or a different file.
        """
        check_names(names, "names")
        found = {}
        for name in self.graphs if names is None else names:
            if name not in self.graphs:
                raise DataError(f"{self.name} has no graph {name!r:.80}")
            found[name] = folders.find(self.graphs[name])
        return found

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
        count = row = 0
        expected = _at(portion)
        for row, question in enumerate(chain.from_iterable(load_questions(file) for file in files), 1):
            if question.id != expected.get(row, question.id):
                raise DataError(
                    f"{files[0]}: is not {self.name}: question {row} has the id {question.id!r}, "
                    f"not {expected[row]!r}"
                )
            if self.clean_only and question.extras.get("clean") is not True:
                continue
            count += 1
            yield question
        if portion.rows not in (None, row):
            raise DataError(f"{files[0]}: is not {self.name}: {counted(row, 'row')}, not {portion.rows}")
        if portion.count not in (None, count):
            raise DataError(
                f"{files[0]}: is not {self.name}: {counted(count, 'question')}, not {portion.count}"
            )


def _at(portion: Portion) -> dict[int, str]:
    """The ids that are known, by their place from 1."""
    rows = portion.count if portion.rows is None else portion.rows
    if portion.ids is None or rows is None:
        return {}
    return dict(zip((1, 10, rows), portion.ids, strict=True))


def _divided(questions: Iterator[Question], wanted: Part | None) -> Iterator[Question]:
    return (question for question in questions if wanted in (None, part(question.id)))


def part(question_id: str) -> Part:
    """The part that a question belongs to: 80 % train, 10 % dev, 10 % test.

    It depends on the identifier alone, so it is the same in every file, on every machine and in
    every version. Used for MetaQA; the other sets bring their own parts.

    >>> part("metaqa-1hop-dev-0"), part("metaqa-1hop-dev-7")
    ('train', 'test')
    """
    bucket = int.from_bytes(hashlib.sha256(question_id.encode()).digest()[:8], "big") % 10
    return "train" if bucket < 8 else "dev" if bucket == 8 else "test"
