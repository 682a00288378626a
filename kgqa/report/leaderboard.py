"""All runs below a folder, by data set."""

from __future__ import annotations

import math
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from kgqa.graph import clean_name
from kgqa.report.breakdown import Slice
from kgqa.report.published import Published, published_scores
from kgqa.report.run_folder import RunFolder, find_runs, settings_text

__all__ = ["Board", "Row", "leaderboard"]


@dataclass(frozen=True)
class Row:
    """A run: its scores, what it was run with, and where its page is from the table (empty: nowhere).

    `seconds` is the mean of a question, `missing` the number of questions without a record.
    """

    title: str
    total: Slice
    seconds: float
    missing: int
    model: str
    settings: str
    date: str
    page: str

    @classmethod
    def of(cls, run: RunFolder, root: Path) -> Self:
        """The row of a run, in a table that stands in the folder `root`."""
        page = run.folder / "report.html"
        return cls(
            title=run.title,
            total=Slice.of(run.title, run.records),
            seconds=math.fsum(record.seconds for record in run.records) / max(len(run.records), 1),
            missing=run.missing,
            model=clean_name(str(run.value("model") or "–")),
            settings=settings_text(run),
            date=clean_name(str(run.value("date") or run.value("started") or "–"))[:10],
            page=Path(os.path.relpath(page, root)).as_posix() if page.is_file() else "",
        )


@dataclass(frozen=True)
class Board:
    """The runs on one data set, the best Hits@1 first, and what others published on it."""

    dataset: str
    rows: tuple[Row, ...]
    published: tuple[Published, ...]


def leaderboard(folder: Path) -> tuple[Board, ...]:
    """The boards of all runs below a folder, by the names of their data sets.

    Runs share a board when their manifests name the same `dataset` and have the same questions: parts
    and samples of a set do not compare. Raises what `find_runs` raises.
    """
    groups: dict[object, list[RunFolder]] = {}
    for run in find_runs(folder):
        groups.setdefault((run.dataset, run.value("questions") or run.title), []).append(run)
    boards = [_board(runs, folder) for runs in groups.values()]
    return tuple(sorted(boards, key=lambda board: _natural(board.dataset)))


def _board(runs: Sequence[RunFolder], folder: Path) -> Board:
    rows = sorted((Row.of(run, folder) for run in runs), key=_place)
    published = dict.fromkeys(scores for run in runs for scores in published_scores(run.value("published")))
    part = runs[0].value("part")
    name = f"{runs[0].dataset}, {part}" if runs[0].dataset and part else runs[0].dataset
    return Board(
        dataset=name or rows[0].title,
        rows=tuple(rows),
        published=tuple(sorted(published, key=lambda scores: scores.method)),
    )


def _place(row: Row) -> tuple[float, float, str]:
    return -row.total.scores["hits_at_1"].mean, -row.total.scores["f1"].mean, row.title


def _natural(text: str) -> list[tuple[int, str]]:
    """Numbers within names by their value."""
    return [
        (int(part), "") if part.isdecimal() else (-1, part) for part in re.split(r"(\d+)", text.casefold())
    ]
