"""Methods side by side: which are run, what each gave, and the table."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from kgqa.answer import LlmReport
from kgqa.chat import Usage
from kgqa.errors import UsageError
from kgqa.evaluation import (
    MethodRuns,
    MethodScore,
    NotRun,
    Record,
    RunRecipe,
    chosen_methods,
    read_run_settings,
)
from kgqa.evaluation.methods.method_score import published_output
from kgqa.evaluation.methods.method_table import method_table, runs_to_json, write_method_table
from kgqa.evaluation.record_file import RECORDS
from kgqa.evaluation.written import Written
from kgqa.methods import METHODS, method_named


def record(name: str = "q1", *, reply: str = "", written: tuple[Written, ...] = ()) -> Record:
    return Record(
        id=name,
        question="who?",
        topic_entities=("Emma",),
        status="answered",
        answers=("Austen",),
        entities=("e1",),
        vote_shares=(1.0,),
        chains=(),
        proves=(),
        gold=("Jane Austen",),
        hops=1,
        hits_at_1=0.0,
        hit=0.0,
        precision=0.0,
        recall=0.0,
        f1=0.0,
        faithful=1.0,
        seconds=2.0,
        passes=3,
        tokens=10,
        written=written,
        llm_report=LlmReport("llm", usage=Usage(1, 0, 20, 5), reply=reply) if reply else None,
    )


PATH = Written(
    "text", "Emma -> author -> Jane Austen", (("Emma", "author", "Jane Austen"),), True, -1.0, "Austen"
)


def test_a_published_metric_is_given_what_its_script_would_read() -> None:
    assert published_output(record(reply="{Jane}")) == "{Jane}"
    stated = f"# Reasoning Path:\n{PATH.path}\n# Answer:\nAusten"
    assert published_output(record(written=(PATH,))) == (stated,)
    assert published_output(record()) == ("Austen",)


def test_a_score_counts_what_each_method_is_measured_by() -> None:
    off = Written("t", "a -> b -> c", (("a", "b", "c"),), False, -2.0)
    records = [record(written=(PATH, off)), record("q2", reply="It is Jane Austen.", written=(PATH,))]
    score = MethodScore.of(method_named("gcr"), records)
    assert (score.n, score.hits_at_1, score.own, score.first_stage) == (2, 0.0, 1.0, 1.0)
    assert (score.chains, score.off_graph, score.passes, score.tokens, score.seconds) == (3, 1, 6, 20, 4.0)
    assert score.usage == Usage(1, 0, 20, 5)
    assert MethodScore.of(method_named("kgqa"), records).own == 0.0
    assert MethodScore.of(method_named("dog"), records[:1]).first_stage is None  # no LLM answered after it


def test_no_answer_is_no_part_of_a_gold_answer() -> None:
    empty = replace(record(), answers=(), entities=(), vote_shares=(), status="abstained")
    assert MethodScore.of(method_named("tog"), [empty]).own == 0.0
    assert MethodScore.of(method_named("tog"), [record()]).own == 1.0  # "Austen" is part of it


def test_names_are_chosen_once_and_all_are_all() -> None:
    assert chosen_methods(["tog", "kgqa", "tog"]) == ("tog", "kgqa")
    assert chosen_methods(["all"]) == tuple(METHODS)
    with pytest.raises(UsageError, match="no method is called 'gcrr'"):
        chosen_methods(["kgqa", "gcrr"])


def test_a_method_that_lacks_an_llm_is_told_and_the_others_are_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("KGQA_LLM", raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))

    def recipe(name: str) -> RunRecipe:
        given = {"dataset": "atlas", "part": "test", "limit": 1}
        return RunRecipe.of(read_run_settings(None, given, method=name, shared=True), None, None)

    def run(_: RunRecipe, folder: Path) -> None:
        folder.mkdir(parents=True)
        (folder / RECORDS).write_text(record(written=(PATH,)).to_json() + "\n", "utf-8")

    runs = MethodRuns.go(("kgqa", "tog", "gcr"), tmp_path / "out", recipe, run)
    assert list(runs.settings) == ["kgqa", "gcr"]
    told = runs.results["tog"]
    assert isinstance(told, NotRun)
    assert "no LLM is named" in told.reason
    assert isinstance(runs.results["gcr"], MethodScore)
    text = method_table(runs)
    assert text.splitlines()[2].startswith(
        "| kgqa | 1 | 0.0 | 0.0 | 0.0 (strict hits_at_1) | 100.0 | 1 | 0 |"
    )
    assert "Not run: tog (no LLM is named" in text
    write_method_table(runs, tmp_path / "page" / "methods.md")
    assert "| gcr | WebQSP | Hit | 92.6 |" in (tmp_path / "page" / "methods.md").read_text("utf-8")
    kept = json.loads((tmp_path / "page" / "methods.json").read_text("utf-8"))
    assert kept == json.loads(json.dumps(runs_to_json(runs)))
    assert (kept["gcr"]["settings"]["method"], kept["gcr"]["published"][0]["value"]) == ("gcr", 92.6)
    with pytest.raises(UsageError, match="no LLM is named"):
        MethodRuns.go(("tog", "ksl"), tmp_path / "none", recipe, run)


def test_texts_of_a_record_are_read_as_they_were_written() -> None:
    one = record(written=(PATH,), reply="Jane")
    assert Record.from_json(json.loads(one.to_json())) == one
    values = json.loads(one.to_json())
    del values["written"]
    assert Record.from_json(values).written == ()
    for bad in ([{"text": "t"}], [3]):
        with pytest.raises(ValueError, match="'written' must be objects"):
            Record.from_json({**values, "written": bad})
    with pytest.raises(ValueError, match="'written' must be a list"):
        Record.from_json({**values, "written": 3})


@pytest.mark.parametrize(
    ("field", "bad"),
    [
        ("text", 3),
        ("path", None),
        ("chain", "Emma"),
        ("chain", [["Emma", "author"]]),
        ("holds", "false"),
        ("score", "-1"),
        ("answer", 3),
    ],
)
def test_a_text_of_a_record_with_a_wrong_field_is_refused_by_its_name(field: str, bad: object) -> None:
    values = json.loads(record(written=(PATH,)).to_json())
    values["written"][0][field] = bad
    with pytest.raises(ValueError, match=rf"^'written\.{field}' must be "):
        Record.from_json(values)
