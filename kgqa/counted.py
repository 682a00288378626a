"""Numbers with their nouns."""

from __future__ import annotations

import re

__all__ = ["counted"]

_CONSONANT_Y = re.compile(r"(?<=[^aeiou])y$")


def counted(number: float, noun: str, plural: str | None = None) -> str:
    """A number and its noun, which takes a plain plural (or that of "entity") where none is given.

    >>> counted(1, "relation"), counted(0, "triple"), counted(1200, "entity"), counted(0.5, "second")
    ('1 relation', '0 triples', '1,200 entities', '0.5 seconds')
    >>> counted(1, "question has", "questions have")
    '1 question has'
    """
    if number != 1:
        noun = plural or (_CONSONANT_Y.sub("ies", noun) if _CONSONANT_Y.search(noun) else f"{noun}s")
    return f"{number:g} {noun}" if isinstance(number, float) else f"{number:,} {noun}"
