"""The check of the package's structure finds what it is for, and nothing else."""

from __future__ import annotations

import runpy
from collections.abc import Callable
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "scripts" / "check_structure.py"
main: Callable[[list[str]], int] = runpy.run_path(str(SCRIPT))["main"]

SOUND = {
    "kgqa/__init__.py": "from kgqa.low.one import One\n",
    "kgqa/__main__.py": "from kgqa.cli import main\n",
    "kgqa/cli/__init__.py": "from kgqa.cli.ask import main\n",
    "kgqa/cli/ask.py": "from kgqa.high import High\n",
    "kgqa/low/__init__.py": "from kgqa.low.one import One\nfrom kgqa.low.two import Two\n",
    "kgqa/low/one.py": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import kgqa.low.two\n",
    "kgqa/low/two.py": "from kgqa.low.one import One\n",
    "kgqa/high.py": "from kgqa.low import One\nimport kgqa.low.two\n",
    "tests/test_ask.py": "from kgqa.cli.ask import main\n",
    "scripts/demo.py": "from kgqa.high import High\n",
}


def checked(root: Path, files: dict[str, str]) -> int:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return main(["--root", str(root)])


def test_a_sound_package_passes(tmp_path: Path) -> None:
    assert checked(tmp_path, SOUND) == 0


@pytest.mark.parametrize(
    ("name", "text", "complaint"),
    [
        ("kgqa/low/one.py", "from kgqa.low.two import Two\n", "import circle: kgqa.low.one, kgqa.low.two\n"),
        (
            "kgqa/low/one.py",
            "def f():\n    from kgqa.low.two import Two\n",
            "circle: kgqa.low.one, kgqa.low.two",
        ),
        ("kgqa/low/one.py", "def f():\n    from kgqa.low import Two\n", "circle: kgqa.low.one, kgqa.low.two"),
        ("kgqa/low/one.py", "import kgqa.high\n", "circle: kgqa.high, kgqa.low.one, kgqa.low.two"),
        ("scripts/demo.py", "from kgqa.cli.ask import main\n", "scripts/demo.py: imports kgqa.cli\n"),
        ("scripts/demo.py", "def f():\n    from kgqa import cli\n", "scripts/demo.py: imports kgqa.cli\n"),
        ("kgqa/high.py", "import kgqa.cli.ask\n", "kgqa/high.py: imports kgqa.cli\n"),
        ("eval/bench/one.py", "from kgqa.cli import main\n", "eval/bench/one.py: imports kgqa.cli\n"),
    ],
)
def test_what_breaks_the_structure_is_named(
    name: str, text: str, complaint: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert checked(tmp_path, {**SOUND, name: text}) == 1
    assert complaint in capsys.readouterr().out


def test_a_folder_with_more_than_twenty_modules_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    modules = {f"kgqa/wide/module_{number}.py": "" for number in range(20)}
    assert checked(tmp_path, {**SOUND, **modules, "kgqa/wide/__init__.py": ""}) == 0
    assert checked(tmp_path, {"kgqa/wide/one_more.py": ""}) == 1
    assert "kgqa/wide: 21 modules, at most 20\n" in capsys.readouterr().out
