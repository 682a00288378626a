"""The workflow on the page about CI does what the page says, on a good graph and on an edited one."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

yaml = pytest.importorskip("yaml", reason="PyYAML is not installed")

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "graph-in-ci.md"
FACTS = [
    ("Kismet", "directed_by", "William Dieterle"),
    ("Kismet", "in_language", "English"),
    ("Juarez", "directed_by", "William Dieterle"),
    ("Juarez", "in_language", "Spanish"),
]
CHAINS = "Kismet -> directed_by -> William Dieterle\nJuarez -> in_language -> Spanish\n"
QUESTIONS = [("1", "who directed Kismet", "Kismet", "William Dieterle")]


def steps() -> dict[str, dict[str, Any]]:
    """The steps of the workflow that run a command, by their names."""
    (text,) = re.findall(r"```yaml\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    workflow = yaml.safe_load(text)
    return {step["name"]: step for step in workflow["jobs"]["graph"]["steps"] if "run" in step}


def run(folder: Path, facts: list[tuple[str, str, str]]) -> dict[str, tuple[int, str]]:
    """The exit code and the output of each step, as GitHub decides which are run."""
    rows = ({"id": i, "question": q, "topic_entities": [t], "answers": [a]} for i, q, t, a in QUESTIONS)
    (folder / "before").mkdir()
    for place, said in ((folder, facts), (folder / "before", FACTS)):
        (place / "graph.tsv").write_text("".join("\t".join(fact) + "\n" for fact in said), "utf-8")
    (folder / "chains.txt").write_text(CHAINS, "utf-8")
    (folder / "questions.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    found: dict[str, tuple[int, str]] = {}
    failed = False
    for name, step in steps().items():
        when = step.get("if", "success()")
        if name == "install" or when not in ("always()", "failure()" if failed else "success()"):
            continue
        done = subprocess.run(
            step["run"].split(),
            cwd=folder,
            env={**os.environ, "PATH": path},
            capture_output=True,
            text=True,
            check=False,
        )
        failed = failed or done.returncode != 0
        found[name] = done.returncode, done.stdout + done.stderr
    return found


@pytest.mark.slow
def test_a_good_graph_passes_all_steps(tmp_path: Path) -> None:
    found = run(tmp_path, FACTS)
    assert {name: code for name, (code, _) in found.items()} == {
        "build": 0,
        "chains that must hold": 0,
        "questions that must be answered": 0,
        "what the edit changes": 0,
        "what the graph lacks": 0,
    }, found
    assert json.loads((tmp_path / "chains.sarif").read_text("utf-8"))["runs"][0]["results"] == []


@pytest.mark.slow
def test_an_edit_that_loses_a_fact_fails_with_its_line_and_its_cause(tmp_path: Path) -> None:
    found = run(tmp_path, FACTS[1:])
    assert found["chains that must hold"][0] == found["questions that must be answered"][0] == 1
    assert "hits_at_1 is 0, at least 100 is asked for" in found["questions that must be answered"][1]
    assert "1 of 1 question has a wrong first answer" in found["why others were not"][1]
    assert found["what the edit changes"][0] == 1
    assert "  - Kismet -> directed_by -> William Dieterle" in found["what the edit changes"][1]
    (problem,) = json.loads((tmp_path / "diff.sarif").read_text("utf-8"))["runs"][0]["results"]
    assert problem["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "questions.jsonl"
    (problem,) = json.loads((tmp_path / "chains.sarif").read_text("utf-8"))["runs"][0]["results"]
    assert problem["locations"][0]["physicalLocation"]["region"]["startLine"] == 1
    assert "**1 of 2 chains** of" in (tmp_path / "chains.md").read_text("utf-8")
