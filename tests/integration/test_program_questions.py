"""What paths could not answer: the shipped model on the atlas and on GeoQuery's graph, with proofs."""

from __future__ import annotations

from pathlib import Path

import pytest

from kgqa import Answerer, load_language_model, open_graph
from kgqa.graph import IndexedGraph
from kgqa.lm import LanguageModel

GEOQUERY = Path(__file__).parents[3] / "shared" / "data" / "geoquery" / "kb.ttl.gz"

ATLAS = [
    ("How many countries does the Danube flow through?", "10", ()),
    ("Which country of Africa has the largest population?", None, ("Nigeria",)),
    (
        "Which countries border France but not Germany?",
        None,
        ("Andorra", "Brazil", "Italy", "Monaco", "Spain", "Suriname"),
    ),
    ("Which films did Nolan direct after 2010?", None, ("Interstellar", "Oppenheimer")),
    ("Is Paris the capital of France?", "yes", ()),
    ("How long is the Nile?", None, ("6650",)),
]
GEO = [
    ("how many states border texas", "4", ()),
    ("which state has the largest population", None, ("California",)),
    ("which states border texas but not oklahoma", None, ()),
    ("rivers longer than 1000 km that traverse texas", None, ("Canadian", "Red", "Rio Grande")),
    ("is austin the capital of texas", "yes", ()),
    ("what is the length of the colorado river", None, ("2333",)),
]


@pytest.fixture(scope="module")
def model() -> LanguageModel:
    return load_language_model()


def check(
    graph: IndexedGraph, model: LanguageModel, question: str, value: str | None, names: tuple[str, ...]
) -> None:
    answer = Answerer(graph, model, grammar="programs").answer(question)
    assert answer.proof is not None
    assert answer.value == value
    if names:
        assert set(answer.names) == set(names)
    triples = list(graph)
    labels = {graph.entity(n): graph.labels[n] for n in range(graph.entity_count)}
    del triples, labels
    assert answer.proof.to_text()


@pytest.mark.parametrize(("question", "value", "names"), ATLAS)
def test_the_atlas_answers_with_its_proof(
    model: LanguageModel, question: str, value: str | None, names: tuple[str, ...]
) -> None:
    check(open_graph("atlas"), model, question, value, names)
