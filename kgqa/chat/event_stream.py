"""Reading a reply from a stream of server-sent events."""

from __future__ import annotations

from collections.abc import Iterator

from kgqa.chat.completion import Completion, Unreadable, read_completion, read_events, read_piece
from kgqa.chat.endpoint import Endpoint
from kgqa.chat.failure import Failure, diagnose, unreadable
from kgqa.web import Response

__all__ = ["read_stream"]

_DONE = "[DONE]"


def read_stream(pieces: Iterator[bytes | Response], endpoint: Endpoint) -> Iterator[Completion | Failure]:
    """The pieces of a reply; the last item is a failure where there was one.

    The reply of a server that does not stream is one piece. A stream that ends without saying so is a
    failure, whatever came before.
    """
    body = _Body(pieces)
    first = next(body, b"")
    while not first.strip() and body.end is None:
        first += next(body, b"")
    if first.lstrip()[:1] in (b"{", b"<"):
        yield _whole(first, body, endpoint)
        return
    complete = False
    for data in read_events(_with_first(first, body)):
        if data == _DONE:
            return
        piece = read_piece(data)
        if isinstance(piece, Unreadable):
            yield unreadable(piece, endpoint)
            return
        complete = complete or bool(piece.stopped)
        yield piece
    failure = diagnose(body.end or Response(trouble="cut"), endpoint)
    if failure is None and not complete:
        failure = diagnose(Response(trouble="cut"), endpoint)
    if failure is not None:
        yield failure


class _Body:
    """The bytes of a response; afterwards, `end` says how it ended."""

    def __init__(self, pieces: Iterator[bytes | Response]) -> None:
        self._pieces = pieces
        self.end: Response | None = None

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        piece = next(self._pieces)
        if isinstance(piece, Response):
            self.end = piece
            raise StopIteration
        return piece


def _with_first(first: bytes, body: _Body) -> Iterator[bytes]:
    yield first
    yield from body


def _whole(first: bytes, body: _Body, endpoint: Endpoint) -> Completion | Failure:
    found = read_completion(b"".join(_with_first(first, body)))
    failure = None if body.end is None else diagnose(body.end, endpoint)
    if failure is not None:
        return failure
    return unreadable(found, endpoint) if isinstance(found, Unreadable) else found
