"""`kgqa ask` from the command line to an endpoint and back."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from misbehaving_server import Script, answer, http, serving, stream

from kgqa.cli import main

REPLY = '```json\n{"answers": [{"entity": "william dieterle", "chains": [1, 2, 3]}, "Zog"]}\n```'


@pytest.fixture
def facts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("KGQA_LLM", "OPENAI_BASE_URL", "OPENAI_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    path = tmp_path / "films.tsv"
    path.write_text("Kismet\tdirected_by\tWilliam Dieterle\nKismet\tin_language\tEnglish\n", "utf-8")
    return path


@pytest.fixture
def endpoint() -> Iterator[Script]:
    with serving(answer(REPLY)) as script:
        yield script


def ask(facts: Path, *options: str) -> int:
    return main(["ask", "who directed Kismet?", "--graph", str(facts), "--llm", "m", *options])


def test_an_endpoint_answers_from_the_chains_and_is_not_asked_the_same_twice(
    facts: Path, endpoint: Script, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ask(facts, "--base-url", endpoint.url, "--json") == 0
    first = json.loads(capsys.readouterr().out)
    assert [found["entity"] for found in first["answers"]] == ["William Dieterle"]
    assert first["llm_report"]["outside"] == ["Zog"]
    asked = [message["content"] for message in endpoint.bodies[-1]["messages"]]
    assert '"Kismet" -"directed_by"-> "William Dieterle"' in asked[-1]
    before = len(endpoint.requests)
    assert ask(facts, "--base-url", endpoint.url, "--json") == 0
    again = json.loads(capsys.readouterr().out)
    assert again["answers"] == first["answers"]
    assert again["llm_report"]["usage"]["cached"] == 1
    assert len(endpoint.requests) == before


def test_an_endpoint_that_fails_is_one_line_or_passed_over(
    facts: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with serving(http(401, '{"error": {"message": "no such key"}}')) as script:
        assert ask(facts, "--base-url", script.url) == 1
        (line,) = [line for line in capsys.readouterr().err.splitlines() if line.startswith("kgqa:")]
        assert "401" in line or "key" in line
        assert ask(facts, "--base-url", script.url, "--fall-back") == 0
    streams = capsys.readouterr()
    assert streams.out.startswith("William Dieterle")
    assert "so the vote answered" in streams.err


def test_what_it_says_is_heard_while_it_says_it_and_checked_afterwards(
    facts: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    done = {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}
    pieces = ['{"answers": [{"entity": "William ', 'Dieterle", "chains": [1]}, ', '"Zog\x1b[31m"]}']
    with serving(stream(*pieces, done)) as script:
        assert ask(facts, "--base-url", script.url, "--stream") == 0
        assert script.bodies[0]["stream"] is True
    streams = capsys.readouterr()
    assert streams.out.startswith("William Dieterle")
    assert "Zog" not in streams.out
    assert '{"answers": [{"entity": "William Dieterle", "chains": [1]}, "Zog' in streams.err
    assert "\x1b" not in streams.err
