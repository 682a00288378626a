from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from kgqa.chat import Message
from kgqa.chat.completion import (
    Completion,
    Unreadable,
    joined,
    read_completion,
    read_error,
    read_events,
    read_models,
    read_piece,
)
from kgqa.chat.dialect import Dialect, fits, unfenced
from kgqa.chat.endpoint import Endpoint
from kgqa.chat.failure import diagnose
from kgqa.errors import ChatError
from kgqa.web import Response

WORDS = (
    "choices message delta content finish_reason refusal usage prompt_tokens completion_tokens error detail "
    "data id text type code param"
)
NAMES = st.sampled_from(WORDS.split())
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.just("length"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=20,
)


def shaped(part: str) -> st.SearchStrategy[dict[str, Any]]:
    """Values that look more like a completion, with anything where something else should be."""
    message = st.fixed_dictionaries({}, optional={"content": JSON, "refusal": JSON})
    choice = st.fixed_dictionaries({part: message | JSON}, optional={"finish_reason": JSON})
    counts = st.dictionaries(NAMES, JSON, max_size=4)
    return st.fixed_dictionaries(
        {"choices": st.lists(choice | JSON, max_size=2) | JSON},
        optional={"usage": counts | JSON, "error": JSON},
    )


@given(shaped("message") | JSON, st.binary(max_size=3))
def test_any_body_is_a_reply_or_unreadable(value: Any, junk: bytes) -> None:
    for body in (json.dumps(value).encode(), json.dumps(value).encode() + junk, junk):
        found = read_completion(body)
        check(found)
        assert "\n" not in read_error(body)
        assert len(read_error(body)) <= 400
        assert all(isinstance(name, str) for name in read_models(body))


@given(shaped("delta") | JSON)
def test_any_event_is_a_piece_or_unreadable(value: Any) -> None:
    check(read_piece(json.dumps(value)))


def check(found: Completion | Unreadable) -> None:
    if isinstance(found, Unreadable):
        assert found.reason
        assert "\n" not in found.reason
    else:
        assert isinstance(found.text, str)
        assert isinstance(found.stopped, str)
        assert all(
            count is None or 0 <= count <= 10**8 for count in (found.prompt_tokens, found.completion_tokens)
        )


@given(
    st.integers(0, 700), st.dictionaries(st.sampled_from(["location", "retry-after"]), st.text()), st.binary()
)
def test_any_response_is_readable_or_one_error_of_one_line(
    status: int, headers: dict[str, str], body: bytes
) -> None:
    failure = diagnose(Response(status, headers, body), Endpoint("http://localhost/v1", "m"))
    if failure is None:
        assert 200 <= status < 300
    else:
        assert isinstance(failure.error(), ChatError)
        assert "\n" not in failure.message
        assert failure.wait is None or failure.wait >= 0


EVENT = st.text(st.characters(exclude_characters="\n\r", exclude_categories=["Cs"]), max_size=6).map(
    str.strip
)


@given(st.lists(EVENT, max_size=5), st.integers(1, 7), st.sampled_from(["\n", "\r\n"]))
def test_events_do_not_depend_on_how_their_bytes_arrive(events: list[str], size: int, newline: str) -> None:
    text = "".join(f": comment{newline}event: x{newline}data: {event}{newline}{newline}" for event in events)
    whole = f"{text}data: never ended".encode()
    chunks = [whole[at : at + size] for at in range(0, len(whole), size)]
    assert list(read_events(chunks)) == list(read_events([whole]))
    assert list(read_events(chunks)) == [event.strip() for event in events]


@given(st.lists(st.text(max_size=5), max_size=6))
def test_pieces_join_to_the_whole(texts: list[str]) -> None:
    whole = Completion()
    for number, text in enumerate(texts):
        whole = joined(whole, Completion(text, "stop" if number == 2 else "", prompt_tokens=number or None))
    assert whole.text == "".join(texts)
    assert whole.stopped == ("stop" if len(texts) > 2 else "")
    assert whole.prompt_tokens == (len(texts) - 1 or None if texts else None)


COMPLAINTS = (
    "temperature",
    "seed",
    "max_completion_tokens",
    "stream_options",
    "maxItems",
    "response_format",
    "x",
)


@given(st.lists(st.sampled_from(COMPLAINTS)))
def test_a_dialect_narrows_only_a_few_times(complaints: list[str]) -> None:
    dialect: Dialect | None = Dialect()
    narrowed = 0
    while dialect is not None:
        before, dialect = dialect, dialect.narrower(" ".join(complaints), schema=True, stream=True)
        narrowed += dialect is not None
        assert dialect != before
    assert 1 <= narrowed <= 6
    body = before.body("m", [Message("user", "x")], {"type": "object"}, 5, 0.0, 0, stream=True)
    for complaint, name in (
        ("temperature", "temperature"),
        ("seed", "seed"),
        ("stream_options", "stream_options"),
    ):
        assert (name in body) == (complaint not in complaints)
    assert "response_format" not in body
    assert "JSON schema" in body["messages"][-1]["content"]


@given(st.text(alphabet='{}[]":,a1 \n`', max_size=20))
def test_what_fits_is_json(text: str) -> None:
    schema = {"type": "object", "required": ["a"]}
    if fits(text, schema):
        assert "a" in json.loads(text)
    assert fits(unfenced(f"```json\n{text}\n```"), schema) == fits(text.strip(), schema)
    assert unfenced("plain `text`") == "plain `text`"
