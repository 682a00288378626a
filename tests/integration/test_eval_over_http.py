"""`kgqa eval` with an LLM behind an endpoint, also one that misbehaves."""

from __future__ import annotations

import json
import socket
import time
from pathlib import Path

import pytest
from misbehaving_server import Behaviour, Script, answer, close, drip, hang, http, serving

from kgqa.cli import main
from kgqa.evaluation import Record
from kgqa.evaluation.record_file import read_records

FILMS = ["Kismet", "Juarez", "Dr. Socrates", "Fog Over Frisco", "Madame DuBarry", "Satan Met a Lady"]
REPLY = json.dumps({"answerable": True, "answers": [{"entity": "William Dieterle", "chains": [1, 2, 3, 4]}]})


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("KGQA_LLM", "OPENAI_BASE_URL", "OPENAI_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    facts = "".join(
        f"{film}\tdirected_by\tWilliam Dieterle\n{film}\tin_language\tEnglish\n" for film in FILMS
    )
    (tmp_path / "films.tsv").write_text(facts, "utf-8")
    asked = [
        {
            "id": str(n),
            "question": f"who directed {film}?",
            "topic_entities": [film],
            "answers": ["William Dieterle"],
        }
        for n, film in enumerate(FILMS)
    ]
    (tmp_path / "asked.jsonl").write_text("".join(json.dumps(one) + "\n" for one in asked), "utf-8")
    return tmp_path


def evaluate(place: Path, *options: str) -> int:
    files = ["--graph", str(place / "films.tsv"), "--questions", str(place / "asked.jsonl")]
    places = ["--out", str(place / "out"), "--cache", str(place / "stages"), "--batch-size", "3"]
    return main(["eval", *files, *places, "--json", *options])


def records(place: Path) -> dict[str, Record]:
    return read_records(place / "out" / "records.jsonl")


def test_a_run_asks_the_endpoint_and_keeps_what_it_took(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with serving(answer(REPLY)) as script:
        assert evaluate(place, "--llm", "m", "--base-url", script.url) == 0
        assert len(script.requests) == len(FILMS)
    report = json.loads(capsys.readouterr().out)
    assert (report["n"], report["hits_at_1"], report["faithful"]) == (len(FILMS), 1.0, 1.0)
    for record in records(place).values():
        assert record.llm_report is not None
        assert (record.llm_report.model, record.llm_report.usage.requests) == ("m", 1)
    run = json.loads((place / "out" / "run.json").read_text("utf-8"))
    aggregator = run["settings"]["answerer"]["aggregator"]
    assert aggregator["chat"]["model"] == "m"
    assert aggregator["mode"] == "weighed"
    assert script.url not in json.dumps(run)


@pytest.mark.parametrize(
    "behaviours",
    [
        [http(500, "no"), close, answer("not JSON"), answer(None), answer(REPLY)],
        [http(429, "slow down", retry_after="0"), answer(REPLY[: len(REPLY) // 2]), answer(REPLY)],
        [answer('{"answers": [{"entity": "Nobody", "chains": [99]}]}')],
    ],
)
def test_whatever_the_endpoint_does_every_question_has_its_record(
    place: Path, behaviours: list[Behaviour], capsys: pytest.CaptureFixture[str]
) -> None:
    with serving(*behaviours) as script:
        assert evaluate(place, "--llm", "m", "--base-url", script.url, "--llm-timeout", "5") == 0
    capsys.readouterr()
    kept = records(place)
    assert sorted(kept) == [str(n) for n in range(len(FILMS))]
    for record in kept.values():
        assert set(record.entities) <= {"William Dieterle", "English"}
        assert record.faithful == 1.0


def test_a_question_that_the_endpoint_cannot_bear_costs_its_own_record(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def behave(connection: socket.socket, script: Script) -> None:
        poisoned = "who directed Juarez?" in script.requests[-1]
        (http(500, "overflow") if poisoned else answer(REPLY))(connection, script)

    with serving(behave) as script:
        options = ("--llm-timeout", "2", "--set", "batch_size=1")
        assert evaluate(place, "--llm", "m", "--base-url", script.url, *options) == 0
    assert json.loads(capsys.readouterr().out)["by_status"]["error"] == 1
    assert [record.id for record in records(place).values() if record.error] == ["1"]


def test_an_endpoint_that_is_not_there_ends_the_run_at_once_and_it_goes_on_when_it_is(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    began = time.monotonic()
    assert evaluate(place, "--llm", "m", "--base-url", "http://127.0.0.1:9/v1", "--llm-timeout", "3") == 1
    assert time.monotonic() - began < 20
    said = [line for line in capsys.readouterr().err.splitlines() if line.startswith("kgqa:")]
    assert len(said) == 1
    assert "127.0.0.1:9" in said[0]
    with serving(answer(REPLY)) as script:
        assert evaluate(place, "--llm", "m", "--base-url", script.url) == 0
    assert json.loads(capsys.readouterr().out)["hits_at_1"] == 1.0


@pytest.mark.parametrize("behaviour", [hang, drip()])
def test_an_endpoint_that_hangs_costs_its_timeout_not_the_run(
    place: Path, behaviour: Behaviour, capsys: pytest.CaptureFixture[str]
) -> None:
    with serving(behaviour) as script:
        began = time.monotonic()
        code = evaluate(place, "--llm", "m", "--base-url", script.url, "--llm-timeout", "0.6", "--fall-back")
        assert time.monotonic() - began < 30
    assert code == 0
    capsys.readouterr()
    failures = [one.llm_report.failure for one in records(place).values() if one.llm_report]
    assert len(failures) == len(FILMS)
    assert all(failures)


def test_money_that_is_spent_ends_the_run_and_more_of_it_goes_on(
    place: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = place / "llm.toml"
    with serving(answer(REPLY, usage={"prompt_tokens": 1000, "completion_tokens": 1000})) as script:
        config.write_text(
            f'[llm.paid]\nbase_url = "{script.url}"\nmodel = "m"\n'
            "prompt_price = 1000.0\ncompletion_price = 1000.0\n",
            "utf-8",
        )
        options = ("--llm", "paid", "--llm-config", str(config), "--set", "batch_size=1")
        assert evaluate(place, *options, "--dry-run") == 0
        plan = json.loads(capsys.readouterr().out)
        assert script.requests == []
        assert plan["cost"] > 0
        assert evaluate(place, *options, "--max-cost", "7") == 1
        assert "max_cost" in capsys.readouterr().err
        there = len(records(place))
        assert 0 < there < len(FILMS)
        assert there == len(script.requests)  # nothing that was paid for is lost
        assert evaluate(place, *options) == 0
    assert json.loads(capsys.readouterr().out)["n"] == len(FILMS)


def test_an_llm_may_find_the_chains_too(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with serving(answer('{"choices": [1]}')) as script:
        llm = ("--llm", "m", "--base-url", script.url, "--reason", "llm", "--aggregate", "vote")
        assert evaluate(place, *llm, "--hops", "1") == 0
    report = json.loads(capsys.readouterr().out)
    assert (report["n"], report["faithful"]) == (len(FILMS), 1.0)
    assert all(record.answers for record in records(place).values())


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--closed-book",), "--closed-book: needs an LLM; set --llm"),
        (("--aggregate", "grounded"), "no LLM is named"),
        (("--llm", "m", "--aggregate", "vote"), "--llm: nothing asks m"),
        (("--llm", "m", "--reason", "llm", "--grammar", "chain"), "--grammar: an LLM can only walk"),
    ],
)
def test_options_that_do_not_go_together_are_one_line(
    place: Path, options: tuple[str, ...], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert evaluate(place, *options) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert message in said
