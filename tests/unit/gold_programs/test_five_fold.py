"""What the models of a fold learn from: nothing of the fold itself."""

from __future__ import annotations

import pytest

from kgqa.training.programs.program_lists import ProgramList
from scripts.measure_five_fold import FOLDS, GEOQUERY, fold_of, lists_without, reranker_shares

QUESTIONS = [f"what is the capital of state {number}" for number in range(40)]


def listed(source: str, question: str) -> ProgramList:
    return ProgramList(source, question, (), (), (), ())


def test_a_fold_learns_from_all_lists_but_those_for_its_own_questions() -> None:
    lists = [listed(source, question) for source in (GEOQUERY, "spider") for question in QUESTIONS]
    left = [lists_without(fold, lists) for fold in range(FOLDS)]
    for fold, some in enumerate(left):
        of_geoquery = [one.question for one in some if one.source == GEOQUERY]
        assert of_geoquery == [question for question in QUESTIONS if fold_of(question) != fold]
        assert [one.question for one in some if one.source == "spider"] == QUESTIONS
    assert sum(len(some) for some in left) == FOLDS * len(lists) - len(QUESTIONS)


@pytest.mark.parametrize("others", [{"spider"}, {"spider", "overnight", "event logs"}])
def test_half_of_the_lists_that_a_fold_draws_are_geoquerys(others: set[str]) -> None:
    base, fold = reranker_shares(others), reranker_shares(others | {GEOQUERY})
    assert base.keys() == others
    assert sum(base.values()) == sum(fold.values()) == pytest.approx(1)
    assert fold[GEOQUERY] == 0.5
    assert all(fold[source] == pytest.approx(base[source] / 2) for source in others)
