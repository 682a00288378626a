"""Settings of an answerer whose model runs in a vLLM server."""

from __future__ import annotations

from typing import Any

import pytest

from kgqa import GraphBuilder, Triple, load_language_model
from kgqa.errors import UsageError
from kgqa.finders import ServedFinder
from kgqa.pipeline.assembly import build_answerer
from kgqa.pipeline.settings import AnswererSettings
from kgqa.pipeline.settings_table import SettingError

GRAPH = GraphBuilder.of([Triple("Kismet", "directed_by", "William Dieterle")])
MODEL = "vllm:http://127.0.0.1:9#m"


def test_the_finder_is_what_the_settings_say() -> None:
    table: dict[str, Any] = {
        "model": MODEL,
        "seed": 5,
        "prompt": "gcr",
        "grammar": "path",
        "speak_identifiers": True,
        "search": {"name": "sample", "beams": 7, "temperature": 0.5},
        "filters": {"without": ["Kismet"], "must_use": ["directed_by"]},
    }
    finder = build_answerer(AnswererSettings.of(table), graph=GRAPH).finder
    assert isinstance(finder, ServedFinder)
    assert finder.model.fingerprint == MODEL
    assert (finder.samples, finder.temperature, finder.seed, finder.prompt) == (7, 0.5, 5, "gcr")
    assert (finder.without, finder.must_use, finder.speak_identifiers) == (
        ("Kismet",),
        ("directed_by",),
        True,
    )
    seeded = AnswererSettings.of({"model": MODEL, "seed": 5, "search": {"name": "sample", "seed": 6}})
    assert build_answerer(seeded, graph=GRAPH).finder.seed == 6  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "table",
    [
        {"large_model": "x"},
        {"answer": "free", "grammar": "path"},
        {"explain": True, "grammar": "chain"},
        {"engine": "transformers"},
        {"dtype": "float16"},
        {"grammar": "programs"},
        {"prompt": "rog", "grammar": "relations"},
        {"graph": "http://localhost/sparql"},
        {"filters.only_source": ["x"]},
        {"search.name": "exact"},
        {"search.seconds": 3.0},
        {"model": "vllm:localhost"},
    ],
)
def test_what_a_served_model_does_not_have_is_an_error_that_names_it(table: dict[str, Any]) -> None:
    settings = AnswererSettings.of({"model": MODEL}).overridden(table)
    with pytest.raises(SettingError) as caught:
        build_answerer(settings, graph=GRAPH)
    assert caught.value.key == next(iter(table))


def test_it_is_no_model_of_this_process() -> None:
    with pytest.raises(UsageError, match="in a vLLM server"):
        load_language_model(MODEL)
