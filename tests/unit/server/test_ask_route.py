import pytest
from starlette.testclient import TestClient

from kgqa.pipeline import Query
from kgqa.service import GraphCatalogue, Reply

ASK = "/api/v1/graphs/films/ask"
NAMES = {
    "f1": "Kismet",
    "f2": "Juarez",
    "p1": "William Dieterle",
    "p2": "Marlene Dietrich",
    "directed_by": "directed by",
    "starred": "starred",
}


def test_the_answer_is_that_of_kgqa_ask_with_names_and_version(
    client: TestClient, catalogue: GraphCatalogue
) -> None:
    found = client.post(ASK, json={"question": "Who directed Kismet?"}).json()
    hosted = catalogue.graph("films")
    (outcome,) = hosted.answers.run([Query("Who directed Kismet?")])
    wanted = Reply.of(outcome).to_dict(found["seconds"])
    assert {
        key: value for key, value in found.items() if key not in ("names", "proof_text", "version")
    } == wanted
    assert found["version"] == hosted.graph.checksum
    assert found["names"].items() <= NAMES.items()
    shown = {part for one in found["answers"] for chain in one["chains"] for fact in chain for part in fact}
    assert shown <= found["names"].keys()


def test_topics_and_a_limit_are_heeded(client: TestClient) -> None:
    body = {"question": "which films?", "topics": ["William Dieterle"], "limit": 1}
    found = client.post(ASK, json=body).json()
    assert len(found["answers"]) == 1
    assert found["answers"][0]["chains"][0][0][2] == "p1"


def test_an_error_is_one_line_with_its_type(client: TestClient) -> None:
    reply = client.post(ASK, json={"question": "Who directed it?", "topics": ["Nobody"]})
    assert reply.status_code == 404
    assert reply.json()["error"]["type"] == "UnknownEntityError"
    assert "Nobody" in reply.json()["error"]["message"]


def test_a_body_of_another_shape_is_refused_with_the_field(client: TestClient) -> None:
    reply = client.post(ASK, json={"question": 5})
    assert reply.status_code == 422
    assert reply.json()["error"] == {
        "type": "ShapeError",
        "message": "body.question: Input should be a valid string",
    }
    assert client.post(ASK, json={"question": "x", "other": 1}).status_code == 422


@pytest.mark.parametrize(
    ("content", "kind", "said"),
    [
        (b'{"question": "x"}', "application/x-www-form-urlencoded", "body: JSON is needed, with the header"),
        (b'{"question": "x",}', "application/json", "body: not JSON at character 17 (Expecting"),
    ],
)
def test_what_is_not_sent_as_json_is_told_so(
    client: TestClient, content: bytes, kind: str, said: str
) -> None:
    for path, status in ((ASK, 422), ("/v1/chat/completions", 400)):
        reply = client.post(path, content=content, headers={"Content-Type": kind})
        assert reply.status_code == status
        assert reply.json()["error"]["message"].startswith(said)


def test_an_unknown_graph_is_not_found(client: TestClient) -> None:
    reply = client.post("/api/v1/graphs/books/ask", json={"question": "x"})
    assert (reply.status_code, reply.json()["error"]["type"]) == (404, "UnknownGraphError")
