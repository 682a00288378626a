"""Descriptions: equal for objects that work alike, different for others, and never with a secret."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from unit.lm.test_weights_fingerprint import module

from kgqa.answer import LlmAggregator
from kgqa.chat import Endpoint, MockChatModel, OpenAIChat, Secret, StreamingChat
from kgqa.constraint import EndsIn, Only, Without
from kgqa.decode import BeamSearch, Greedy
from kgqa.graph import GraphBuilder
from kgqa.linking import NameLinker
from kgqa.lm import MockLanguageModel
from kgqa.pipeline import Answerer, described

plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.floats(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


@given(plain)
def test_a_description_is_json_and_the_same_every_time(value: object) -> None:
    assert json.loads(json.dumps(described(value))) == described(value)


def test_values_that_work_alike_have_one_description() -> None:
    assert described({"b": 1, "a": {2, 3}}) == described({"a": {3, 2}, "b": 1})
    assert described(Path("x")) == described(Path("x"))
    assert described(partial(max, 1)) == described(partial(max, 1))
    graph = GraphBuilder.of([("a", "r", "b")])
    assert described(graph) == described(GraphBuilder.of([("a", "r", "b")]))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (BeamSearch(), Greedy()),
        (BeamSearch(beams=2), BeamSearch(beams=3)),
        (Without(relations={"a"}), Without(relations={"b"})),
        (Without(relations={"a"}), Only(relations={"a"})),
        (lambda x: x + 1, lambda x: x + 2),
        (partial(max, 1), partial(max, 2)),
        (NameLinker(), NameLinker(max_words=3)),
        (GraphBuilder.of([("a", "r", "b")]), GraphBuilder.of([("a", "r", "c")])),
        (b"a", b"b"),
        (np.array([1, 2]), np.array([1, 3])),
        (list(range(200_000)), [*range(199_999), 0]),
        (EndsIn(set(map(str, range(300)))), EndsIn(set(map(str, range(1, 301))))),
        (1, True),
        ("1", 1),
    ],
)
def test_values_that_differ_have_different_descriptions(one: object, other: object) -> None:
    assert json.dumps(described(one)) != json.dumps(described(other))


def test_a_closure_is_described_by_what_it_closes_over() -> None:
    def adder(number: int) -> object:
        return lambda x: x + number

    assert described(adder(1)) == described(adder(1)) != described(adder(2))


def test_an_llm_is_described_without_its_key_and_its_address() -> None:
    key = "sk-very-secret-1234"
    here, there = (
        OpenAIChat(Endpoint(f"http://{host}:1/v1", "small", key=Secret(key))) for host in ("here", "there")
    )
    streamed = StreamingChat(here, print)
    for chat in (here, streamed):
        text = json.dumps(described(LlmAggregator(chat)))
        assert key not in text
        assert "http" not in text
        assert "small" in text
    assert described(LlmAggregator(here)) == described(LlmAggregator(there))


class Holding:
    """An object with a private part."""

    def __init__(self, part: object) -> None:
        self._part = part


@pytest.mark.parametrize(
    ("one", "other"), [(1, 2), (MockLanguageModel(1), MockLanguageModel(2)), (module(1), module(2))]
)
def test_private_parts_count_where_they_are_values_models_or_modules(one: object, other: object) -> None:
    assert described(Holding(one)) == described(Holding(one)) != described(Holding(other))


def test_an_object_may_describe_itself() -> None:
    @dataclass(frozen=True)
    class Own:
        noise: float

        def describe(self) -> object:
            return "mine"

    assert described([Own(1.0), Own(2.0)]) == ["mine", "mine"]


def test_a_mock_of_an_llm_is_the_same_however_often_it_was_asked() -> None:
    chat = MockChatModel(lambda _: "[]")
    before = described(LlmAggregator(chat))
    graph = GraphBuilder.of([("a", "r", "b")])
    Answerer(graph, MockLanguageModel(), aggregator=LlmAggregator(chat)).answer("a?", ["a"])
    assert described(LlmAggregator(chat)) == before


def test_a_long_list_is_described_in_short() -> None:
    assert len(json.dumps(described(EndsIn(set(map(str, range(50_000))))))) < 300
