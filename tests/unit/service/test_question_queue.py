import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import CancelledError

import pytest

from kgqa.answer import Answer
from kgqa.errors import BusyError, StoppingError
from kgqa.graph import GraphBuilder, IndexedGraph
from kgqa.pipeline import Answers, Outcome, Query
from kgqa.service import QuestionQueue


class Held:
    """Answers once it is let go, and remembers what it was asked together."""

    def __init__(self) -> None:
        self.graph: IndexedGraph = GraphBuilder.of([("a", "b", "c")])
        self.batches: list[list[str]] = []
        self.go = threading.Event()
        self.began = threading.Event()

    def run(self, questions: Iterable[str | Query], batch_size: int = 8) -> Iterator[Outcome]:
        asked = [one if isinstance(one, str) else one.question for one in questions]
        self.batches.append(asked)
        self.began.set()
        assert self.go.wait(10)
        if "poison" in asked:
            raise RuntimeError("poisoned")
        yield from (Outcome(one, Answer(one)) for one in asked)

    def over(self, graph: IndexedGraph) -> Answers:
        return self

    def describe(self) -> Mapping[str, object]:
        return {}


@pytest.fixture
def held() -> Held:
    return Held()


def test_questions_that_wait_together_are_asked_together_and_equal_ones_once(held: Held) -> None:
    queue = QuestionQueue(batch=2)
    first = queue.ask(held, Query("first"))
    held.began.wait(10)
    rest = [queue.ask(held, Query(text)) for text in ("a", "b", "a", "c")]
    held.go.set()
    assert [one.result(10).question for one in (first, *rest)] == ["first", "a", "b", "a", "c"]
    assert held.batches == [["first"], ["a", "b"], ["c"]]
    assert (queue.batches, queue.asked) == (3, 4)


def test_a_question_whose_asker_left_is_not_asked(held: Held) -> None:
    queue = QuestionQueue()
    first = queue.ask(held, Query("first"))
    held.began.wait(10)
    left, kept = queue.ask(held, Query("left")), queue.ask(held, Query("kept"))
    assert left.cancel()
    held.go.set()
    assert kept.result(10).question == "kept"
    assert first.result(10).question == "first"
    assert held.batches == [["first"], ["kept"]]
    with pytest.raises(CancelledError):
        left.result(0)


def test_a_full_queue_says_when_to_come_again_and_takes_the_places_of_those_who_left(held: Held) -> None:
    queue = QuestionQueue(most=2)
    queue.ask(held, Query("first"))
    held.began.wait(10)
    waiting = [queue.ask(held, Query(text)) for text in ("a", "b")]
    with pytest.raises(BusyError, match="2 questions wait already") as full:
        queue.ask(held, Query("c"))
    assert full.value.seconds >= 1
    waiting[0].cancel()
    last = queue.ask(held, Query("c"))
    held.go.set()
    assert last.result(10).question == "c"


def test_a_question_that_breaks_an_answerer_breaks_no_other(held: Held) -> None:
    queue = QuestionQueue()
    queue.ask(held, Query("first"))
    held.began.wait(10)
    asked = [queue.ask(held, Query(text)) for text in ("good", "poison", "fine")]
    held.go.set()
    assert asked[0].result(10).question == "good"
    assert asked[2].result(10).question == "fine"
    with pytest.raises(RuntimeError, match="poisoned"):
        asked[1].result(10)


def test_a_drained_queue_ends_what_waits_and_finishes_what_was_begun(held: Held) -> None:
    queue = QuestionQueue()
    first = queue.ask(held, Query("first"))
    held.began.wait(10)
    waiting = queue.ask(held, Query("waiting"))
    draining = threading.Thread(target=queue.drain, args=(0, 60))
    draining.start()
    with pytest.raises(StoppingError):
        waiting.result(10)
    with pytest.raises(StoppingError):
        queue.ask(held, Query("late"))
    held.go.set()
    assert first.result(10).question == "first"
    draining.join()


def test_other_work_is_done_alone_by_the_same_thread(held: Held) -> None:
    queue = QuestionQueue()
    held.go.set()
    threads = [queue.run(threading.current_thread) for _ in range(2)]
    assert len({one.result(10) for one in threads}) == 1
    failed = queue.run(lambda: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        failed.result(10)
    assert queue.ask(held, Query("after")).result(10).question == "after"


def test_what_takes_too_long_when_a_queue_is_drained_ends_and_its_answer_is_for_nobody(held: Held) -> None:
    queue = QuestionQueue()
    first = queue.ask(held, Query("first"))
    held.began.wait(10)
    assert queue._running
    queue.drain(0, 0.01)
    with pytest.raises(StoppingError):
        first.result(0)
    held.go.set()
    while queue._running:
        time.sleep(0.001)


def test_a_drained_queue_answers_what_it_can_in_time(held: Held) -> None:
    queue = QuestionQueue(batch=1)
    asked = [queue.ask(held, Query(text)) for text in "abc"]
    held.go.set()
    queue.drain(60, 60)
    assert [one.result(0).question for one in asked] == ["a", "b", "c"]


def test_a_batch_is_no_larger_than_what_is_answered_in_time(
    held: Held, monkeypatch: pytest.MonkeyPatch
) -> None:
    queue = QuestionQueue(batch=100)
    queue.ask(held, Query("first"))
    held.began.wait(10)
    monkeypatch.setattr(queue, "_pace", 10.0)
    asked = [queue.ask(held, Query(text)) for text in "ab"]
    monkeypatch.setattr(queue, "_done", lambda *_: None)  # the pace stays
    held.go.set()
    assert [one.result(10).question for one in asked] == ["a", "b"]
    assert held.batches == [["first"], ["a"], ["b"]]
