"""Samples: drawn by a seed, in the order of the set, the same in every loop."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from kgqa.datasets import Question, Selection


@given(st.integers(0, 30), st.none() | st.integers(1, 40), st.integers(0, 99), st.none() | st.integers(1, 40))
def test_a_selection_is_a_part_of_the_set_in_its_order(
    count: int, sample: int | None, seed: int, limit: int | None
) -> None:
    everything = [Question(f"q{number:02}", "?") for number in range(count)]
    selection = Selection(lambda: iter(everything), sample, seed, limit)
    found = list(selection)
    assert found == list(selection)
    assert [question.id for question in found] == sorted({question.id for question in found})
    assert len(found) == min(count, *(size for size in (sample, limit) if size is not None), count)
    drawn = list(Selection(lambda: iter(everything), sample, seed))
    assert found == drawn[: len(found)]


def test_other_seeds_draw_other_questions() -> None:
    everything = [Question(f"q{number}", "?") for number in range(100)]
    drawn = {tuple(q.id for q in Selection(lambda: everything, 10, seed)) for seed in range(20)}
    assert len(drawn) == 20
