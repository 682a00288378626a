"""`kgqa ask` with a chat model, as a user types it."""

from __future__ import annotations

import importlib
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from lexical_chat import lexical_chat

from kgqa.chat import ChatModel, Message, MockChatModel
from kgqa.cli import main
from kgqa.errors import ModelError

FACTS = [
    ("Kismet", "directed_by", "William Dieterle"),
    ("Kismet", "in_language", "English"),
    ("Juarez", "directed_by", "William Dieterle"),
]
Ask = Callable[..., tuple[int, str, str]]


def scripted(messages: Sequence[Message]) -> str:
    if "Reasoning paths" not in messages[1].content:
        return '["Vincente Minnelli"]'
    cited = next(line for line in messages[1].content.splitlines() if "Dieterle" in line)
    answers = [
        {"entity": "William Dieterle", "chains": [int(cited[1 : cited.index("]")])]},
        {"entity": "Vincente \x1b[31mMinnelli", "chains": []},
    ]
    return json.dumps({"answerable": True, "answers": answers})


MODELS: dict[str, Callable[[], ChatModel]] = {
    "scripted": lambda: MockChatModel(scripted, name="scripted", price=0.001),
    "lexical": lexical_chat,
    "silent": lambda: MockChatModel(lambda _: "I don't know", name="silent"),
    "down": lambda: MockChatModel(lambda _: ModelError("the endpoint is\ndown"), name="down"),
}


@pytest.fixture
def ask(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Ask:
    facts = tmp_path / "films.tsv"
    facts.write_text("".join("\t".join(fact) + "\n" for fact in FACTS), "utf-8")
    command = importlib.import_module("kgqa.cli.ask")
    real = command.load_chat

    def load(name: str | None, **options: Any) -> ChatModel:
        loaded: ChatModel = MODELS[name]() if name else real(name, **options)
        return loaded

    monkeypatch.setattr(command, "load_chat", load)
    for name in ("KGQA_LLM", "OPENAI_BASE_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))

    def run(*options: str) -> tuple[int, str, str]:
        code = main(["ask", "who directed Kismet?", "--graph", str(facts), *options])
        streams = capsys.readouterr()
        return code, streams.out, streams.err

    return run


def test_a_grounded_answer_has_its_chain_and_what_it_cost_is_said_beside_it(ask: Ask) -> None:
    code, out, err = ask("--llm", "scripted")
    assert code == 0
    assert out.splitlines()[0].startswith("William Dieterle")
    assert "directed_by" in out.splitlines()[1]
    assert "Minnelli" not in out
    assert "not an answer, because no cited chain contains it: Vincente [31mMinnelli" in err
    assert "scripted: 1 request, " in err
    assert "tokens, cost 0." in err


def test_a_chat_model_is_opened_only_where_it_is_needed(ask: Ask) -> None:
    code, _, err = ask("--aggregate", "vote", "--llm", "no such model")
    assert (code, err) == (
        2,
        "kgqa: --llm: nothing asks no such model: set --aggregate to weighed, grounded or open, "
        "or reason to llm\n",
    )
    assert ask()[0] == 0


def test_open_answers_are_shown_apart(ask: Ask) -> None:
    code, out, _ = ask("--llm", "scripted", "--aggregate", "open")
    assert code == 0
    assert out.splitlines()[-1] == "Vincente [31mMinnelli   not from the graph"
    code, out, _ = ask("--llm", "scripted", "--aggregate", "open", "--json")
    result = json.loads(out)
    assert [answer["entity"] for answer in result["answers"]] == ["William Dieterle"]
    assert result["not_from_the_graph"] == ["Vincente [31mMinnelli"]


def test_evidence_may_be_kept_short(ask: Ask) -> None:
    _, long, _ = ask("--llm", "scripted", "--json")
    _, short, _ = ask("--llm", "scripted", "--json", "--evidence-tokens", "30")
    read = [json.loads(out)["llm_report"]["usage"]["prompt_tokens"] for out in (long, short)]
    assert read[1] < read[0]


def test_a_conflict_with_what_the_model_knows_is_reported(ask: Ask) -> None:
    _, out, err = ask("--llm", "scripted", "--closed-book")
    assert "conflict: without the graph scripted answers Vincente Minnelli" in err
    assert "conflict" not in out
    _, out, _ = ask("--llm", "scripted", "--closed-book", "--json")
    said = json.loads(out)["llm_report"]
    assert (said["agreement"], said["closed_book"]) == ("conflicts", ["Vincente Minnelli"])
    assert said["usage"]["requests"] == 2


def test_a_model_that_finds_no_answer_leaves_none(ask: Ask) -> None:
    code, out, err = ask("--llm", "silent")
    assert (code, out) == (0, "The graph does not say.\n")
    assert "silent finds no answer in the graph's chains" in err


def test_a_model_that_fails_ends_the_command_or_is_passed_over(ask: Ask) -> None:
    code, out, err = ask("--llm", "down")
    assert (code, out) == (1, "")
    assert err.splitlines()[-1] == "kgqa: the endpoint is down"
    code, out, err = ask("--llm", "down", "--fall-back")
    assert code == 0
    assert out.startswith("William Dieterle")
    assert "down failed, so the vote answered: the endpoint is down" in err


@pytest.mark.parametrize("aggregate", ["vote", "grounded", "open"])
@pytest.mark.parametrize("grammar", ["relations", "path"])
def test_a_chat_model_can_find_the_chains_itself(ask: Ask, aggregate: str, grammar: str) -> None:
    code, out, err = ask(
        "--llm", "lexical", "--reason", "llm", "--aggregate", aggregate, "--grammar", grammar, "--json"
    )
    assert (code, err) == (0, "")
    result = json.loads(out)
    assert [answer["name"] for answer in result["answers"]] == ["William Dieterle"]
    assert result["answers"][0]["chains"] == [[["Kismet", "directed_by", "William Dieterle"]]]
    assert result["llm_report"]["usage"]["requests"] >= 1


@pytest.mark.parametrize(
    ("options", "named"),
    [
        (["--aggregate", "grounded"], "no LLM is named"),
        (["--aggregate", "open"], "no LLM is named"),
        (["--reason", "llm"], "no LLM is named"),
        (["--closed-book"], "--llm"),
        (["--fall-back"], "--llm"),
        (["--contrast"], "--llm"),
        (["--llm", "lexical", "--contrast"], "lexical shows no logits"),
        (["--llm", "lexical", "--aggregate", "vote", "--closed-book"], "--closed-book"),
        (["--llm", "lexical", "--reason", "llm", "--grammar", "chain"], "choose relations or path"),
        (["--aggregate", "maybe"], "maybe"),
    ],
)
def test_options_that_make_no_sense_together_are_refused(ask: Ask, options: list[str], named: str) -> None:
    code, out, err = ask(*options)
    assert (code, out) == (2, "")
    assert named in err
