"""The commands need nothing that only POSIX systems have, as far as that can be tested on Linux."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from like_windows import LACKING_MODULES, LACKING_NAMES

REPOSITORY = Path(__file__).parents[2]
SCRIPT = REPOSITORY / "tests" / "like_windows.py"

GUARDED = {("os", "register_at_fork"), ("os", "O_DIRECTORY")}
"""Asked for with `hasattr` first; that they may be missing is what the commands below show."""


def run(folder: Path, *commands: str, encoding: str = "cp1252") -> subprocess.CompletedProcess[str]:
    words = " THEN ".join(commands).split()
    return subprocess.run(
        [sys.executable, str(SCRIPT), *words],
        cwd=folder,
        env={
            **os.environ,
            "KGQA_CACHE": str(folder / "cache"),
            "PYTHONIOENCODING": encoding,
            "PYTHONPATH": str(REPOSITORY),
        },
        capture_output=True,
        encoding=encoding,
        timeout=300,
        check=False,
    )


pytestmark = pytest.mark.skipif(not Path("/proc/self/maps").exists(), reason="imitated on Linux only")


@pytest.mark.slow
def test_every_command_runs_where_windows_has_nothing_of_posix(tmp_path: Path) -> None:
    facts = "Kismet\tdirected_by\tWilliam Dieterle\nJuarez\tdirected_by\tWilliam Dieterle\n"
    (tmp_path / "films.tsv").write_text(facts, "utf-8")
    (tmp_path / "questions.jsonl").write_text(
        '{"id": "1", "question": "who directed Kismet?", "topic_entities": ["Kismet"], '
        '"answers": ["William Dieterle"]}\n',
        "utf-8",
    )
    done = run(
        tmp_path,
        "--help",
        "ask Kismet --graph films.tsv --limit 3",
        "build films.tsv -o films",
        "build films.tsv -o films",
        "ask Kismet --graph films",
        "info films",
        "data",
        "eval --questions atlas --limit 3 --out first",
        "eval --questions questions.jsonl --graph films --out second",
        "validate second/records.jsonl --graph films",
        "score first/records.jsonl",
        "compare first first",
        "report first second",
        "ceiling --questions questions.jsonl --graph films",
    )
    assert done.returncode == 0, done.stderr
    assert "Kismet" in done.stdout
    assert len((tmp_path / "first" / "records.jsonl").read_bytes().splitlines()) == 3


@pytest.mark.slow
def test_workers_run_as_well_and_records_in_another_order_are_put_in_order(tmp_path: Path) -> None:
    records = tmp_path / "run" / "records.jsonl"
    command = "eval --questions atlas --limit 4 --workers 2 --out run"
    assert (done := run(tmp_path, command)).returncode == 0, done.stderr
    in_order = records.read_bytes().splitlines(keepends=True)
    assert len(in_order) == 4
    records.write_bytes(b"".join(reversed(in_order)))
    assert (done := run(tmp_path, command)).returncode == 0, done.stderr
    assert records.read_bytes() == b"".join(in_order)


def posix_only(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names if name.name in LACKING_MODULES)
        elif isinstance(node, ast.ImportFrom) and node.module in LACKING_MODULES:
            yield node.module
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            module, name = node.value.id, node.attr
            if name in LACKING_NAMES.get(module, ()) and (module, name) not in GUARDED:
                yield f"{module}.{name}"


def test_no_module_names_what_only_posix_has() -> None:
    found = {str(file): sorted(posix_only(file)) for file in (REPOSITORY / "kgqa").rglob("*.py")}
    assert not {file: names for file, names in found.items() if names}


def test_the_imitation_refuses_what_windows_refuses(tmp_path: Path) -> None:
    code = """
import os, sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from like_windows import Folders
sys.addaudithook(Folders(Path.cwd()))
held = open("a", "w")
Path("b").touch()
os.replace("b", "c")
for refused in (
    lambda: os.open(".", os.O_RDONLY),
    lambda: open("a:b", "w"),
    lambda: os.replace("c", "a"),
    lambda: os.remove("a"),
    lambda: os.symlink("c", "d"),
):
    try:
        refused()
    except OSError:
        continue
    raise SystemExit("allowed")
"""
    done = subprocess.run(
        [sys.executable, "-c", code, str(SCRIPT.parent)], cwd=tmp_path, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
