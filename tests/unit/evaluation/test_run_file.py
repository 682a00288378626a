"""Run files: every setting is read, every mistake is named with its line."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest
from conftest import REPOSITORY
from hypothesis import given
from hypothesis import strategies as st

from kgqa.datasets import CATALOGUE
from kgqa.errors import KgqaError, ParseError, UsageError
from kgqa.evaluation import RunSettings, read_run_file, read_run_settings
from kgqa.evaluation.running.run_settings import Published
from kgqa.pipeline.settings import (
    AggregateSettings,
    EndpointSettings,
    FilterSettings,
    LlmSettings,
    SearchSettings,
)
from kgqa.pipeline.walk_settings import WalkSettings

WHOLE = """
title = "all of it"
dataset = "metaqa-2hop"
graph = "films.kgqa"
part = "dev"
sample = 100
limit = 50
seed = 7
model = "./model"
device = "cpu"
dtype = "float32"
engine = "transformers"
grammar = "path"
hops = 2
inverse = false
allow_return = true
link = true
batch_size = 4
encoder = "./encoder"
reranker = "./reranker"
min_confidence = 0.1
check_form = false
coverage = 0.75
coverage_action = "abstain"
large_model = "./large"
large_above = 0.5
[search]
name = "diverse"
beams = 5
seconds = 3
[aggregate]
name = "vote"
share = 0.25
[filters]
without = ["has_tags"]
only_relation = ["directed_by", "in_language"]
must_use = []
answer_type = ["person"]
[published]
source = "a paper"
note = "not comparable"
[published.values]
Hit = 92.6
"F1" = 74
[llm]
name = "small"
timeout = 9.5
[endpoint]
hub_cap = 100
language = ["de", "en"]
"""

OF_METHODS = """
method = "kgqa"
prompt = "gcr"
answer = "free"
speak_identifiers = true
explain = true
rank = false
keep_texts = true
walk.width = 2
"""
"""What methods are made of; together they make no sense, but each is read."""


def read(folder: Path, text: str) -> RunSettings:
    path = folder / "run.toml"
    path.write_text(text, "utf-8")
    return read_run_file(path)


def test_every_setting_of_a_run_file_is_read(tmp_path: Path) -> None:
    settings = read(tmp_path, OF_METHODS + WHOLE)
    assert settings == RunSettings(
        dataset="metaqa-2hop",
        title="all of it",
        graph=str(tmp_path / "films.kgqa"),
        part="dev",
        sample=100,
        limit=50,
        seed=7,
        model=str(tmp_path / "model"),
        device="cpu",
        dtype="float32",
        engine="transformers",
        grammar="path",
        hops=2,
        inverse=False,
        allow_return=True,
        link=True,
        batch_size=4,
        encoder=str(tmp_path / "encoder"),
        reranker=str(tmp_path / "reranker"),
        min_confidence=0.1,
        check_form=False,
        coverage=0.75,
        coverage_action="abstain",
        large_model=str(tmp_path / "large"),
        large_above=0.5,
        method="kgqa",
        prompt="gcr",
        answer="free",
        speak_identifiers=True,
        explain=True,
        rank=False,
        keep_texts=True,
        walk=WalkSettings(width=2),
        search=SearchSettings(name="diverse", beams=5, seconds=3.0),
        aggregate=AggregateSettings(name="vote", share=0.25),
        filters=FilterSettings(
            without=("has_tags",), only_relation=("directed_by", "in_language"), answer_type=("person",)
        ),
        published=Published("a paper", {"Hit": 92.6, "F1": 74.0}, "not comparable"),
        llm=LlmSettings(name="small", timeout=9.5),
        endpoint=EndpointSettings(hub_cap=100, language=("de", "en")),
    )
    usual = RunSettings(dataset="metaqa-2hop")
    assert all(
        getattr(settings, f.name) != getattr(usual, f.name)
        for f in fields(usual)
        if f.name not in ("dataset", "reason")
    )
    assert RunSettings.of(settings.to_json()) == settings


@pytest.mark.parametrize(
    ("before", "after", "line", "message"),
    [
        ("hops = 2", "hps = 2", 14, "hps: no such setting; did you mean hops?"),
        ("beams = 5", "beam = 5", 29, "search.beam: no such setting; did you mean search.beams?"),
        (
            "beams = 5",
            "zzz = 5",
            29,
            "search.zzz: no such setting; there are name, beams, seconds, l",
        ),
        ("hops = 2", 'hops = "2"', 14, "hops: must be a whole number, not '2'"),
        ("hops = 2", "hops = true", 14, "hops: must be a whole number, not True"),
        ("hops = 2", "hops = 0", 14, "hops: must be 1 or more, not 0"),
        ("inverse = false", "inverse = 0", 15, "inverse: must be true or false"),
        (
            'grammar = "path"',
            'grammar = "paths"',
            13,
            "grammar: 'paths' is not a choice; did you mean 'path'?",
        ),
        ('part = "dev"', 'part = "half"', 5, "part: 'half' is not a choice; one of train, dev, test"),
        ("seconds = 3", "seconds = 0", 30, "search.seconds: must be more than 0"),
        ('without = ["has_tags"]', "without = [3]", 35, "filters.without: must be a list of texts"),
        ("Hit = 92.6", 'Hit = "92.6"', 43, "published.values.Hit: must be a number"),
        ('source = "a paper"\n', "", 39, "published.source: is missing"),
        (
            'name = "vote"',
            'name = "veto"',
            32,
            "aggregate.name: 'veto' is not a choice; one of vote, weighed, grounded, open",
        ),
        ("share = 0.25", "share = 1.5", 33, "aggregate.share: must be 1 or less, not 1.5"),
        ("share = 0.25", "share = nan", 33, "aggregate.share: must be 0 or more, not nan"),
        ("beams = 5", "beams = 0", 29, "search.beams: must be 1 or more, not 0"),
        ('dataset = "metaqa-2hop"\n', "", 0, "dataset: is missing"),
        ("[search]", "[search", 27, "not TOML"),
        ("hops = 2", "hops = 2\nhops = 3", 15, "not TOML"),
        ("hops = 2", "search = 3", 14, "search: must be a table, not 3"),
    ],
)
def test_a_mistake_is_named_with_its_line_and_key(
    tmp_path: Path, before: str, after: str, line: int, message: str
) -> None:
    assert WHOLE.count(before) >= 1
    text = WHOLE.replace(before, after, 1)
    if after == "search = 3":
        text = text.replace('[search]\nname = "diverse"\nbeams = 5\nseconds = 3\n', "")
    with pytest.raises(ParseError) as caught:
        read(tmp_path, text)
    assert caught.value.line == line
    assert message in str(caught.value)
    assert "run.toml" in str(caught.value)
    assert caught.value.exit_code == 2


@pytest.mark.parametrize(
    ("key", "meant"),
    [
        ("questions", "dataset"),
        ("beams", "search.beams"),
        ("llm_timeout", "llm.timeout"),
        ("min-confidence", "min_confidence"),
        ("timeout", "llm.timeout or endpoint.timeout"),
    ],
)
def test_an_option_or_a_setting_of_a_table_is_told_its_place(tmp_path: Path, key: str, meant: str) -> None:
    with pytest.raises(ParseError, match=f"{key}: no such setting; did you mean {meant}\\?"):
        read(tmp_path, f"dataset = 'atlas'\n{key} = 1\n")


def test_the_atlas_and_models_are_named_or_stand_beside_the_run_file(tmp_path: Path) -> None:
    text = "dataset = 'q.jsonl'\ngraph = 'atlas'\nmodel = 'some/model'\n"
    settings = read(tmp_path, text)
    assert (settings.graph, settings.model) == ("atlas", "some/model")
    (tmp_path / "some" / "model").mkdir(parents=True)
    (tmp_path / "atlas").touch()
    settings = read(tmp_path, text)
    assert settings.graph == str(tmp_path / "atlas")
    assert settings.model == str(tmp_path / "some" / "model")


def test_empty_names_and_files_of_questions_are_refused(tmp_path: Path) -> None:
    for name in ("dataset", "graph", "model"):
        lines = [f"{key} = ''" if key == name else f"{key} = 'x'" for key in ("dataset", "graph", "model")]
        with pytest.raises(ParseError, match=f"{name}: must not be empty"):
            read(tmp_path, "\n".join(lines))
    with pytest.raises(ParseError, match="search: must be a table") as caught:
        read(tmp_path, "dataset = 'x'\n[[search]]\nbeams = 1\n")
    assert caught.value.line == 2
    questions = tmp_path / "q.jsonl"
    questions.write_text('{"id": "1"}\n', "utf-8")
    with pytest.raises(ParseError, match=r"line 1: not TOML: .*; questions are named with --questions"):
        read_run_settings(questions, {})


@given(st.text())
def test_any_text_is_settings_or_one_error(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    path = tmp_path_factory.getbasetemp() / "any.toml"
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    with pytest.raises(KgqaError):
        read_run_file(path)


def test_assignments_have_toml_values_or_texts(tmp_path: Path) -> None:
    settings = read_run_settings(
        None,
        {"dataset": "atlas"},
        [
            "search.beams=3",
            "model=kgqa/path-writer",
            'aggregate.name="vote"',
            "aggregate.share=0.1",
            "hops = 2",
        ],
    )
    assert (settings.search.beams, settings.model, settings.hops) == (3, "kgqa/path-writer", 2)
    assert settings.aggregate == AggregateSettings(name="vote", share=0.1)
    for wrong in ("beams=3", "search.beams", "=3", "search.beams=many", "hops.x=3", "search=3"):
        with pytest.raises(UsageError):
            read_run_settings(None, {"dataset": "atlas"}, [wrong])


def test_the_run_files_that_ship_can_be_read_and_are_named_for_what_they_are() -> None:
    files = sorted((REPOSITORY / "eval" / "runs").glob("*.toml"))
    assert len(files) >= 9
    for file in files:
        settings = read_run_file(file)
        assert settings.dataset in CATALOGUE
        assert settings.title
        author, year, *method, _ = file.stem.split("-", 3)
        assert author.isalpha()
        assert year.isdigit()
        assert method
        CATALOGUE[settings.dataset].portion(settings.part)
