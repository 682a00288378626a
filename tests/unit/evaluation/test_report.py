"""The totals of a run and of its parts."""

from __future__ import annotations

import json
import math
from dataclasses import asdict, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kgqa.errors import DataError
from kgqa.evaluation import DEFINITIONS, Prediction, Ranking, Record, Report, Scorecard, score_answers
from kgqa.evaluation.report import check_at_least

NAMES = st.sampled_from("abcdefgh")


def record(id_: str, answers: list[str], gold: list[str], hops: int | None = None) -> Record:
    return Record(
        id=id_,
        question="?",
        topic_entities=(),
        status="answered" if answers else "abstained",
        answers=tuple(answers),
        entities=tuple(answers),
        vote_shares=tuple(1.0 for _ in answers),
        chains=(),
        proves=(),
        gold=tuple(gold),
        hops=hops,
        faithful=1.0,
        seconds=0.1,
        **asdict(score_answers(answers, gold)),
    )


RECORDS = st.lists(
    st.tuples(
        st.lists(NAMES, max_size=4, unique=True), st.lists(NAMES, max_size=4, unique=True), st.integers(1, 3)
    ),
    min_size=1,
    max_size=12,
).map(lambda rows: [record(str(n), *row) for n, row in enumerate(rows)])


@given(RECORDS, st.data())
def test_parts_add_up_to_the_whole(records: list[Record], data: st.DataObject) -> None:
    kinds = data.draw(st.lists(st.sampled_from("xyz"), min_size=len(records), max_size=len(records)))
    records = [replace(one, kind=kind) for one, kind in zip(records, kinds, strict=True)]
    report = Report.of(records)
    for part in (report.by_hops, report.by_answers, report.by_kind):
        totals = list(part.values())
        assert sum(one.n for one in totals) == len(records)
        for name in ("hits_at_1", "f1", "exact_match"):
            whole = getattr(report.totals, name) * len(records)
            assert math.isclose(math.fsum(getattr(t, name) * t.n for t in totals), whole, abs_tol=1e-9)
    for name, (low, high, _) in report.intervals.items():
        assert low - 1e-9 <= getattr(report.totals, name) <= high + 1e-9 or len(records) < 10


@given(RECORDS, st.data())
def test_a_question_counts_once_under_each_of_its_operators(
    records: list[Record], data: st.DataObject
) -> None:
    def drawn(one: Record) -> Record:
        operators = tuple(data.draw(st.lists(st.sampled_from(["count", "path", "sort"]), max_size=4)))
        graph = data.draw(st.sampled_from(["g", "h"]))
        return replace(one, operators=operators, graph=graph, answer_type="number")

    records = list(map(drawn, records))
    report = Report.of(records)
    for operator in ("count", "path", "sort"):
        having = [one.denotation for one in records if operator in one.operators]
        if having:
            assert report.by_operator[operator].n == len(having)
            assert report.by_operator[operator].denotation == pytest.approx(math.fsum(having) / len(having))
        else:
            assert operator not in report.by_operator
    assert sum(totals.n for totals in report.by_graph.values()) == len(records)
    assert report.by_answer_type == {"number": report.totals}
    assert Report.of([replace(one, answer_type="entity") for one in records]).by_answer_type == {}


@given(RECORDS)
def test_an_exact_match_is_an_f1_of_one(records: list[Record]) -> None:
    expected = sum(one.f1 == 1.0 for one in records) / len(records)
    assert Report.of(records).totals.exact_match == expected


def test_questions_are_put_together_by_the_number_of_gold_answers() -> None:
    sizes = (0, 1, 2, 5, 6, 20, 21)
    records = [record(str(n), [], [f"g{i}" for i in range(n)]) for n in sizes]
    by_answers = Report.of(records).by_answers
    assert {count: totals.n for count, totals in by_answers.items()} == {
        "0": 1,
        "1": 1,
        "2-5": 2,
        "6-20": 2,
        ">20": 1,
    }
    assert by_answers["0"].exact_match == 1.0


def test_kinds_and_hops_that_are_not_known_are_left_out() -> None:
    records = [record("a", ["x"], ["x"], 1), replace(record("b", ["x"], ["y"]), kind="count")]
    report = Report.of(records)
    assert {kind: totals.n for kind, totals in report.by_kind.items()} == {"count": 1}
    assert list(report.by_hops) == [1]


def test_the_report_is_json_and_an_empty_one_too() -> None:
    one = replace(record("a", ["x"], ["x"], 2), kind="k", gold_rank=2)
    report = Report.of([one, replace(one, id="b", gold_rank=0), replace(one, id="c", gold_rank=None)])
    found = json.loads(json.dumps(report.to_json()))
    assert found["by_kind"]["k"]["exact_match"] == 1.0
    assert found["ranking"] == {"n": 2, "mrr": 0.25, "hits_at_1": 0.0, "hits_at_3": 0.5, "hits_at_10": 0.5}
    assert found["intervals"]["f1"] == [pytest.approx(0.025 ** (1 / 3)), 1.0]
    empty = Report.of([])
    assert (empty.totals.n, empty.intervals, empty.ranking) == (0, {}, None)
    json.dumps(empty.to_json())


@given(st.lists(st.integers(0, 30), min_size=1))
def test_ranking_is_the_mean_over_questions(ranks: list[int]) -> None:
    found = Ranking.of(ranks)
    assert found.mrr == pytest.approx(sum(1 / rank if rank else 0 for rank in ranks) / len(ranks))
    assert found.hits_at_3 == sum(rank in (1, 2, 3) for rank in ranks) / len(ranks)
    assert found.hits_at_1 <= found.mrr + 1e-12
    assert found.hits_at_1 <= found.hits_at_3 <= found.hits_at_10


def test_places_begin_at_one() -> None:
    assert Ranking.of([]).mrr == 0.0
    with pytest.raises(ValueError, match="places begin at 1, got -1"):
        Ranking.of([-1])


@given(RECORDS)
def test_the_strict_scores_of_a_run_are_those_of_its_report(records: list[Record]) -> None:
    predictions = [Prediction(one.id, one.answers, one.gold, form="names") for one in records]
    card = Scorecard.of(DEFINITIONS["strict"], predictions)
    totals = asdict(Report.of(records).totals)
    assert {name: pytest.approx(value / 100) for name, value in card.totals.items()} == {
        name: totals[name] for name in DEFINITIONS["strict"].metrics
    }


def test_a_score_that_is_reached_exactly_is_reached() -> None:
    for right in range(101):
        check_at_least({"f1": right / 100}, {"f1": right})
        if right:
            with pytest.raises(DataError, match=f"f1 is {right - 1}.9, at least {right} is asked for"):
                check_at_least({"f1": (right - 0.1) / 100}, {"f1": right})
