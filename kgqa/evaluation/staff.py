"""A crew of workers that may be lost."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from kgqa.errors import DataError, KgqaError
from kgqa.evaluation.answered_group import AnsweredGroup
from kgqa.evaluation.crew import Group
from kgqa.evaluation.outcome import Outcome
from kgqa.evaluation.record import Record
from kgqa.graph import GraphBuilder

__all__ = ["Hire", "Staff", "Worker", "WorkerLost"]

MOST_FAILED_STARTS = 3
"""Workers lost one after the other before any was ready."""


class WorkerLost(Exception):
    """A worker that will not answer any more, and what is known of why."""


class Worker(Protocol):
    """Somebody else who answers, as the crew's master sees it.

    The first thing that it says is its facts, everything after that an `AnsweredGroup`.
    """

    def give(self, group: Group) -> None:
        """Ask a group of questions. Raises `WorkerLost`."""
        ...

    def take(self) -> Any:
        """What it says next. Raises `WorkerLost`, and the `KgqaError` that kept it from working."""
        ...

    def dismiss(self) -> None:
        """Let it go."""
        ...


class Hire(Protocol):
    """Where workers come from."""

    def worker(self) -> Worker:
        """A new worker, who starts at once."""
        ...

    def speaking(self, workers: Sequence[Worker]) -> Sequence[Worker]:
        """Waits until some of them have something to say, or are lost; those."""
        ...

    def close(self) -> None:
        """Nobody is hired any more."""
        ...


@dataclass
class _Work:
    """A group to be asked, and how often workers were lost over it."""

    group: Group
    losses: int = 0


@dataclass
class Staff:
    """A crew of `size` workers; one that is lost is replaced, and its group asked again.

    A group whose worker is lost twice is asked question by question; a question that takes its worker
    with it once more, or twice where it was alone from the start, gets a record that says so. Raises
    `DataError` when workers are lost before they ever were ready, and what keeps them from working.
    """

    hire: Hire
    size: int
    _facts: Mapping[str, object] | None = None
    _idle: list[Worker] = field(default_factory=list)
    _starting: list[Worker] = field(default_factory=list)
    _busy: list[tuple[Worker, _Work]] = field(default_factory=list)
    _failed_starts: int = 0

    def facts(self) -> Mapping[str, object]:
        """Those of the first worker that is ready."""
        self._fill(self.size)
        while self._facts is None:
            self._welcome(self.hire.speaking(self._starting))
        return self._facts

    def ready(self) -> None:
        """Wait until all workers are."""
        self._fill(self.size)
        while self._starting:
            self._welcome(self.hire.speaking(self._starting))

    def records(self, groups: Iterable[Group]) -> Iterator[Record]:
        """The records, as workers finish with them."""
        waiting = iter(groups)
        again: deque[_Work] = deque()
        more = True
        while more or again or self._busy:
            while (more or again) and self._idle:
                work = again.popleft() if again else self._next(waiting)
                if work is None:
                    more = False
                    break
                self._give(self._idle.pop(0), work, again)
            if not (more or again or self._busy):
                return
            self._fill(self.size if more else min(self.size, len(self._busy) + len(again)))
            yield from self._hear(again)

    def close(self) -> None:
        """Dismiss everybody, whatever they do."""
        for worker in [*self._idle, *self._starting, *(worker for worker, _ in self._busy)]:
            worker.dismiss()
        self._idle, self._starting, self._busy = [], [], []
        self.hire.close()

    @staticmethod
    def _next(waiting: Iterator[Group]) -> _Work | None:
        group = next(waiting, None)
        return None if group is None else _Work(group)

    def _fill(self, size: int) -> None:
        """Hire until there are `size` workers."""
        while len(self._idle) + len(self._starting) + len(self._busy) < size:
            self._starting.append(self.hire.worker())

    def _give(self, worker: Worker, work: _Work, again: deque[_Work]) -> None:
        try:
            worker.give(work.group)
        except WorkerLost:  # it was lost over nothing
            worker.dismiss()
            again.appendleft(work)
        else:
            self._busy.append((worker, work))

    def _hear(self, again: deque[_Work]) -> Iterator[Record]:
        """What workers say next."""
        busy = [worker for worker, _ in self._busy]
        speaking = self.hire.speaking([*busy, *self._starting])
        self._welcome([worker for worker in speaking if worker in self._starting])
        ended = None
        for worker, work in [one for one in self._busy if one[0] in speaking]:
            self._busy.remove((worker, work))
            try:
                found: AnsweredGroup = worker.take()
            except WorkerLost as loss:
                worker.dismiss()
                yield from self._lost(work, str(loss), again)
            else:
                self._idle.append(worker)
                ended = ended or found.ended
                yield from found.records
        if ended:
            raise ended

    def _welcome(self, workers: Sequence[Worker]) -> None:
        for worker in workers:
            self._starting.remove(worker)
            try:
                facts = worker.take()
            except WorkerLost as loss:
                worker.dismiss()
                self._failed_starts += 1
                if self._failed_starts >= MOST_FAILED_STARTS:
                    raise DataError(f"workers do not start ({loss}); is there memory for so many?") from loss
                self._fill(len(self._idle) + len(self._starting) + len(self._busy) + 1)
            except KgqaError:
                worker.dismiss()
                raise
            else:
                self._failed_starts = 0
                self._idle.append(worker)
                if self._facts is not None and facts != self._facts:
                    raise DataError(f"workers do not answer alike: {facts} and {dict(self._facts)}")
                self._facts = facts

    @staticmethod
    def _lost(work: _Work, reason: str, again: deque[_Work]) -> Iterator[Record]:
        losses = work.losses + 1
        if losses < 2:
            again.append(_Work(work.group, losses))
        elif len(work.group) > 1:
            again.extend(_Work((question,), losses) for question in work.group)
        else:
            (question,) = work.group
            error = DataError(f"the worker that answered it was lost {losses} times ({reason})")
            yield Outcome(error, question.topic_entities).record(question, GraphBuilder.of([]))
