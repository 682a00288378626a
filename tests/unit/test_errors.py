"""Errors: one line each, whatever they quote."""

from __future__ import annotations

import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kgqa.errors import KgqaError, ParseError, UnknownEntityError, UsageError, check_number


@given(st.text())
def test_every_message_is_one_line(name: str) -> None:
    for error in (UsageError(name), ParseError(name, 3, name), UnknownEntityError(name), KgqaError(name)):
        assert len(str(error).splitlines()) <= 1


@pytest.mark.parametrize("error", [UsageError("a\nb"), KgqaError("a\u2028b")])
def test_a_message_of_several_lines_arrives_as_one(error: KgqaError) -> None:
    assert str(error) == str(pickle.loads(pickle.dumps(error))) == "a b"


def test_a_whole_number_that_no_float_can_hold_is_refused() -> None:
    with pytest.raises(UsageError, match=r"^seconds must be a finite number, not 1000"):
        check_number(10**400, "seconds")
