"""Two runs over the same questions."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import takewhile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kgqa.errors import UsageError
from kgqa.evaluation import DEFINITIONS, Comparison, Prediction, compare, corrected, holm

STRICT = DEFINITIONS["strict"]


def run(answers: dict[str, str], gold: str = "Oslo") -> list[Prediction]:
    return [
        Prediction(id_, (answer,) if answer else (), (gold,), form="list") for id_, answer in answers.items()
    ]


def test_won_and_lost_questions_are_named_and_more_than_noise_is_said() -> None:
    first = run({f"q{n}": "Oslo" if n < 10 else "Bergen" for n in range(40)})
    second = run({f"q{n}": "Oslo" if 0 < n < 30 else "Bergen" for n in range(40)})
    found = Comparison.of(STRICT, first, second)
    hits = next(one for one in found.differences if one.metric == "hits_at_1")
    assert (found.n, hits.first, hits.second) == (40, 0.25, 0.725)
    assert hits.lost == ("q0",)
    assert len(hits.won) == 20
    assert hits.interval.low < hits.difference < hits.interval.high
    assert found.mcnemar is not None
    assert found.mcnemar.value == pytest.approx(hits.p.value)
    assert hits.describe().endswith("20 won, 1 lost): more than noise")


def test_a_difference_of_one_question_is_noise_and_none_is_the_same() -> None:
    first, second = run({"a": "Oslo", "b": "x", "c": "x"}), run({"a": "Oslo", "b": "Oslo", "c": "x"})
    hits = Comparison.of(STRICT, first, second).differences[0]
    assert hits.is_noise
    assert "+33.3 points" in hits.describe()
    assert hits.describe().endswith("within noise")
    same = Comparison.of(STRICT, first, first)
    assert all(one.describe().endswith("the same on every question") for one in same.differences)
    assert same.mcnemar == (1.0, True)


def test_of_several_runs_p_values_are_corrected_for_each_metric() -> None:
    base = run({f"q{n}": "x" for n in range(12)})
    others = [run({f"q{n}": "Oslo" if n < right else "x" for n in range(12)}) for right in (5, 7, 1)]
    single = [Comparison.of(STRICT, base, other) for other in others]
    several = corrected(single)
    for at in range(len(STRICT.metrics)):
        values = [one.differences[at].p.value for one in single]
        assert [one.differences[at].p.value for one in several] == holm(values)
        for before, after in zip(single, several, strict=True):
            assert replace(after.differences[at], p=before.differences[at].p) == before.differences[at]
    assert [one.mcnemar.value for one in several if one.mcnemar] == holm([2 / 2**5, 2 / 2**7, 1.0])
    assert corrected(single[:1]) == single[:1]


@given(st.lists(st.floats(0, 1), max_size=8))
def test_a_correction_keeps_the_order_and_only_raises(values: list[float]) -> None:
    found = holm(values)
    assert all(value <= one <= 1 for value, one in zip(values, found, strict=True))
    assert sorted(found) == [one for _, one in sorted(zip(values, found, strict=True))]
    tests = enumerate(sorted(values))  # by its definition: reject until one exceeds its bound
    rejected = list(takewhile(lambda test: test[1] * (len(values) - test[0]) <= 0.05, tests))
    assert sum(one <= 0.05 for one in found) == len(rejected)


@given(
    st.lists(st.tuples(st.sampled_from(["Oslo", "x", ""]), st.sampled_from(["Oslo", "x", ""])), min_size=1)
)
def test_swapping_the_runs_swaps_the_signs(pairs: list[tuple[str, str]]) -> None:
    first, second = (run({str(n): pair[at] for n, pair in enumerate(pairs)}) for at in (0, 1))
    there, back = Comparison.of(STRICT, first, second), Comparison.of(STRICT, second, first)
    for one, other in zip(there.differences, back.differences, strict=True):
        assert one.difference == pytest.approx(-other.difference)
        assert (one.won, one.lost) == (other.lost, other.won)
        assert one.p.value == pytest.approx(other.p.value)
    assert there.mcnemar == back.mcnemar


def test_other_questions_are_refused_and_named() -> None:
    first, second = run({"a": "Oslo", "b": "x"}), run({"a": "x", "c": "x", "d": "x", "e": "x", "f": "x"})
    message = (
        r"1 only in the first \(b\); 4 only in the second \(c, d, e, \.\.\.\); compare the 1 question that"
    )
    with pytest.raises(UsageError, match=message):
        Comparison.of(STRICT, first, second)
    assert Comparison.of(STRICT, first, second, common=True).n == 1
    with pytest.raises(UsageError, match=r"no question in common: 2 only in the first \(a, b\); 1 only"):
        Comparison.of(STRICT, first, run({"z": "x"}))
    with pytest.raises(UsageError, match="no scored question in common"):
        Comparison.of(STRICT, first, run({"z": "x"}), common=True)


def test_other_gold_answers_are_refused() -> None:
    with pytest.raises(UsageError, match=r"1 question has other gold answers in the second run \(a\)"):
        Comparison.of(STRICT, run({"a": "x"}), run({"a": "x"}, gold="Bergen"))


def test_a_seed_that_no_generator_takes_is_refused() -> None:
    with pytest.raises(UsageError, match="seed must be a whole number of at least 0, not -1"):
        Comparison.of(STRICT, run({"a": "x"}), run({"a": "Oslo"}), seed=-1)


def test_it_is_json() -> None:
    found = json.loads(json.dumps(Comparison.of(STRICT, run({"a": "x"}), run({"a": "Oslo"})).to_json()))
    assert found["metrics"]["f1"]["won"] == ["a"]
    assert found["metrics"]["f1"]["exact"] is True


def test_two_files_are_compared_as_a_table_with_a_row_a_metric(tmp_path: Path) -> None:
    files = {"a": ["Oslo", "x", "x"], "b": ["Oslo", "Bergen", "Bergen"]}
    for name, answers in files.items():
        rows = [
            {"id": f"q{at}", "prediction": [said], "ground_truth": [gold]}
            for at, (said, gold) in enumerate(zip(answers, ["Oslo", "Bergen", "Bergen"], strict=True))
        ]
        (tmp_path / name).write_text("".join(json.dumps(row) + "\n" for row in rows))
    table = compare(str(tmp_path / "a"), tmp_path / "b")
    assert (table.index.name, "hits_at_1" in table.index, table.attrs["n"]) == ("metric", True, 3)
    best = table.loc["hits_at_1"]
    assert (best["won"], best["lost"], best["difference"]) == (2, 0, pytest.approx(2 / 3))
    assert Comparison.read(tmp_path / "a", tmp_path / "b").to_frame().equals(table)
