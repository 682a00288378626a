"""Answers whose chains are sent as they are found."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from concurrent.futures import Future
from contextlib import suppress
from typing import Any

from fastapi import APIRouter
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import StreamingResponse

from kgqa.counted import counted
from kgqa.errors import BudgetError
from kgqa.pipeline import Outcome
from kgqa.server.dependencies import Hosted, Options
from kgqa.server.error_reply import error_object, error_responses
from kgqa.server.routes.ask import AskedWithLimit
from kgqa.server.shapes import EVENTS
from kgqa.server.waiting import ClientLeft
from kgqa.service import HostedGraph

__all__ = ["router"]

router = APIRouter(
    prefix="/api/v1/graphs/{graph}",
    tags=["questions"],
    responses=error_responses(400, 401, 404, 413, 422, 429, of_page=True),
)


class EventStream(StreamingResponse):
    """Server-sent events."""

    media_type = "text/event-stream"


@router.post(
    "/ask/stream",
    response_class=EventStream,
    responses={
        200: {
            "description": "Events: `topics` (a list), `chain` (text, triples, log_probability) as each is "
            "found, then `answer` (the reply of /ask) or `error` (the object of an error).",
            "content": EVENTS,
        }
    },
)
async def stream(asked: AskedWithLimit, hosted: Hosted, options: Options) -> EventStream:
    """Answer a question, and send chains as they are found; before they are ranked, so in any order."""
    told = _Told()
    future = hosted.stream(asked.question, asked.topics, told.topics, told.chain)
    headers = {"X-Accel-Buffering": "no"}  # else proxies hold the events back
    return EventStream(_events(told, future, hosted, asked, options.deadline), headers=headers)


class _Told:
    """What another thread tells of a search, until the client leaves."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._events: asyncio.Queue[str | None] = asyncio.Queue()
        self.left = False

    def topics(self, topics: tuple[str, ...]) -> None:
        self._tell(_event("topics", list(topics)))

    def chain(self, chain: Any) -> None:
        self._tell(_event("chain", chain.to_dict()))

    def end(self, _: object) -> None:
        with suppress(RuntimeError):  # the server has ended meanwhile
            self._loop.call_soon_threadsafe(self._events.put_nowait, None)

    async def next(self, end: float) -> str | None:
        """The next event, `None` after the last. Raises `TimeoutError` at a time of the monotonic clock."""
        return await asyncio.wait_for(self._events.get(), max(0.0, end - time.monotonic()))

    def _tell(self, event: str) -> None:
        if self.left:
            raise ClientLeft
        self._loop.call_soon_threadsafe(self._events.put_nowait, event)


async def _events(
    told: _Told, future: Future[Outcome], hosted: HostedGraph, asked: AskedWithLimit, seconds: float
) -> AsyncIterator[str]:
    began = time.monotonic()
    future.add_done_callback(told.end)
    try:
        while (event := await told.next(began + seconds)) is not None:
            yield event
        taken = time.monotonic() - began
        answer = await run_in_threadpool(hosted.ask_object, future.result(), taken, asked.limit)
        yield _event("answer", answer)
    except TimeoutError:
        yield _event("error", error_object(BudgetError(f"no answer within {counted(seconds, 'second')}")))
    except Exception as error:
        yield _event("error", error_object(error))
    finally:
        told.left = True
        future.cancel()


def _event(kind: str, value: Any) -> str:
    return f"event: {kind}\ndata: {json.dumps(value, ensure_ascii=False)}\n\n"
