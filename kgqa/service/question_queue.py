"""Questions that wait for a model, asked together."""

from __future__ import annotations

import logging
import math
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, InvalidStateError
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

from kgqa.counted import counted
from kgqa.errors import BusyError, StoppingError, check_count
from kgqa.graph import IndexedGraph
from kgqa.pipeline import Answers, Outcome, Query
from kgqa.service.question_worker import GraphVersion

__all__ = ["Helper", "QuestionQueue"]

Found = TypeVar("Found")
_LOG = logging.getLogger("kgqa")
_LONGEST_BATCH = 3.0
"""A batch has no more questions than are answered in so many seconds."""
_LONGEST_PAUSE = 60
"""At most so many seconds are given as the time to wait."""


class Helper(Protocol):
    """Answers questions beside the thread of a queue, as `QuestionWorker` does in another process."""

    def ask(
        self, version: GraphVersion, graph: IndexedGraph, queries: Sequence[Query]
    ) -> list[Outcome] | None:
        """The outcomes, or `None` where the queue has to ask itself. One that raises is not asked again."""
        ...

    def stop(self) -> None:
        """End it, whatever it does; may be called more than once."""
        ...


@dataclass(eq=False)
class _Waiting:
    """A question to an answerer, or other work, and where its result is awaited.

    One with a `version` may be asked by a helper.
    """

    future: Future[Any] = field(default_factory=Future)
    answers: Answers | None = None
    query: Query | None = None
    version: GraphVersion | None = None
    work: Callable[[], Any] | None = None
    begun: bool = False

    def begin(self) -> bool:
        """Whether it is still awaited; it cannot be cancelled from then on."""
        self.begun = self.begun or self.future.set_running_or_notify_cancel()
        return self.begun

    def goes_with(self, other: _Waiting) -> bool:
        """Whether both are questions of one answerer."""
        return self.answers is not None and self.answers is other.answers

    def answer(self, found: Any) -> None:
        """Give the result to whoever waits."""
        with suppress(InvalidStateError):  # it was ended by `drain`
            self.future.set_result(found)

    @property
    def key(self) -> object:
        """What is equal for equal questions only."""
        return self if self.query is None else (self.query.question, tuple(self.query.topics))


