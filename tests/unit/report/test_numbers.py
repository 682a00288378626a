"""Intervals, groups, times and cases of a run."""

from __future__ import annotations

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from property_examples import examples
from unit.report.made_runs import hostile_records, record, wrong

from kgqa.evaluation import Record, Totals
from kgqa.report.breakdown import Slice, breakdowns, question_kind
from kgqa.report.case_graph import recorded_names
from kgqa.report.cases import Cases
from kgqa.report.score import METRICS, Score
from kgqa.report.summary import Calibration
from kgqa.report.timing import Timing

VALUES = st.lists(st.sampled_from([0.0, 0.25, 0.5, 1.0]), min_size=1, max_size=50)
RECORDS = st.lists(hostile_records(), max_size=8, unique_by=lambda each: each.id)


@given(VALUES, st.randoms(use_true_random=False))
def test_an_interval_holds_its_mean_and_does_not_depend_on_the_order(
    values: list[float], shuffle: random.Random
) -> None:
    score = Score.of(values)
    assert 0 <= score.low <= score.mean <= score.high <= 1
    assert math.isclose(score.mean, sum(values) / len(values))
    shuffle.shuffle(values)
    assert Score.of(values) == score


@examples(50)
@given(RECORDS)
def test_every_breakdown_has_each_question_once_and_agrees_with_the_total(records: list[Record]) -> None:
    total = Totals.of(records)
    for breakdown in breakdowns(records):
        assert sum(part.n for part in breakdown.slices) == total.n
        for name in METRICS:
            share = sum(part.n * part.scores[name].mean for part in breakdown.slices) / max(total.n, 1)
            assert share == pytest.approx(getattr(total, name))


def test_hops_and_gold_counts_come_in_their_order() -> None:
    many = [record(f"q{n}", hops=hops, gold=("x", "y", "z")[:gold]) for n, (hops, gold) in enumerate(
        [(3, 1), (10, 3), (2, 0), (None, 2), (2, 1)]
    )]  # fmt: skip
    by = {breakdown.name: [part.title for part in breakdown.slices] for breakdown in breakdowns(many)}
    assert by["hops"] == ["2", "3", "10", "not known"]
    assert by["gold"] == ["0", "1", "2-5"]


def test_questions_without_answers_have_no_faithful_share() -> None:
    silent = record("q", status="abstained", answers=(), entities=(), vote_shares=(), chains=(), proves=())
    assert Slice.of("silent", [silent]).faithful is None
    assert Slice.of("all", [silent, record("r", faithful=0.0)]).faithful == 0.0


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("Who was born in Duluth?", "who"),
        ("the films that were directed by whom", "who"),
        ("How  many moons has Mars?", "how many"),
        ("however it is", "other"),
        ("List the moons of Mars", "name, list"),
        ("is Mars a planet", "yes or no"),
        ("", "other"),
    ],
)
def test_the_kind_of_a_question_is_told_by_its_words(question: str, kind: str) -> None:
    assert question_kind(question) == kind


@given(st.lists(st.floats(0, 1e6), max_size=40))
def test_every_time_is_in_a_bin_and_percentiles_are_in_order(seconds: list[float]) -> None:
    timing = Timing.of(seconds)
    if timing is None:
        assert not seconds
        return
    assert sum(part.questions for part in timing.bins) == len(seconds)
    assert timing.bins[0].low <= timing.p50 <= timing.p95 <= timing.longest <= timing.bins[-1].high


def test_what_was_wrong_and_sure_comes_first_and_errors_are_among_the_worst() -> None:
    records = [wrong(f"sure{n:02}", confidence=n / 100) for n in range(20)]
    records += [record("right"), record("broken", status="error", answers=(), entities=(), vote_shares=(),
                chains=(), proves=(), error="IndexError: 3")]  # fmt: skip
    cases = Cases.of(records)
    assert [each.id for each in cases.worst[:2]] == ["sure19", "sure18"]
    assert cases.worst[-1].id == "broken"
    assert cases.failed == 21
    assert len(cases.worst) + len(cases.others) == cases.failed
    assert [each.id for each in cases.successes] == ["right"]


@examples(50)
@given(RECORDS)
def test_failures_and_successes_are_what_they_are_called(records: list[Record]) -> None:
    cases = Cases.of(records)
    failures = {each.id for each in records if each.hits_at_1 < 1}
    assert {each.id for each in (*cases.worst, *cases.others)} == failures
    assert all(each.f1 == 1 for each in cases.successes)


def test_confidences_that_are_none_are_left_out() -> None:
    assert Calibration.of([record(confidence=None), record(confidence=float("nan"))]) is None
    found = Calibration.of([record(confidence=0.5), record(confidence=7.0)])
    assert found is not None
    assert (found.answers, found.error) == (1, 0.5)


def test_names_come_from_answers_and_identifiers() -> None:
    names = recorded_names([record(entities=("http://x/Q1",), answers=("William\nDieterle",))])
    assert names.entity("http://x/Q1") == "William Dieterle"
    assert names.entity("https://kgqa.example/Bob_Dylan%27s") == "Bob Dylan's"
    assert [names.entity(each) for each in ("m.0abc", "g.11x", "cvt:9", "_:b1", "", "\x00")] == [None] * 6
    assert names.relation("people.person.place_of_birth") == "place of birth"
    assert names.relation("http://x/relation/directed_by") == "directed by"
    assert names.relation("") == "·"
