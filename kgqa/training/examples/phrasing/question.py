"""Programs as questions."""

from __future__ import annotations

import random
import re

from kgqa.graph import IndexedGraph
from kgqa.program import Count, Each, Extreme, Named, Program, Summary, Test
from kgqa.training.examples.phrasing.choice_question import ChoiceQuestion
from kgqa.training.examples.phrasing.set_question import SetQuestion
from kgqa.training.examples.phrasing.value_question import ValueQuestion
from kgqa.training.examples.phrasing.yes_no_question import YesNoQuestion

__all__ = ["worded"]

_LOWER, _NO_MARK = 0.2, 0.35
"""The shares of questions in lower case, and without a mark at their end."""


def worded(program: Program, graph: IndexedGraph, chance: random.Random) -> str:
    """A question for a program, in words drawn at random. Raises `Unworded` where there are none."""
    return _polished(_text(program, graph, chance), chance)


def _text(program: Program, graph: IndexedGraph, chance: random.Random) -> str:
    match program:
        case Program(Named(groups), (Extreme() as extreme,), None) if len(groups) > 1:
            return ChoiceQuestion(program, graph, chance).text(extreme)
    match program.final:
        case None:
            return SetQuestion(program, graph, chance).text()
        case Count():
            return ValueQuestion(program, graph, chance).count()
        case Summary() as final:
            return ValueQuestion(program, graph, chance).summary(final)
        case Test() as final:
            return YesNoQuestion(program, graph, chance).text(final)
        case Each(measure):
            return ValueQuestion(program, graph, chance).each(measure)


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
