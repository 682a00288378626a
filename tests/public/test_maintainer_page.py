"""The maintainer's tutorial, command by command; numbers may differ a little."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[2] / "docs" / "tutorial" / "maintain-a-graph.md"
_NUMBER = re.compile(r"-?\d+\.\d+")


def blocks() -> list[tuple[str, str, str]]:
    """The files and the consoles of the page in their order: kind, name of the file, content."""
    text = PAGE.read_text("utf-8")
    found = re.finditer(r"(?:`([\w.]+)`:\n\n)?```(text|console)\n(.*?)```", text, re.DOTALL)
    return [(block[2], block[1] or "", block[3]) for block in found]


def without_numbers(text: str) -> str:
    """A text with its decimal numbers as N, and with any number of spaces as one."""
    return " ".join(_NUMBER.sub("N", text).split())


@pytest.mark.slow
def test_the_commands_of_the_tutorial_print_what_it_shows(tmp_path: Path) -> None:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    own = {"PYTHONIOENCODING": "utf-8", "KGQA_CACHE": str(tmp_path / "cache")}
    commands = 0
    for kind, name, content in blocks():
        if kind == "text":
            (tmp_path / name).write_text(content, "utf-8")
            continue
        for command, shown in re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", content, re.MULTILINE):
            done = subprocess.run(
                ["bash", "-c", command],
                cwd=tmp_path,
                env={**os.environ, "PATH": path, "COLUMNS": "200", **own},
                capture_output=True,
                text=True,
                encoding="utf-8",
                check=False,
            )
            assert without_numbers(shown) in without_numbers(done.stdout + done.stderr), command
            commands += 1
    assert commands == 14
