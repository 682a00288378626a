"""The words that a relation's name is made of."""

from __future__ import annotations

import re

__all__ = ["relation_words", "separate_words"]

_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def relation_words(relation: str) -> tuple[str, str]:
    """The words of a relation, and those of the kind of thing that it belongs to (or empty).

    >>> relation_words("people.person.place_of_birth"), relation_words("birthPlace")
    (('place of birth', 'person'), ('birth place', ''))
    """
    parts = [words for part in re.split(r"[./#]", relation) if (words := " ".join(separate_words(part)))]
    return (parts[-1] if parts else relation), (parts[-2] if len(parts) > 1 else "")


def separate_words(text: str) -> list[str]:
    """The words of a text in lower case; an identifier's humps and underscores part words too.

    >>> separate_words("The birthPlace_2 of")
    ['the', 'birth', 'place', '2', 'of']
    """
    return re.findall(r"[^\W_]+", _HUMP.sub(" ", text).lower())
