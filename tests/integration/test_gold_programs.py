"""The gold forms of the real question sets: most have a program that denotes the gold answers."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from scripts.programs.gold import questions, translate

LEAST = {"geoquery": 0.95, "overnight": 0.98, "spider": 0.87}


@pytest.mark.data
@pytest.mark.slow
@pytest.mark.parametrize("set_name", LEAST)
def test_most_gold_forms_have_a_program_with_the_gold_answers(data_folder: Path, set_name: str) -> None:
    if not (data_folder / set_name).is_dir():
        pytest.skip(f"no {set_name} in {data_folder}")
    rows = [row for row in questions(data_folder, set_name) if row.get("clean") is not False]
    reasons = Counter(translate(data_folder, set_name, row).reason for row in rows)
    assert reasons[""] / len(rows) >= LEAST[set_name], reasons.most_common()
