import asyncio
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from starlette.testclient import TestClient

from kgqa.diff import AnswerDiff, GraphDiff
from kgqa.graph import GraphBuilder, Triple
from kgqa.lm import MockLanguageModel
from kgqa.pipeline import Answerer
from kgqa.server import ServerOptions, create_app
from kgqa.service import GraphCatalogue, HostedGraph

FILMS = [
    Triple("Kismet", "directed_by", "William Dieterle"),
    Triple("Kismet", "in_language", "English"),
    Triple("Juarez", "in_language", "Spanish"),
]


@pytest.fixture
def both() -> Iterator[GraphCatalogue]:
    model = MockLanguageModel()
    graphs = {"before": GraphBuilder.of(FILMS), "after": GraphBuilder.of(FILMS[1:])}
    found = GraphCatalogue(
        [HostedGraph(name, Answerer(one, model, hops=1), one.checksum) for name, one in graphs.items()]
    )
    yield found
    found.close()


@pytest.fixture
def asking(both: GraphCatalogue) -> TestClient:
    return TestClient(create_app(both), base_url="http://127.0.0.1:8000")


def test_graphs_and_answers_are_compared_as_kgqa_diff_does(asking: TestClient, both: GraphCatalogue) -> None:
    body = {"old": "before", "new": "after", "questions": [{"question": "what is Kismet"}]}
    reply = asking.post("/api/v1/diff", json=body)
    assert reply.status_code == 200
    found = reply.json()
    graphs = GraphDiff.of(both.graph("before").graph, both.graph("after").graph, ("before", "after"))
    answers = found.pop("answers")
    assert found == graphs.to_dict()
    assert found["facts"]["listed"]["removed"][0]["fact"] == list(FILMS[0])
    assert (answers["questions"], answers["asked"]) == (1, {"old": 1, "new": 0})
    (change,) = answers["changes"]
    assert (change["id"], change["kind"]) == ("1", "other")
    assert change["lost_facts"][0]["fact"] == list(FILMS[0])
    assert set(AnswerDiff(graphs, (), 0, 0, ()).to_dict()) == set(answers)


def test_other_clients_are_served_while_what_was_renamed_is_looked_for(
    asking: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    to_dict, waited = GraphDiff.to_dict, []

    def watched(graphs: GraphDiff) -> dict[str, Any]:
        with pytest.raises(RuntimeError, match="no running event loop"):
            asyncio.get_running_loop()
        waited.append(graphs)
        return to_dict(graphs)

    monkeypatch.setattr(GraphDiff, "to_dict", watched)
    assert asking.post("/api/v1/diff", json={"old": "before", "new": "after"}).status_code == 200
    assert len(waited) == 1


def test_graphs_are_compared_for_as_long_as_a_client_may_wait(both: GraphCatalogue) -> None:
    free = threading.Event()
    busy = both.graph("after").checks.run(free.wait)
    client = TestClient(create_app(both, ServerOptions(deadline=0.05)), base_url="http://127.0.0.1:8000")
    assert client.post("/api/v1/diff", json={"old": "before", "new": "after"}).status_code == 504
    free.set()
    assert busy.result(10)


def test_without_questions_only_facts_are_compared(asking: TestClient) -> None:
    found = asking.post("/api/v1/diff", json={"old": "after", "new": "before"}).json()
    assert found["facts"]["added"] == 1
    assert found["answers"] is None


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"old": "before", "new": "nowhere"}, 404),
        ({"old": "before"}, 422),
        ({"old": "before", "new": "after", "questions": [{"question": "q"}] * 51}, 422),
        ({"old": "before", "new": "after", "more": 1}, 422),
    ],
)
def test_what_cannot_be_compared_is_refused(asking: TestClient, body: dict[str, object], status: int) -> None:
    reply = asking.post("/api/v1/diff", json=body)
    assert reply.status_code == status
    assert "\n" not in reply.json()["error"]["message"]
