"""Replies in pieces: whole at the end, or one clear error."""

from __future__ import annotations

import re
import socket
import threading
import time
from contextlib import suppress

import pytest
from endpoint_calls import ASKED, chat, error_of, streamed
from misbehaving_server import (
    Behaviour,
    Script,
    answer,
    drip,
    endless,
    hang,
    http,
    serving,
    stream,
)


def test_a_stream_gives_its_pieces_and_the_whole() -> None:
    usage = {"choices": [], "usage": {"prompt_tokens": 9, "completion_tokens": 3}}
    end = {"choices": [{"delta": {}, "finish_reason": "stop"}]}
    with serving(stream("Vi", "en", "na", end, usage)) as server:
        pieces, reply = streamed(chat(server.url))
    assert pieces == ["Vi", "en", "na"]
    assert (reply.text, reply.finished) == ("Vienna", True)
    assert (reply.usage.prompt_tokens, reply.usage.completion_tokens, reply.usage.estimated) == (9, 3, 0)
    assert server.bodies[0]["stream_options"] == {"include_usage": True}


def test_a_stream_without_done_is_whole_when_it_says_why_it_ended() -> None:
    end = {"choices": [{"delta": {"content": "na"}, "finish_reason": "length"}]}
    with serving(stream("Vien", end, ends=": over\n\n")) as server:
        pieces, reply = streamed(chat(server.url))
    assert (pieces, reply.finished, reply.usage.estimated) == (["Vien", "na"], False, 1)


def test_a_server_that_does_not_stream_gives_one_piece() -> None:
    with serving(answer("Vienna")) as server:
        assert streamed(chat(server.url))[0] == ["Vienna"]


def test_a_stream_is_begun_again_only_before_its_first_piece() -> None:
    with serving(http(500, ""), stream("Vienna")) as server:
        assert streamed(chat(server.url))[0] == ["Vienna"]
    with serving(stream("Vi", ends="")) as server:
        pieces = chat(server.url).stream(ASKED)
        assert next(pieces) == "Vi"
        assert "closed the connection" in str(error_of(lambda: next(pieces)))
        assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("behaviour", "message"),
    [
        (stream("Vi", ends="data: {half"), "closed the connection"),
        (stream("Vi", ends="data: {half\n\n"), "not valid JSON"),
        (stream("Vi", ends='data: {"error": {"message": "lost the GPU"}}\n\n'), "lost the GPU"),
        (http(200, "<html>", content_type="text/html"), "web page"),
        (http(200, ""), "an empty response"),
        (http(401, ""), "refuses access"),
        (
            drip(b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n", b": wait\n\n"),
            "did not answer",
        ),
        (endless(b"HTTP/1.1 200 OK\r\n\r\n", b"data: {}\n\n" * 9999), "more than a reply|did not answer"),
        (endless(b"HTTP/1.1 200 OK\r\n\r\n", b"x" * 65536), "more than a reply|did not answer"),
        (hang, "did not answer"),
    ],
)
def test_a_stream_that_goes_wrong_is_one_clear_error(behaviour: Behaviour, message: str) -> None:
    with serving(behaviour) as server:
        model = chat(server.url, timeout=1.0)
        start = time.monotonic()
        assert re.search(message, str(error_of(lambda: list(model.stream(ASKED)))))
        assert time.monotonic() - start < 4


def test_a_stream_that_nobody_reads_on_is_closed() -> None:
    event = b'data: {"choices": [{"delta": {"content": "x"}}]}\n\n'
    head = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n"
    closed = threading.Event()

    def until_closed(connection: socket.socket, script: Script) -> None:
        with suppress(OSError):
            drip(head, event)(connection, script)
        if not script.over.is_set():
            closed.set()

    with serving(until_closed, answer()) as server:
        model = chat(server.url, concurrency=1, timeout=30.0)
        pieces = model.stream(ASKED)
        assert next(pieces) == "x"
        pieces.close()
        assert model.reply(ASKED).text == "Vienna"
        assert closed.wait(10)
