"""Execution of a run: in this process, or by a pool of workers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from kgqa.datasets import Question
from kgqa.evaluation.record import Record
from kgqa.evaluation.running.batch_runner import BatchRunner

__all__ = ["Batch", "Executor", "InProcess", "MakeRunner"]

Batch = Sequence[Question]
"""Questions that are decoded together."""

MakeRunner = Callable[[], BatchRunner]
"""Makes a runner in the process that needs it; can be pickled."""


class Executor(Protocol):
    """Executes the batches of a run; closed when the run ends."""

    def description(self) -> Mapping[str, object]:
        """What decides the records, as far as the answerer knows it; see `Answers.describe`."""
        ...

    def records(self, batches: Iterable[Batch]) -> Iterator[Record]:
        """The records of all questions, one each, as they are finished."""
        ...

    def close(self) -> None:
        """Free all workers."""
        ...


@dataclass(frozen=True)
class InProcess:
    """Executes a run in this process, batch after batch."""

    runner: BatchRunner

    def description(self) -> Mapping[str, object]:
        """That of the answerer."""
        return self.runner.answerer.describe()

    def records(self, batches: Iterable[Batch]) -> Iterator[Record]:
        """The records, in the order of the questions."""
        for batch in batches:
            yield from self.runner.records(batch)

    def close(self) -> None:
        """Nothing to free."""
