"""How much room a text takes, before any browser has set it."""

from __future__ import annotations

import unicodedata

from kgqa.report.names import shorten

__all__ = ["LABEL_LETTER", "NAME_LETTER", "fitted", "text_width"]

NAME_LETTER, LABEL_LETTER = 7.2, 6.5
"""Pixels that a letter of a node's name (13 pixels high) and of an arrow's label (12) takes."""


def text_width(text: str, letter: float = NAME_LETTER) -> float:
    """About how wide a text is in pixels; letters of wide scripts take nearly twice the room.

    >>> text_width("東京", 10), text_width("ab", 10)
    (38.0, 20.0)
    """
    wide = sum(unicodedata.east_asian_width(character) in "WF" for character in text)
    return letter * (len(text) + 0.9 * wide)


def fitted(text: str, letters: int) -> str:
    """A text cut to the room of so many letters."""
    while text_width(text, 1) > letters:
        text = shorten(text, len(text) - 1)
    return text
