"""Runs with several seeds: other draws, the same questions, a mean and a deviation."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kgqa.evaluation import Report, RunSettings, SeededRuns, with_seeds
from kgqa.pipeline.settings_table import SettingError

NOTHING = Report.of([])


def report(f1: float) -> Report:
    return replace(NOTHING, totals=replace(NOTHING.totals, f1=f1))


@given(st.lists(st.floats(0, 1), min_size=1, max_size=6))
def test_totals_have_a_mean_and_the_deviation_of_a_sample(values: list[float]) -> None:
    found = SeededRuns(dict(enumerate(map(report, values))))
    mean = sum(values) / len(values)
    squares = sum((value - mean) ** 2 for value in values)
    assert found.mean["f1"] == pytest.approx(mean)
    assert found.deviation["f1"] == pytest.approx((squares / max(1, len(values) - 1)) ** 0.5, abs=1e-9)
    assert (found.mean["hit"], found.deviation["hit"]) == (0.0, 0.0)
    assert list(found.to_json()["seeds"]) == [str(seed) for seed in range(len(values))]


def test_seeds_are_those_of_the_decoder_from_its_own_or_the_common_seed_on() -> None:
    settings = RunSettings.of({"dataset": "atlas", "seed": 3, "search": {"name": "sample"}})
    found = with_seeds(settings, 3)
    assert [one.search.seed for one in found.values()] == list(found) == [3, 4, 5]
    assert {one.seed for one in found.values()} == {3}
    assert list(with_seeds(settings.but("search.seed", 8), 2)) == [8, 9]


def test_a_decoder_that_draws_nothing_is_refused() -> None:
    with pytest.raises(SettingError, match=r"search\.name: beam draws nothing at random"):
        with_seeds(RunSettings(dataset="atlas"), 2)
