"""A run as one row of a leaderboard."""

from __future__ import annotations

import math
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from kgqa.graph import clean_name
from kgqa.report.breakdown import Slice
from kgqa.report.run_folder import RunFolder
from kgqa.report.settings_text import settings_text

__all__ = ["Row"]


@dataclass(frozen=True)
class Row:
    """A run: its scores, what it was run with, and where its page is from the table (empty: nowhere).

    `seconds` is the mean of a question, `unread` the number of questions without a record.
    """

    title: str
    total: Slice
    seconds: float
    unread: int
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
            unread=run.unread,
            model=clean_name(str(run.says("model") or "–")),
            settings=settings_text(run),
            date=clean_name(str(run.says("date") or run.says("started") or "–"))[:10],
            page=Path(os.path.relpath(page, root)).as_posix() if page.is_file() else "",
        )
