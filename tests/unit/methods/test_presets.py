"""The presets of published methods: the papers' settings, and what stands above them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

import pytest

from kgqa.decode import DiverseBeamSearch
from kgqa.errors import UsageError
from kgqa.evaluation import RunSettings, definition_named, read_run_file, read_run_settings
from kgqa.methods import METHODS, MethodName, UnknownMethodError, fitted, method_named, with_preset
from kgqa.pipeline.settings import AnswererSettings
from kgqa.pipeline.settings_check import check_settings
from kgqa.pipeline.settings_table import SettingError

PAPERS: dict[str, dict[str, Any]] = {
    "gcr": {
        "grammar": "path",
        "hops": 2,
        "inverse": False,
        "allow_return": True,
        "speak_identifiers": True,
        "prompt": "gcr",
        "answer": "free",
        "search.name": "diverse",
        "search.beams": 10,
        "search.penalty": 1.0,
        "search.penalise": "tokens",
        "aggregate.name": "gcr",
    },
    "dog": {"grammar": "chain", "prompt": "dog", "explain": True, "answer": "free"},
    "rog": {"grammar": "relations", "prompt": "rog", "search.beams": 3, "aggregate.name": "rog"},
    "tog": {
        "reason": "llm",
        "grammar": "path",
        "hops": 3,
        "walk.name": "scores",
        "walk.width": 3,
        "walk.reply_tokens": 256,
        "aggregate.name": "tog",
    },
    "ksl": {"reason": "llm", "grammar": "path", "walk.name": "choices", "walk.width": 1},
}


def of(method: str, **values: object) -> AnswererSettings:
    """A method's settings with a model and an LLM, as far as it takes them."""
    shared = {"model": "model", "llm": {"name": "llm"}, **values}
    return AnswererSettings.of(fitted({"method": method, **shared}, method_named(method)))


def value(settings: object, key: str) -> object:
    for name in key.split("."):
        settings = getattr(settings, name)
    return settings


def test_names_are_those_of_the_type_and_the_published_scores_have_a_definition() -> None:
    assert tuple(METHODS) == get_args(MethodName)
    for method in METHODS.values():
        assert method.metric in definition_named(method.definition).metrics
        assert all(0 < one.value <= 100 for one in method.published)


@pytest.mark.parametrize("method", PAPERS)
def test_a_preset_has_the_settings_of_its_paper(method: str) -> None:
    settings = of(method)
    assert {key: value(settings, key) for key in PAPERS[method]} == PAPERS[method]
    assert not settings.rank
    assert not settings.check_form
    check_settings(settings)
    if method == "gcr":
        decoder = settings.search.decoder(settings.seed)
        assert isinstance(decoder, DiverseBeamSearch)
        assert decoder.groups == 10  # one for each beam


def test_kgqa_is_its_defaults() -> None:
    assert AnswererSettings.of({"method": "kgqa"}).to_json() == {
        **AnswererSettings().to_json(),
        "method": "kgqa",
    }


@pytest.mark.parametrize("method", METHODS)
def test_settings_that_were_written_down_are_read_as_they_were(method: str) -> None:
    settings = of(method)
    assert AnswererSettings.of(settings.to_json()) == settings
    assert settings.but("hops", 5).hops == 5
    assert settings.but("hops", 5).search == settings.search


def test_a_model_that_only_writes_chains_has_the_method_without_prompts_and_free_text() -> None:
    shipped = AnswererSettings.of({"method": "gcr"})
    assert (shipped.prompt, shipped.answer, shipped.search.name) == ("kgqa", "none", "diverse")
    assert (of("dog").explain, AnswererSettings.of({"method": "dog"}).explain) == (True, False)


def test_without_an_llm_the_ends_of_all_plans_are_answers() -> None:
    alone = AnswererSettings.of({"method": "rog", "model": "model"})
    assert (alone.aggregate_name, alone.aggregate.share, alone.asks_llm) == ("vote", 0.0, False)


def test_what_is_given_goes_before_the_method_and_later_before_earlier(tmp_path: Path) -> None:
    run = tmp_path / "run.toml"
    run.write_text('method = "gcr"\ndataset = "atlas"\nhops = 3\n[search]\nbeams = 6\n', "utf-8")
    from_file = read_run_file(run)
    assert (from_file.method, from_file.hops, from_file.search.beams) == ("gcr", 3, 6)
    assert (from_file.search.name, from_file.inverse) == ("diverse", False)
    settings = read_run_settings(run, {"search.beams": 5, "hops": 4}, ["search.beams=4"])
    assert (settings.search.beams, settings.hops, settings.search.penalise) == (4, 4, "tokens")
    other = read_run_settings(run, {}, method="rog")
    assert (other.method, other.grammar, other.hops, other.search.name) == ("rog", "relations", 3, "beam")


