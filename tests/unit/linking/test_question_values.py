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
