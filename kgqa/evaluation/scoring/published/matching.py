"""RoG's rule for a found gold answer, which later systems took over: it is a substring."""

from __future__ import annotations

import re
import string
from collections.abc import Sequence
from functools import lru_cache

from kgqa.evaluation.scoring.reason import Reason

__all__ = ["contains", "find_gold", "fold"]

_PUNCTUATION = str.maketrans("", "", string.punctuation)
_ARTICLES = re.compile(r"\b(?:a|an|the)\b")


@lru_cache(maxsize=4096)
def fold(text: str) -> str:
    """Lower case, without ASCII punctuation, the words a, an, the, and surplus white space.

    Punctuation goes without leaving a space (`Jay-Z` is `jayz`), accents stay, and what is only
    punctuation or an article becomes empty, which is a substring of everything. The published
    code also means to drop `<pad>`, but only after its brackets are gone: `pad` stays.

    >>> fold("The  Best-of (A) <pad>")
    'bestof pad'
    """
    return " ".join(_ARTICLES.sub(" ", text.lower().translate(_PUNCTUATION)).split())


def contains(text: str, name: str) -> bool:
    """Whether the folded name is a substring of the folded text, in the middle of words too.

    >>> contains("1. Niger, probably", "Nigeria"), contains("Nigeria", "Niger")
    (False, True)
    """
    return fold(name) in fold(text)


def find_gold(lines: Sequence[str], gold: str) -> Reason | None:
    """Where the lines, joined with spaces, contain a gold answer; None where they do not."""
    wanted = fold(gold)
    for number, line in enumerate(lines, 1):
        if wanted in fold(line):
            rule = "equal when folded" if wanted == fold(line) else "gold is a substring of the line"
            return Reason(gold, rule, line, number, wanted, fold(line))
    whole = " ".join(lines)
    if wanted in fold(whole):
        return Reason(gold, "gold is a substring only across joined lines", whole, 0, wanted, fold(whole))
    return None
