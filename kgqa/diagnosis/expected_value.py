"""Values that were expected as answers, as texts."""

from __future__ import annotations

from kgqa.evaluation.scoring.agreement import numbers_agree
from kgqa.evaluation.scoring.value_text import read_boolean, read_date, read_number
from kgqa.graph import fold_name

__all__ = ["gives", "is_value"]


def gives(value: str, expected: str) -> bool:
    """Whether a computed value is an expected one, as `kgqa eval` compares them."""
    if fold_name(value) == fold_name(expected):
        return True
    if value in ("yes", "no"):
        return read_boolean(value) == read_boolean(expected)
    one, other = read_number(value), read_number(expected)
    if one is not None and other is not None:
        return numbers_agree(one, other)
    date = read_date(value)
    return date is not None and date == read_date(expected)


def is_value(text: str) -> bool:
    """Whether a text can be a computed value: a number, a date, yes or no."""
    return any(read(text) is not None for read in (read_number, read_boolean, read_date))
