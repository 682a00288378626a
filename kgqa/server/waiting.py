"""Waiting for a result: not longer than the deadline, and only as long as the client waits too."""

from __future__ import annotations

import asyncio
from concurrent.futures import Future
from typing import TypeVar

from fastapi import Request

from kgqa.counted import counted
from kgqa.errors import BudgetError

__all__ = ["ClientLeft", "result_of"]

Found = TypeVar("Found")


class ClientLeft(Exception):
    """The client closed the connection before its answer was there."""


async def result_of(request: Request, future: Future[Found], seconds: float) -> Found:
    """The result of a queue's future. Raises `BudgetError` after so many seconds, and `ClientLeft`.

    In both cases a question that was not begun is taken out of its queue.
    """
    result = asyncio.wrap_future(future)
    gone = asyncio.ensure_future(_left(request))
    try:
        done, _ = await asyncio.wait((result, gone), timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    finally:
        gone.cancel()
        if not result.done():
            result.cancel()
    if result in done:
        return result.result()
    if gone in done:
        raise ClientLeft
    raise BudgetError(f"no answer within {counted(seconds, 'second')}")


async def _left(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
