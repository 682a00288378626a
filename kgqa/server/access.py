"""Who may ask: the key, and the names by which a server may be called."""

from __future__ import annotations

import hmac
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from kgqa.server.error_reply import error_reply
from kgqa.server.options import ServerOptions

__all__ = ["Access"]

_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_OPEN = ("/", "/health", "/docs", "/openapi.json")
_OPEN_FOLDERS = ("/page/",)


class Access:
    """Refuses requests without the key, and those that a foreign page lets a browser make.

    Such a page may call a server on loopback by a name of its own (DNS rebinding), which `Host` tells, or by
    its address, which `Origin` tells. The page and its files, `/docs` and `/health` need no key.
    """

    def __init__(self, app: ASGIApp, options: ServerOptions) -> None:
        self._app = app
        self._key = options.key
        bound = (*_LOOPBACK, options.host) if options.is_loopback else ()
        self._hosts = frozenset(name.lower() for name in (*bound, *options.hosts))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse a request, or hand it on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        if self._hosts and _host(headers.get("host", "")) not in self._hosts:
            reply = error_reply(400, "the server is not called by this name; --allow-host adds one")
        elif not _same_origin(headers):
            reply = error_reply(403, "a page of another origin may not call this server")
        elif not self._may_enter(scope["path"], headers):
            reply = error_reply(
                401, "a key is needed: Authorization: Bearer KEY", headers={"WWW-Authenticate": "Bearer"}
            )
        else:
            await self._app(scope, receive, send)
            return
        await reply(scope, receive, send)

    def _may_enter(self, path: str, headers: Headers) -> bool:
        if self._key is None or path in _OPEN or path.startswith(_OPEN_FOLDERS):
            return True
        scheme, _, value = headers.get("authorization", "").partition(" ")
        given = value.strip() if scheme.lower() == "bearer" else headers.get("x-api-key", "")
        return hmac.compare_digest(given.encode(), self._key.reveal().encode())


def _host(value: str) -> str:
    """The name in a Host header, without its port; empty for what is none."""
    try:
        return (urlsplit(f"//{value}").hostname or "").lower()
    except ValueError:
        return ""


def _same_origin(headers: Headers) -> bool:
    origin = headers.get("origin")
    if origin is None:
        return True
    try:
        return urlsplit(origin).netloc.lower() == headers.get("host", "").lower()
    except ValueError:
        return False
