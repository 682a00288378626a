"""Predicates of questions in other forms."""

from __future__ import annotations

import re

from kgqa.training.examples.phrasing.drawn_words import Unworded
from kgqa.training.examples.phrasing.inflection import third_person
from kgqa.training.examples.phrasing.step_words import do

__all__ = ["inverted", "singular_verb"]


def inverted(verb: str, subject: str, many: bool) -> str:
    """A predicate as a question: "flows through Austria" becomes "does the Danube flow through Austria"."""
    first, _, rest = verb.partition(" ")
    if first in ("is", "are", "was", "were", "does", "do", "did"):
        return f"{first} {subject} {rest}"
    if first in ("has", "have"):
        return f"{do(many)} {subject} have {rest}"
    base = first if many else _infinitive(first)
    if base is None:
        raise Unworded("a verb")
    return f"{do(many)} {subject} {base} {rest}"


def _infinitive(verb: str) -> str | None:
    if verb.endswith("ies"):
        return verb[:-3] + "y"
    if re.search(r"(?:ss|x|z|ch|sh|o)es$", verb):
        return verb[:-2]
    return verb[:-1] if verb.endswith("s") else None


def singular_verb(verb: str) -> str:
    """A predicate of several things as that of one: "flow through it" becomes "flows through it"."""
    first, _, rest = verb.partition(" ")
    if first in ("are", "have", "do", "were"):
        first = {"are": "is", "have": "has", "do": "does", "were": "was"}[first]
        return f"{first} {rest}".replace(" their ", " its ") if rest else first
    if first in ("did",) or first.endswith("ed"):
        return verb
    return f"{third_person(first)} {rest}".strip()
