"""The page of published methods: every system once, what it names exists, what it says was measured."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import get_args

import pytest

from kgqa.decode import DecoderName

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/reference/methods.md").read_text("utf-8")
MEASURED = json.loads((ROOT / "eval/results/decoders.json").read_text("utf-8"))["found"]
SYSTEMS = 61


def rows(page: str) -> dict[int, list[str]]:
    """The cells behind the number of each system."""
    found: dict[int, list[str]] = {}
    for number, cells in re.findall(r"^\| (\d+) \| (.+) \|$", page, re.MULTILINE):
        assert int(number) not in found, number
        found[int(number)] = cells.split(" | ")
    return found


ROWS = rows(PAGE)


def test_every_system_has_one_row() -> None:
    assert sorted(ROWS) == list(range(1, SYSTEMS + 1))
    assert ROWS[1][0] == "DoG"


def test_a_system_that_comes_twice_is_noticed() -> None:
    with pytest.raises(AssertionError, match="7"):
        rows("| 7 | LUD | no |\n| 7 | LUD | yes |\n")


@pytest.mark.parametrize("number", range(1, SYSTEMS + 1))
def test_a_row_says_where_it_is_and_what_it_gave_or_why_not(number: int) -> None:
    _, place, *gave = ROWS[number]
    assert place.endswith((".", ")"))
    if gave:
        (told,) = gave
        assert re.search(r"\]\(|[Ss]ee `|[Nn]ot measured|no gain was measured", told)


def test_files_and_classes_that_the_page_names_exist() -> None:
    files = re.findall(r"`((?:kgqa|eval|tests|scripts)/[\w/.-]+)`", PAGE)
    assert len(files) >= 8
    assert [file for file in files if not (ROOT / file).exists()] == []
    code = "\n".join(file.read_text("utf-8") for file in (ROOT / "kgqa").rglob("*.py"))
    names = set(re.findall(r"`([A-Z][A-Za-z]*[a-z]\w*)", PAGE))
    assert {"BestFirst", "Lora"} <= names
    assert {name for name in names if f"class {name}" not in code} == set()


def test_decoders_that_rows_point_to_are_in_the_table() -> None:
    seen = {
        name for row in ROWS.values() for name in re.findall(r"`([a-z]+)`", row[-1]) if "above" in row[-1]
    }
    assert seen >= {"diverse", "exact", "aligned"}
    assert seen <= {one["search"]["name"] for one in MEASURED} <= set(get_args(DecoderName))


def test_the_table_of_decoders_is_that_of_the_results() -> None:
    shown = re.findall(r"^\| `(\w+)`(?:, ([\w .]+))?" + r" \| ([\d.]+)" * 4 + r" \|", PAGE, re.MULTILINE)
    assert len(shown) == len(MEASURED)
    for (name, settings, *values), one in zip(shown, MEASURED, strict=True):
        own = {key: value for key, value in one["search"].items() if key != "name"}
        assert (name, settings) == (one["search"]["name"], " ".join(f"{k} {v}" for k, v in own.items()))
        percent = [f"{100 * one[key]:.1f}" for key in ("hits_at_1", "f1", "found")]
        assert values == [*percent, f"{one['passes']:.1f}"]