def test_an_llm_on_the_command_line_counts_for_the_method_of_the_run_file(tmp_path: Path) -> None:
    run = tmp_path / "run.toml"
    run.write_text('method = "rog"\ndataset = "atlas"\nmodel = "m"\n', "utf-8")
    assert read_run_settings(run, {}).aggregate_name == "vote"
    assert read_run_settings(run, {"llm.name": "x"}).aggregate_name == "rog"
    assert read_run_settings(run, {}, ["llm.name=x"]).aggregate_name == "rog"


def test_defaults_stand_below_the_method_and_tables_are_merged() -> None:
    defaults = {"grammar": "auto", "min_confidence": 0.02}
    found = with_preset({"method": "gcr", "search": {"beams": 2}}, defaults)
    assert (found["grammar"], found["min_confidence"]) == ("path", 0.02)
    assert found["search"]["penalise"] == "tokens"
    assert with_preset({"hops": 1}, defaults) == {**defaults, "hops": 1}


def test_another_decoder_or_aggregator_does_not_take_the_settings_of_the_replaced_one() -> None:
    settings = AnswererSettings.of({"method": "gcr", "search": {"name": "beam"}})
    check_settings(settings)
    assert (settings.search.name, settings.search.penalty, settings.grammar) == ("beam", None, "path")
    rog = {"method": "rog", "llm": {"name": "x"}, "aggregate": {"name": "grounded"}}
    assert AnswererSettings.of(rog).aggregate.of_vote == {}
    alone = AnswererSettings.of({"method": "rog", "aggregate": {"name": "gcr"}})
    check_settings(alone)  # whether an LLM is there is seen when it is loaded
    assert alone.aggregate.name == "gcr"


@pytest.mark.parametrize("method", ["tog", "ksl"])
def test_a_method_of_an_llm_can_be_looked_at_without_it(method: str) -> None:
    settings = of(method).without_llm()
    check_settings(settings)
    assert settings.but("hops", 2) == replace(settings, hops=2)


def test_shared_settings_need_not_be_about_every_method() -> None:
    shared = {"model": "m", "llm": {"name": "x"}, "walk": {"width": 2}}
    assert fitted(shared, method_named("kgqa")) == {"keep_texts": True, "model": "m"}
    assert fitted(shared, method_named("tog")) == {
        "keep_texts": True,
        "llm": {"name": "x"},
        "walk": {"width": 2},
    }


@pytest.mark.parametrize("method", METHODS)
def test_settings_of_replies_are_shared_by_the_methods_whose_llm_aggregates(method: MethodName) -> None:
    settings = of(method, llm={"name": "x"}, aggregate={"answer_tokens": 70, "floor": -9.0})
    check_settings(settings)
    asked = method in ("gcr", "rog", "tog")
    assert settings.aggregate.answer_tokens == (70 if asked else None)
    assert settings.aggregate.floor == -9.0


def test_an_unknown_method_names_the_known_ones(tmp_path: Path) -> None:
    for bad in ("gcrr", "", "all"):
        with pytest.raises(UnknownMethodError, match="kgqa, gcr, dog, rog, tog, ksl"):
            method_named(bad)
    with pytest.raises(UsageError, match="did you mean gcr"):
        read_run_settings(None, {"dataset": "atlas"}, method="gcrr")
    run = tmp_path / "run.toml"
    run.write_text('dataset = "atlas"\nmethod = "rag"\n', "utf-8")
    with pytest.raises(UsageError, match=r"run\.toml.*2.*no method is called 'rag'"):
        read_run_file(run)
    with pytest.raises(UsageError, match="method"):
        RunSettings.of({"dataset": "atlas", "method": 3})


def test_a_method_is_chosen_below_other_settings_not_after_them() -> None:
    with pytest.raises(SettingError, match="method: stands below"):
        AnswererSettings().but("method", "gcr")
    assert read_run_settings(None, {"dataset": "atlas"}, ["method=rog"]).search.beams == 3
