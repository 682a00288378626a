"""What an endpoint does not understand is said otherwise from then on."""

from __future__ import annotations

import json

from endpoint_calls import ASKED, SCHEMA, chat, error_of
from misbehaving_server import (
    answer,
    http,
    serving,
)


def test_limits_of_arrays_are_left_out_where_they_are_refused_and_the_schema_is_kept() -> None:
    numbers = {"type": "array", "items": {"anyOf": [{"type": "integer"}]}, "maxItems": 3}
    schema = {"type": "object", "properties": {"answers": numbers}, "required": ["answers"]}
    refusal = http(400, {"error": {"message": "In context=('answers',), 'maxItems' is not permitted."}})
    with serving(refusal, answer('{"answers": [1]}')) as server:
        model = chat(server.url)
        assert model.reply(ASKED, schema=schema).text == '{"answers": [1]}'
        assert model.holds_schema
    first, second = (body["response_format"]["json_schema"]["schema"] for body in server.bodies)
    assert first == schema
    assert second["properties"]["answers"] == {key: numbers[key] for key in ("type", "items")}


def test_a_schema_that_is_refused_is_put_into_words_from_then_on() -> None:
    refusal = http(400, {"error": {"message": "response_format is not supported"}})
    with serving(refusal, answer('{"answers": ["Vienna"]}')) as server:
        model = chat(server.url)
        for _ in range(2):
            assert json.loads(model.reply(ASKED, schema=SCHEMA).text) == {"answers": ["Vienna"]}
    first, second, third = server.bodies
    assert first["response_format"]["json_schema"]["schema"] == SCHEMA
    assert "JSON schema" not in first["messages"][-1]["content"]
    for body in (second, third):
        assert "response_format" not in body
        assert json.dumps(SCHEMA) in body["messages"][-1]["content"]


def test_a_schema_that_is_ignored_is_put_into_words_from_then_on() -> None:
    with serving(answer("Sure! Vienna."), answer('```json\n{"answers": ["Vienna"]}\n```')) as server:
        model = chat(server.url)
        reply = model.reply(ASKED, schema=SCHEMA)
        assert reply.text == '{"answers": ["Vienna"]}'
        assert (reply.usage.requests, reply.usage.prompt_tokens) == (2, 20)
        model.reply(ASKED, schema=SCHEMA)
    assert len(server.requests) == 3
    assert ["JSON schema" in body["messages"][-1]["content"] for body in server.bodies] == [False, True, True]


def test_a_model_that_never_gives_json_is_asked_twice_and_then_once() -> None:
    with serving(answer("Vienna!")) as server:
        model = chat(server.url)
        assert [model.reply(ASKED, schema=SCHEMA).text for _ in range(3)] == ["Vienna!"] * 3
    assert len(server.requests) == 4


def test_parameters_that_a_model_refuses_are_left_out_from_then_on() -> None:
    complaints = [
        "Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead.",
        "Unsupported value: 'temperature' does not support 0 with this model.",
        "extra inputs are not permitted: seed",
    ]
    refusals = [http(400, {"error": {"message": complaint}}) for complaint in complaints]
    with serving(*refusals, answer()) as server:
        model = chat(server.url)
        model.reply(ASKED, max_tokens=9)
        model.reply(ASKED, max_tokens=9)
    assert len(server.requests) == 5
    for body in server.bodies[-2:]:
        assert set(body) == {"model", "messages", "max_completion_tokens"}


def test_a_refusal_that_no_dialect_mends_ends_after_few_requests_and_changes_nothing() -> None:
    with serving(http(400, {"error": "temperature seed max_completion_tokens response_format"})) as server:
        model = chat(server.url)
        for _ in range(2):
            error_of(lambda: model.reply(ASKED, schema=SCHEMA))
    assert len(server.requests) == 10
    assert server.bodies[5]["temperature"] == 0
