"""Running the application until a signal ends it."""

from __future__ import annotations

import asyncio
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Literal

import uvicorn
from starlette.types import ASGIApp

from kgqa.server.app import create_app
from kgqa.server.impatient_protocol import ImpatientProtocol
from kgqa.server.options import ServerOptions
from kgqa.service import GraphCatalogue

__all__ = ["serve", "serve_app"]

_BEGUN_WITHIN, _FINISHED_WITHIN = 2.0, 1.5
"""Seconds after a signal in which questions that wait are begun, and seconds then to finish them."""
_ENDED_WITHIN = 4.0
"""Seconds after a signal after which connections that are left are cut."""


def serve(
    catalogue: GraphCatalogue,
    options: ServerOptions,
    started: Callable[[str], None] = lambda _: None,
    *,
    bound: socket.socket | None = None,
) -> None:
    """Serve until SIGINT or SIGTERM; then take no more, and answer what waits, for 4 seconds at most.

    `started` is called with the URL of the server, once it listens at `bound`, by default a socket of
    `ServerOptions.bind`, which may raise.
    """
    serve_app(create_app(catalogue, options), catalogue, options, started, bound=bound)


def serve_app(
    app: ASGIApp,
    catalogue: GraphCatalogue,
    options: ServerOptions,
    started: Callable[[str], None] = lambda _: None,
    *,
    bound: socket.socket | None = None,
    lifespan: Literal["on", "off"] = "off",
) -> None:
    """Serve an application of a catalogue's graphs, as `serve` does."""
    config = uvicorn.Config(
        app,
        http=partial(ImpatientProtocol, seconds=options.body_seconds),  # type: ignore[arg-type]
        ws="none",
        lifespan=lifespan,
        log_level="warning",
        access_log=False,
        server_header=False,
        limit_concurrency=options.connections,
        timeout_keep_alive=30,
        timeout_graceful_shutdown=round(_ENDED_WITHIN),
        proxy_headers=False,
    )
    catalogue.watch()
    try:
        _Server(config, catalogue, started).run([bound or options.bind()])
    finally:
        catalogue.close()


class _Server(uvicorn.Server):
    """A server that ends by itself after a signal, as it would without one."""

    def __init__(
        self, config: uvicorn.Config, catalogue: GraphCatalogue, started: Callable[[str], None]
    ) -> None:
        super().__init__(config)
        self._catalogue, self._started = catalogue, started

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Handle signals while the server runs; they are not raised again when it has ended."""
        known = {sig: signal.signal(sig, self.handle_exit) for sig in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for sig, handler in known.items():
                signal.signal(sig, handler)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen, and tell the address: with port 0, the system has chosen one."""
        await super().startup(sockets)
        assert sockets
        host, port = sockets[0].getsockname()[:2]
        self._started(f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}")

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Answer what waits, then close."""
        closing = asyncio.create_task(
            asyncio.to_thread(self._catalogue.drain, _BEGUN_WITHIN, _FINISHED_WITHIN)
        )
        await super().shutdown(sockets)
        await closing
