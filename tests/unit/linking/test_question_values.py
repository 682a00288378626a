"""The values that a question has."""

from __future__ import annotations

import pytest

from kgqa.graph import ValueKind
from kgqa.linking.question_values import question_values


@pytest.mark.parametrize(
    ("question", "texts"),
    [
        ("Which films are longer than two and 90 minutes?", ["PT5400S"]),
        ("Which took longer than 0.00001 seconds?", []),
        ("Which ran for over 100 million days?", []),
    ],
)
def test_lengths_of_time_are_those_that_programs_can_say(question: str, texts: list[str]) -> None:
    values = question_values(question).values
    assert [value.text for value in values if value.kind is ValueKind.DURATION] == texts


@pytest.mark.parametrize(
    ("question", "texts"),
    [
        ("between 10 and 20 million people", ["10000000", "20000000"]),
        ("between 1.5 and 2 thousand", ["1500", "2000"]),
        ("between 900 and 2 thousand", ["900", "2000"]),
        ("more than a million people", ["1000000"]),
        ("over half a million people", ["500000"]),
        ("more than a hundred thousand", ["100000"]),
        ("more than a hundred million, or a hundred", ["100000000", "100"]),
    ],
)
def test_numbers_share_what_they_are_in(question: str, texts: list[str]) -> None:
    values = question_values(question).values
    assert [value.text for value in values if value.kind is ValueKind.NUMBER] == texts
