"""The chat endpoint, asked by the openai client in this process."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable, Iterator
from typing import Any

import openai
import pytest
from openai import OpenAI
from starlette.testclient import TestClient

from kgqa.errors import BudgetError, BusyError
from kgqa.graph import GraphBuilder, Name, Triple
from kgqa.lm import MockLanguageModel
from kgqa.pipeline import Answerer
from kgqa.server import ServerOptions, create_app
from kgqa.server.chat import Remembered
from kgqa.service import GraphCatalogue, HostedGraph, Subjects
from kgqa.web import Secret

EX = "http://ex.org/"
QUESTION = "Who directed Kismet?"


def films_catalogue() -> GraphCatalogue:
    graph = GraphBuilder.of(
        [
            Triple(f"{EX}f1", "directed_by", f"{EX}p1"),
            Triple(f"{EX}f2", "directed_by", f"{EX}p2"),
            Triple(f"{EX}p1", "born_in", f"{EX}c1"),
            Name(f"{EX}f1", "Kismet"),
            Name(f"{EX}f2", "Juarez"),
            Name(f"{EX}p1", "William Dieterle"),
            Name(f"{EX}p2", "[John](http://evil.example)"),
            Name(f"{EX}c1", "Ludwigshafen"),
        ]
    )
    answerer = Answerer(graph, MockLanguageModel(), hops=1)
    return GraphCatalogue([HostedGraph("films", answerer, graph.checksum)])


@pytest.fixture(scope="module")
def catalogue() -> Iterator[GraphCatalogue]:
    found = films_catalogue()
    yield found
    found.close()


def openai_client(catalogue: GraphCatalogue, said: str = "any", **options: Any) -> OpenAI:
    app = create_app(catalogue, ServerOptions(**options))
    http = TestClient(app, base_url="http://127.0.0.1:8000", raise_server_exceptions=False)
    return OpenAI(base_url="http://127.0.0.1:8000/v1", api_key=said, http_client=http, max_retries=0)


@pytest.fixture(scope="module")
def client(catalogue: GraphCatalogue) -> OpenAI:
    return openai_client(catalogue)


def user(*texts: str) -> list[Any]:
    """A conversation: texts of the user, with something said in between."""
    turns = [[{"role": "user", "content": text}, {"role": "assistant", "content": "..."}] for text in texts]
    return [message for turn in turns for message in turn][:-1]


def asked(client: OpenAI, *texts: str, **options: Any) -> Any:
    return client.chat.completions.create(model="films", messages=user(*texts), **options)


def test_graphs_are_models(client: OpenAI) -> None:
    assert [model.id for model in client.models.list()] == ["films"]
    assert client.models.retrieve("films").owned_by == "kgqa"


def test_the_answer_comes_with_proof_chains_and_citations(client: OpenAI) -> None:
    reply = asked(client, QUESTION)
    (choice,) = reply.choices
    proof = "Kismet -[directed_by]-> William Dieterle"
    assert choice.message.content == f"**William Dieterle**\n\n```text\n{proof}\n```"
    assert (choice.finish_reason, choice.message.role, reply.model) == ("stop", "assistant", "films")
    assert reply.usage.total_tokens == reply.usage.prompt_tokens + reply.usage.completion_tokens > 4
    assert reply.kgqa["answers"][0]["chains"] == [[[f"{EX}f1", "directed_by", f"{EX}p1"]]]
    first, second = (cited.url_citation for cited in choice.message.annotations)
    assert (first.url, first.title, second.url) == (f"{EX}p1", "William Dieterle", f"{EX}f1")
    assert choice.message.content[first.start_index : first.end_index] == "William Dieterle"


def test_a_stream_says_the_same_in_pieces(client: OpenAI) -> None:
    whole = asked(client, QUESTION)
    pieces = list(asked(client, QUESTION, stream=True, stream_options={"include_usage": True}))
    *said, usage = pieces
    texts = [piece.choices[0].delta.content for piece in said]
    assert "".join(filter(None, texts)) == whole.choices[0].message.content
    assert len(list(filter(None, texts))) > 2
    assert said[0].choices[0].delta.role == "assistant"
    assert [piece.choices[0].finish_reason for piece in said] == [None] * (len(said) - 1) + ["stop"]
    assert said[-1].kgqa["answers"] == whole.kgqa["answers"]
    (cited,) = [
        piece.choices[0].delta.annotations for piece in said if hasattr(piece.choices[0].delta, "annotations")
    ]
    assert cited == [one.model_dump() for one in whole.choices[0].message.annotations]
    assert (usage.choices, usage.usage) == ([], whole.usage)
    assert len({piece.id for piece in pieces}) == 1


def test_a_stream_may_be_left_before_its_end(client: OpenAI) -> None:
    with asked(client, QUESTION, stream=True) as stream:
        assert next(iter(stream)).choices[0].delta.role == "assistant"
    assert asked(client, QUESTION).choices[0].message.content


@pytest.mark.parametrize("stream", [False, True])
def test_a_follow_up_speaks_of_the_answer_or_of_what_was_asked(client: OpenAI, stream: bool) -> None:
    for texts, about in (
        ((QUESTION, "Where was he born?"), "William Dieterle"),
        (("hello", QUESTION, "Where was he born?", "And where was he born?"), "Ludwigshafen"),
    ):
        reply = asked(client, *texts, stream=stream)
        last = list(reply)[-1] if stream else reply
        assert last.kgqa["about"] == [about]
    alone = asked(client, QUESTION, "Who directed Juarez?")
    assert (alone.kgqa["about"], alone.kgqa["answers"][0]["entity"]) == ([], f"{EX}p2")


def test_earlier_questions_are_not_asked_again(
    catalogue: GraphCatalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, questions = openai_client(catalogue), [QUESTION, "Where was he born?"]
    asked(client, QUESTION)
    said: list[str] = []
    original = HostedGraph.ask

    def ask(self: HostedGraph, question: str, topics: Any = ()) -> Any:
        said.append(question)
        return original(self, question, topics)

    monkeypatch.setattr(HostedGraph, "ask", ask)
    assert asked(client, *questions).kgqa["about"] == ["William Dieterle"]
    assert set(said) == {questions[1]}


def test_the_oldest_conversations_are_forgotten() -> None:
    remembered, subjects = Remembered(most=2), Subjects(("a",), ())
    for number in range(3):
        remembered.put("1", [str(number)], subjects)
    assert [remembered.get("1", [str(number)]) for number in range(3)] == [None, subjects, subjects]
    assert remembered.get("2", ["2"]) is None


def test_a_client_gets_some_of_very_many_answers() -> None:
    graph = GraphBuilder.of([("Kismet", "starred", f"p{number}") for number in range(250)])
    catalogue = GraphCatalogue([HostedGraph("films", Answerer(graph, MockLanguageModel()), graph.checksum)])
    reply = asked(openai_client(catalogue), "Who starred in Kismet?")
    assert (len(reply.kgqa["answers"]), reply.kgqa["total"]) == (100, 250)
    assert reply.choices[0].message.content.count("- **") == 10
    catalogue.close()


def test_a_question_that_names_nothing_gets_a_reply_that_says_so(client: OpenAI) -> None:
    reply = asked(client, "Who wrote what?")
    assert reply.choices[0].message.content.startswith("The graph does not say.\n\n*no entity of the graph")
    assert (reply.kgqa["answers"], reply.choices[0].message.annotations) == ([], [])


def test_names_are_text_and_no_links(client: OpenAI) -> None:
    reply = asked(client, "Who directed Juarez?")
    text = reply.choices[0].message.content
    assert text.startswith("**\\[John\\](http\\://evil.example)**\n")
    cited = reply.choices[0].message.annotations[0].url_citation
    assert text[cited.start_index : cited.end_index] == "\\[John\\](http\\://evil.example)"


def test_parts_and_parameters_of_language_models_are_taken(client: OpenAI) -> None:
    tool = {"type": "function", "function": {"name": "f", "parameters": {"type": "object"}}}
    parts = [{"type": "text", "text": "Who directed"}, {"type": "text", "text": "Kismet?"}]
    create: Any = client.chat.completions.create
    reply = create(
        model="films",
        messages=[
            {"role": "system", "content": "Be brief."},
            {"role": "user", "content": parts},
        ],
        tools=[tool],
        tool_choice="auto",
        temperature=0.2,
        max_tokens=5,
        stop=["x"],
        seed=1,
        response_format={"type": "text"},
        extra_body={"reasoning": {"effort": "none"}},
    )
    assert reply.choices[0].message.content.startswith("**William Dieterle**")
    assert reply.choices[0].message.tool_calls is None


def test_what_was_refused_before_does_not_spoil_the_next_question(client: OpenAI) -> None:
    picture = [{"type": "text", "text": "Look"}, {"type": "image_url", "image_url": {"url": "x"}}]
    create: Any = client.chat.completions.create
    said = create(model="films", messages=[{"role": "user", "content": picture}, *user(QUESTION)])
    assert said.choices[0].message.content.startswith("**William Dieterle**")


def test_half_an_emoji_is_no_fault_of_the_server(catalogue: GraphCatalogue) -> None:
    client = TestClient(create_app(catalogue), base_url="http://127.0.0.1:8000")
    cut = '{"model": "films", "messages": [{"role": "user", "content": "Who directed Kismet? \\ud83d"}]}'
    reply = client.post("/v1/chat/completions", content=cut, headers={"Content-Type": "application/json"})
    assert reply.status_code == 200
    assert reply.json()["kgqa"]["question"] == "Who directed Kismet? ?"


@pytest.mark.parametrize(
    ("options", "param", "code"),
    [
        ({"n": 2}, "n", "unsupported_value"),
        ({"tool_choice": "required"}, "tool_choice", "unsupported_value"),
        ({"response_format": {"type": "json_object"}}, "response_format", "unsupported_value"),
        ({"messages": []}, "messages", "invalid_value"),
        ({"messages": [{"role": "system", "content": "x"}]}, "messages", "invalid_value"),
        ({"messages": [{"role": "user", "content": " "}]}, "messages", "invalid_value"),
        ({"messages": [{"role": "nobody", "content": "x"}]}, "messages.0.role", "invalid_value"),
        ({"messages": user("x" * 2001)}, "messages", "string_above_max_length"),
        ({"messages": user("### Task:\nGenerate a title")}, "messages", "invalid_value"),
        ({"messages": [*user("x"), {"role": "assistant", "content": "y"}]}, "messages", "invalid_value"),
        ({"messages": [{"role": "user", "content": [{"type": "image_url"}]}]}, "messages", "invalid_value"),
    ],
)
def test_what_a_graph_cannot_do_is_refused(
    client: OpenAI, options: dict[str, Any], param: str, code: str | None
) -> None:
    create: Any = client.chat.completions.create
    with pytest.raises(openai.BadRequestError) as caught:
        create(**{"model": "films", "messages": user(QUESTION), **options})
    assert (caught.value.param, caught.value.code, caught.value.type) == (
        param,
        code,
        "invalid_request_error",
    )


def test_an_unknown_model_is_not_found(client: OpenAI) -> None:
    for call in (lambda: client.models.retrieve("x"), lambda: asked_of(client, "x")):
        with pytest.raises(openai.NotFoundError) as caught:
            call()
        assert (caught.value.param, caught.value.code) == ("model", "model_not_found")


def asked_of(client: OpenAI, model: str) -> Any:
    return client.chat.completions.create(model=model, messages=user(QUESTION))


def test_errors_of_every_part_of_the_server_have_the_form_of_openai(
    catalogue: GraphCatalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(openai.AuthenticationError) as refused:
        asked(openai_client(catalogue, "wrong", key=Secret("right")), QUESTION)
    assert refused.value.code == "invalid_api_key"
    assert asked(openai_client(catalogue, "right", key=Secret("right")), QUESTION).model == "films"
    with pytest.raises(openai.APIStatusError) as large:
        asked(openai_client(catalogue, body_bytes=50), QUESTION)
    assert (large.value.status_code, large.value.code) == (413, "request_too_large")
    client = openai_client(catalogue)
    with pytest.raises(openai.NotFoundError, match="Not Found"):
        client.embeddings.create(model="films", input="x")
    for error, status, kind in (
        (BusyError("64 questions wait already", 7), 429, "rate_limit_error"),
        (BudgetError("no answer within 30 seconds"), 504, "server_error"),
        (OSError("/secret"), 500, "server_error"),
    ):
        monkeypatch.setattr(HostedGraph, "ask", raising(error))
        with pytest.raises(openai.APIStatusError) as failed:
            asked(client, QUESTION)
        assert (failed.value.status_code, failed.value.type) == (status, kind)
        assert "/secret" not in failed.value.message
        said = failed.value.response.headers
        assert said.get("retry-after") == ("7" if status == 429 else None)
        assert said.get("x-should-retry") == ("false" if status == 504 else None)


def raising(error: Exception) -> Callable[..., Any]:
    def ask(*_: Any) -> Any:
        raise error

    return ask


def test_who_leaves_is_asked_for_no_more(catalogue: GraphCatalogue) -> None:
    queue, free = catalogue.graph("films").queue, threading.Event()
    busy = queue.run(free.wait)
    body = json.dumps({"model": "films", "messages": user(QUESTION)}).encode()
    messages = [{"type": "http.request", "body": body}, {"type": "http.disconnect"}]
    sent: list[Any] = []
    scope = {
        "type": "http",
        "method": "POST",
        "path": "/v1/chat/completions",
        "query_string": b"",
        "headers": [(b"host", b"127.0.0.1"), (b"content-type", b"application/json")],
    }

    async def receive() -> Any:
        return messages.pop(0) if messages else await asyncio.sleep(60)

    async def send(message: Any) -> None:
        sent.append(message)

    asyncio.run(create_app(catalogue)(scope, receive, send))
    assert not [message for message in sent if message.get("status") == 200]
    assert all(one.future.cancelled() for one in queue._waiting)
    free.set()
    assert busy.result()


def test_a_reply_is_a_completion_as_the_description_of_the_server_says(catalogue: GraphCatalogue) -> None:
    described = create_app(catalogue).openapi()["paths"]["/v1/chat/completions"]["post"]["responses"]
    assert {"200", "400", "401", "404", "413", "429", "504"} <= described.keys()
    assert "text/event-stream" in described["200"]["content"]
