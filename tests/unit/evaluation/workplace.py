"""Recipes for workers, and what may happen to them: looked up by name in other processes."""

from __future__ import annotations

import os
import signal
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from unit.evaluation.slow_run import GRAPH, OneHop

from kgqa.answer import Answer
from kgqa.errors import UsageError
from kgqa.evaluation import BatchRunner
from kgqa.graph import IndexedGraph

__all__ = ["Deadly", "killed_once", "killed_over_five", "refused", "sound", "stillborn"]


@dataclass
class Deadly(OneHop):
    """Kills its process over questions with a word, as long as `lives` files can be made."""

    word: str = ""
    folder: Path | None = None

    def __init__(self, graph: IndexedGraph = GRAPH, *, word: str, folder: Path | None) -> None:
        super().__init__(graph)
        self.word = word
        self.folder = folder

    def answer(self, question: str, topics: Sequence[str] = ()) -> Answer:
        """The answer, or the end."""
        if self.word in question and (self.folder is None or self._first()):
            os.kill(os.getpid(), signal.SIGKILL)
        return super().answer(question, topics)

    def _first(self) -> bool:
        assert self.folder is not None
        try:
            (self.folder / "killed").touch(exist_ok=False)
        except FileExistsError:
            return False
        return True


def sound() -> BatchRunner:
    return BatchRunner(OneHop(seconds=0.01))


@dataclass(frozen=True)
class KilledOnce:
    """A recipe with a folder."""

    folder: Path

    def __call__(self) -> BatchRunner:
        return BatchRunner(Deadly(word="topic 5 ", folder=self.folder))


killed_once = KilledOnce


def killed_over_five() -> BatchRunner:
    return BatchRunner(Deadly(word="topic 5 ", folder=None))


def refused() -> BatchRunner:
    raise UsageError("nobody works under such settings")


def stillborn() -> BatchRunner:
    os._exit(9)
