"""Asking a model in a real vLLM server: its own probabilities, answers with their chains."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from served_films import FILMS, Served

from kgqa import GraphBuilder, Triple, load_language_model
from kgqa.cli import main
from kgqa.errors import ModelError
from kgqa.finders import ChainSpace, Found, LinkedQuestion, ServedFinder
from kgqa.graph import save_index
from kgqa.lm import Prompt, Request
from kgqa.lm.vllm.served_model import ServedModel

pytestmark = pytest.mark.slow  # a server is started

ASKED = LinkedQuestion("who directed Kismet?", ("Kismet",))


def found_by(served: Served, space: ChainSpace, **settings: Any) -> Found:
    (found,) = ServedFinder(ServedModel.at(f"vllm:{served.url}"), **settings).find([ASKED], space)
    assert isinstance(found, Found), found
    return found


def test_it_gives_the_probabilities_that_the_model_has_in_this_process(served: Served) -> None:
    model: Any = load_language_model(served.model, device="cpu", dtype="float32")
    found = found_by(served, ChainSpace(FILMS, "path", hops=2), samples=20, temperature=2.0)
    prompt = Prompt(ASKED.question, ("Kismet",), "path")
    assert len(found.hypotheses) > 1
    for one in found.hypotheses:
        text = bytes(one.tokens).decode()
        ids = (*model.tokenizer.encode_text(text), model.tokenizer.end_id)
        (rows,) = model.score([Request(prompt, [ids[:at] for at in range(len(ids))])])
        expected = sum(float(rows[at][token]) for at, token in enumerate(ids))
        assert one.log_probability == pytest.approx(expected, abs=0.01), text


@pytest.mark.parametrize("grammar", ["path", "chain", "relations"])
def test_what_it_finds_are_chains_of_the_graph(served: Served, grammar: Any) -> None:
    found = found_by(served, ChainSpace(FILMS, grammar, hops=2), samples=5, seed=3)
    assert all(triple in FILMS for one in found.hypotheses for triple in one.chain.triples)
    assert sum(one.weight for one in found.hypotheses) == pytest.approx(1)


@pytest.mark.parametrize("topic", ["</PATH>", "千と千尋の神隠し"])
def test_names_that_spell_special_tokens_come_back_as_they_are(served: Served, topic: str) -> None:
    asked = LinkedQuestion(f"what of {topic}?", (topic,))
    finder = ServedFinder(ServedModel.at(f"vllm:{served.url}"), samples=2)
    (found,) = finder.find([asked], ChainSpace(FILMS, "path", hops=1))
    assert isinstance(found, Found), found
    (only,) = found.hypotheses
    assert only.chain.start == topic


def test_filters_are_kept_by_the_server(served: Served, tmp_path: Path, capsys: Any) -> None:
    save_index(FILMS, tmp_path / "films")
    asked = ["ask", ASKED.question, "--graph", str(tmp_path / "films"), "--model", f"vllm:{served.url}"]
    assert main([*asked, "--grammar", "path", "--hops", "1", "--must-use", "directed_by", "--json"]) == 0
    (line,) = capsys.readouterr().out.splitlines()
    (answer,) = json.loads(line)["answers"]
    assert answer["name"] == "William Dieterle"
    assert answer["chains"] == [[["Kismet", "directed_by", "William Dieterle"]]]


def test_a_run_asks_many_questions_at_a_time(served: Served, tmp_path: Path) -> None:
    save_index(FILMS, tmp_path / "films")
    questions = [
        {"id": str(at), "question": question, "topic_entities": [topic], "answers": [answer]}
        for at, (question, topic, answer) in enumerate(
            [
                ("who directed Kismet?", "Kismet", "William Dieterle"),
                ("who directed A Foreign Affair?", "A Foreign Affair", "Billy Wilder"),
                ("who starred in Kismet?", "Kismet", "Marlene Dietrich"),
            ]
        )
    ]
    (tmp_path / "asked.jsonl").write_text("\n".join(map(json.dumps, questions)))
    (tmp_path / "run.toml").write_text(
        f'dataset = "{tmp_path / "asked.jsonl"}"\ngraph = "{tmp_path / "films"}"\n'
        f'model = "vllm:{served.url}"\ngrammar = "path"\nhops = 1\nsearch.name = "sample"\nsearch.beams = 4\n'
    )
    assert main(["eval", str(tmp_path / "run.toml"), "--out", str(tmp_path / "out")]) == 0
    records = [json.loads(line) for line in (tmp_path / "out" / "records.jsonl").read_text().splitlines()]
    assert len(records) == 3
    assert not any(record.get("error") for record in records), records


def test_another_version_of_the_graph_is_an_error_that_says_so(served: Served) -> None:
    other = GraphBuilder.of([Triple("Kismet", "directed_by", "Billy Wilder")])
    (error,) = ServedFinder(ServedModel.at(f"vllm:{served.url}")).find([ASKED], ChainSpace(other, "path"))
    assert isinstance(error, ModelError)
    assert f"no graph with the checksum '{other.checksum}' here; there are 'films'" in str(error)
    (error,) = ServedFinder(ServedModel.at(f"vllm:{served.url}#gpt")).find([ASKED], ChainSpace(FILMS, "path"))
    assert isinstance(error, ModelError)
    assert "no model of that name" in str(error)
