"""Programs as questions."""

from __future__ import annotations

import random
import re

from kgqa.graph import IndexedGraph
from kgqa.program import Count, Each, Program, Summary, Test
from kgqa.training.examples.phrasing.asked_program import AskedProgram
from kgqa.training.examples.phrasing.set_question import SetQuestion
from kgqa.training.examples.phrasing.value_question import ValueQuestion
from kgqa.training.examples.phrasing.yes_no_question import YesNoQuestion

__all__ = ["worded"]

_LOWER, _NO_MARK = 0.2, 0.35
"""The shares of questions in lower case, and without a mark at their end."""


def worded(program: Program, graph: IndexedGraph, chance: random.Random) -> str:
    """A question for a program, in words drawn at random. Raises `Unworded` where there are none."""
    asked = AskedProgram(program, graph, chance)
    match program.final:
        case None:
            text = SetQuestion(asked).text()
        case Count():
            text = ValueQuestion(asked).count()
        case Summary() as final:
            text = ValueQuestion(asked).summary(final)
        case Test() as final:
            text = YesNoQuestion(asked).text(final)
        case Each(measure):
            text = ValueQuestion(asked).each(measure)
    return _polished(text, chance)


def _polished(text: str, chance: random.Random) -> str:
    text = re.sub(r"\s+", " ", text).strip()
    asks = re.match(
        r"(?:what|which|who|whom|whose|where|when|how|is|are|was|were|does|do|did|(?:in|on|by) wh\w+)\b",
        text,
        re.I,
    )
    if chance.random() < _LOWER:
        text = text.lower()
    elif chance.random() < 0.7:
        text = text[0].upper() + text[1:]
    if chance.random() >= _NO_MARK:
        text += "?" if asks else "."
    return text
