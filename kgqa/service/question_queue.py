"""Questions that wait for a model, asked together by one thread."""

from __future__ import annotations

import math
import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any, TypeVar

from kgqa.errors import BusyError, check_count
from kgqa.pipeline import Answers, Outcome, Query

__all__ = ["QuestionQueue"]

Found = TypeVar("Found")
_SLOWEST_PAUSE = 60
"""At most so many seconds are given as the time to wait."""


@dataclass(frozen=True, eq=False)
class _Waiting:
    """A question of an answerer, or other work, and where its result is awaited."""

    future: Future[Any] = field(default_factory=Future)
    answers: Answers | None = None
    query: Query = Query("")  # noqa: RUF009
    work: Callable[[], Any] | None = None

    def goes_with(self, other: _Waiting) -> bool:
        """Whether both are questions of one answerer."""
        return self.work is None and other.work is None and self.answers is other.answers

    @property
    def key(self) -> tuple[str, tuple[str, ...]]:
        return self.query.question, tuple(self.query.topics)


class QuestionQueue:
    """A queue with a bound. One thread takes what waits and asks up to `batch` questions in common passes.

    Whoever waits has a `Future`: to cancel it takes a question that was not begun out of the queue. Equal
    questions that wait together are asked once. Queues whose answerers share a model share its `lock`.
    `batches` and `asked` count the batches so far, and the questions in them.
    """

    def __init__(self, most: int = 64, batch: int = 16, lock: threading.Lock | None = None) -> None:
        check_count(most, "most")
        check_count(batch, "batch")
        self._most, self._batch = most, batch
        self._lock = lock or threading.Lock()
        self._waiting: deque[_Waiting] = deque()
        self._change = threading.Condition()
        self._thread: threading.Thread | None = None
        self._open = True
        self._pace = 0.1  # seconds a question, the mean of late
        self.batches = 0
        self.asked = 0

    def __len__(self) -> int:
        """How many wait, without those that are being asked."""
        with self._change:
            return len(self._waiting)

    def ask(self, answers: Answers, query: Query) -> Future[Outcome]:
        """The outcome of a question, when it is known. Raises `BusyError` where too many wait."""
        return self._put(_Waiting(answers=answers, query=query))

    def run(self, work: Callable[[], Found]) -> Future[Found]:
        """The result of other work with the same model, which is done alone. Raises as `ask`."""
        return self._put(_Waiting(work=work))

    def close(self, seconds: float = 0.0) -> None:
        """Take nothing more; what still waits after so many seconds ends in `BusyError`."""
        end = time.monotonic() + seconds
        with self._change:
            self._open = False
            self._change.notify_all()
            while self._waiting and (left := end - time.monotonic()) > 0:
                self._change.wait(min(left, 0.1))
            dropped = list(self._waiting)
            self._waiting.clear()
        for one in dropped:
            if one.future.set_running_or_notify_cancel():
                one.future.set_exception(BusyError("the server is being stopped; ask again later"))

    def _put(self, one: _Waiting) -> Future[Any]:
        with self._change:
            if not self._open:
                raise BusyError("the server is being stopped; ask again later")
            if len(self._waiting) >= self._most:
                self._waiting = deque(other for other in self._waiting if not other.future.cancelled())
            if len(self._waiting) >= self._most:
                pause = min(_SLOWEST_PAUSE, max(1, math.ceil(len(self._waiting) * self._pace)))
                raise BusyError(f"{len(self._waiting)} questions wait already; ask again later", pause)
            self._waiting.append(one)
            if self._thread is None:
                self._thread = threading.Thread(target=self._serve, name="questions", daemon=True)
                self._thread.start()
            self._change.notify_all()
        return one.future

    def _serve(self) -> None:
        while True:
            with self._change:
                while not self._waiting:
                    if not self._open:
                        return
                    self._change.wait()
            with self._lock:  # what arrives while another queue has the model is asked with the rest
                batch = self._taken()
                if batch:
                    began = time.monotonic()
                    self._do(batch)
                    took = (time.monotonic() - began) / len(batch)
                    self._pace = 0.8 * self._pace + 0.2 * took

    def _taken(self) -> list[_Waiting]:
        """The next of those that wait, with the questions that can be asked with it."""
        batch: list[_Waiting] = []
        keys: set[object] = set()
        kept: deque[_Waiting] = deque()
        with self._change:
            while self._waiting:
                one = self._waiting.popleft()
                if one.future.cancelled():
                    continue
                fits = not batch or one.goes_with(batch[0])
                if fits and (one.key in keys or len(keys) < (self._batch if one.work is None else 1)):
                    if one.future.set_running_or_notify_cancel():
                        batch.append(one)
                        keys.add(one.key)
                else:
                    kept.append(one)
            self._waiting = kept
            self._change.notify_all()
        return batch

    def _do(self, batch: list[_Waiting]) -> None:
        first = batch[0]
        if first.work is not None:
            try:
                first.future.set_result(first.work())
            except Exception as error:  # whoever waits gets it
                first.future.set_exception(error)
            return
        assert first.answers is not None
        queries = {one.key: one.query for one in batch}
        self.batches += 1
        self.asked += len(queries)
        try:
            outcomes = dict(zip(queries, first.answers.run(queries.values(), len(queries)), strict=True))
        except Exception as error:
            if len(queries) == 1:
                for one in batch:
                    one.future.set_exception(error)
                return
            for key in queries:  # one of them spoilt it for the others
                self._do([one for one in batch if one.key == key])
            return
        for one in batch:
            one.future.set_result(outcomes[one.key])
