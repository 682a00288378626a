"""A hub that knows thirty people, a model, and the walks of one step from the hub."""

from __future__ import annotations

import pytest

from kgqa.constraint import Walk
from kgqa.graph import GraphBuilder, IndexedGraph, Triple
from kgqa.lm import MockLanguageModel


@pytest.fixture
def graph() -> IndexedGraph:
    return GraphBuilder.of(Triple("hub", "knows", f"person {n}") for n in range(30))


@pytest.fixture
def model() -> MockLanguageModel:
    return MockLanguageModel(2)


@pytest.fixture
def walk(graph: IndexedGraph, model: MockLanguageModel) -> Walk:
    return Walk.of(graph, ["hub"], model.tokenizer, hops=1)
