"""The numbers in replies."""

from __future__ import annotations

import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kgqa.finders.hop_choice import parse_choices


@given(st.text())
@example("[" * 50_000)
@example('{"choices": ' + "9" * 5_000 + "}")
@example("1," * 50_000)
@example("9" * 90_000)
def test_nothing_that_a_model_may_say_raises(text: str) -> None:
    assert all(isinstance(number, int) for number in parse_choices(text).numbers)


@given(
    st.lists(st.integers(0, 99), unique=True),
    st.booleans(),
    st.sampled_from([int, str, float, "[{}]".format]),
)
def test_json_choices_are_read_in_their_order(numbers: list[int], more: bool, way: object) -> None:
    text = json.dumps({"choices": [way(n) for n in numbers], "more": more})  # type: ignore[operator]
    found = parse_choices(f"Well:\n```json\n{text}\n```")
    assert (found.numbers, found.more) == (tuple(numbers), more)


@pytest.mark.parametrize(
    ("text", "numbers", "more"),
    [
        ("2", (2,), False),
        ("[2], then [5]", (2, 5), False),
        ("Option 3.", (3,), False),
        ("more", (), True),
        ("I need no more than 4", (4,), False),
        ('{"choices": [], "more": true}', (), True),
        ('{"choices": [true, null, 2.5, 3.0]}', (3,), False),
        ("<think>1 or 2?</think>2", (2,), False),
        ("nothing fits", (), False),
        ("", (), False),
    ],
)
def test_forms_of_choices(text: str, numbers: tuple[int, ...], more: bool) -> None:
    found = parse_choices(text)
    assert (found.numbers, found.more) == (numbers, more)
