"""Chat models over the network, with a real server: `transformers serve` on loopback."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from tiny_models import tiny_model

from kgqa.chat import CachedChat, Endpoint, Message, OpenAIChat, Prices, ReplyCache
from kgqa.chat.testing import check_chat_model
from kgqa.errors import ChatError
from kgqa.lm.hf.local_chat import LocalChat

ASKED = [Message("user", "who directed Kismet?")]
START = 60.0
"""Seconds that a server may take; it takes about five."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("served")
    for part in tiny_model("qwen2"):
        part.save_pretrained(place / "model")
    return place / "model"


@pytest.fixture(scope="module")
def address(folder: Path) -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    cache = folder.parent / "hub"
    cache.mkdir()
    command = [sys.executable, "-m", "transformers.cli.transformers", "serve", str(folder), "--device", "cpu"]
    environment = os.environ | {
        "HF_HUB_OFFLINE": "1",
        "HF_HUB_CACHE": str(cache),
        "OMP_NUM_THREADS": "1",
        "no_proxy": "127.0.0.1",
    }
    with (folder.parent / "log").open("wb") as log:
        server = subprocess.Popen(
            [*command, "--host", "127.0.0.1", "--port", str(port)],
            env=environment,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    try:
        _wait(server, f"http://127.0.0.1:{port}/health", folder.parent / "log")
        yield f"http://127.0.0.1:{port}/v1"
    finally:
        server.terminate()
        server.wait(10)


def _wait(server: subprocess.Popen[bytes], url: str, log: Path) -> None:
    deadline = time.monotonic() + START
    while time.monotonic() < deadline:
        assert server.poll() is None, log.read_text("utf-8", errors="replace")[-2000:]
        try:
            with urllib.request.urlopen(url, timeout=1):
                return
        except OSError:
            time.sleep(0.1)
    raise AssertionError(log.read_text("utf-8", errors="replace")[-2000:])


@pytest.fixture
def model(address: str, folder: Path) -> OpenAIChat:
    return OpenAIChat(Endpoint(address, str(folder), prices=Prices(1.0, 2.0), concurrency=4))


def test_it_replies_as_the_same_model_in_this_process(model: OpenAIChat, folder: Path) -> None:
    here = LocalChat.load(folder, device="cpu").reply(ASKED, max_tokens=12)
    there = model.reply(ASKED, max_tokens=12)
    assert there.text == here.text
    assert there.finished == here.finished
    assert there.usage.completion_tokens == here.usage.completion_tokens == 12
    assert there.usage.prompt_tokens == here.usage.prompt_tokens
    assert there.usage.cost == pytest.approx((there.usage.prompt_tokens + 2 * 12) / 1e6)


def test_it_obeys_the_laws_of_a_chat_model(model: OpenAIChat) -> None:
    check_chat_model(model, max_tokens=6)


def test_a_stream_comes_in_pieces(model: OpenAIChat) -> None:
    pieces = list(model.stream(ASKED, max_tokens=12))
    assert len(pieces) > 1
    assert "".join(pieces) == model.reply(ASKED, max_tokens=12).text


def test_a_schema_that_it_ignores_is_put_into_words(model: OpenAIChat) -> None:
    schema = {"type": "object", "required": ["answers"]}
    first, second = (model.reply(ASKED, schema=schema, max_tokens=40) for _ in range(2))
    assert (first.usage.requests, second.usage.requests) in ((2, 1), (1, 1))
    if first.finished:
        assert second.usage.prompt_tokens > 40


def test_many_threads_ask_at_once(model: OpenAIChat, tmp_path: Path) -> None:
    cached = CachedChat(model, ReplyCache(tmp_path / "replies.sqlite"))
    questions = [[Message("user", f"what is {number}?")] for number in range(20)]
    with ThreadPoolExecutor(8) as pool:
        first = list(pool.map(lambda asked: cached.reply(asked, max_tokens=4), questions))
        again = list(pool.map(lambda asked: cached.reply(asked, max_tokens=4), questions))
    assert [reply.text for reply in again] == [reply.text for reply in first]
    assert sum(reply.usage.requests for reply in first) == 20
    assert sum(reply.usage.cached for reply in again) == 20


def test_a_model_that_it_does_not_serve_is_one_clear_error(address: str) -> None:
    with pytest.raises(ChatError, match="nope") as caught:
        OpenAIChat(Endpoint(address, "nope")).reply(ASKED)
    assert address in str(caught.value)


def test_the_wrong_path_is_one_clear_error(address: str, folder: Path) -> None:
    with pytest.raises(ChatError, match="Most end in /v1"):
        OpenAIChat(Endpoint(address.removesuffix("/v1"), str(folder))).reply(ASKED)


def test_a_conversation_beyond_its_window_is_an_error_or_a_reply(model: OpenAIChat) -> None:
    try:
        reply = model.reply([Message("user", "word " * 3000)], max_tokens=4)
    except ChatError as error:
        assert "\n" not in json.dumps(str(error))  # noqa: PT017
    else:
        assert reply.usage.prompt_tokens > 3000
