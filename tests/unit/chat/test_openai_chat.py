from __future__ import annotations

import asyncio
import multiprocessing
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from misbehaving_server import Behaviour, Script, answer, close, hang, http, serving

from kgqa.chat import Budget, ChatModel, Endpoint, Message, OpenAIChat, StreamsChat
from kgqa.chat.testing import check_chat_model
from kgqa.errors import BudgetError, ChatEndpointError, UsageError
from kgqa.web import BackOff

ASKED = [Message("user", "What is the capital of Austria?")]


def chat(url: str, **options: Any) -> OpenAIChat:
    return OpenAIChat(Endpoint(url, "m", **options), back_off=BackOff(2, 0.01, 0.02))


def test_it_is_a_chat_model_and_obeys_the_laws() -> None:
    with serving(answer()) as server:
        model: ChatModel = chat(server.url)
        assert isinstance(model, StreamsChat)
        check_chat_model(model)


def stay(connection: socket.socket, script: Script) -> None:
    """Answer one request, keep the connection open, and answer nothing else on it."""
    http(200, {"choices": [{"message": {"content": "Vienna"}}]}, connection="keep-alive")(connection, script)
    script.over.wait(30)


class Crowd:
    """A behaviour that counts how many requests are answered at the same time."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._now = 0
        self.most = 0

    def __call__(self, connection: socket.socket, script: Script) -> None:
        with self._lock:
            self._now += 1
            self.most = max(self.most, self._now)
        time.sleep(0.03)
        with self._lock:
            self._now -= 1
        answer()(connection, script)


@pytest.mark.parametrize("concurrency", [1, 3])
def test_no_more_requests_than_allowed_are_under_way(concurrency: int) -> None:
    crowd = Crowd()
    with serving(crowd) as server:
        model = chat(server.url, concurrency=concurrency)
        with ThreadPoolExecutor(8) as pool:
            replies = list(pool.map(lambda _: model.reply(ASKED).text, range(16)))
    assert replies == ["Vienna"] * 16
    assert crowd.most == concurrency


def test_threads_learn_what_an_endpoint_does_not_understand_together() -> None:
    def refuses_seed(connection: socket.socket, script: Script) -> None:
        behaviour: Behaviour = http(400, {"error": "seed?"}) if "seed" in script.bodies[-1] else answer()
        behaviour(connection, script)

    with serving(refuses_seed) as server:
        model = chat(server.url, concurrency=1)
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(lambda _: model.reply(ASKED), range(16)))
    assert len(server.requests) == 17


def test_it_works_where_an_event_loop_is_running_as_in_notebooks() -> None:
    async def cell(model: OpenAIChat) -> str:
        return model.reply(ASKED).text

    with serving(answer()) as server:
        model = chat(server.url)
        assert asyncio.run(cell(model)) == "Vienna"
        assert model.reply(ASKED).text == "Vienna"


def test_it_works_in_a_process_that_was_forked_from_one_that_used_it(tmp_path: Path) -> None:
    with serving(stay) as server:
        script = (
            "import os, sys\n"
            "from kgqa.chat import Endpoint, Message, OpenAIChat\n"
            "model, asked = OpenAIChat(Endpoint(sys.argv[1], 'm', timeout=5)), [Message('user', 'hi')]\n"
            "model.reply(asked)\n"
            "child = os.fork()\n"
            "if not child:\n"
            "    os._exit(7 if model.reply(asked).text == 'Vienna' else 1)\n"
            "print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))\n"
        )
        command = [sys.executable, "-W", "ignore::DeprecationWarning", "-c", script, server.url]
        result = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert (result.stdout, result.stderr) == ("7\n", "")
    assert len(server.requests) == 2


def test_an_interrupt_ends_a_request_at_once() -> None:
    with serving(hang) as server:
        script = (
            "import sys\n"
            "from kgqa.chat import Endpoint, Message, OpenAIChat\n"
            "model = OpenAIChat(Endpoint(sys.argv[1], 'm'))\n"
            "try:\n"
            "    model.reply([Message('user', 'hi')])\n"
            "except KeyboardInterrupt:\n"
            "    print('interrupted')\n"
        )
        process = subprocess.Popen(
            [sys.executable, "-c", script, server.url],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            # also where whoever started the tests in the background does not hear it
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )
        deadline = time.monotonic() + 30
        while not server.requests and time.monotonic() < deadline:
            time.sleep(0.01)
        start = time.monotonic()
        process.send_signal(signal.SIGINT)
        output = process.communicate(timeout=30)
        assert time.monotonic() - start < 5
    assert output == ("interrupted\n", "")


def test_an_address_where_nobody_ever_answered_is_tried_once_and_a_known_one_again() -> None:
    with serving(answer(), close) as server:
        model = chat(server.url)
        model.reply(ASKED)
    started = time.monotonic()
    with pytest.raises(ChatEndpointError, match="cannot be reached"):
        model.reply(ASKED)
    known = time.monotonic() - started
    slow = OpenAIChat(Endpoint(server.url, "m"), back_off=BackOff(4, first=30.0, longest=30.0))
    started = time.monotonic()
    with pytest.raises(ChatEndpointError, match="cannot be reached"):
        slow.reply(ASKED)
    assert time.monotonic() - started < 5
    assert known >= 0.01


def test_the_rate_is_kept_and_a_wait_beyond_the_time_is_refused_at_once() -> None:
    with serving(answer()) as server:
        endpoint = Endpoint(server.url, "m", requests_per_minute=2)
        model = OpenAIChat(endpoint, budget=Budget(max_seconds=30))
        model.reply(ASKED)
        model.reply(ASKED)
        with pytest.raises(BudgetError, match="rate limit of m lets the next request through in"):
            model.reply(ASKED)
        assert len(server.requests) == 2


@pytest.mark.parametrize(("messages", "tokens"), [([], 5), (ASKED, 0)])
def test_a_conversation_without_messages_or_room_is_refused(messages: Sequence[Message], tokens: int) -> None:
    model = chat("http://127.0.0.1:9/v1")
    with pytest.raises(UsageError, match="needs a message, and max_tokens must be 1 or more"):
        model.reply(messages, max_tokens=tokens)
    with pytest.raises(UsageError, match="needs a message, and max_tokens must be 1 or more"):
        list(model.stream(messages, max_tokens=tokens))


def test_half_surrogates_are_sent_as_question_marks() -> None:
    with serving(answer()) as server:
        chat(server.url).reply([Message("user", "a\ud800b\x00\u202e")])
    assert server.bodies[0]["messages"][0]["content"] == "a?b\x00\u202e"


def test_models_that_are_gone_leave_no_connection_behind() -> None:
    with serving(stay) as server:
        kept = chat(server.url)
        kept.reply(ASKED)
        before = len(os.listdir("/proc/self/fd"))
        models = [chat(server.url) for _ in range(5)]
        for model in models:
            model.reply(ASKED)
        assert len(os.listdir("/proc/self/fd")) >= before + 10, "both ends are here"
        del model, models
        deadline = time.monotonic() + 5
        while len(os.listdir("/proc/self/fd")) > before + 5 and time.monotonic() < deadline:
            time.sleep(0.05)
        assert len(os.listdir("/proc/self/fd")) <= before + 5


def test_a_spawned_process_makes_its_own(tmp_path: Path) -> None:
    with serving(answer()) as server, multiprocessing.get_context("spawn").Pool(1) as pool:
        assert pool.apply(_asked, (server.url,)) == "Vienna"


def _asked(url: str) -> str:
    return chat(url).reply(ASKED).text
