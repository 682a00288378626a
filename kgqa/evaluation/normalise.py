"""When two names count as the same answer."""

from __future__ import annotations

import unicodedata

__all__ = ["normalise"]


def normalise(name: str) -> str:
    """The form in which an answer is compared with gold: Unicode NFKC, case and white space folded.

    Nothing else: articles, punctuation and accents count. Applying it twice changes nothing.

    >>> normalise("  The\\u00a0ＦＯＸ "), normalise("Straße") == normalise("STRASSE")
    ('the fox', True)
    """
    composed = unicodedata.normalize("NFKC", name)
    # Folding case can take characters apart again, and composing can make new ones to fold.
    while (folded := unicodedata.normalize("NFKC", composed.casefold())) != composed:
        composed = folded
    return " ".join(composed.split())
