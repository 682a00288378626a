"""Options from settings: one for every setting, none twice, and errors by their flags."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Any, get_type_hints

import pytest

from kgqa.cli import main
from kgqa.evaluation import RunSettings
from kgqa.pipeline.settings import AnswererSettings

WITHOUT_OPTION = {
    *("title", "published", "aggregate.all_topics", "aggregate.chains_per_answer"),
    *("search.length_penalty", "search.masked", "search.margin", "search.penalty", "search.batch"),
    *("search.max_prefixes", "search.threshold", "search.branches", "search.depth", "search.seed"),
    *("search.prefixes", "search.calls"),
}
FLAGS = {
    "dataset": "--questions",
    "search.name": "--search",
    "walk.name": "--walk",
    "aggregate.name": "--aggregate",
    "llm.name": "--llm",
    "llm.config": "--llm-config",
    "llm.timeout": "--llm-timeout",
    "llm.concurrency": "--llm-concurrency",
    "endpoint.timeout": "--endpoint-timeout",
    "endpoint.concurrency": "--endpoint-concurrency",
    "inverse": "--inverse/--no-inverse",
    "allow_return": "--allow-return/--no-return",
}


def keys(kind: type, prefix: str = "") -> Iterator[str]:
    hints = get_type_hints(kind)
    for one in fields(kind):
        if is_dataclass(hints[one.name]):
            yield from keys(hints[one.name], f"{prefix}{one.name}.")
        else:
            yield f"{prefix}{one.name}"


@pytest.mark.parametrize(("command", "kind"), [("ask", AnswererSettings), ("eval", RunSettings)])
def test_every_setting_has_an_option_with_help(
    command: str, kind: type, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "400")
    assert main([command, "--help"]) == 0
    shown = capsys.readouterr().out
    found: dict[str, Any] = {}
    for key in keys(kind):
        if key in WITHOUT_OPTION:
            continue
        flag = FLAGS.get(key, "--" + key.split(".")[-1].replace("_", "-"))
        lines = [
            line
            for line in shown.splitlines()
            if line.split()[:1] == [flag.split("/")[0]] or line.strip().startswith(flag + " ")
        ]
        assert len(lines) == 1, key
        assert flag.split("/")[-1] in lines[0]
        assert flag not in found, (key, found.get(flag))
        found[flag] = key


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["ask", "q", "--beams", "0"], "--beams: must be 1 or more, not 0"),
        (["ask", "q", "--hops", "0"], "--hops: must be 1 or more, not 0"),
        (["ask", "q", "--min-confidence", "nan"], "--min-confidence: must be 0 or more, not nan"),
        (["ask", "q", "--closed-book"], "--closed-book: needs an LLM; set --llm"),
        (["ask", "q", "--llm", "m", "--aggregate", "vote"], "--llm: nothing asks m"),
        (["eval", "--questions", "atlas", "--batch-size", "0"], "--batch-size: must be 1 or more, not 0"),
        (["eval", "--questions", "atlas", "--set", "beams=3"], "beams: no such setting"),
    ],
)
def test_errors_about_settings_name_the_flag_on_one_line(
    arguments: list[str], line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    said = capsys.readouterr().err
    assert said.startswith(f"kgqa: {line}")
    assert said.count("\n") == 1
