"""What paths could not answer: the shipped model on the atlas and on GeoQuery's graph, with proofs."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from kgqa import Answerer, load_language_model, open_graph
from kgqa.graph import IndexedGraph
from kgqa.lm import LanguageModel
from kgqa.validation import check_proof

DATA = Path(os.environ.get("KGQA_DATA") or Path(__file__).parents[3] / "shared" / "data")
GEOQUERY = DATA / "geoquery" / "kb.ttl.gz"

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
    ("which states border texas but not oklahoma", None, ("Louisiana",)),
    ("rivers longer than 1000 km that traverse texas", None, ("Canadian", "Red", "Rio Grande")),
    ("is austin the capital of texas", "yes", ()),
    ("which state has the smallest area", None, ("District of Columbia",)),
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
    assert set(answer.names) == set(names)
    assert check_proof(answer.proof, graph) == []


@pytest.mark.parametrize(("question", "value", "names"), ATLAS)
def test_the_atlas_answers_with_a_proof_that_holds(
    model: LanguageModel, question: str, value: str | None, names: tuple[str, ...]
) -> None:
    check(open_graph("atlas"), model, question, value, names)


@pytest.mark.data
@pytest.mark.skipif(not GEOQUERY.is_file(), reason=f"no {GEOQUERY}; set KGQA_DATA")
@pytest.mark.parametrize(("question", "value", "names"), GEO)
def test_the_graph_of_geoquery_answers_with_a_proof_that_holds(
    model: LanguageModel, question: str, value: str | None, names: tuple[str, ...]
) -> None:
    check(open_graph(GEOQUERY), model, question, value, names)
