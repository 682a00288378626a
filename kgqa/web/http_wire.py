"""HTTP requests by the standard library, each within a given time; every outcome is a `Response`."""

from __future__ import annotations

import http.client
import os
import socket
import ssl
import threading
import time
import urllib.request
import weakref
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from kgqa.web.response import Response, Trouble

__all__ = ["HttpRequest", "HttpWire"]

_BLOCK = 2**16
_MOST_ERROR_BYTES = 2**16
_NETWORK_ERRORS = (OSError, http.client.HTTPException, ValueError, zlib.error)
"""What a request may raise: `ValueError` for a header or an address that cannot be sent."""


@dataclass(frozen=True)
class HttpRequest:
    """A request to `url`: with a `body` a POST, else a GET. Headers are not shown, they may have secrets."""

    url: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes | None = None


class HttpWire:
    """Sends requests, without retries and without following redirects; connections are used again.

    Each request ends within the seconds that it is given, however slowly a server answers. Bodies of more
    than `most_bytes` are cut off. Threads may share a wire. The usual environment variables set a proxy.
    """

    def __init__(self, connect_timeout: float = 10.0, most_bytes: int = 2**28) -> None:
        self._connect_timeout = connect_timeout
        self._most_bytes = most_bytes
        self._lock = threading.Lock()
        self._idle: dict[tuple[int, str], list[http.client.HTTPConnection]] = {}
        weakref.finalize(self, _close, self._idle)

    def send(self, request: HttpRequest, seconds: float) -> Response:
        """The response, or what arrived of it in this time."""
        end = time.monotonic() + seconds
        while True:
            connection = self._taken(request.url)
            used = connection is not None
            try:
                if connection is None:
                    left = max(0.01, end - time.monotonic())
                    connection = self._opened(request.url, min(self._connect_timeout, left))
            except _NETWORK_ERRORS as error:
                return _failed(error, connecting=True)
            response = self._exchanged(connection, request, end)
            if used and response.status == 0 and response.trouble == "cut":
                continue  # the server had closed a connection that was idle
            return response

    def _exchanged(
        self, connection: http.client.HTTPConnection, request: HttpRequest, end: float
    ) -> Response:
        expired = threading.Event()
        keep = False
        try:
            with _ended(connection, end, expired):
                response, keep = self._asked(connection, request, end)
        except _NETWORK_ERRORS as error:
            return Response(trouble="timeout") if expired.is_set() else _failed(error)
        finally:
            if keep and not expired.is_set():
                with self._lock:
                    self._idle.setdefault(_place(request.url), []).append(connection)
            else:
                connection.close()
        return Response(trouble="timeout") if expired.is_set() else response

    def _asked(
        self, connection: http.client.HTTPConnection, request: HttpRequest, end: float
    ) -> tuple[Response, bool]:
        """The response, and whether the connection can be used again."""
        parts = urlsplit(request.url)
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        through = getattr(connection, "proxy_headers", None)
        if through is not None:
            target = request.url
        headers = {"Accept-Encoding": "gzip", **request.headers, **(through or {})}
        if connection.sock is not None:
            connection.sock.settimeout(max(0.01, end - time.monotonic()))
        connection.request("GET" if request.body is None else "POST", target, request.body, headers)
        reply = connection.getresponse()
        head = {name.lower(): value for name, value in reply.getheaders()}
        most = self._most_bytes if 200 <= reply.status < 300 else _MOST_ERROR_BYTES
        body, whole = bytearray(), True
        unpack = _unpacker(head.get("content-encoding", ""))
        try:
            while block := reply.read(_BLOCK):
                body += unpack(block)
                if len(body) > most:
                    whole = False
                    break
        except http.client.IncompleteRead as error:
            body += unpack(error.partial)
            return Response(reply.status, head, bytes(body), "cut", "the body is incomplete"), False
        except (OSError, zlib.error) as error:
            return Response(reply.status, head, bytes(body), "cut", str(error)), False
        if not whole and 200 <= reply.status < 300:
            return Response(reply.status, head, bytes(body[:most]), "oversized"), False
        lacking = reply.length not in (None, 0)
        if lacking and whole:
            return Response(reply.status, head, bytes(body), "cut", "the body is incomplete"), False
        return Response(reply.status, head, bytes(body[:most])), whole and not reply.will_close

    def _taken(self, url: str) -> http.client.HTTPConnection | None:
        with self._lock:
            idle = self._idle.get(_place(url))
            return idle.pop() if idle else None

    def _opened(self, url: str, seconds: float) -> http.client.HTTPConnection:
        parts = urlsplit(url)
        host, port, secure = parts.hostname or "", parts.port, parts.scheme == "https"
        kind = http.client.HTTPSConnection if secure else http.client.HTTPConnection
        proxy = _proxy(parts.scheme, host)
        if proxy is None:
            connection = kind(host, port, timeout=seconds)
        else:
            name, place, headers = proxy
            connection = kind(name, place, timeout=seconds)
            if secure:
                connection.set_tunnel(host, port or 443, headers)
            else:
                connection.proxy_headers = headers  # type: ignore[attr-defined]
        connection.connect()
        return connection


