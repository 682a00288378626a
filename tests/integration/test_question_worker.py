"""A worker process gives the answers of this one."""

import pickle

import pytest

from kgqa.errors import BusyError, KgqaError, ParseError, UnknownEntityError
from kgqa.graph import open_graph
from kgqa.pipeline import Query
from kgqa.pipeline.settings import ASK_DEFAULTS, AnswererSettings
from kgqa.service import Reply
from kgqa.service.question_worker import GraphVersion, QuestionWorker, WorkerGraphs

QUESTIONS = (
    "Which countries does the Danube flow through?",
    "How many rivers are there in Brazil?",
    "Which river is longer, the Danube or the Rhine?",
    "List rivers by country",
    "Is Kenya in Africa?",
)


@pytest.mark.parametrize(
    "error", [UnknownEntityError("x", "y"), ParseError("f", 3, "why"), BusyError("b", 7)]
)
def test_errors_are_the_same_in_another_process(error: KgqaError) -> None:
    other = pickle.loads(pickle.dumps(error))
    assert (type(other), str(other), vars(other)) == (type(error), str(error), vars(error))


@pytest.mark.slow
def test_a_worker_answers_as_this_process_does_and_refuses_other_versions() -> None:
    graphs = WorkerGraphs({"atlas": "atlas"}, AnswererSettings.of(ASK_DEFAULTS))
    graph = open_graph()
    queries = [*map(Query, QUESTIONS), Query("Where?", ["Nobody at all"])]
    worker = QuestionWorker.start(graphs, 1)
    try:
        found = worker.ask(GraphVersion("atlas", graph.checksum), graph, queries)
        assert worker.ask(GraphVersion("atlas", "another"), graph, queries) is None
    finally:
        worker.stop()
    assert found is not None
    wanted = list(graphs.answers("atlas", graph, graphs.model()).run(queries, len(queries)))
    assert isinstance(found[-1].error, UnknownEntityError)
    assert str(found[-1].error) == str(wanted[-1].error)
    for one, other in zip(found[:-1], wanted[:-1], strict=True):
        assert Reply.of(one).to_dict(0) == Reply.of(other).to_dict(0)
        assert one.unwrap().graph is graph
