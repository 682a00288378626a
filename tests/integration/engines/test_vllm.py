"""vLLM: its grammar class keeps the laws of matchers, and a real server takes requests for the constraint."""

from __future__ import annotations

import base64
import json
import os
import re
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from served_films import Served

from kgqa.constraint import GrammarName
from kgqa.constraint.engines.conformance import whole_text_language
from kgqa.constraint.engines.walk_request import WalkRequest
from kgqa.validation import Claim, check_claims

pytestmark = pytest.mark.slow  # a server is started

ROOT = Path(__file__).parents[3]


def run(python: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    own = {"HF_HUB_OFFLINE": "1", "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'tests'}", **variables}
    return subprocess.run(
        [str(python), *arguments],
        env={**os.environ, **own},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


def completion(regex: str, **settings: Any) -> dict[str, Any]:
    return {
        "prompt": "Question: Who directed Kismet?\nReasoning path:",
        "max_tokens": 100,
        "structured_outputs": {"regex": regex},
        **settings,
    }


def films(**fields: Any) -> str:
    return WalkRequest(**{"graph": "films", "topics": ("Kismet",), **fields}).encode()


def raw(values: object) -> str:
    return "kgqa:" + base64.b64encode(json.dumps(values).encode()).decode()


def test_its_grammar_keeps_the_laws_of_matchers(vllm_python: Path, smollm2_folder: Path) -> None:
    script = Path(__file__).parent / "vllm_conformance.py"
    done = run(vllm_python, str(script), str(smollm2_folder))
    assert done.returncode == 0, done.stderr[-3000:]
    assert done.stdout.count("conforms") == 3


def test_batches_may_mix_chains_with_all_other_requests(served: Served) -> None:
    year = {"type": "integer", "minimum": 1900, "maximum": 2000}
    schema = {"type": "object", "properties": {"year": year}, "required": ["year"]}
    kinds: dict[str, dict[str, Any]] = {
        "path": completion(films(), temperature=1, n=2),
        "chain": completion(films(grammar="chain", hops=2), temperature=1, n=2),
        "relations": completion(films(grammar="relations", topics=("Kismet", "</PATH>")), temperature=1),
        "regex": completion("(yes|no)", temperature=1, n=2),
        "json": {**completion(""), "structured_outputs": {"json": schema}},
        "choice": {**completion(""), "structured_outputs": {"choice": ["red", "green"]}},
        "free": {"prompt": "Kismet is", "max_tokens": 5, "temperature": 0},
    }
    asked = [(kind, {**body, "seed": seed}) for seed in range(4) for kind, body in kinds.items()]
    with ThreadPoolExecutor(len(asked)) as threads:
        replies = list(threads.map(lambda one: served.post("/v1/completions", one[1]), asked))
    written: dict[str, list[str]] = {}
    for (kind, _), (status, reply) in zip(asked, replies, strict=True):
        assert status == 200, (kind, reply)
        written.setdefault(kind, []).extend(choice["text"] for choice in reply["choices"])
    grammars: tuple[GrammarName, ...] = ("path", "chain", "relations")
    for kind in grammars:
        topics = ["Kismet", "</PATH>"] if kind == "relations" else ["Kismet"]
        every = whole_text_language(served.graph, topics, lambda text: tuple(text.encode()), grammar=kind)
        assert {tuple(text.encode()) for text in written[kind]} <= every.keys(), written[kind]
        assert len(set(written[kind])) > 1, f"{kind}: nothing was drawn at random"
    assert set(written["regex"]) <= {"yes", "no"}
    assert set(written["choice"]) <= {"red", "green"}
    assert all(1900 <= json.loads(text)["year"] <= 2000 for text in written["json"])
    assert len(set(written["free"])) == 1
    assert written["free"][0]


@pytest.mark.parametrize(
    ("regex", "message"),
    [
        ("kgqa:", "must be JSON"),
        ("kgqa:%%%", "base64"),
        ("kgqa:" + "A" * 10**6, "too long"),
        (raw(["x"] * 1000), "must be a JSON object"),
        (raw({"graph": "films", "topics": ["Kismet"], "hop": 2}), "'hop' is no field"),
        (raw({"graph": "films", "topics": ["Kismet"], "hops": 10**9}), "hops must be"),
        (raw({"graph": "films", "topics": ["x"] * 4000}), "no entity 'x'"),
        (films(graph="atlas"), "no graph 'atlas' here; there are 'films'"),
        (films(checksum="0"), "another version"),
        (films(topics=("Kissmet",)), "no entity 'Kissmet'"),
        (films(topics=("English",), inverse=False), "no chain"),
    ],
)
def test_a_hostile_request_is_refused_and_the_server_lives(served: Served, regex: str, message: str) -> None:
    status, reply = served.post("/v1/completions", completion(regex))
    assert status == 400
    assert message in reply["error"]["message"]
    status, reply = served.post("/v1/completions", completion(films()))
    assert status == 200
    assert reply["choices"][0]["finish_reason"] == "stop"


@pytest.mark.parametrize(
    "settings",
    [{"ignore_eos": True}, {"min_tokens": 50}, {"bad_words": [" Kismet"]}, {"allowed_token_ids": [5]}],
)
def test_settings_that_may_forbid_everything_are_refused(served: Served, settings: dict[str, Any]) -> None:
    status, reply = served.post("/v1/completions", completion(films(), **settings))
    assert status == 400
    assert next(iter(settings)) in reply["error"]["message"]


def test_chat_requests_are_constrained_too(served: Served) -> None:
    body = {"messages": [{"role": "user", "content": "Who directed Kismet?"}], "max_tokens": 100}
    status, reply = served.post(
        "/v1/chat/completions", {**body, "structured_outputs": {"regex": films(hops=1)}}
    )
    assert status == 200, reply
    text = reply["choices"][0]["message"]["content"]
    (result,) = check_claims([Claim(1, text=text)], served.graph)
    assert result.holds, text


def test_a_plug_in_that_cannot_work_says_why(vllm_python: Path, tmp_path: Path) -> None:
    load = "from kgqa.lm.vllm import plugin\n"
    other = load + "plugin.TESTED_VERSION = '0.31'\nplugin.register()"
    done = run(vllm_python, "-c", other, KGQA_GRAPHS=f"films={tmp_path}")
    assert done.returncode == 1
    assert re.search(
        r"ModelError: vllm\S* 0\.32\S* is installed, and kgqa was tested with 0\.31", done.stderr
    )
    done = run(vllm_python, "-c", other, KGQA_GRAPHS="")
    assert done.returncode == 0
    assert "kgqa leaves this engine as it is" in done.stderr
    done = run(vllm_python, "-c", load + "plugin.register()", KGQA_GRAPHS=f"films={tmp_path}/nothing")
    assert done.returncode == 1
    assert f"{tmp_path}/nothing" in done.stderr.splitlines()[-1]


def test_the_example_without_a_server_runs(vllm_python: Path, smollm2_folder: Path) -> None:
    script = ROOT / "scripts" / "examples" / "engines" / "complete_with_vllm.py"
    options = ("--model", str(smollm2_folder), "--drafts", "3")
    done = run(vllm_python, str(script), *options, VLLM_CPU_KVCACHE_SPACE="1")
    assert done.returncode == 0, done.stderr[-3000:]
    lines = [line for line in done.stdout.splitlines() if " -> " in line or " <- " in line]
    assert len(lines) == 6
    starts = {line.split(" -> ")[0].split(" <- ")[0].strip() for line in lines}
    assert starts == {"Kismet", "Billy Wilder"}
    drafted = re.search(r"^\d+ of (\d+) drafted tokens were accepted", done.stdout, re.MULTILINE)
    assert drafted, done.stdout
    assert int(drafted[1]) > 0, "no draft was checked"
    assert "grammar rejected" not in done.stdout + done.stderr