class QuestionQueue:
    """A queue with a bound. One thread takes what waits and asks up to `batch` questions in common passes.

    Whoever waits has a `Future`: to cancel it takes a question that was not begun out of the queue. Equal
    questions that wait together are asked once. While questions wait that thread is busy, up to `helpers`
    helpers are started by `start_helper`, which take their share from then on. `batches` and `asked` count
    the batches so far, and the questions in them.
    """

    def __init__(
        self,
        most: int = 64,
        batch: int = 16,
        helpers: int = 0,
        start_helper: Callable[[], Helper] | None = None,
    ) -> None:
        check_count(most, "most")
        check_count(batch, "batch")
        check_count(helpers, "helpers", 0)
        self._most, self._batch = most, batch
        self._start_helper = start_helper
        self._unstarted = helpers if start_helper else 0
        self._helpers: list[Helper] = []
        self._waiting: deque[_Waiting] = deque()
        self._change = threading.Condition()
        self._thread: threading.Thread | None = None
        self._busy = False
        self._open = True
        self._running: set[_Waiting] = set()
        self._pace = 0.2  # seconds a question, the mean of late
        self.batches = 0
        self.asked = 0

    def __len__(self) -> int:
        """How many wait, without those that are being asked."""
        with self._change:
            return len(self._waiting)

    def ask(self, answers: Answers, query: Query, version: GraphVersion | None = None) -> Future[Outcome]:
        """The outcome of a question, when it is known. Raises `BusyError` where too many wait.

        With the `version` of its graph, a helper may ask it; then the outcome has no hypotheses.
        """
        return self._put(_Waiting(answers=answers, query=query, version=version))

    def run(self, work: Callable[[], Found]) -> Future[Found]:
        """The result of other work with the same model, which is done alone. Raises as `ask`."""
        return self._put(_Waiting(work=work))

    def drain(self, begin: float = 0.0, finish: float = 0.0) -> None:
        """Take nothing more; what waits is begun for so many seconds, and finished for so many more.

        What is not answered then ends in `StoppingError`.
        """
        now = time.monotonic()
        with self._change:
            self._open = False
            self._change.notify_all()
            self._wait_while(lambda: bool(self._waiting), now + begin)
            dropped = list(self._waiting)
            self._waiting.clear()
            self._change.notify_all()
        _fail(dropped, StoppingError())
        with self._change:
            self._wait_while(lambda: bool(self._running), now + begin + finish)
            dropped = list(self._running)
        _fail(dropped, StoppingError())

    def close(self) -> None:
        """Take nothing more, drop what waits, and end the helpers, whatever they do."""
        self.drain()
        with self._change:
            helpers = list(self._helpers)
        for helper in helpers:
            helper.stop()

    def _wait_while(self, condition: Callable[[], bool], end: float) -> None:
        while condition() and (left := end - time.monotonic()) > 0:
            self._change.wait(left)

    def _put(self, one: _Waiting) -> Future[Any]:
        with self._change:
            if not self._open:
                raise StoppingError()
            if len(self._waiting) >= self._most:
                self._waiting = deque(other for other in self._waiting if not other.future.cancelled())
            if len(self._waiting) >= self._most:
                pause = min(_LONGEST_PAUSE, max(1, math.ceil(len(self._waiting) * self._pace)))
                waiting = counted(len(self._waiting), "question waits", "questions wait")
                raise BusyError(f"{waiting} already; ask again later", pause)
            self._waiting.append(one)
            if self._thread is None:
                self._thread = threading.Thread(target=self._serve, name="questions", daemon=True)
                self._thread.start()
            if self._busy and one.version is not None and self._unstarted:
                self._unstarted -= 1
                threading.Thread(target=self._help, name="helper", daemon=True).start()
            self._change.notify_all()
        return one.future

    # The threads ----------------------------------------------------------------------------------

    def _serve(self) -> None:
        while batch := self._next(helped=False):
            began = time.monotonic()
            self._do(batch)
            with self._change:
                self._busy = False
            self._done(batch, time.monotonic() - began)

    def _help(self) -> None:
        assert self._start_helper is not None
        try:
            helper = self._start_helper()
        except Exception as error:  # the queue answers without it
            if self._open:
                _LOG.warning("a process that answers questions cannot be started: %r", error)
            return
        with self._change:
            self._helpers.append(helper)
        while batch := self._next(helped=True):
            first = batch[0]
            assert first.version is not None
            assert first.answers is not None
            queries = _queries(batch)
            began = time.monotonic()
            try:
                outcomes = helper.ask(first.version, first.answers.graph, list(queries.values()))
            except Exception as error:  # whatever it is, nobody waits for ever
                self._hand_back(batch)
                if self._open:
                    _LOG.warning("a process that answers questions was lost: %r", error)
                break
            if outcomes is None:
                self._hand_back(batch)
                continue
            self._count(queries)
            _answer(batch, dict(zip(queries, outcomes, strict=True)))
            self._done(batch, time.monotonic() - began)
        with self._change:
            self._helpers.remove(helper)
            self._unstarted += self._open
        helper.stop()

    def _next(self, *, helped: bool) -> list[_Waiting]:
        """What this thread does next, as soon as there is something; nothing once the queue is closed."""
        with self._change:
            while not (batch := self._taken(helped)) and self._open:
                self._change.wait()
            if batch and not helped:
                self._busy = True
            self._running.update(batch)
            self._change.notify_all()
            return batch

    def _taken(self, helped: bool) -> list[_Waiting]:
        """The next that waits, with its share of the questions that can be asked with it, for some time.

        A helper takes something only while the thread of the queue is busy.
        """
        if helped and not self._busy:
            return []
        share = math.ceil(len(self._waiting) / (1 + len(self._helpers)))
        share = min(share, self._batch, max(1, int(_LONGEST_BATCH / self._pace)))
        batch: list[_Waiting] = []
        keys: set[object] = set()
        kept: deque[_Waiting] = deque()
        for one in self._waiting:
            able = one.version is not None or not helped
            fits = one.goes_with(batch[0]) if batch else able
            if fits and (one.key in keys or len(keys) < share):
                if one.begin():
                    batch.append(one)
                    keys.add(one.key)
            else:
                kept.append(one)
        self._waiting = kept
        return batch

    def _done(self, batch: list[_Waiting], seconds: float) -> None:
        with self._change:
            self._running.difference_update(batch)
            self._pace = 0.8 * self._pace + 0.2 * seconds / len(batch)
            self._change.notify_all()

    def _hand_back(self, batch: list[_Waiting]) -> None:
        """Let the thread of the queue ask what a helper did not; one that was closed may have no thread."""
        with self._change:
            closed = not self._open
            self._running.difference_update(batch)
            if not closed:
                for one in batch:
                    one.version = None
                self._waiting.extendleft(reversed(batch))
            self._change.notify_all()
        if closed:
            _fail(batch, StoppingError())

    def _do(self, batch: list[_Waiting]) -> None:
        first = batch[0]
        if first.work is not None:
            try:
                found = first.work()
            except Exception as error:  # whoever waits gets it
                _fail(batch, error)
            else:
                first.answer(found)
            return
        assert first.answers is not None
        queries = _queries(batch)
        self._count(queries)
        try:
            outcomes = dict(zip(queries, first.answers.run(queries.values(), len(queries)), strict=True))
        except Exception as error:  # as above
            if len(queries) == 1:
                _fail(batch, error)
                return
            for key in queries:  # one of them spoilt it for the others
                self._do([one for one in batch if one.key == key])
            return
        _answer(batch, outcomes)

    def _count(self, queries: dict[object, Query]) -> None:
        with self._change:
            self.batches += 1
            self.asked += len(queries)


def _queries(batch: Sequence[_Waiting]) -> dict[object, Query]:
    """The questions of a batch, each once."""
    return {one.key: one.query for one in batch if one.query is not None}


def _answer(batch: Sequence[_Waiting], outcomes: dict[object, Outcome]) -> None:
    for one in batch:
        one.answer(outcomes[one.key])


def _fail(batch: Sequence[_Waiting], error: Exception) -> None:
    for one in batch:
        if one.begin():
            with suppress(InvalidStateError):  # it was answered, or ended by `drain`
                one.future.set_exception(error)
