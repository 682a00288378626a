"""Whatever a server does, a call ends in time with a reply or one clear error, after few requests."""

from __future__ import annotations

import gzip
import json
import logging
import re
import time
import traceback
from typing import Any

import pytest
from endpoint_calls import ASKED, KEY, OK_HEAD, QUICK, SCHEMA, chat, error_of, failing, streamed
from hypothesis import given
from hypothesis import strategies as st
from misbehaving_server import (
    Behaviour,
    answer,
    close,
    drip,
    endless,
    hang,
    http,
    raw,
    serving,
    stream,
)
from property_examples import examples

from kgqa.chat import Reply
from kgqa.errors import ChatEndpointError, ChatError, KgqaError


def test_a_good_reply_is_given_with_what_it_took() -> None:
    with serving(answer("Vienna")) as server:
        reply = chat(server.url).reply(ASKED, max_tokens=7)
    assert (reply.text, reply.finished) == ("Vienna", True)
    assert (reply.usage.requests, reply.usage.prompt_tokens, reply.usage.completion_tokens) == (1, 10, 2)
    assert (reply.usage.cost, reply.usage.estimated) == (None, 0)
    (body,) = server.bodies
    assert body["messages"] == [{"role": turn.role, "content": turn.content} for turn in ASKED]
    assert (body["temperature"], body["seed"], body["max_tokens"], body["model"]) == (0, 0, 7, "m")
    assert f"authorization: bearer {KEY}" in server.requests[0].lower()


def test_what_may_pass_is_asked_again() -> None:
    passing = [http(500, "oops"), close, http(200, '{"choices": [{"mess', length=500), http(503, "")]
    for trouble in passing:
        with serving(trouble, trouble, answer("Vienna")) as server:
            reply = chat(server.url).reply(ASKED)
        assert (reply.text, reply.usage.requests, len(server.requests)) == ("Vienna", 3, 3)


@pytest.mark.parametrize(
    ("status", "said", "message"),
    [
        (401, {"error": {"message": "Incorrect API key"}}, "refuses access.*key was not accepted.*Incorrect"),
        (403, {"error": "no"}, "refuses access"),
        (400, {"error": {"message": "This model's maximum context length is 8 tokens"}}, "too long for m"),
        (413, "", "too long for m"),
        (400, {"detail": [{"loc": ["body", "messages"], "msg": "bad"}]}, "refused the request.*bad"),
        (429, {"error": {"message": "gone", "code": "insufficient_quota"}}, "no credit left"),
        (302, "", "redirects to elsewhere"),
    ],
)
def test_what_will_not_pass_is_asked_once(status: int, said: Any, message: str) -> None:
    error, requests = failing(http(status, said))
    assert requests == 1
    assert re.search(message, str(error)), str(error)


def test_only_what_concerns_every_conversation_is_an_error_of_the_endpoint() -> None:
    for status in (401, 302, 429):
        assert isinstance(failing(http(status, ""))[0], ChatEndpointError)
    for body in ({"error": "maximum context length"}, {"error": "bad"}):
        assert not isinstance(failing(http(400, body))[0], ChatEndpointError)
    assert not isinstance(failing(http(500, ""))[0], ChatEndpointError)  # until it has failed in a row


def test_an_unknown_model_is_answered_with_those_that_there_are() -> None:
    listing = http(200, {"object": "list", "data": [{"id": "llama"}, {"id": "qwen"}, {"nonsense": 1}, 5]})
    error, requests = failing(http(404, {"error": "model 'm' not found"}), listing)
    assert "it has llama, qwen" in str(error)
    assert requests == 2
    for listing in (http(500, ""), http(200, "[]"), http(200, {"data": 3}), close):
        error, requests = failing(http(404, "<html>Not Found"), listing)
        assert "Most end in /v1" in str(error)
        assert requests == 2


def test_an_unreachable_endpoint_says_which_and_what_to_do() -> None:
    with serving(answer()) as server:
        pass
    error = error_of(lambda: chat(server.url).reply(ASKED))
    assert "Connection refused" in str(error)
    assert f"the LLM at {server.url} cannot be reached" in str(error)
    assert "is the server running?" in str(error)
    assert "OPENAI_BASE_URL" in str(error)


