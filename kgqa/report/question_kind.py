"""What a question asks for, told by its words."""

from __future__ import annotations

import re

__all__ = ["question_kind"]

_ASKING = ("how many", "how much", "how", "who", "whom", "whose", "what", "which", "when", "where", "why")
_SAME = {"whom": "who", "whose": "who", "how much": "how many"}
_FIRST = {
    "yes or no": ("is", "are", "was", "were", "do", "does", "did", "has", "have", "had", "can", "could"),
    "name, list": ("name", "list", "give", "tell", "show", "find"),
}
_PATTERN = re.compile(rf"\b({'|'.join(_ASKING)})\b")


def question_kind(question: str) -> str:
    """The question word that comes first, else how the question begins, else `other`.

    >>> question_kind("In which films did Al Pacino play?"), question_kind("Was Duluth Dylan's home?")
    ('which', 'yes or no')
    """
    text = " ".join(question.casefold().split())
    if found := _PATTERN.search(text):
        return _SAME.get(found[1], found[1])
    first = re.match(r"\w*", text)
    return next((kind for kind, words in _FIRST.items() if first and first[0] in words), "other")
