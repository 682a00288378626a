"""Superlatives and comparatives of a question: the largest, the newer of two."""

from __future__ import annotations

import re
from collections.abc import Iterator

__all__ = ["EARLY", "HIGH", "LATE", "LOW", "comparatives", "is_superlative", "superlatives"]

EARLY = frozenset({"oldest", "earliest"})
LATE = frozenset({"youngest", "newest", "latest"})
HIGH = frozenset(
    {
        *("most", "highest", "largest", "biggest", "greatest", "longest", "tallest", "heaviest", "deepest"),
        *("widest", "broadest", "richest", "thickest"),
    }
)
LOW = frozenset(
    {
        *("least", "lowest", "smallest", "shortest", "fewest", "lightest", "shallowest", "narrowest"),
        *("poorest", "cheapest", "thinnest", "tiniest"),
    }
)
_OTHER_WORDS = """
    arrest attest behest bequest best bucharest budapest chest congest conquest contest crest digest
    divest ernest everest fest forest forrest guest harvest honest incest ingest inquest interest
    invest jest lest manifest midwest modest molest nest northwest pest priest protest quest
    rainforest request rest southest southwest suggest tempest test unrest vest west wrest zest"""
_NO_SUPERLATIVES = frozenset(_OTHER_WORDS.split())
_WORD = re.compile(r"[^\W\d_]+(?:['-][^\W\d_]+)*")
_COMPARATIVE = re.compile(r"\b(more|less|[a-z]{3,}er)\b(?! than\b)")
_THAN = re.compile(r" than\b")
_CHOICE = re.compile(r"\bor\b|^(?:which|who|what) of\b|\bof the two\b", re.IGNORECASE)
_IRREGULAR = {"more": "most", "less": "least"}


def superlatives(question: str) -> Iterator[str]:
    """The superlatives of a question; words of names, which have capitals, are none."""
    for place, found in enumerate(_WORD.finditer(question)):
        if (place == 0 or found[0].islower()) and is_superlative(found[0].lower()):
            yield found[0]


def is_superlative(word: str) -> bool:
    """Whether a word in lower case asks for an extreme: most, least, fewest, largest.

    >>> [is_superlative(word) for word in ("largest", "most", "forest", "southwest", "est")]
    [True, True, False, False, False]
    """
    if word in ("most", "least", "worst"):
        return True
    return (len(word) > 5 and word.endswith("est") and word not in _NO_SUPERLATIVES) or word == "best"


def comparatives(question: str) -> list[str]:
    """The superlatives for the comparatives of a question that offers a choice.

    >>> comparatives("Which is newer, Avatar or Inception?"), comparatives("Is Ann older than Bob or Cid?")
    (['newest'], [])
    """
    if not _CHOICE.search(question) or _THAN.search(question):
        return []
    found = (_IRREGULAR.get(word, f"{word.removesuffix('er')}est") for word in _COMPARATIVE.findall(question))
    return [word for word in found if word in EARLY | LATE | HIGH | LOW]
