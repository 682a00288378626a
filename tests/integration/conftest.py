"""A small graph as a file and as an index."""

from __future__ import annotations

from pathlib import Path

import pytest

from kgqa.cli import main

FILMS = [
    ("Kismet", "directed_by", "William Dieterle"),
    ("Kismet", "in_language", "English"),
    ("Juarez", "directed_by", "William Dieterle"),
    ("Juarez", "in_language", "Spanish"),
    ("Juarez", "release_year", "1939"),
]


@pytest.fixture
def facts(tmp_path: Path) -> Path:
    path = tmp_path / "films.tsv"
    path.write_text("".join("\t".join(fact) + "\n" for fact in FILMS), "utf-8")
    return path


@pytest.fixture
def index(facts: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    folder = facts.parent / "films"
    assert main(["build", str(facts), "-o", str(folder)]) == 0
    capsys.readouterr()
    return folder
