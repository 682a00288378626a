"""The words that a relation's name is made of."""

from __future__ import annotations

import re

__all__ = ["relation_words"]


def relation_words(relation: str) -> tuple[str, str]:
    """The words of a relation, and those of the kind of thing that it belongs to (or empty).

    >>> relation_words("people.person.place_of_birth"), relation_words("birthPlace")
    (('place of birth', 'person'), ('birth place', ''))
    """
    parts = [words for part in re.split(r"[./#]", relation) if (words := _words(part))]
    return (parts[-1] if parts else relation), (parts[-2] if len(parts) > 1 else "")


def _words(identifier: str) -> str:
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", identifier)
    return " ".join(re.sub(r"[_\W]+", " ", spaced).split()).lower()
