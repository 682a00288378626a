"""A SPARQL endpoint as a graph of the server."""

from collections.abc import Iterator

import pytest
from lying_endpoint import Lie, instead, lying, truth
from starlette.testclient import TestClient

from kgqa.graph import GraphBuilder
from kgqa.graph.endpoint import EndpointGraph
from kgqa.lm import MockLanguageModel
from kgqa.pipeline import Answerer, EndpointAnswerer
from kgqa.server import create_app
from kgqa.service import GraphCatalogue, HostedGraph

FACTS = """
@prefix : <http://example.org/> . @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
:kismet rdfs:label "Kismet" ; :directed_by :dieterle . :dieterle rdfs:label "William Dieterle" .
"""
FILMS = "/api/v1/graphs/films"
ASKED = {"question": "Who directed Kismet?", "topics": ["Kismet"]}


@pytest.fixture(params=[truth])
def client(request: pytest.FixtureRequest) -> Iterator[TestClient]:
    lie: Lie = request.param
    with lying(FACTS, lie) as server:
        answerer = Answerer(GraphBuilder.of([]), MockLanguageModel())
        answers = EndpointAnswerer(answerer, EndpointGraph.at(server.url))
        yield TestClient(create_app(GraphCatalogue([HostedGraph("films", answers, "")])), "http://localhost")


def test_it_is_asked_and_says_what_that_cost(client: TestClient) -> None:
    found = client.post(f"{FILMS}/ask", json=ASKED).json()
    assert [one["name"] for one in found["answers"]] == ["William Dieterle"]
    assert found["endpoint"]["requests"] > 0
    assert found["names"]["http://example.org/kismet"] == "Kismet"
    assert client.get("/api/v1/graphs").json()["graphs"] == [
        {"name": "films", "version": "", "entities": None, "facts": None, "relations": None}
    ]
    kinds = [
        line for line in client.post(f"{FILMS}/ask/stream", json=ASKED).text.split("\n") if "event" in line
    ]
    assert kinds[0] == "event: topics"
    assert "event: chain" in kinds
    assert kinds[-1] == "event: answer"


def test_what_needs_the_whole_graph_is_refused(client: TestClient) -> None:
    for path, body in (("why", ASKED), ("validate", {"claims": ["a -> b -> c"]})):
        reply = client.post(f"{FILMS}/{path}", json=body)
        assert (reply.status_code, reply.json()["error"]["type"]) == (400, "UsageError"), path


@pytest.mark.parametrize("client", [instead(400, "no")], indirect=True)
def test_one_that_does_not_answer_is_502(client: TestClient) -> None:
    reply = client.post(f"{FILMS}/ask", json=ASKED)
    assert reply.status_code == 502
    assert reply.json()["error"]["message"]
