"""The words of questions, names and relations, as they are compared."""

from __future__ import annotations

from kgqa.graph import separate_words

__all__ = ["STOP_WORDS", "akin", "words"]

_SAY_NOTHING = """
    a an the of in to on by with from at for and or is are was were be been do does did has have had
    what which who whom whose where when how that this there it its his her their you your me my i he
    she they can tell s all some any many name type kind call called use used most first one thing"""
STOP_WORDS = frozenset(_SAY_NOTHING.split())
"""Words that say nothing about what a question is about."""


def words(*texts: str) -> list[str]:
    """Words in lower case, without a plural's s, each once, in their order.

    >>> words("Which Countries border birthPlace?")
    ['which', 'countrie', 'border', 'birth', 'place']
    """
    found = (word for text in texts for word in separate_words(text))
    return list(dict.fromkeys(word[:-1] if len(word) > 3 and word.endswith("s") else word for word in found))


def akin(first: str, second: str) -> bool:
    """Whether two words are the same, or begin the same and differ in a short ending.

    >>> akin("climber", "climbed"), akin("river", "rival"), akin("born", "birth")
    (True, False, False)
    """
    shared = max(4, min(len(first), len(second)) - 3)
    return first == second or (min(len(first), len(second)) >= 4 and first[:shared] == second[:shared])