def test_a_server_without_encryption_behind_https_says_so() -> None:
    with serving(answer()) as server:
        model = chat(server.url.replace("http:", "https:"))
        assert "SSL" in str(error_of(lambda: model.reply(ASKED)))
    assert not server.requests


def test_a_proxy_that_is_gone_is_named_without_its_password(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with serving(answer()) as server:
        pass
    for name in ("NO_PROXY", "no_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HTTP_PROXY", server.url.replace("://", "://anna:pass-word-9876@"))
    error = error_of(lambda: chat("http://llm.example.org/v1").reply(ASKED))
    assert "cannot be reached" in str(error)
    assert "through the proxy in HTTP_PROXY" in str(error)
    assert "pass-word-9876" not in f"{error}{error!r}{caplog.text}"


def test_a_name_that_no_name_server_knows_says_so() -> None:
    error = error_of(lambda: chat("http://no-such-host.invalid/v1").reply(ASKED))
    assert "http://no-such-host.invalid/v1 cannot be reached (" in str(error)


@pytest.mark.parametrize(
    "slow",
    [
        hang,
        drip(),
        drip(OK_HEAD + b"\r\n"),
        drip(OK_HEAD + b"x: ", b"y"),
        drip(b"HTTP/1.1 500 Oops\r\ncontent-type: text/plain\r\n\r\n"),
        drip(b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 100 Continue\r\n\r\n"),
    ],
    ids=["never", "headers", "body", "one header", "error body", "interim"],
)
def test_slow_bytes_do_not_hold_a_call_beyond_its_deadline(slow: Behaviour) -> None:
    start = time.monotonic()
    error, requests = failing(slow, timeout=0.4)
    assert 0.3 < time.monotonic() - start < 3
    assert isinstance(error, ChatError)
    assert not isinstance(error, ChatEndpointError)
    assert requests <= 1
    assert "did not answer within 0.4 seconds" in str(error)


@pytest.mark.parametrize(
    "body",
    [
        endless(),
        endless(OK_HEAD + b"transfer-encoding: chunked\r\n\r\n", b"10000\r\n" + b" " * 65536 + b"\r\n"),
        endless(b"HTTP/1.1 500 Oops\r\n\r\n"),
        endless(b"HTTP/1.1 302 Found\r\nlocation: /x\r\n\r\n"),
        endless(b"HTTP/1.1 200 OK\r\n", b"x: y\r\n" * 4000),
        raw(OK_HEAD + b"content-encoding: gzip\r\n\r\n" + gzip.compress(b" " * 100_000_000, 9)),
    ],
    ids=["body", "chunks", "error", "redirect", "headers", "gzip bomb"],
)
def test_what_has_no_end_is_cut_off(body: Behaviour) -> None:
    start = time.monotonic()
    _, requests = failing(body, timeout=8.0)
    assert time.monotonic() - start < 8
    assert requests <= 3


@pytest.mark.parametrize(
    ("response", "message"),
    [
        (http(200, "<!DOCTYPE html><title>Login", content_type="text/html"), "web page.*/v1"),
        (http(200, '{"choices": [{"mess'), "not valid JSON"),
        (http(200, ""), "not valid JSON"),
        (http(200, b"\xff\xfe\x00"), "not valid JSON"),
        (http(200, "[" * 100_000), "not valid JSON"),
        (http(200, "9" * 5000), "not valid JSON"),
        (http(200, "null"), "not valid JSON"),
        (answer(choices=[]), "no choices"),
        (answer(choices=None), "no choices"),
        (answer(choices=[{"text": "an old completion"}]), "no choices"),
        (answer(None), "no text"),
        (http(200, {"error": {"message": "out of memory"}}), "reported: out of memory"),
        (
            answer(choices=[{"message": {"content": None, "refusal": "I cannot."}}]),
            "refuses to answer: I cannot",
        ),
        (
            answer(choices=[{"message": {"content": None}, "finish_reason": "content_filter"}]),
            "refuses to answer.*content filter",
        ),
        (raw(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\ncontent-length: 8\r\n\r\n{}"), "connection|HTTP"),
        (raw(b"SSH-2.0-OpenSSH_9.2\r\n"), "connection|HTTP"),
        (raw(OK_HEAD + b"content-encoding: gzip\r\n\r\nno gzip"), "HTTP"),
        (raw(OK_HEAD + b"transfer-encoding: chunked\r\n\r\nzz\r\n"), "connection|HTTP"),
        (http(204, ""), "not valid JSON"),
        (http(304, ""), "redirects to elsewhere"),
        (http(418, "I'm a\nteapot \x1b[31m"), "418"),
    ],
)
def test_what_is_no_reply_is_one_clear_error(response: Behaviour, message: str) -> None:
    error, requests = failing(response)
    assert re.search(message, str(error)), str(error)
    assert requests <= 3


def test_odd_replies_are_read() -> None:
    parts = [{"type": "text", "text": "Vi"}, {"type": "image"}, {"type": "text", "text": "enna"}]
    cut = {"message": {"content": "Vie"}, "finish_reason": "length"}
    thinking = {"message": {"content": None, "reasoning": "hm"}, "finish_reason": "length"}
    cases: list[tuple[Behaviour, str, bool]] = [
        (answer(choices=[{"message": {"content": parts}, "finish_reason": "stop"}]), "Vienna", True),
        (answer(choices=[cut]), "Vie", False),
        (answer(choices=[thinking]), "", False),
        (answer(""), "", True),
        (answer(choices=[{"message": {"content": "Vienna"}}]), "Vienna", True),
        (answer("a\x00\u2028\ud800b"), "a\x00\u2028\ud800b", True),
    ]
    for behaviour, text, finished in cases:
        with serving(behaviour) as server:
            reply = chat(server.url).reply(ASKED)
        assert (reply.text, reply.finished) == (text, finished)
    wrong_type = http(200, json.dumps({"choices": [cut]}), content_type="text/plain; charset=latin-1")
    with serving(wrong_type) as server:
        assert chat(server.url).reply(ASKED).text == "Vie"


@pytest.mark.parametrize("usage", [None, {}, [], "many", {"prompt_tokens": 10**30, "completion_tokens": -1}])
def test_token_counts_that_are_missing_or_absurd_are_estimated_and_marked(usage: Any) -> None:
    with serving(answer("Vienna", usage=usage)) as server:
        reply = chat(server.url).reply(ASKED)
    assert reply.usage.estimated == 1
    assert 10 <= reply.usage.prompt_tokens <= 40
    assert 1 <= reply.usage.completion_tokens <= 6


def test_retry_after_is_waited_for_and_no_longer_than_the_timeout() -> None:
    with serving(http(429, "slow down", retry_after="0.3"), answer()) as server:
        start = time.monotonic()
        assert chat(server.url).reply(ASKED).text == "Vienna"
        assert time.monotonic() - start >= 0.3
    start = time.monotonic()
    error, requests = failing(http(429, "slow down", retry_after="3600"))
    assert time.monotonic() - start < 3
    assert requests == 1
    assert "gets too many requests (429): slow down" in str(error)
    error, requests = failing(http(429, "slow down"))
    assert requests == 3


def test_an_endpoint_that_keeps_failing_is_not_asked_for_a_while() -> None:
    with serving(hang) as server:
        model = chat(server.url, timeout=0.2)
        start = time.monotonic()
        errors = [str(error_of(lambda: model.reply(ASKED))) for _ in range(200)]
        assert time.monotonic() - start < 15
    assert len(server.requests) <= 5
    assert all("did not answer" in error for error in errors[:5])
    assert all("failed 5 times in a row" in error and "did not answer" in error for error in errors[5:])


def test_a_conversation_that_fails_does_not_count_against_the_endpoint() -> None:
    with serving(http(400, {"error": "maximum context length"})) as server:
        model = chat(server.url)
        for _ in range(20):
            assert "too long" in str(error_of(lambda: model.reply(ASKED)))
    assert len(server.requests) == 20
    passing, too_long = http(401, ""), http(400, {"error": "maximum context length"})
    with serving(*[passing, passing, passing, too_long] * 3) as server:
        model = chat(server.url)
        for _ in range(12):
            assert "in a row" not in str(error_of(lambda: model.reply(ASKED)))
    assert len(server.requests) == 12


def test_an_endpoint_that_is_left_alone_does_not_wait_for_its_rate_limit() -> None:
    with serving(http(401, "")) as server:
        model = chat(server.url, requests_per_minute=5)
        start = time.monotonic()
        errors = [str(error_of(lambda: model.reply(ASKED))) for _ in range(50)]
        assert time.monotonic() - start < 20
    assert len(server.requests) == 5
    assert all("in a row" in error for error in errors[5:])


ANYTHING: list[Behaviour] = [
    answer(),
    answer(None),
    answer(choices=[]),
    answer("{", usage={"prompt_tokens": 10**40}),
    close,
    drip(pause=0.05),
    hang,
    http(200, "{"),
    http(200, "<html>"),
    http(301, "", location="http://127.0.0.1:1/"),
    http(400, {"error": "temperature"}),
    http(401, {"error": KEY}),
    http(404, {"error": {"message": None}}),
    http(422, {"detail": []}),
    http(429, "", retry_after="0"),
    http(429, "", retry_after="-5"),
    http(429, "", retry_after="Thu, 01 Jan 1970 00:00:00 GMT"),
    http(429, "", retry_after="soon"),
    http(500, {"error": [[[]]]}),
    http(503, "", retry_after="nan"),
    http(599, "x" * 100_000),
    raw(b""),
    raw(b"\x00\xff" * 40),
    stream("Vi", ends=""),
]


@examples(40)
@given(st.lists(st.sampled_from(ANYTHING), min_size=1, max_size=6), st.booleans(), st.booleans())
def test_whatever_a_server_does_a_call_ends_in_time_after_few_requests(
    behaviours: list[Behaviour], schema: bool, streams: bool
) -> None:
    with serving(*behaviours) as server:
        model = chat(server.url, timeout=0.2)
        start = time.monotonic()
        outcome: Reply | KgqaError
        try:
            outcome = streamed(model)[1] if streams else model.reply(ASKED, schema=SCHEMA if schema else None)
        except KgqaError as error:
            outcome = error
        assert isinstance(outcome, KgqaError) or outcome.usage.requests >= 1
        assert "\n" not in str(outcome)
        assert KEY not in str(outcome)
        assert time.monotonic() - start < 3
        most = 2 * (QUICK.retries + 1) * 6
        assert len(server.requests) <= most


@pytest.mark.parametrize("login", ["", "anna:pass-word-9876@"])
def test_no_key_is_shown_anywhere(login: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    for name in ("openai", "httpx", "httpx2", "httpcore", "httpcore2"):
        caplog.set_level(logging.DEBUG, name)
    echo = {"error": {"message": f"wrong: Bearer {KEY}, pass-word-9876, YW5uYTpwYXNzLXdvcmQtOTg3Ng=="}}
    troubles = [
        http(401, echo),
        http(500, echo),
        http(400, echo),
        http(404, echo),
        http(200, echo),
        stream(ends=f"data: {json.dumps(echo)}\n\n"),
        close,
        hang,
        answer(),
    ]
    heads = [
        http(302, "", location=f"http://anna:pass-word-9876@127.0.0.1/{KEY}?key={KEY}"),
        raw(f"HTTP/9 {KEY} pass-word-9876\r\n\r\n".encode()),
    ]
    shown = []
    for trouble in (*troubles, *heads):
        if trouble in heads:  # the HTTP library's own trace quotes the heads of responses
            caplog.set_level(logging.INFO, "httpcore2")
            caplog.set_level(logging.INFO, "httpcore")
        with serving(trouble) as server:
            url = server.url.replace("://", f"://{login}")
            model = chat(url, timeout=0.3)
            shown += [
                repr(model),
                repr(model.endpoint),
                repr(model.identity),
                repr(vars(model.endpoint)),
                model.name,
            ]
            for call in (lambda model: model.reply(ASKED), lambda model: list(model.stream(ASKED))):
                try:
                    call(model)
                except ChatError as error:
                    shown.append("".join(traceback.format_exception(error)))
                    shown += [repr(link) + str(link) for link in chain_of(error)]
        scheme = "basic yw5u" if login else f"bearer {KEY}"
        assert f"authorization: {scheme}" in server.requests[0].lower()
    text = "\n".join([*shown, caplog.text])
    assert "HTTP Request" in text, "the client's own log was not captured"
    for secret in (KEY, "pass-word-9876", "YW5uYTpwYXNzLXdvcmQtOTg3Ng")[: 3 if login else 1]:
        assert secret not in text


def chain_of(error: BaseException | None) -> list[BaseException]:
    """An error with all that it was raised from or in."""
    found: list[BaseException] = []
    while error is not None:
        found.append(error)
        error = error.__cause__ or error.__context__
    return found
