"""An OpenAI-compatible endpoint that misbehaves as it is told, request by request."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any, TypeAlias

__all__ = ["Behaviour", "Script", "answer", "close", "drip", "endless", "hang", "http", "serving", "stream"]

Behaviour: TypeAlias = Callable[[socket.socket, "Script"], None]
"""Answers one request on its connection, or does not."""


class Script:
    """What a server does: its behaviours in turn, the last one over and over; `requests` are what came."""

    def __init__(self, behaviours: Sequence[Behaviour]) -> None:
        self._behaviours = list(behaviours)
        self._lock = threading.Lock()
        self.requests: list[str] = []
        self.url = ""
        self.over = threading.Event()

    def take(self, request: str) -> Behaviour:
        with self._lock:
            self.requests.append(request)
            return self._behaviours.pop(0) if len(self._behaviours) > 1 else self._behaviours[0]

    @property
    def bodies(self) -> list[dict[str, Any]]:
        """The JSON bodies of the requests that had one."""
        bodies = [request.partition("\r\n\r\n")[2] for request in self.requests]
        return [json.loads(body) for body in bodies if body]


@contextmanager
def serving(*behaviours: Behaviour) -> Iterator[Script]:
    """A server on loopback that answers each connection's one request in a thread of its own."""
    script = Script(behaviours)
    with socket.create_server(("127.0.0.1", 0), backlog=64) as listener:
        script.url = f"http://127.0.0.1:{listener.getsockname()[1]}/v1"
        threads: list[threading.Thread] = []

        def accept() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                thread = threading.Thread(target=_serve, args=(connection, script))
                threads.append(thread)
                thread.start()

        acceptor = threading.Thread(target=accept)
        acceptor.start()
        try:
            yield script
        finally:
            script.over.set()
            with suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            listener.close()
            acceptor.join()
            for thread in threads:
                thread.join()


def _serve(connection: socket.socket, script: Script) -> None:
    connection.settimeout(10)
    with connection, suppress(OSError):
        request = _request(connection)
        if request:
            script.take(request)(connection, script)


def _request(connection: socket.socket) -> str:
    received = b""
    while b"\r\n\r\n" not in received:
        chunk = connection.recv(65536)
        if not chunk:
            return ""
        received += chunk
        if received[:1] == b"\x16":  # the beginning of TLS, which is answered as real servers do
            connection.sendall(b"HTTP/1.1 400 Bad Request\r\nconnection: close\r\n\r\n")
            return ""
    head, _, body = received.partition(b"\r\n\r\n")
    length = 0
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            length = int(line.partition(b":")[2])
    while len(body) < length:
        body += connection.recv(65536)
    return (head + b"\r\n\r\n" + body).decode("utf-8", errors="replace")


def http(
    status: int, body: bytes | str | dict[str, Any], *, length: int | None = None, **headers: str
) -> Behaviour:
    """A response; underscores in the names of headers are hyphens; `length` is what it claims to have."""
    data = json.dumps(body) if isinstance(body, dict) else body
    raw = data.encode() if isinstance(data, str) else data
    names = {"content_type": "application/json", "connection": "close"} | headers
    lines = [f"HTTP/1.1 {status} Whatever", f"content-length: {len(raw) if length is None else length}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in names.items()]
    response = "\r\n".join(lines).encode() + b"\r\n\r\n" + raw

    def behave(connection: socket.socket, script: Script) -> None:
        connection.sendall(response)

    return behave


def answer(text: str | None = "Vienna", **more: Any) -> Behaviour:
    """A reply as it should be; `more` replaces parts of its body."""
    message = {"role": "assistant", "content": text}
    body: dict[str, Any] = {
        "id": "1",
        "object": "chat.completion",
        "created": 1,
        "model": "m",
        "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 10, "completion_tokens": 2, "total_tokens": 12},
    }
    return http(200, body | more)


def stream(*events: str | dict[str, Any], ends: str = "data: [DONE]\n\n") -> Behaviour:
    """A stream of these pieces of text (or whole events), then what ends it, then a closed connection."""
    parts = []
    for event in events:
        if isinstance(event, str):
            event = {"choices": [{"index": 0, "delta": {"content": event}, "finish_reason": None}]}
        parts.append(f"data: {json.dumps(event)}\n\n")
    return raw(
        b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n"
        + ("".join(parts) + ends).encode()
    )


def raw(response: bytes) -> Behaviour:
    """These bytes, whatever they are, and a closed connection."""

    def behave(connection: socket.socket, script: Script) -> None:
        connection.sendall(response)

    return behave


def hang(connection: socket.socket, script: Script) -> None:
    """Never answer."""
    script.over.wait(30)


def close(connection: socket.socket, script: Script) -> None:
    """Close the connection at once."""


def drip(beginning: bytes = b"HTTP/1.1 200 OK\r\n", drop: bytes = b"x", pause: float = 0.02) -> Behaviour:
    """A beginning, then a drop at a time without end: no single wait is ever long."""

    def behave(connection: socket.socket, script: Script) -> None:
        connection.sendall(beginning)
        while not script.over.wait(pause):
            connection.sendall(drop)

    return behave


def endless(
    beginning: bytes = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n",
    block: bytes = b" " * 65536,
) -> Behaviour:
    """A beginning, then as many bytes as are taken, without end."""

    def behave(connection: socket.socket, script: Script) -> None:
        connection.sendall(beginning)
        while not script.over.is_set():
            connection.sendall(block)

    return behave
