"""The page about the architecture names the packages there are, in the layers that are checked."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/explanation/architecture.md").read_text("utf-8")
DRAWING = (ROOT / "docs/explanation/architecture.svg").read_text("utf-8")
PACKAGES = sorted(file.parent.name for file in (ROOT / "kgqa").glob("*/__init__.py"))


def test_there_are_packages() -> None:
    assert "graph" in PACKAGES


@pytest.mark.parametrize("package", PACKAGES)
def test_every_package_is_on_the_page_and_in_the_drawing(package: str) -> None:
    assert f"`kgqa.{package}`" in PAGE
    assert re.search(rf">{package}<", DRAWING)


def test_the_layers_on_the_page_are_those_of_the_contract() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    contracts = project["tool"]["importlinter"]["contracts"]
    (layers,) = [one["layers"] for one in contracts if one["type"] == "layers"]
    rows = re.findall(r"^\| ((?:`kgqa\.\w+`(?:, )?)+) \|", PAGE, re.MULTILINE)
    shown = [re.findall(r"`(kgqa\.\w+)`", row) for row in rows]
    assert shown == [layer.split(" | ") for layer in layers]


def test_files_and_classes_named_on_the_page_exist() -> None:
    files = re.findall(r"`(kgqa/[\w/]+(?:\.py)?)`", PAGE)
    assert files
    assert [file for file in files if not (ROOT / file).exists()] == []
    code = "\n".join(file.read_text("utf-8") for file in (ROOT / "kgqa").rglob("*.py"))
    names = set(re.findall(r"`([A-Z][a-z]\w+)", PAGE))
    assert {name for name in names if f"class {name}" not in code} == set()
