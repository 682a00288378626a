"""How names are compared and how they are written out."""

from __future__ import annotations

import unicodedata

__all__ = ["clean_name", "fold_name"]

MAX_NAME_CHARACTERS = 200
_JOINERS = "\u200c\u200d"  # Persian, Indic scripts and emoji are spelled with these
_UNSPEAKABLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})


def fold_name(text: str) -> str:
    """The form in which two names are the same: Unicode NFKC, case and white space folded.

    Nothing else: articles, punctuation and accents count. Applying it twice changes nothing.

    >>> fold_name("  Amélie\\u00a0POULAIN "), fold_name("Straße") == fold_name("STRASSE")
    ('amélie poulain', True)
    """
    if text.isascii():
        return " ".join(text.lower().split())
    composed = unicodedata.normalize("NFKC", text)
    # Folding case can take characters apart again, and composing can make new ones to fold.
    while (folded := unicodedata.normalize("NFKC", composed.casefold())) != composed:
        composed = folded
    return " ".join(composed.split())


def clean_name(text: str) -> str:
    """A name as it may be shown and verbalized: one line, no control or format characters, not endless.

    White space is folded and stripped. Control and format characters (terminal escapes, direction
    marks, zero-width characters) are dropped, lone surrogates too. What is longer than 200
    characters is cut and ends in an ellipsis. Empty means that there is nothing to speak.

    >>> clean_name(" a\\tb\\x1b[31m\\n ")
    'a b[31m'
    """
    folded = " ".join(text.split())
    if not folded.isprintable():
        folded = " ".join("".join(filter(_is_speakable, folded)).split())
    if len(folded) > MAX_NAME_CHARACTERS:
        folded = folded[: MAX_NAME_CHARACTERS - 1].rstrip() + "…"
    return folded if folded.strip(_JOINERS) else ""


def _is_speakable(character: str) -> bool:
    return character in _JOINERS or unicodedata.category(character) not in _UNSPEAKABLE