def _close(idle: dict[tuple[int, str], list[http.client.HTTPConnection]]) -> None:
    for connections in idle.values():
        for connection in connections:
            connection.close()


def _place(url: str) -> tuple[int, str]:
    """Where a connection goes; connections cannot be used after a fork."""
    parts = urlsplit(url)
    return os.getpid(), f"{parts.scheme}://{parts.netloc}"


def _proxy(scheme: str, host: str) -> tuple[str, int | None, dict[str, str]] | None:
    """Host, port and headers of the proxy that the environment names for a host."""
    proxies = urllib.request.getproxies()
    address = proxies.get(scheme) or proxies.get("all")
    if not address or urllib.request.proxy_bypass(host):
        return None
    try:
        parts = urlsplit(address if "//" in address else f"//{address}")
        port = parts.port
    except ValueError:  # its message may quote a password
        raise OSError("the address of the proxy is not a URL") from None
    if not parts.hostname:
        return None
    headers = {}
    if parts.username is not None:
        import base64
        from urllib.parse import unquote

        login = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
        headers["Proxy-Authorization"] = "Basic " + base64.b64encode(login.encode()).decode()
    return parts.hostname, port, headers


@contextmanager
def _ended(connection: http.client.HTTPConnection, end: float, expired: threading.Event) -> Iterator[None]:
    """Shut a connection at a moment, so that no server holds a request by a byte now and then."""

    def shut() -> None:
        expired.set()
        if connection.sock is not None:
            with suppress(OSError):
                connection.sock.shutdown(socket.SHUT_RDWR)

    watch = threading.Timer(max(0.0, end - time.monotonic()), shut)
    watch.daemon = True
    watch.start()
    try:
        yield
    finally:
        watch.cancel()


def _unpacker(encoding: str) -> Callable[[bytes], bytes]:
    if encoding.strip().lower() in ("gzip", "x-gzip"):
        return zlib.decompressobj(wbits=31).decompress
    return lambda block: block


def _failed(error: Exception, *, connecting: bool = False) -> Response:
    trouble: Trouble = "unreachable" if connecting else "cut"
    if isinstance(error, TimeoutError) and not connecting:
        trouble = "timeout"
    elif (
        isinstance(error, http.client.BadStatusLine | http.client.LineTooLong)
        and not isinstance(error, http.client.RemoteDisconnected)
    ) or (isinstance(error, ValueError | http.client.InvalidURL) and not isinstance(error, ssl.SSLError)):
        trouble = "unusable"
    # the numbers of TLS errors are not those of the system
    number = error.errno if isinstance(error, OSError) and not isinstance(error, ssl.SSLError) else None
    reason = os.strerror(number) if number is not None and number > 0 else str(error)
    return Response(trouble=trouble, reason=reason or type(error).__name__)
