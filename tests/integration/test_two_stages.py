"""Chains and then answers with a real small LLM, as from the command line to its server."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from kgqa.cli import main
from kgqa.graph import ATLAS, IndexedGraph, Triple, open_graph

pytestmark = pytest.mark.slow

QUESTIONS = ("Who designed Lisp?", "What is the capital of Kenya?")


@pytest.fixture(scope="module")
def graph() -> IndexedGraph:
    return open_graph(ATLAS)


@pytest.fixture(autouse=True)
def nothing_configured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("KGQA_LLM", "OPENAI_BASE_URL", "OPENAI_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))


def told(capsys: pytest.CaptureFixture[str], server: str, question: str, *options: str) -> dict[str, Any]:
    command = ["ask", question, "--llm", "SmolLM2", "--base-url", server, "--llm-timeout", "500", "--json"]
    command += ["--no-cache", *options]
    assert main(command) == 0
    reply: dict[str, Any] = json.loads(capsys.readouterr().out)
    return reply


def check(reply: dict[str, Any], graph: IndexedGraph) -> None:
    """Every answer ends a chain of facts of the graph."""
    for one in reply["answers"]:
        assert one["chains"]
        for chain in one["chains"]:
            facts = [Triple(*fact) for fact in chain]
            assert all(fact in graph for fact in facts)
            assert one["entity"] in (facts[-1].head, facts[-1].tail)


@pytest.mark.parametrize("question", QUESTIONS)
def test_the_shipped_model_finds_chains_and_a_real_llm_reads_them(
    question: str, llama_server: str, graph: IndexedGraph, capsys: pytest.CaptureFixture[str]
) -> None:
    voted = told(capsys, llama_server, question, "--reason", "model", "--aggregate", "weighed")
    check(voted, graph)
    alone = told(capsys, llama_server, question, "--aggregate", "grounded")
    check(alone, graph)
    for reply in (voted, alone):
        assert reply["llm_report"]["reply"]
        assert not reply["llm_report"]["outside"]  # a schema holds it to the ends of the lines


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_real_llm_walks_and_answers_alone(
    question: str, llama_server: str, graph: IndexedGraph, capsys: pytest.CaptureFixture[str]
) -> None:
    walking = ("--reason", "llm", "--hops", "2", "--aggregate", "vote")
    reply = told(capsys, llama_server, question, *walking, "--set", "walk.reply_tokens=40")
    check(reply, graph)
    assert reply["llm_report"]["usage"]["requests"] >= 2
    assert reply["answers"] or reply["reason"]
