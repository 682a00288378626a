"""A pool of workers, any of which may die."""

from __future__ import annotations

import pickle
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol, Self

from kgqa.errors import DataError, KgqaError, UsageError
from kgqa.evaluation.record import Record
from kgqa.evaluation.running.batch_runner import BatchRunner
from kgqa.evaluation.running.executor import Batch
from kgqa.evaluation.running.recording import record_of
from kgqa.graph import GraphBuilder
from kgqa.pipeline import Outcome

__all__ = ["FinishedBatch", "Worker", "WorkerFactory", "WorkerLost", "WorkerPool", "portable"]

MOST_FAILED_STARTS = 3
"""Workers lost in a row before any was ready."""


class WorkerLost(Exception):
    """A worker that died or cannot be reached; the message says what is known of the reason."""


class FinishedBatch(NamedTuple):
    """The records of a batch, and the error that ended it early, if one did."""

    records: Sequence[Record]
    error: BaseException | None = None

    @classmethod
    def of(cls, runner: BatchRunner, batch: Batch) -> Self:
        """Run a batch."""
        records: list[Record] = []
        try:
            for record in runner.records(batch):
                records.append(record)  # noqa: PERF402  (those before an error are kept)
        except (KgqaError, MemoryError) as error:
            return cls(records, portable(error))
        return cls(records)


class Worker(Protocol):
    """A process that runs batches, as the pool sees it.

    The first message that it sends is its description, every further one a `FinishedBatch`.
    """

    def send(self, batch: Batch) -> None:
        """Give it a batch. Raises `WorkerLost`."""
        ...

    def receive(self) -> Any:
        """Its next message. Raises `WorkerLost`, and the `KgqaError` that kept it from starting."""
        ...

    def stop(self) -> None:
        """End it, whatever it does."""
        ...


class WorkerFactory(Protocol):
    """Starts workers of one kind."""

    def start(self) -> Worker:
        """A new worker, which begins to load at once."""
        ...

    def wait(self, workers: Sequence[Worker]) -> Sequence[Worker]:
        """Wait until some of these workers have a message or are lost, and return those."""
        ...

    def close(self) -> None:
        """No more workers are needed."""
        ...


@dataclass
class _Work:
    """A batch to be run, and how many workers were lost over it."""

    batch: Batch
    losses: int = 0


@dataclass
class WorkerPool:
    """An `Executor` with `size` workers; a lost one is replaced, and its batch run again.

    A batch whose worker is lost twice is run question by question. A question that loses its worker once
    more, or twice where it was alone from the start, gets a record that says so. Raises `DataError` when
    workers are lost before any was ready, and the error that keeps a worker from starting.
    """

    factory: WorkerFactory
    size: int
    _description: Mapping[str, object] | None = None
    _idle: list[Worker] = field(default_factory=list)
    _starting: list[Worker] = field(default_factory=list)
    _busy: list[tuple[Worker, _Work]] = field(default_factory=list)
    _failed_starts: int = 0

    def description(self) -> Mapping[str, object]:
        """That of the first worker that is ready."""
        self._fill(self.size)
        while self._description is None:
            self._admit(self.factory.wait(self._starting))
        return self._description

    def ready(self) -> None:
        """Wait until all workers are."""
        self._fill(self.size)
        while self._starting:
            self._admit(self.factory.wait(self._starting))

    def records(self, batches: Iterable[Batch]) -> Iterator[Record]:
        """The records, as workers finish with them."""
        waiting = iter(batches)
        again: deque[_Work] = deque()
        more = True
        while more or again or self._busy:
            while (more or again) and self._idle:
                work = again.popleft() if again else self._next(waiting)
                if work is None:
                    more = False
                    break
                self._assign(self._idle.pop(0), work, again)
            if not (more or again or self._busy):
                return
            self._fill(self.size if more else min(self.size, len(self._busy) + len(again)))
            yield from self._collect(again)

    def close(self) -> None:
        """Stop all workers, whatever they do."""
        for worker in [*self._idle, *self._starting, *(worker for worker, _ in self._busy)]:
            worker.stop()
        self._idle, self._starting, self._busy = [], [], []
        self.factory.close()

    @staticmethod
    def _next(waiting: Iterator[Batch]) -> _Work | None:
        batch = next(waiting, None)
        return None if batch is None else _Work(batch)

    def _fill(self, size: int) -> None:
        """Start workers until there are `size`."""
        while len(self._idle) + len(self._starting) + len(self._busy) < size:
            self._starting.append(self.factory.start())

    def _assign(self, worker: Worker, work: _Work, again: deque[_Work]) -> None:
        try:
            worker.send(work.batch)
        except WorkerLost:  # it died idle
            worker.stop()
            again.appendleft(work)
        else:
            self._busy.append((worker, work))

    def _collect(self, again: deque[_Work]) -> Iterator[Record]:
        """The records in the next messages of workers."""
        busy = [worker for worker, _ in self._busy]
        ready = self.factory.wait([*busy, *self._starting])
        self._admit([worker for worker in ready if worker in self._starting])
        ended = None
        for worker, work in [one for one in self._busy if one[0] in ready]:
            self._busy.remove((worker, work))
            try:
                found: FinishedBatch = worker.receive()
            except WorkerLost as loss:
                worker.stop()
                yield from self._lost(work, str(loss), again)
            else:
                self._idle.append(worker)
                ended = ended or found.error
                yield from found.records
        if ended:
            raise ended

    def _admit(self, workers: Sequence[Worker]) -> None:
        for worker in workers:
            self._starting.remove(worker)
            try:
                description = worker.receive()
            except WorkerLost as loss:
                worker.stop()
                self._failed_starts += 1
                if self._failed_starts >= MOST_FAILED_STARTS:
                    raise DataError(
                        f"workers do not start ({loss}); is there enough memory for {self.size} of them?"
                    ) from loss
                self._fill(len(self._idle) + len(self._starting) + len(self._busy) + 1)
            except KgqaError:
                worker.stop()
                raise
            else:
                self._failed_starts = 0
                self._idle.append(worker)
                if self._description is not None and description != self._description:
                    raise DataError(
                        f"workers have different settings: {description} and {dict(self._description)}"
                    )
                self._description = description

    @staticmethod
    def _lost(work: _Work, reason: str, again: deque[_Work]) -> Iterator[Record]:
        losses = work.losses + 1
        if losses < 2:
            again.append(_Work(work.batch, losses))
        elif len(work.batch) > 1:
            again.extend(_Work((question,), losses) for question in work.batch)
        else:
            (question,) = work.batch
            error = DataError(f"the worker process that answered it died {losses} times ({reason})")
            outcome = Outcome(question.question, error, tuple(question.topic_entities))
            yield record_of(outcome, question, GraphBuilder.of([]))


def portable(error: BaseException) -> BaseException:
    """The error, or one with the same message that can be sent to another process."""
    try:
        kept = str(pickle.loads(pickle.dumps(error)))
    except Exception:
        kept = None
    if kept == str(error):
        return error
    return UsageError(str(error)) if isinstance(error, UsageError) else DataError(str(error))
