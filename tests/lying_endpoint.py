"""A SPARQL endpoint that answers by pyoxigraph, and lies as it is told."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pyoxigraph

__all__ = ["Asked", "Lie", "LyingEndpoint", "at_most", "instead", "lying", "once", "truth"]

Lie = Callable[["Asked"], None]
"""Sends the response to one request."""


class Asked:
    """One request, and the true answer to it."""

    def __init__(self, handler: BaseHTTPRequestHandler, query: str, body: bytes) -> None:
        self.handler = handler
        self.query = query
        self.body = body

    def send(
        self, status: int = 200, body: bytes | None = None, length: int | None = None, **headers: str
    ) -> None:
        """A response; underscores in the names of headers are hyphens; `length` is what it claims to have."""
        body = self.body if body is None else body
        self.handler.send_response(status)
        names = {"content_type": "application/sparql-results+json"} | headers
        for name, value in names.items():
            self.handler.send_header(name.replace("_", "-"), value)
        self.handler.send_header("content-length", str(len(body) if length is None else length))
        self.handler.end_headers()
        self.handler.wfile.write(body)

    def with_rows(self, change: Callable[[list[Any]], list[Any]]) -> bytes:
        """The true answer with other rows."""
        value = json.loads(self.body)
        value["results"]["bindings"] = change(value["results"]["bindings"])
        return json.dumps(value).encode()


class LyingEndpoint:
    """What was asked of a server, and where it is."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.over = threading.Event()
        self.queries: list[str] = []
        self.headers: list[dict[str, str]] = []


def truth(asked: Asked) -> None:
    """The true answer."""
    asked.send()


def once(lie: Lie, then: Lie = truth) -> Lie:
    """A lie for the first request only."""
    told = threading.Event()

    def tell(asked: Asked) -> None:
        if told.is_set():
            then(asked)
        else:
            told.set()
            lie(asked)

    return tell


def at_most(rows: int, **headers: str) -> Lie:
    """No more rows than this, whatever was asked."""
    return lambda asked: asked.send(200, asked.with_rows(lambda found: found[:rows]), None, **headers)


def instead(status: int, body: str, **headers: str) -> Lie:
    """This response, whatever was asked."""
    return lambda asked: asked.send(status, body.encode(), None, **headers)


@contextmanager
def lying(
    facts: str, lie: Lie = truth, understood: Callable[[str], str] = str, server: str = ""
) -> Iterator[LyingEndpoint]:
    """A server on loopback with these facts (Turtle), that says that it is `server`.

    `understood` is what it takes a query for: of text indexes a server has more than SPARQL.
    """
    store = pyoxigraph.Store()
    store.load(facts.encode(), format=pyoxigraph.RdfFormat.TURTLE)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True  # else the body waits until the head is acknowledged

        def do_GET(self) -> None:
            self.answer(urlsplit(self.path).query)

        def do_POST(self) -> None:
            self.answer(self.rfile.read(int(self.headers["content-length"])).decode())

        def answer(self, form: str) -> None:
            query = parse_qs(form)["query"][0]
            endpoint.queries.append(query)
            endpoint.headers.append({name.lower(): value for name, value in self.headers.items()})
            found = store.query(understood(query))
            assert isinstance(found, pyoxigraph.QuerySolutions)
            body = found.serialize(format=pyoxigraph.QueryResultsFormat.JSON)
            assert body is not None
            with suppress(OSError):
                lie(Asked(self, query, body))

        def version_string(self) -> str:
            return server or super().version_string()

        def log_message(self, format: str, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as listener:
        listener.daemon_threads = True
        endpoint = LyingEndpoint(f"http://127.0.0.1:{listener.server_port}/sparql")
        thread = threading.Thread(target=listener.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield endpoint
        finally:
            endpoint.over.set()
            listener.shutdown()
            thread.join()
