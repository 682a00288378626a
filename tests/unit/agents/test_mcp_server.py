"""The tools, called by the official client in this process."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from typing import Any

import anyio
import pytest
from mcp import Client
from mcp.types import CallToolResult, TextContent
from starlette.testclient import TestClient

from kgqa.agents import McpServer, create_mcp_server
from kgqa.graph import GraphBuilder, IndexedGraph, Name, Triple
from kgqa.lm import MockLanguageModel
from kgqa.pipeline import Answerer
from kgqa.service import GraphCatalogue, HostedGraph

FILMS = GraphBuilder.of(
    [
        Triple("f1", "directed_by", "p1"),
        Triple("f2", "directed_by", "p1"),
        Name("f1", "Kismet"),
        Name("f2", "Juarez"),
        Name("p1", "William Dieterle"),
    ]
)
BOOKS = GraphBuilder.of([("Emma", "author", "Jane Austen"), Name("e2", "Emma"), ("e2", "author", "x")])


def hosted(name: str, graph: IndexedGraph) -> HostedGraph:
    return HostedGraph(name, Answerer(graph, MockLanguageModel()), graph.checksum)


@pytest.fixture(scope="module")
def server() -> Iterator[McpServer]:
    catalogue = GraphCatalogue([hosted("films", FILMS), hosted("books", BOOKS)])
    yield create_mcp_server(catalogue)
    catalogue.close()


def called(server: McpServer, tool: str, **arguments: Any) -> CallToolResult:
    async def call() -> CallToolResult:
        async with Client(server) as client:
            return await client.call_tool(tool, arguments)

    return anyio.run(call)


def told(server: McpServer, tool: str, **arguments: Any) -> dict[str, Any]:
    result = called(server, tool, **arguments)
    assert not result.is_error, result.content
    found: dict[str, Any] = result.structured_content or {}
    return found


def failed(server: McpServer, tool: str, **arguments: Any) -> str:
    result = called(server, tool, **arguments)
    (content,) = result.content
    assert result.is_error
    assert isinstance(content, TextContent)
    assert len(content.text.splitlines()) == 1
    return content.text


def test_every_tool_tells_what_it_takes_and_gives(server: McpServer) -> None:
    async def listed() -> list[Any]:
        async with Client(server) as client:
            assert "films, books" in (client.instructions or "")
            return (await client.list_tools()).tools

    tools = {tool.name: tool for tool in anyio.run(listed)}
    assert sorted(tools) == ["ask", "find", "neighbours", "schema", "validate", "why"]
    for tool in tools.values():
        assert tool.description
        assert tool.output_schema["type"] == "object"
        assert tool.input_schema["properties"]["graph"]["enum"] == ["films", "books"]
        assert "graph" in tool.input_schema["required"]
        assert tool.annotations.read_only_hint


def test_an_answer_comes_with_its_proof(server: McpServer) -> None:
    found = told(server, "ask", question="Who directed Kismet?", graph="films")
    assert found["answers"][0]["entity"] == "p1"
    assert found["answers"][0]["chains"][0] == [["f1", "directed_by", "p1"]]
    assert found["text"] == "William Dieterle\n    Kismet -[directed_by]-> William Dieterle"
    assert (found["total"], found["version"]) == (1, FILMS.checksum)


def test_an_argument_that_is_null_is_left_out(server: McpServer) -> None:
    given = {"question": "Who directed Kismet?", "graph": "films"}
    found = told(server, "ask", **given, topics=None, limit=None)
    assert found == told(server, "ask", **given)


def test_names_are_found_whole_begun_and_misspelt(server: McpServer) -> None:
    for text in ("William Dieterle", "diet", "Wiliam Dieterl"):
        (found,) = told(server, "find", text=text, graph="films")["names"]
        assert found == {"entity": "p1", "name": "William Dieterle", "degree": 2, "class": None}


def test_the_graph_is_walked_by_identifiers_and_by_names(server: McpServer) -> None:
    page = told(server, "neighbours", entity="William Dieterle", graph="films", limit=1)
    assert (page["entity"], page["total"], page["next"]) == ("p1", 2, 1)
    rest = told(server, "neighbours", entity="p1", graph="films", offset=1)
    assert {page["neighbours"][0]["name"], rest["neighbours"][0]["name"]} == {"Kismet", "Juarez"}


def test_a_name_of_several_entities_is_not_guessed(server: McpServer) -> None:
    assert told(server, "neighbours", entity="e2", graph="books")["degree"] == 1
    assert told(server, "neighbours", entity="Emma", graph="books")["entity"] == "Emma"
    graph = GraphBuilder.of([("a", "r", "b"), ("c", "r", "d"), Name("a", "Ur"), Name("c", "Ur")])
    catalogue = GraphCatalogue([hosted("cities", graph)])
    assert "'a', 'c'" in failed(create_mcp_server(catalogue), "neighbours", entity="ur")
    catalogue.close()


def test_claims_are_checked(server: McpServer) -> None:
    claims = ["Kismet -> directed_by -> William Dieterle", {"chain": [["Kismet", "directed_by", "Juarez"]]}]
    found = told(server, "validate", claims=claims, graph="films")
    assert (found["checked"], found["hold"], found["failed"][0]["line"]) == (2, 1, 2)


def test_a_wrong_answer_is_explained(server: McpServer) -> None:
    found = told(server, "why", question="Who directed Kismet?", expected=["Nobody"], graph="films")
    assert found["cause"] == "unknown"
    assert found["text"].startswith("unknown: ")


def test_the_schema_is_a_tool_and_a_resource(server: McpServer) -> None:
    async def read() -> Any:
        async with Client(server) as client:
            resources = (await client.list_resources()).resources
            (content,) = (await client.read_resource(resources[0].uri)).contents
            return [resource.uri for resource in resources], content

    uris, content = anyio.run(read)
    assert uris == ["kgqa://graphs/films/schema", "kgqa://graphs/books/schema"]
    assert json.loads(content.text)["relations"] == [
        {"relation": "directed_by", "name": "directed by", "facts": 2}
    ]
    assert told(server, "schema", graph="films")["facts"] == 2


@pytest.mark.parametrize(
    ("tool", "arguments", "message"),
    [
        ("ask", {"question": "Who?"}, "there are several graphs: name one of films, books"),
        ("ask", {"question": "Who?", "graph": "x"}, "there is no graph 'x': name one of films, books"),
        ("ask", {"question": "Who wrote what?", "graph": "films"}, "no entity of the graph"),
        ("ask", {"question": "", "graph": "films"}, "question: "),
        ("ask", {"question": "x" * 2001, "graph": "films"}, "question: "),
        ("ask", {"graph": "films"}, "question: Field required"),
        ("ask", {"question": None, "graph": "films"}, "question: Field required"),
        ("ask", {"question": "Who?", "topic": "Kismet"}, "ask takes no 'topic'; it takes question"),
        ("neighbours", {"entity": "Kismt", "graph": "films"}, "no entity 'Kismt'; near: 'f1'"),
        ("neighbours", {"entity": "f1", "relation": "x", "graph": "films"}, "no relation 'x'"),
        ("neighbours", {"entity": "\0\n", "graph": "films"}, "no entity"),
        ("neighbours", {"entity": "\ud800", "graph": "films"}, "entity: "),
        ("validate", {"claims": [{"chain": 1}], "graph": "films"}, "claims, line 1: 'chain' must be"),
        ("validate", {"claims": [], "graph": "films"}, "claims: "),
        ("nothing", {}, "Unknown tool: nothing"),
    ],
)
def test_bad_calls_are_errors_of_one_line(
    server: McpServer, tool: str, arguments: dict[str, Any], message: str
) -> None:
    assert message in failed(server, tool, **arguments)


def test_a_fault_of_the_server_tells_nothing_of_it(
    server: McpServer, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(HostedGraph, "ask", lambda *_: (_ for _ in ()).throw(OSError("/secret/place")))
    said = failed(server, "ask", question="Who directed Kismet?", graph="films")
    assert said == "the server could not do this; its log says why"
    assert "/secret/place" in caplog.text


def test_an_answer_that_takes_too_long_is_given_up() -> None:
    slow = HostedGraph("films", Answerer(FILMS, MockLanguageModel()), "1")
    busy = slow.queue.run(lambda: anyio.run(anyio.sleep, 0.3))
    catalogue = GraphCatalogue([slow])
    said = failed(create_mcp_server(catalogue, deadline=0.05), "ask", question="Who directed Kismet?")
    assert said == "no answer within 0.05 seconds"
    busy.result()
    assert len(slow.queue) == 0
    catalogue.close()


@pytest.fixture
def held() -> Iterator[tuple[GraphCatalogue, list[Future[Any]]]]:
    """A catalogue whose queue is held up, and the futures of what is asked meanwhile."""
    slow, free = HostedGraph("films", Answerer(FILMS, MockLanguageModel()), "1"), threading.Event()
    busy = slow.queue.run(free.wait)
    catalogue = GraphCatalogue([slow])
    waiting: list[Future[Any]] = []
    original = HostedGraph.ask

    def ask(*given: Any) -> Any:
        waiting.append(original(*given))
        return waiting[-1]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(HostedGraph, "ask", ask)
        yield catalogue, waiting
    free.set()
    assert busy.result()
    catalogue.close()


def test_a_call_that_is_cancelled_is_asked_for_no_more(
    held: tuple[GraphCatalogue, list[Future[Any]]],
) -> None:
    catalogue, waiting = held

    async def leave() -> None:
        async with Client(create_mcp_server(catalogue)) as client:
            with anyio.move_on_after(0.2):
                await client.call_tool("ask", {"question": "Who directed Kismet?"})

    anyio.run(leave)
    assert [future.cancelled() for future in waiting] == [True]


@pytest.mark.parametrize("version", ["2025-06-18", "2026-07-28"])
def test_a_client_that_leaves_over_http_is_asked_for_no_more(
    held: tuple[GraphCatalogue, list[Future[Any]]], version: str
) -> None:
    catalogue, waiting = held
    call: dict[str, Any] = {"name": "ask", "arguments": {"question": "Who directed Kismet?"}}
    if version > "2026":
        about = {"name": "test", "version": "1"}
        call["_meta"] = {
            "io.modelcontextprotocol/protocolVersion": version,
            "io.modelcontextprotocol/clientInfo": about,
            "io.modelcontextprotocol/clientCapabilities": {},
        }
    body = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": call}
    headers = {
        "host": "127.0.0.1",
        "content-type": "application/json",
        "accept": "application/json, text/event-stream",
        "mcp-protocol-version": version,
        "mcp-method": "tools/call",
        "mcp-name": "ask",
    }
    replies = anyio.run(posted, create_mcp_server(catalogue), json.dumps(body).encode(), headers, waiting)
    assert [future.cancelled() for future in waiting] == [True], replies
    assert replies == []


async def posted(
    server: McpServer, body: bytes, headers: dict[str, str], waiting: list[Future[Any]]
) -> list[Any]:
    """Post a call and leave as soon as it waits; what was sent until then."""
    messages = [{"type": "http.request", "body": body}]
    sent: list[Any] = []
    scope = {
        "type": "http",
        "method": "POST",
        "path": "/mcp",
        "query_string": b"",
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
        "client": ("127.0.0.1", 1),
    }

    async def receive() -> Any:
        if messages:
            return messages.pop()
        with anyio.move_on_after(5):
            while not waiting:
                await anyio.sleep(0.01)
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        sent.append(message)

    app = server.app()
    async with server.session_manager.run():
        await app(scope, receive, send)
    return sent


def test_only_posts_are_taken_over_http(server: McpServer) -> None:
    client = TestClient(server.app(), base_url="http://127.0.0.1")
    for method in ("GET", "DELETE", "PUT", "OPTIONS"):
        reply = client.request(method, "/mcp")
        assert (reply.status_code, reply.headers["allow"]) == (405, "POST")


def test_a_hub_of_chains_is_cut_short_for_agents(server: McpServer) -> None:
    graph = GraphBuilder.of([(f"f{number}", "directed_by", "p") for number in range(9)])
    topics = [f"f{number}" for number in range(9)]
    catalogue = GraphCatalogue([hosted("films", graph)])
    found = told(create_mcp_server(catalogue), "ask", question="Who directed them?", topics=topics)
    assert len(found["answers"][0]["chains"]) == 3
    catalogue.close()
