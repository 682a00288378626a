from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from kgqa.graph import GraphBuilder, Name, Node, NodeKind, Triple
from kgqa.lm import MockLanguageModel
from kgqa.pipeline import Answerer
from kgqa.server import ServerOptions, create_app
from kgqa.service import GraphCatalogue, HostedGraph


def films_catalogue() -> GraphCatalogue:
    graph = GraphBuilder.of(
        [
            Triple("f1", "directed_by", "p1"),
            Triple("f1", "starred", "p2"),
            Triple("f2", "directed_by", "p1"),
            Node("alone", NodeKind.RESOURCE),
            Name("alone", "Alone"),
            Name("f1", "Kismet"),
            Name("f2", "Juarez"),
            Name("p1", "William Dieterle"),
            Name("p2", "Marlene Dietrich"),
        ]
    )
    answerer = Answerer(graph, MockLanguageModel())
    return GraphCatalogue([HostedGraph("films", answerer, graph.checksum)])


@pytest.fixture
def catalogue() -> Iterator[GraphCatalogue]:
    found = films_catalogue()
    yield found
    found.close()


@pytest.fixture
def client(catalogue: GraphCatalogue) -> TestClient:
    return TestClient(create_app(catalogue), base_url="http://127.0.0.1:8000")


def keyed(catalogue: GraphCatalogue, options: ServerOptions) -> TestClient:
    return TestClient(create_app(catalogue, options), base_url="http://127.0.0.1:8000")
