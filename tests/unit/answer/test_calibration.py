"""Confidences."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kgqa.answer import Calibration, Evidence
from kgqa.decode import Hypothesis
from kgqa.errors import ModelError, UsageError
from kgqa.evaluation import expected_calibration_error
from kgqa.graph import GraphBuilder, Triple
from kgqa.lm import MockLanguageModel
from kgqa.pipeline import Answerer

GRAPH = GraphBuilder.of(
    [Triple("Kismet", "directed_by", "William Dieterle"), Triple("Kismet", "year", "1944")]
)
finite = st.floats(-1e6, 1e6)


def hypotheses(*scores: float) -> list[Hypothesis]:
    return [Hypothesis((at,), score, None, None) for at, score in enumerate(scores)]  # type: ignore[arg-type]


def test_evidence_is_the_best_score_and_its_lead() -> None:
    evidence = Evidence.of(hypotheses(-1.0, -1.0 + math.log(0.25)))
    assert evidence is not None
    assert (evidence.score, evidence.lead) == pytest.approx((-1.0, 0.8))
    assert Evidence.of([]) is None
    assert Evidence.of(hypotheses(-math.inf, -math.inf)) == Evidence(-60.0, 0.5)


@given(
    st.builds(Calibration, finite, finite, finite, finite, finite, st.floats(0, 10)),
    st.floats(-60, 60),
    st.floats(0, 1),
)
def test_a_confidence_is_a_probability(calibration: Calibration, score: float, lead: float) -> None:
    assert 0 <= calibration.confidence(Evidence(score, lead)) <= 1
    assert calibration.confidence(None) == 0


def test_a_fit_finds_the_calibration_that_outcomes_were_drawn_from() -> None:
    chance = np.random.default_rng(0)
    truth = Calibration(1.0, 0.3, 2.0)
    evidence = [
        Evidence(float(s), float(t))
        for s, t in zip(-20 * chance.random(4000), chance.random(4000), strict=True)
    ]
    right = [bool(chance.random() < truth.confidence(e)) for e in evidence]
    fitted = Calibration.fit(evidence, right)
    assert (fitted.bias, fitted.score, fitted.lead) == pytest.approx((1.0, 0.3, 2.0), abs=0.3)
    sure = [fitted.confidence(e) for e in evidence]
    assert expected_calibration_error(sure, right) < 0.03


def test_graphs_that_differ_make_a_calibration_modest_both_ways() -> None:
    chance = np.random.default_rng(0)
    sure, unsure = Evidence(-0.01, 0.99999), Evidence(-8.0, 0.2)
    evidence, right, graphs = [], [], []
    for graph, luck in (("easy", 0.95), ("usual", 0.85), ("hard", 0.4)):
        for _ in range(200):
            good = chance.random() < 0.5
            evidence.append(sure if good else unsure)
            right.append(bool(chance.random() < (luck if good else luck * 0.2)))
            graphs.append(graph)
    alone = Calibration.fit(evidence, right)
    apart = Calibration.fit(evidence, right, graphs)
    assert alone.margin == 0
    assert apart.margin > 0.5
    assert 0.5 <= apart.confidence(sure) < alone.confidence(sure)
    assert alone.confidence(unsure) < apart.confidence(unsure) <= 0.5


def test_the_margin_is_what_19_of_20_graphs_stay_below() -> None:
    chance = np.random.default_rng(0)
    evidence, right, graphs = [], [], []
    for graph in range(100):
        bias = chance.normal()
        for score in -4 * chance.random(150):
            evidence.append(Evidence(float(score), 0.5))
            right.append(bool(chance.random() < 1 / (1 + math.exp(-2 - score - bias))))
            graphs.append(f"graph {graph}")
    assert Calibration.fit(evidence, right, graphs).margin == pytest.approx(1.645, abs=0.25)


def test_graphs_that_are_alike_leave_a_calibration_as_it_is() -> None:
    evidence = [Evidence(-1.0, 0.5)] * 400
    right = [place // 2 % 4 > 0 for place in range(400)]
    fitted = Calibration.fit(evidence, right, ["one", "two"] * 200)
    assert fitted.margin < 0.01
    assert fitted.confidence(evidence[0]) == pytest.approx(0.75, abs=0.01)


@given(st.floats(-5, 5), st.floats(0, 5))
def test_a_margin_moves_the_logit_towards_0_and_not_beyond(logit: float, margin: float) -> None:
    moved = Calibration(logit, 0.0, 0.0, margin=margin).confidence(Evidence(-1.0, 0.5))
    expected = 0.5 if abs(logit) <= margin else 1 / (1 + math.exp(-logit + math.copysign(margin, logit)))
    assert moved == pytest.approx(expected)


def test_the_odds_tell_leads_apart_that_are_all_near_one() -> None:
    near, nearer = Evidence(-0.1, 1 - 1e-4), Evidence(-0.1, 1 - 1e-8)
    assert nearer.odds - near.odds == pytest.approx(math.log(1e4), rel=0.05)
    assert Evidence(-6.0, 1 - 1e-8).backed_odds < nearer.backed_odds / 5


def test_answers_that_have_little_to_do_with_the_question_are_less_sure() -> None:
    evidence = [Evidence(-1.0, 0.9, similarity) for similarity in (0.8, 0.3, 0.1)] * 20
    fitted = Calibration.fit(evidence, [True, False, False] * 20)
    akin, strange, stranger = map(fitted.confidence, evidence[:3])
    assert akin > 0.9 > 0.1 > strange > stranger
    assert [round(one.dissimilarity, 3) for one in evidence[:3]] == [0, 0.1, 0.3]
    unknown = Evidence(-1.0, 0.9)
    assert Calibration(0.1, 0.2, 0.3, similarity=5, dissimilarity=-9).confidence(unknown) == pytest.approx(
        Calibration(0.1, 0.2, 0.3).confidence(unknown)
    )


@pytest.mark.parametrize("right", [[True] * 20, [False] * 20])
def test_outcomes_that_are_all_alike_can_be_fitted(right: list[bool]) -> None:
    calibration = Calibration.fit([Evidence(-float(n), 0.5) for n in range(20)], right)
    assert abs(calibration.confidence(Evidence(-5.0, 0.5)) - right[0]) < 0.1


def test_nothing_cannot_be_fitted() -> None:
    with pytest.raises(UsageError, match="an outcome for each"):
        Calibration.fit([], [])


def test_a_calibration_is_saved_and_loaded(tmp_path: Path) -> None:
    calibration = Calibration(0.25, 0.5, -1.5)
    calibration.save(tmp_path / "c.json")
    assert Calibration.load(tmp_path / "c.json") == calibration
    for broken in ("", "[]", '{"bias": 1}', '{"bias": "x", "score": 1, "lead": 1}', "null"):
        (tmp_path / "c.json").write_text(broken, "utf-8")
        with pytest.raises(ModelError, match="holds no calibration"):
            Calibration.load(tmp_path / "c.json")
    with pytest.raises(ModelError, match="holds no calibration"):
        Calibration.load(tmp_path / "missing.json")


def test_answers_have_a_confidence_and_unsure_ones_are_empty() -> None:
    asked = "who directed Kismet?", ["Kismet"]
    sure = Answerer(GRAPH, MockLanguageModel(), calibration=Calibration(0.0, 0.0, 0.0))
    assert sure.answer(*asked).confidence == 0.5
    assert sure.answer(*asked)
    unsure = Answerer(GRAPH, MockLanguageModel(), calibration=Calibration(0.0, 0.0, 0.0), min_confidence=0.6)
    assert not unsure.answer(*asked)
    assert unsure.answer(*asked).confidence == 0.5
    assert unsure.answer(*asked).reason == "no chain is probable enough to answer from: 0.6 is needed"
    programs = replace(unsure, grammar="programs")
    assert replace(programs, min_confidence=0.5).answer(*asked)
    assert programs.answer(*asked).reason == "no program is probable enough to answer from: 0.6 is needed"
    assert Answerer(GRAPH, MockLanguageModel()).answer(*asked).confidence is None


def test_a_calibration_error_is_the_distance_of_belief_and_outcome() -> None:
    assert expected_calibration_error([], []) == 0
    assert expected_calibration_error([1.0, 1.0, 0.0], [1, 1, 0]) == 0
    assert expected_calibration_error([1.0, 0.0], [0, 1]) == 1
    assert expected_calibration_error([0.75] * 4, [1, 1, 1, 0]) == pytest.approx(0)
