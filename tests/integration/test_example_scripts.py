"""The example scripts run as they are, and what they print are facts of their graphs."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
EXAMPLES = sorted((ROOT / "scripts" / "examples").glob("*.py"))
HOW_TO = ROOT / "docs" / "how-to" / "use-the-constraint-elsewhere.md"
TRIPLE = re.compile(r"^ +(.*?) -\[(.*?)\]-> (.*)$", re.MULTILINE)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.name)
def test_an_example_runs_and_prints_facts_of_its_graph_for_every_question(example: Path) -> None:
    done = subprocess.run([sys.executable, str(example)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    source = example.read_text("utf-8")
    facts = set(re.findall(r'Triple\("(.*?)", "(.*?)", "(.*?)"\)', source))
    printed = TRIPLE.findall(done.stdout)
    assert len(printed) >= 2
    assert set(printed) <= facts
    for question in re.findall(r'": "(\w.*?\?)"', source):
        assert question in done.stdout


def test_the_how_to_names_every_example() -> None:
    text = HOW_TO.read_text("utf-8")
    assert EXAMPLES
    assert [e.name for e in EXAMPLES if f"scripts/examples/{e.name}" not in text] == []


def test_the_python_of_the_how_to_runs() -> None:
    (code,) = re.findall(r"```python\n(.*?)```", HOW_TO.read_text("utf-8"), re.DOTALL)
    names: dict[str, object] = {}
    exec(compile(code, HOW_TO.name, "exec"), names)
    assert names["written"] == " Kismet -> directed_by -> William Dieterle"
