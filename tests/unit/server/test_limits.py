import asyncio
import time
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pytest
from starlette.requests import Request
from starlette.testclient import TestClient
from unit.service.test_question_queue import Held

from kgqa.errors import BudgetError
from kgqa.server import ServerOptions, create_app
from kgqa.server.waiting import ClientLeft, result_of
from kgqa.service import GraphCatalogue, HostedGraph, QuestionQueue

ASK = "/api/v1/graphs/held/ask"


def held_client(held: Held, queue: QuestionQueue, options: ServerOptions | None = None) -> TestClient:
    catalogue = GraphCatalogue([HostedGraph("held", held, "1", queue)])
    return TestClient(create_app(catalogue, options), base_url="http://127.0.0.1:8000")


def test_a_full_queue_is_429_with_the_time_to_wait() -> None:
    held, queue = Held(), QuestionQueue(most=1)
    client = held_client(held, queue)
    with ThreadPoolExecutor() as threads:
        first = threads.submit(client.post, ASK, json={"question": "first"})
        held.began.wait(10)
        second = threads.submit(client.post, ASK, json={"question": "second"})
        while not len(queue):
            time.sleep(0.001)
        refused = client.post(ASK, json={"question": "third"})
        held.go.set()
        assert (first.result().status_code, second.result().status_code) == (200, 200)
    assert (refused.status_code, refused.json()["error"]["type"]) == (429, "BusyError")
    assert int(refused.headers["retry-after"]) >= 1


def test_an_answer_that_takes_too_long_is_504_and_a_question_that_waits_is_dropped() -> None:
    held, queue = Held(), QuestionQueue()
    client = held_client(held, queue, ServerOptions(deadline=0.05))
    assert client.post(ASK, json={"question": "first"}).status_code == 504
    late = client.post(ASK, json={"question": "second"})
    assert (late.status_code, late.json()["error"]["type"]) == (504, "BudgetError")
    held.go.set()
    queue.run(lambda: None).result(10)
    assert held.batches == [["first"]]


def test_a_body_beyond_the_limit_is_413_with_and_without_its_length() -> None:
    client = held_client(Held(), QuestionQueue(), ServerOptions(body_bytes=100))
    headers = {"Content-Type": "application/json"}
    for content in (b"x" * 101, (b"x" * 50 for _ in range(3))):
        refused = client.post(ASK, content=content, headers=headers)
        assert (refused.status_code, refused.json()["error"]["type"]) == (413, "TooLarge")
    assert client.post(ASK, content=b"x" * 100, headers=headers).status_code == 422


def test_an_error_that_nobody_foresaw_shows_nothing() -> None:
    class Broken(Held):
        def run(self, *given: Any, **named: Any) -> Any:
            raise OSError("/secret/place: no such file")

    client = held_client(Broken(), QuestionQueue())
    quiet = TestClient(client.app, base_url="http://127.0.0.1:8000", raise_server_exceptions=False)
    reply = quiet.post(ASK, json={"question": "x"})
    assert reply.status_code == 500
    assert "secret" not in reply.text
    assert reply.json()["error"]["type"] == "InternalError"
    assert reply.headers["x-content-type-options"] == "nosniff"


class Messages:
    """What a server receives from a client: nothing more, until it leaves."""

    def __init__(self) -> None:
        self.left = asyncio.Event()

    async def __call__(self) -> dict[str, str]:
        await self.left.wait()
        return {"type": "http.disconnect"}


def test_a_client_that_leaves_takes_its_question_along() -> None:
    future: Future[None] = Future()

    async def scene() -> None:
        messages = Messages()
        request = Request({"type": "http"}, messages)
        waiting = asyncio.create_task(result_of(request, future, 10))
        await asyncio.sleep(0)
        messages.left.set()
        with pytest.raises(ClientLeft):
            await waiting

    asyncio.run(scene())
    assert future.cancelled()


def test_the_deadline_is_that_of_the_wait() -> None:
    future: Future[None] = Future()

    async def scene() -> None:
        with pytest.raises(BudgetError, match=r"no answer within 0\.01 seconds"):
            await result_of(Request({"type": "http"}, Messages()), future, 0.01)

    asyncio.run(scene())
    assert future.cancelled()
