import json
from typing import Any

from starlette.testclient import TestClient

FILMS = "/api/v1/graphs/films"


def events(client: TestClient, **body: Any) -> list[tuple[str, Any]]:
    reply = client.post(f"{FILMS}/ask/stream", json=body)
    assert reply.status_code == 200
    assert reply.headers["content-type"].startswith("text/event-stream")
    found = []
    for block in reply.text.removesuffix("\n\n").split("\n\n"):
        kind, data = block.split("\n")
        found.append((kind.removeprefix("event: "), json.loads(data.removeprefix("data: "))))
    return found


def test_topics_then_chains_then_the_answer_of_ask(client: TestClient) -> None:
    question = "Who directed Kismet?"
    found = events(client, question=question, limit=1)
    assert found[0] == ("topics", ["f1"])
    assert [kind for kind, _ in found[1:]] == ["chain"] * (len(found) - 2) + ["answer"]
    answer = found[-1][1]
    wanted = client.post(f"{FILMS}/ask", json={"question": question, "limit": 1}).json()
    assert answer | {"seconds": 0} == wanted | {"seconds": 0}
    chains = client.post(f"{FILMS}/chains", json={"question": question}).json()["chains"]
    told = [chain for _, chain in found[1:-1]]
    assert chains
    assert all(chain in told for chain in chains)


def test_an_error_is_the_last_event(client: TestClient) -> None:
    ((kind, told),) = events(client, question="Who?", topics=["Nobody"])
    assert (kind, told["error"]["type"]) == ("error", "UnknownEntityError")
    assert told["error"]["message"].startswith("the graph has no entity 'Nobody'")


def test_what_can_be_refused_before_it_begins_is_refused_by_a_status(client: TestClient) -> None:
    assert client.post(f"{FILMS}/ask/stream", json={"question": ""}).status_code == 422
    assert client.post("/api/v1/graphs/none/ask/stream", json={"question": "x"}).status_code == 404
