"""What the reranker learns from."""

from __future__ import annotations

from dataclasses import replace

import pytest
from unit.training.film_graph import GRAPH, asked

from kgqa.graph import RelationStep, Triple
from kgqa.lm import MockLanguageModel
from kgqa.training.examples.example import Example
from kgqa.training.reranker.candidates import CandidateList, candidate_lists


def lists(*examples: Example) -> list[CandidateList]:
    return list(candidate_lists(GRAPH, MockLanguageModel(), examples, 0))


def test_the_right_path_has_the_weight_and_its_ends_are_right() -> None:
    (found,) = lists(asked("who made Seven", "Seven", "directed_by"))
    by_steps = {candidate.steps: candidate for candidate in found.candidates}
    right = by_steps[RelationStep("directed_by"),]
    assert right.ends == ("David Fincher",)
    assert right.right == (True,)
    assert right.weight == pytest.approx(1.3)
    wrong = by_steps[RelationStep("in_language"),]
    assert wrong.weight == 0
    assert wrong.right == (False,)


def test_answers_decide_where_they_are_known() -> None:
    (found,) = lists(asked("who made Seven", "Seven", answers=("David Fincher",)))
    assert {c.steps for c in found.candidates if c.weight > 0.29} == {(RelationStep("directed_by"),)}
    (found,) = lists(asked("in what language is Seven", "Seven", "in_language", answers=("English", "Latin")))
    best = max(found.candidates, key=lambda candidate: candidate.weight)
    assert best.steps == (RelationStep("in_language"),)
    assert best.weight == pytest.approx(1 + 0.3 * (2 / 3) ** 3)


def test_questions_that_teach_nothing_are_left_out() -> None:
    nobody = asked("who made Nothing", "Nothing", "directed_by")
    unanswered = asked("who made Seven", "Seven", answers=("Nobody",))
    known = asked("who made Seven", "Seven", "directed_by")
    assert [found.question for found in lists(nobody, unanswered, known)] == ["who made Seven"]


def test_steps_bear_the_labels_of_relations() -> None:
    (found,) = lists(asked("who plays in Zodiac", "Zodiac", "role|cast member"))
    best = max(found.candidates, key=lambda candidate: candidate.weight)
    assert best.steps == (RelationStep("role"), RelationStep("cast member"))
    assert best.ends == ("Mark Ruffalo",)


def test_an_example_with_its_own_graph_is_decoded_over_that_one() -> None:
    facts = (Triple("Seven", "made_by", "Snow White"), Triple("Seven", "in_language", "Dwarfish"))
    own = replace(asked("who made Seven", "Seven", "made_by"), graph=facts)
    shared = asked("who made Seven", "Seven", "directed_by")
    for_shared, for_own = candidate_lists(GRAPH, MockLanguageModel(), [own, shared], 0)
    assert {c.steps[0].relation for c in for_own.candidates} <= {"made_by", "in_language"}
    assert {c.steps[0].relation for c in for_shared.candidates} >= {"directed_by", "in_language", "role"}
    assert [for_own] == list(candidate_lists(None, MockLanguageModel(), [own], 0))
