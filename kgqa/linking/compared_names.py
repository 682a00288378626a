"""The two names that a yes-or-no question compares: "Does Ann earn more than Bob?"."""

from __future__ import annotations

import re
from collections.abc import Mapping

from kgqa.constraint import Compared
from kgqa.program import Nodes

__all__ = ["compared_names"]

_OPENING = re.compile(
    r"(?:is|are|was|were|do|does|did|has|have|had|can|could|will|would)(?:n['\u2019]t)?"
    r" (?:the )?(?P<of>(?:[a-z]+ ){1,3}of (?:the )?)?",
    re.IGNORECASE,
)
"""What stands before the first name; `of`: "Is the population of France larger than that of Spain?"."""
_OPENING_MORE = re.compile(
    r"(?:is|are|was|were|do|does|did|has|have|had)(?: there)? (?:more|fewer|less)(?: [a-z]+){1,4}?"
    r" (?:in|at|of|for|from|with|on|to) (?:the )?",
    re.IGNORECASE,
)
_BETWEEN_MORE = re.compile(r" than(?: (?:in|at|of|for|from|with|on|to))? (?:the )?", re.IGNORECASE)
"""What stands before and between names in "Do more people live in Argentina than in Spain?"."""
_BETWEEN = re.compile(
    r"(?P<own>['\u2019]s?)?(?= ).*?"
    r" (?:(?P<dated>before|after|(?:earlier|later|sooner) than)"
    r"|(?:more|less|fewer|worse|(?!(?:an)?other|rather)[a-z]{2,}er)(?: .*)? than)"
    r" (?P<that>(?:that|those) of )?(?:the )?",
    re.IGNORECASE,
)
_BEHIND = re.compile(
    r"(?P<own>['\u2019]s?(?: \w+)?)?(?: (?:is|are|was|were|do|does|did|has|have|had|can|could))?[\s?!.]*",
    re.IGNORECASE,
)
_OTHER_WORDS = re.compile(
    r"\b(?:and|or|not|never|but|who|which|(?:an)?other than|rather than)\b", re.IGNORECASE
)
"""Words of questions that say more than that."""


def compared_names(question: str, places: Mapping[Nodes, tuple[int, int]]) -> Compared | None:
    """The names that a question only compares with each other; `places` are all names and where they stand.

    What is compared has to be the names' own on both sides: "Is Ann's manager older than Bob?" compares
    another than Ann.

    >>> compared_names("Is Ann older than Bob?", {("Ann",): (3, 6), ("Bob",): (18, 21)})
    Compared(first=('Ann',), second=('Bob',), dated=False)
    >>> compared_names("Is Ann's son older than Bob?", {("Ann",): (3, 6), ("Bob",): (24, 27)})
    """
    if len(places) != 2:
        return None
    (first, one), (second, other) = sorted(places.items(), key=lambda item: item[1])
    before, within = question[: one[0]].lstrip(), question[one[1] : other[0]]
    behind = _BEHIND.fullmatch(question[other[1] :])
    if behind and _OPENING_MORE.fullmatch(before) and _BETWEEN_MORE.fullmatch(within):
        return Compared(first, second, False)
    opening, between = _OPENING.fullmatch(before), _BETWEEN.fullmatch(within)
    if opening is None or between is None or behind is None or _OTHER_WORDS.search(between[0]):
        return None
    owned = bool(opening["of"] or between["own"])
    if owned != bool(between["that"] or behind["own"]):
        return None
    return Compared(first, second, bool(between["dated"]))
