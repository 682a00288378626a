"""Comparisons of values in SPARQL."""

from __future__ import annotations

import re
from typing import assert_never

from kgqa.graph import Value, ValueKind
from kgqa.program.condition import Comparator
from kgqa.program.sparql.measure_lines import Valued

__all__ = ["comparison_text", "constant_bounds"]


def constant_bounds(value: Value) -> tuple[str, str]:
    """Where a constant begins and ends; an instant ends where it begins."""
    if value.kind is not ValueKind.DATE:
        number = _number(value.low)
        return number, number
    instant = value.high - value.low < 1e-3
    return _number(value.low), _number(value.low if instant else value.high)


def _number(value: float) -> str:
    text = str(int(value)) if value.is_integer() and abs(value) < 1e18 else repr(value)
    return text if "e" in text or re.fullmatch(r"-?[0-9]+", text) else f"{text}e0"


def comparison_text(comparator: Comparator, valued: Valued, bounds: tuple[str, str], date: bool) -> str:
    """The test of a value against an operand that begins and ends there; an instant does both at once."""
    low, high = bounds
    if not date:
        return f"{valued.number} {_SIGNS[comparator]} {low}"
    instant = low == high
    match comparator:
        case Comparator.ABOVE:
            return f"{valued.low} > {low}" if instant else f"{valued.low} >= {high} && {valued.low} > {low}"
        case Comparator.BELOW:
            return f"{valued.high} <= {low} && {valued.low} < {low}"
        case Comparator.AT_LEAST:
            return f"{valued.low} >= {low}"
        case Comparator.AT_MOST:
            if instant:
                return f"{valued.high} <= {high}"
            return f"{valued.high} <= {high} && ({valued.low} < {high} || {low} = {high})"
        case Comparator.EQUALS:
            return " && ".join(
                comparison_text(part, valued, bounds, date)
                for part in (Comparator.AT_LEAST, Comparator.AT_MOST)
            )
    assert_never(comparator)


_SIGNS = {
    Comparator.ABOVE: ">",
    Comparator.BELOW: "<",
    Comparator.AT_LEAST: ">=",
    Comparator.AT_MOST: "<=",
    Comparator.EQUALS: "=",
}
