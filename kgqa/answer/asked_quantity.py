"""Whether relations can give the quantity that a question asks for: no population is a population density."""

from __future__ import annotations

import re
from collections.abc import Sequence

from kgqa.answer.words import akin, words
from kgqa.graph import IndexedGraph, ValueKind
from kgqa.graph.values.value_column import is_about_time
from kgqa.program import Step, step_kind

__all__ = ["can_be_quantity"]

_DERIVED = re.compile(r"\b(?:densit(?:y|ies)|growth|ratios?|percentages?|proportions?|per capita)\b")
"""Quantities that are worked out from others."""
_AGE = re.compile(r"\bhow old\b|\bwhat age\b")


def can_be_quantity(question: str, relations: Sequence[str], last: Step | None, graph: IndexedGraph) -> bool:
    """Whether what the relations (their texts) say may be what is asked; `last` leads to the answer.

    The words of derived quantities are words of a relation, too, and no date is an age.
    """
    plain = question.lower()
    said = words(*relations)
    if any(not any(akin(asked, word) for word in said) for asked in words(*_DERIVED.findall(plain))):
        return False
    if last is None or _AGE.search(plain) is None:
        return True
    return step_kind(last, graph) is not ValueKind.DATE and not is_about_time(last.relation)
