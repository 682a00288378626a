"""Limits of what a client sends and of how slowly it does."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kgqa.counted import counted
from kgqa.server.error_reply import error_reply
from kgqa.server.options import ServerOptions

__all__ = ["BodyLimit"]


class _SlowReader(Exception):
    """A client that does not take its answer."""


class BodyLimit:
    """Reads the body of a request, up to a size and for a time, before the request is handed on."""

    def __init__(self, app: ASGIApp, options: ServerOptions) -> None:
        self._app = app
        self._most, self._seconds = options.body_bytes, options.body_seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse a request whose body is too large or too slow, or hand it on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        length = Headers(scope=scope).get("content-length", "0")
        body = bytearray()
        more = True
        if length.isdecimal() and int(length[:20]) > self._most:
            await self._too_large(scope, receive, send)
            return
        try:
            async with asyncio.timeout(self._seconds):
                while more:
                    message = await receive()
                    if message["type"] == "http.disconnect":
                        return
                    body += message.get("body", b"")
                    more = message.get("more_body", False)
                    if len(body) > self._most:
                        await self._too_large(scope, receive, send)
                        return
        except TimeoutError:
            reply = error_reply(408, f"the request was not whole after {counted(self._seconds, 'second')}")
            await reply(scope, receive, send)
            return
        whole: list[Message] = [{"type": "http.request", "body": bytes(body), "more_body": False}]
        del body

        async def again() -> Message:
            return whole.pop() if whole else await receive()

        async def sent(message: Message) -> None:
            try:
                async with asyncio.timeout(self._seconds):
                    await send(message)
            except TimeoutError:
                raise _SlowReader from None

        with suppress(_SlowReader):  # the connection is closed
            await self._app(scope, again, sent)

    async def _too_large(self, scope: Scope, receive: Receive, send: Send) -> None:
        reply = error_reply(
            413, f"the request is larger than {self._most} bytes", headers={"Connection": "close"}
        )
        await reply(scope, receive, send)
