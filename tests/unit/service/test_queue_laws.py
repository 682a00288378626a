"""Whatever is asked, left, lost and broken: everyone gets the outcome of their own question, or its error."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from functools import partial
from threading import Lock
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from property_examples import examples

from kgqa.answer import Answer
from kgqa.errors import StoppingError
from kgqa.evaluation.running.worker_pool import WorkerLost
from kgqa.graph import GraphBuilder, IndexedGraph
from kgqa.pipeline import Answers, Outcome, Query
from kgqa.service import QuestionQueue
from kgqa.service.question_worker import GraphVersion

VERSION = GraphVersion("g", "1")
GRAPH = GraphBuilder.of([("a", "b", "c")])
POISON = "poison"


class Recorded:
    """Answers at once, fails on poison, and records the batches."""

    def __init__(self) -> None:
        self.graph: IndexedGraph = GRAPH
        self.batches: list[list[str]] = []

    def run(self, questions: Iterable[str | Query], batch_size: int = 8) -> Iterator[Outcome]:
        asked = [one if isinstance(one, str) else one.question for one in questions]
        self.batches.append(asked)
        if POISON in asked:
            raise RuntimeError(POISON)
        return iter([Outcome(one, Answer(one)) for one in asked])

    def over(self, graph: IndexedGraph) -> Answers:
        return self

    def describe(self) -> Mapping[str, object]:
        return {}


class Flaky:
    """A helper that answers, is lost, or cannot answer, in this order."""

    def __init__(self, does: Iterator[str]) -> None:
        self._does = does

    def ask(
        self, version: GraphVersion, graph: IndexedGraph, queries: Sequence[Query]
    ) -> list[Outcome] | None:
        match next(self._does, "answers"):
            case "lost":
                raise WorkerLost("exit code -9")
            case "cannot":
                return None
        if any(query.question == POISON for query in queries):
            return None  # as a worker whose answerer fails
        return [Outcome(query.question, Answer(query.question)) for query in queries]

    def stop(self) -> None:
        pass


questions = st.tuples(
    st.sampled_from(["a", "b", "c", "d", POISON]),
    st.booleans(),  # whether a helper may ask it
    st.booleans(),  # whether it is left at once
)


@examples(60)
@given(
    asked=st.lists(st.one_of(questions, st.integers(0, 9)), max_size=25),
    batch=st.integers(1, 4),
    helpers=st.integers(0, 2),
    does=st.lists(st.sampled_from(["answers", "lost", "cannot"]), max_size=8),
)
def test_everyone_gets_the_outcome_of_their_own_question(
    asked: list[Any], batch: int, helpers: int, does: list[str]
) -> None:
    answers, deeds, lock = Recorded(), iter(does), Lock()

    def next_deed() -> Iterator[str]:
        while True:
            with lock:
                deed = next(deeds, "answers")
            yield deed

    queue = QuestionQueue(100, batch, helpers, lambda: Flaky(next_deed()))
    waiting: list[tuple[Any, Future[Any], bool]] = []
    future: Future[Any]
    for one in asked:
        if isinstance(one, int):
            waiting.append((one, queue.run(partial(divmod, 10, one)), False))
            continue
        question, helped, left = one
        future = queue.ask(answers, Query(question), VERSION if helped else None)
        waiting.append((question, future, left and future.cancel()))
    for what, future, cancelled in waiting:
        if cancelled:
            assert future.cancelled()
        elif what == POISON:
            assert str(future.exception(30)) == POISON
        elif what == 0:
            assert isinstance(future.exception(30), ZeroDivisionError)
        elif isinstance(what, int):
            assert future.result(30) == divmod(10, what)
        else:
            assert future.result(30).question == what
    assert all(len(set(one)) == len(one) <= batch for one in answers.batches)
    queue.close()
    try:
        queue.ask(answers, Query("late"))
    except StoppingError:
        pass
    else:
        raise AssertionError("a closed queue took a question")
