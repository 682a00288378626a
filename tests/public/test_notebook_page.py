"""The tasks of the notebook page: at most ten lines of public names, and what they print is true."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from tiny_models import tiny_model

import kgqa

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "in-a-notebook.md"
SLOW = {"Train"}


class Task(NamedTuple):
    title: str
    code: str
    printed: str


def tasks() -> list[Task]:
    found = []
    for section in PAGE.read_text("utf-8").split("\n## ")[1:]:
        ((code, printed),) = re.findall(r"```python\n(.*?)```\n\n```\n(.*?)```", section, re.DOTALL)
        found.append(Task(section.partition("\n")[0], code, printed))
    return found


TASKS = tasks()
(SHARED,) = re.findall(r"```python\n(.*?)```", PAGE.read_text("utf-8").split("\n## ")[0], re.DOTALL)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The working folder of the tasks, with a random model in `my-model`."""
    folder = tmp_path_factory.mktemp("notebook")
    model, tokenizer = tiny_model("llama")
    model.save_pretrained(folder / "my-model")
    tokenizer.save_pretrained(folder / "my-model")
    return folder


def test_there_are_thirteen_tasks_of_at_most_ten_lines() -> None:
    assert len(TASKS) == 13
    assert [task.title for task in TASKS if len(task.code.replace("\n\n", "\n").splitlines()) > 10] == []


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.title)
def test_a_task_uses_public_names_alone(task: Task) -> None:
    for node in ast.walk(ast.parse(task.code)):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("kgqa"):
            assert node.module == "kgqa"
            assert {alias.name for alias in node.names} <= set(kgqa.__all__)
        if isinstance(node, ast.Import):
            assert not any(alias.name.startswith("kgqa") for alias in node.names)


@pytest.mark.parametrize(
    "task",
    [pytest.param(t, marks=[pytest.mark.slow] if t.title in SLOW else [], id=t.title) for t in TASKS],
)
def test_a_task_prints_what_the_page_says(
    task: Task, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(folder)
    names: dict[str, Any] = {}
    exec(compile(SHARED, str(PAGE), "exec"), names)
    for earlier in _needed(task):
        exec(compile(earlier.code, str(PAGE), "exec"), names)
    capsys.readouterr()
    exec(compile(task.code, str(PAGE), "exec"), names)
    assert capsys.readouterr().out.split() == task.printed.split()


def _needed(task: Task) -> list[Task]:
    """The earlier tasks that made the names which this one uses, as a notebook would have run them."""
    if "own." in task.code and "own =" not in task.code:
        return [one for one in TASKS if "own =" in one.code]
    if "Answerer(" in task.code and "Answerer," not in task.code:
        return [one for one in TASKS if one.title == "Ask"]
    return []
