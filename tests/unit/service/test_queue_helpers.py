"""Helpers of a queue, which take a share of the questions while the queue's own thread is busy."""

import threading
import time
from collections.abc import Callable, Sequence

import pytest
from unit.service.test_question_queue import Held

from kgqa.answer import Answer
from kgqa.errors import StoppingError
from kgqa.evaluation.running.worker_pool import WorkerLost
from kgqa.graph import IndexedGraph
from kgqa.pipeline import Outcome, Query
from kgqa.service import QuestionQueue
from kgqa.service.question_worker import GraphVersion

VERSION = GraphVersion("films", "1")


class Assistant:
    """A helper that does with questions what it is told to."""

    def __init__(self, ask: Callable[[list[str]], list[Outcome] | None]) -> None:
        self.asked: list[list[str]] = []
        self.stopped = threading.Event()
        self._ask = ask

    def ask(
        self, version: GraphVersion, graph: IndexedGraph, queries: Sequence[Query]
    ) -> list[Outcome] | None:
        assert version == VERSION
        self.asked.append([query.question for query in queries])
        return self._ask(self.asked[-1])

    def stop(self) -> None:
        self.stopped.set()


def answered(questions: list[str]) -> list[Outcome]:
    return [Outcome(one, Answer(one)) for one in questions]


def lost(questions: list[str]) -> list[Outcome] | None:
    raise WorkerLost("exit code -9")


def test_a_helper_is_started_when_questions_wait_and_takes_its_share() -> None:
    held, assistant = Held(), Assistant(answered)
    queue = QuestionQueue(helpers=1, start_helper=lambda: assistant)
    first = queue.ask(held, Query("first"), VERSION)
    held.began.wait(10)
    assert queue.ask(held, Query("second"), VERSION).result(10).question == "second"
    assert not first.done()
    held.go.set()
    assert first.result(10).question == "first"
    assert (held.batches, assistant.asked) == ([["first"]], [["second"]])
    queue.close()
    assert assistant.stopped.is_set()


def test_no_helper_is_started_for_one_question_after_the_other() -> None:
    held, started = Held(), threading.Event()
    held.go.set()

    def start() -> Assistant:
        started.set()
        return Assistant(answered)

    queue = QuestionQueue(helpers=1, start_helper=start)
    for text in "abc":
        assert queue.ask(held, Query(text), VERSION).result(10).question == text
        while queue._running:
            time.sleep(0.001)
    queue.close()
    assert not started.is_set()
    assert held.batches == [["a"], ["b"], ["c"]]


def test_other_work_and_questions_of_no_version_are_not_a_helpers() -> None:
    held, assistant = Held(), Assistant(answered)
    queue = QuestionQueue(helpers=1, start_helper=lambda: assistant)
    queue.ask(held, Query("first"), VERSION)
    held.began.wait(10)
    own = queue.ask(held, Query("own"))
    thread = queue.run(threading.current_thread)
    queue.ask(held, Query("helped"), VERSION).result(10)
    held.go.set()
    assert own.result(10).question == "own"
    assert thread.result(10).name == "questions"
    assert assistant.asked == [["helped"]]


def test_what_a_lost_helper_was_asked_is_asked_again_and_another_is_started() -> None:
    held, helpers = Held(), [Assistant(lost), Assistant(answered)]
    waiting = iter(helpers)
    queue = QuestionQueue(helpers=1, start_helper=lambda: next(waiting))
    queue.ask(held, Query("first"), VERSION)
    held.began.wait(10)
    second = queue.ask(held, Query("second"), VERSION)
    assert helpers[0].stopped.wait(10)
    third = queue.ask(held, Query("third"), VERSION)
    assert third.result(10).question == "third"
    held.go.set()
    assert second.result(10).question == "second"
    assert helpers[1].asked == [["third"]]


def test_a_helper_that_fails_in_an_unforeseen_way_loses_no_question() -> None:
    def broken(questions: list[str]) -> list[Outcome] | None:
        raise ValueError("unreadable")

    held, assistant = Held(), Assistant(broken)
    queue = QuestionQueue(helpers=1, start_helper=lambda: assistant)
    queue.ask(held, Query("first"), VERSION)
    held.began.wait(10)
    second = queue.ask(held, Query("second"), VERSION)
    assert assistant.stopped.wait(10)
    held.go.set()
    assert second.result(10).question == "second"
    assert held.batches == [["first"], ["second"]]


def test_what_a_helper_hands_back_to_a_closed_queue_ends_too() -> None:
    held, closing = Held(), threading.Event()

    def late(questions: list[str]) -> None:
        assert closing.wait(10)

    queue = QuestionQueue(helpers=1, start_helper=lambda: Assistant(late))
    first = queue.ask(held, Query("first"), VERSION)
    held.began.wait(10)
    second = queue.ask(held, Query("second"), VERSION)
    while len(queue):
        time.sleep(0.001)
    held.go.set()
    first.result(10)
    draining = threading.Thread(target=queue.drain, args=(0, 60))
    draining.start()
    assert queue._thread is not None
    queue._thread.join(10)
    assert not queue._thread.is_alive()
    closing.set()
    with pytest.raises(StoppingError):
        second.result(10)
    draining.join()


def test_what_a_helper_cannot_ask_is_asked_here() -> None:
    held, assistant = Held(), Assistant(lambda _: None)
    queue = QuestionQueue(helpers=1, start_helper=lambda: assistant)
    queue.ask(held, Query("first"), VERSION)
    held.began.wait(10)
    second = queue.ask(held, Query("second"), VERSION)
    held.go.set()
    assert second.result(10).question == "second"
    assert held.batches == [["first"], ["second"]]


def test_a_helper_that_cannot_start_is_done_without() -> None:
    held = Held()

    def start() -> Assistant:
        raise WorkerLost("exit code 1")

    queue = QuestionQueue(helpers=1, start_helper=start)
    queue.ask(held, Query("first"), VERSION)
    held.began.wait(10)
    second = queue.ask(held, Query("second"), VERSION)
    held.go.set()
    assert second.result(10).question == "second"
