"""Requests of MCP clients over HTTP, as far as a server without sessions has a use for them."""

from __future__ import annotations

import anyio
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

__all__ = ["PostsOnly"]


class PostsOnly:
    """Hands on POST requests, and ends one whose client has left.

    GET would open a stream for messages from the server, of which there are none; it is refused, as the
    protocol has it.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand a request on, or refuse it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if scope["method"] != "POST":
            refusal = PlainTextResponse("only POST is allowed here", 405, {"Allow": "POST"})
            await refusal(scope, receive, send)
            return
        messages = [message := await receive()]
        while message.get("more_body", False):
            messages.append(message := await receive())

        async def again() -> Message:
            if not messages:
                await anyio.sleep_forever()
            return messages.pop(0)

        async def leave() -> None:
            while (await receive())["type"] != "http.disconnect":
                pass
            tasks.cancel_scope.cancel()

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(leave)
            await self._app(scope, again, send)
            tasks.cancel_scope.cancel()
