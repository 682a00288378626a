"""The progress of a run."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Self

from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn

from kgqa.cli.console import errors
from kgqa.counted import counted
from kgqa.evaluation import Record

__all__ = ["RunProgress", "Tally"]

SECONDS_BETWEEN_LINES = 10.0
"""Seconds between two lines of progress, where stderr is no terminal."""


@dataclass
class Tally:
    """What is known of a run so far: `done` of `total` questions, those of them done `before` it began.

    `clock` gives seconds; means are over the questions of this run alone.
    """

    total: int
    before: int = 0
    clock: Callable[[], float] = time.monotonic
    hits: float = 0.0
    f1: float = 0.0
    new: int = 0
    began: float = field(init=False)

    def __post_init__(self) -> None:
        self.began = self.clock()

    def count(self, record: Record) -> None:
        """One more."""
        self.new += 1
        self.hits += record.hits_at_1
        self.f1 += record.f1

    @property
    def done(self) -> int:
        """Questions with a record."""
        return self.before + self.new

    def __str__(self) -> str:
        """Rate, expected end, running scores, such as `4.2/s, 3:10 left, Hits@1 91.3, F1 88.0`."""
        if not self.new:
            return "starting"
        rate = self.new / max(self.clock() - self.began, 1e-9)
        left = round((self.total - self.done) / rate)
        means = f"Hits@1 {100 * self.hits / self.new:.1f}, F1 {100 * self.f1 / self.new:.1f}"
        return f"{rate:.3g}/s, {left // 60}:{left % 60:02d} left, {means}"


class RunProgress:
    """Shows how far a run is, on stderr, while it is open: a bar, or lines where stderr is no terminal."""

    def __init__(self) -> None:
        columns = (SpinnerColumn(), BarColumn(), MofNCompleteColumn(), TextColumn("{task.description}"))
        self._bar = Progress(*columns, console=errors, transient=True, disable=not errors.is_terminal)
        self._task = self._bar.add_task("starting", total=None)
        self._tally = Tally(0)
        self._said = time.monotonic()

    def begin(self, total: int, before: int) -> None:
        """Start with the number of questions, and of those that have a record already."""
        self._tally = Tally(total, before)
        self._bar.update(self._task, total=total, completed=before)

    def count(self, record: Record) -> None:
        """One more."""
        tally = self._tally
        tally.count(record)
        self._bar.update(self._task, completed=tally.done, description=str(tally))
        if not errors.is_terminal and time.monotonic() - self._said >= SECONDS_BETWEEN_LINES:
            self._said = time.monotonic()
            errors.print(f"{tally.done} of {counted(tally.total, 'question')}, {tally}", markup=False)

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()
