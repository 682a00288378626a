"""The scorer, against an oracle that is slow and obvious."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kgqa.evaluation import score_answers
from kgqa.graph import fold_name

names = st.text(st.sampled_from("aAbBéß ſK\u00a0ﬁ"), max_size=4)
name_lists = st.lists(names, max_size=5)


@given(name_lists, name_lists)
def test_the_metrics_are_those_of_comparing_every_answer_with_every_gold(
    answers: list[str], gold: list[str]
) -> None:
    metrics = score_answers(answers, gold)
    given_names: list[str] = []
    for answer in answers:
        if not any(fold_name(answer) == fold_name(other) for other in given_names):
            given_names.append(answer)
    gold_names: list[str] = []
    for answer in gold:
        if not any(fold_name(answer) == fold_name(other) for other in gold_names):
            gold_names.append(answer)
    both = sum(any(fold_name(a) == fold_name(g) for g in gold_names) for a in given_names)
    if not gold_names or not given_names:
        expected = [float(len(gold_names) == len(given_names))] * 5
    else:
        precision, recall = both / len(given_names), both / len(gold_names)
        f1 = 2 * precision * recall / (precision + recall) if both else 0.0
        first = any(fold_name(answers[0]) == fold_name(g) for g in gold)
        expected = [float(first), float(both > 0), precision, recall, f1]
    found = [metrics.hits_at_1, metrics.hit, metrics.precision, metrics.recall, metrics.f1]
    assert found == pytest.approx(expected)


@given(name_lists, name_lists, st.randoms())
def test_only_the_first_place_depends_on_the_order(
    answers: list[str], gold: list[str], chance: object
) -> None:
    turned = score_answers(answers[:1] + answers[1:][::-1], gold[::-1])
    assert turned == score_answers(answers, gold)


def test_a_substring_of_gold_is_no_hit() -> None:
    assert score_answers(["Paris"], ["Paris, Texas"]).hit == 0
    assert score_answers(["Paris, Texas"], ["Paris"]).hit == 0


def test_no_gold_is_met_by_no_answer() -> None:
    assert score_answers([], []).f1 == 1
    assert score_answers(["x"], []).f1 == score_answers([], ["x"]).f1 == 0


@given(st.text())
def test_normalising_twice_changes_nothing_and_is_nfkc(text: str) -> None:
    once = fold_name(text)
    assert fold_name(once) == once
    assert unicodedata.normalize("NFKC", once) == once


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Ａmélie", "amélie", True),
        ("Ame\u0301lie", "Amélie", True),
        (" a \t b\n", "A B", True),
        ("Amelie", "Amélie", False),
        ("The Matrix", "Matrix", False),
        ("WALL·E", "WALLE", False),
    ],
)
def test_case_space_and_form_are_folded_and_nothing_else(one: str, other: str, same: bool) -> None:
    assert (fold_name(one) == fold_name(other)) is same
