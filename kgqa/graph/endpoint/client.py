"""Asking an endpoint: queries that only read, retried, counted, cached, a few at a time."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from importlib.metadata import PackageNotFoundError, version
from typing import NoReturn
from urllib.parse import urlencode

from kgqa.errors import EndpointDownError, EndpointError, UsageError
from kgqa.graph.endpoint.access import EndpointAccess
from kgqa.graph.endpoint.failure import CutError, Failure, diagnose
from kgqa.graph.endpoint.query_text import version_query
from kgqa.graph.endpoint.reply_cache import EndpointCache
from kgqa.graph.endpoint.results import Row, UnreadableError, number_of, read_rows
from kgqa.graph.endpoint.usage import EndpointUsage
from kgqa.web import BackOff, HttpRequest, HttpWire

__all__ = ["SparqlClient"]

RESULTS = "application/sparql-results+json"
_READS = re.compile(r"(?:PREFIX \w*: <[^<>\s]*>\s*)*(?:SELECT|ASK)\b")
_MOST_STALLS = 3
"""Requests in a row without an answer in time, after which the endpoint counts as down."""
_SERVER = "Server"
"""What stands for a query in the key of what the server says that it is."""
_MOST_GET = 1500
"""Longer queries are sent as a form: servers limit addresses."""


def user_agent() -> str:
    """What requests say that they come from."""
    try:
        own = version("kgqa")
    except PackageNotFoundError:
        own = "0"
    return f"kgqa/{own} (question answering over knowledge graphs; python-http.client)"


@dataclass
class SparqlClient:
    """Sends SELECT and ASK queries to an endpoint, and nothing else: it cannot change a graph.

    `named_graphs` limit the queries to these graphs. With a `cache`, what is there is not asked for. Threads
    may share a client.
    """

    access: EndpointAccess
    named_graphs: tuple[str, ...] = ()
    cache: EndpointCache | None = None
    back_off: BackOff | None = None
    wire: HttpWire = field(default_factory=HttpWire, repr=False)

    def __post_init__(self) -> None:
        self._slots = threading.BoundedSemaphore(self.access.concurrency)
        self._waits = self.back_off or BackOff(self.access.retries)
        self._reached = False
        self._stalls = 0
        self._server = ""

    @property
    def server(self) -> str:
        """What the endpoint says that it is; empty where it has not been asked yet."""
        if not self._server and self.cache is not None:
            self._server = (self.cache.get(self._key(_SERVER)) or b"").decode()
        return self._server

    def select(self, query: str, usage: EndpointUsage) -> list[Row]:
        """The rows of a SELECT query; of an ASK query one, with `yes` where it holds.

        Raises `EndpointError` where there is no answer, `CutError` where a smaller request may have one.
        """
        if not _READS.match(query):
            raise UsageError(f"only SELECT and ASK queries are sent to endpoints, not {query!r:.60}")
        if self.cache is not None and self.cache.version is None and not self.cache.offline:
            self.cache.version = self.graph_version(usage)
        if self.cache is not None and (body := self.cache.get(self._key(query))) is not None:
            usage.count(cached=1)
            return self._read(body, usage)
        if self.cache is not None and self.cache.offline:
            raise CutError(  # what was asked for in parts is there in parts
                f"the endpoint {self.access.url} is not asked (offline), and what it would answer is not in "
                "the cache; ask the same question online before"
            )
        with self._slots:
            began = time.monotonic()
            body, rows = self._sent(query, usage)
            usage.count(seconds=time.monotonic() - began)
        if self.cache is not None:
            self.cache.put(self._key(query), body)
        return rows

    def _sent(self, query: str, usage: EndpointUsage) -> tuple[bytes, list[Row]]:
        end = time.monotonic() + self.access.timeout
        attempt = 0
        while True:
            usage.count(requests=1, retries=int(attempt > 0))
            response = self.wire.send(self._request(query), max(0.0, end - time.monotonic()))
            failure = diagnose(response, self.access)
            self._stalls = self._stalls + 1 if response.trouble == "timeout" else 0
            if failure is not None and self._stalls >= _MOST_STALLS:
                failure = replace(failure, down=True)
            self._reached = self._reached or response.trouble != "unreachable"
            if failure is None:
                self._learn(response.headers.get("server", ""))
                try:
                    return response.body, self._read(response.body, usage)
                except CutError as error:
                    failure = Failure(str(error), passing=True, cut=True)
            wait = self._waits.wait(attempt) if failure.wait is None else failure.wait
            # an address that has never answered is more likely wrong than down for a moment
            hopeless = not failure.passing or not self._reached or time.monotonic() + wait >= end
            if hopeless or attempt >= self._waits.retries:
                raise failure.error()
            attempt += 1
            time.sleep(wait)

    def graph_version(self, usage: EndpointUsage) -> str:
        """What the graph says of its own version; empty where it says nothing."""
        with self._slots:
            try:
                _, rows = self._sent(version_query(), usage)
            except EndpointDownError:
                raise
            except EndpointError:
                return ""
        return "; ".join(sorted(row["v"].text for row in rows if "v" in row))

    def _read(self, body: bytes, usage: EndpointUsage) -> list[Row]:
        try:
            rows, whole = read_rows(body)
        except UnreadableError as error:
            self.refuse(error)
        usage.count(rows=len(rows))
        if not whole:
            usage.note("The endpoint gave terms that no graph can hold, such as triples; they were left out.")
        return rows

    def refuse(self, error: UnreadableError) -> NoReturn:
        """Raise the error of a body that cannot be read."""
        message = f"the endpoint {self.access.url} {error}"
        if error.cut:
            raise CutError(message) from error
        page = "; is that the address of its queries?" if "web page" in str(error) else ""
        raise EndpointError(f"{message}{page}") from error

    def number(self, row: Row, name: str) -> int:
        """The count in a row. Raises `EndpointError` where there is none."""
        try:
            return number_of(row, name)
        except UnreadableError as error:
            self.refuse(error)

    def _request(self, query: str) -> HttpRequest:
        headers = {"Accept": RESULTS, "User-Agent": user_agent(), **self.access.headers}
        form = urlencode([("query", query), *(("default-graph-uri", graph) for graph in self.named_graphs)])
        if len(form) <= _MOST_GET:
            separator = "&" if "?" in self.access.url else "?"
            return HttpRequest(f"{self.access.url}{separator}{form}", headers)
        headers["Content-Type"] = "application/x-www-form-urlencoded"
        return HttpRequest(self.access.url, headers, form.encode())

    def _learn(self, server: str) -> None:
        """Keep what a server says that it is: what it is asked may depend on it."""
        if self.cache is not None and server != self._server:
            self.cache.put(self._key(_SERVER), server.encode())
        self._server = server

    def _key(self, query: str) -> Sequence[str]:
        return (self.access.url, *self.named_graphs, query)
