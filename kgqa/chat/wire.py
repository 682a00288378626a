"""HTTP requests through the `openai` client, the only module that imports it; itself imported late.

Every outcome is a `Response`: no exception of the client leaves this module, since they may quote keys.
"""

from __future__ import annotations

import asyncio
import base64
import os
import queue
import ssl
import threading
import time
import weakref
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import Future
from contextlib import AbstractAsyncContextManager
from typing import Any, TypeAlias, TypeVar

import openai

from kgqa.chat.endpoint import Endpoint
from kgqa.web import Response, Trouble

__all__ = ["MOST_BYTES", "Wire"]

MOST_BYTES = 16 * 2**20
"""Replies have kilobytes; a longer response is cut off."""

_MOST_ERROR_BYTES = 64 * 2**10
_GRACE = 1.0
"""Seconds that the event loop has to report a timeout; after them it is assumed."""

Piece: TypeAlias = bytes | Response
Call: TypeAlias = Callable[[openai.AsyncOpenAI], AbstractAsyncContextManager[Any]]

Result = TypeVar("Result")


class Wire:
    """Sends requests to an endpoint, without retries; each ends within the seconds that it is given."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint
        self._clients: dict[int, openai.AsyncOpenAI] = {}
        weakref.finalize(self, _close, self._clients)

    def stream(self, body: dict[str, Any], seconds: float) -> Iterator[Piece]:
        """The bytes of a response as they arrive; the last item is a `Response` that says how it ended."""
        return self._pieces(
            lambda client: client.chat.completions.with_streaming_response.create(**body), seconds
        )

    def post(self, body: dict[str, Any], seconds: float) -> Response:
        """The whole response to a chat request."""
        return _gathered(self.stream(body, seconds))

    def models(self, seconds: float) -> Response:
        """The whole response to a request for the list of models."""
        return _gathered(self._pieces(lambda client: client.models.with_streaming_response.list(), seconds))

    def _pieces(self, call: Call, seconds: float) -> Iterator[Piece]:
        received: queue.SimpleQueue[Piece] = queue.SimpleQueue()
        end = time.monotonic() + seconds + _GRACE
        future = _start(self._exchange(call, seconds, received.put))
        try:
            while True:
                left = end - time.monotonic()  # the time also bounds reading what has already arrived
                piece = received.get(timeout=left) if left > 0 else Response(trouble="timeout")
                yield piece
                if isinstance(piece, Response):
                    return
        except queue.Empty:
            yield Response(trouble="timeout")
        finally:
            future.cancel()

    async def _exchange(self, call: Call, seconds: float, put: Callable[[Piece], None]) -> None:
        """Put the bytes of a response, then the response without them."""
        try:
            async with asyncio.timeout(seconds), call(self._client()) as response:
                size, head = 0, Response(response.status_code, dict(response.headers))
                async for chunk in response.iter_bytes():
                    size += len(chunk)
                    if size > MOST_BYTES:
                        head = Response(head.status, head.headers, trouble="oversized")
                        break
                    put(chunk)
        except Exception as error:  # the network raises anything
            head = _failed(error)
        put(head)

    def _client(self) -> openai.AsyncOpenAI:
        """The client of this process: connections cannot be used after a fork."""
        client = self._clients.get(os.getpid())
        if client is None:
            client = self._clients[os.getpid()] = _client(self._endpoint)
        return client


class _Refused(openai.OpenAIError):
    """A response with an error status, and the beginning of its body."""

    def __init__(self, response: Response) -> None:
        super().__init__()
        self.response = response


async def _refuse(response: Any) -> None:
    """Raise `_Refused` for an error status or a redirect; only the beginning of the body is read."""
    if response.is_success:
        return
    body = bytearray()
    async for chunk in response.aiter_bytes():
        body += chunk
        if len(body) > _MOST_ERROR_BYTES:
            break
    raise _Refused(Response(response.status_code, dict(response.headers), bytes(body[:_MOST_ERROR_BYTES])))


def _client(endpoint: Endpoint) -> openai.AsyncOpenAI:
    headers = {}
    if endpoint.login is not None:
        headers["Authorization"] = "Basic " + base64.b64encode(endpoint.login.reveal().encode()).decode()
    timeout = openai.Timeout(None, connect=endpoint.connect_timeout)
    return openai.AsyncOpenAI(
        api_key="none" if endpoint.key is None else endpoint.key.reveal(),
        base_url=endpoint.base_url,
        max_retries=0,
        timeout=timeout,
        default_headers=headers,
        http_client=openai.DefaultAsyncHttpxClient(
            timeout=timeout, follow_redirects=False, event_hooks={"response": [_refuse]}
        ),
    )


def _close(clients: dict[int, openai.AsyncOpenAI]) -> None:
    client = clients.pop(os.getpid(), None)
    if client is not None:
        _start(client.close())


def _gathered(pieces: Iterator[Piece]) -> Response:
    body = bytearray()
    for piece in pieces:
        if isinstance(piece, Response):
            return Response(
                piece.status, piece.headers, piece.body or bytes(body), piece.trouble, piece.reason
            )
        body += piece
    raise AssertionError("a response always ends")


def _failed(error: Exception) -> Response:
    """The response for an exception of the client or of its HTTP library."""
    cause = error.__cause__ if isinstance(error, openai.APIConnectionError) else error
    for found in (error, cause):
        if isinstance(found, _Refused):
            return found.response
    # by name: the client moved to another HTTP library, whose classes kept their names
    kinds = {kind.__name__ for kind in type(cause or error).__mro__}
    troubles: tuple[tuple[set[str], Trouble], ...] = (
        ({"ConnectError", "ConnectTimeout", "ProxyError"}, "unreachable"),
        ({"TimeoutError", "TimeoutException", "APITimeoutError"}, "timeout"),
        ({"DecodingError", "LocalProtocolError", "UnsupportedProtocol", "InvalidURL"}, "unusable"),
    )
    trouble: Trouble = next((name for names, name in troubles if names & kinds), "cut")
    return Response(trouble=trouble, reason=_reason(cause or error))


def _reason(error: BaseException) -> str:
    """The innermost reason of the operating system (refused, no such host), else the error's message."""
    reason, link = str(error) or type(error).__name__, error.__cause__ or error.__context__
    while link is not None:
        if isinstance(link, ssl.SSLError):
            reason = str(link)
        elif isinstance(link, OSError) and link.errno:
            known = link.errno > 0 and not hasattr(link, "winerror")  # name servers use numbers below 0
            reason = os.strerror(link.errno) if known else link.strerror or reason
        if isinstance(link, BaseExceptionGroup):
            link = link.exceptions[0]
        else:
            link = link.__cause__ or link.__context__
    return reason


_LOCK = threading.Lock()
_loops: dict[int, asyncio.AbstractEventLoop] = {}


def _start(work: Coroutine[Any, Any, Result]) -> Future[Result]:
    """Run a coroutine in the event loop of a background thread; cancelling the future cancels it there.

    Works in threads, in notebooks whose own loop is running, and in a forked child.
    """
    return asyncio.run_coroutine_threadsafe(work, _loop())


def _loop() -> asyncio.AbstractEventLoop:
    with _LOCK:
        loop = _loops.get(os.getpid())
        if loop is None:
            loop = _loops[os.getpid()] = asyncio.new_event_loop()
            threading.Thread(target=loop.run_forever, name="kgqa-chat", daemon=True).start()
        return loop


def _after_fork() -> None:
    """A child inherits the lock, perhaps held by a thread that it does not have."""
    global _LOCK
    _LOCK = threading.Lock()


if hasattr(os, "register_at_fork"):  # Windows cannot fork
    os.register_at_fork(after_in_child=_after_fork)
