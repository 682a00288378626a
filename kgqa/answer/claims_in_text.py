"""Claims in plain text, one a line."""

from __future__ import annotations

import re
from collections.abc import Iterator

from kgqa.answer.claim import Claim

__all__ = ["claims_in_lines", "says_nothing"]

_LONGEST_LINE = 2_000
_FENCE = re.compile(r"^\s*(?:```|~~~).*$", re.MULTILINE)
_BULLET = re.compile(r"^\s*(?:[-*•–]\s+|\(?\d{1,3}[.):]\s+|#+\s*)+")
_LEAD = re.compile(
    r"^(?:(?:the\s+)?(?:final\s+|correct\s+)?answers?(?:\s+(?:is|are)\b)?\s*:?|answers?\s*:)\s*", re.I
)
_IDS = re.compile(r"\[\s*#?(-?\d{1,18}(?:\s*[,;]\s*#?-?\d{1,18})*)\s*\]")
_BOLD = re.compile(r"^[^*]*\*\*([^*]+)\*\*[^*]*$")
_NONE = re.compile(
    r"(?:n/?a|none|unknown|unanswerable|not answerable|no answer|nothing|"
    r"(?:i\s+)?(?:do not|don['’]t) know|cannot be (?:answered|determined)|"
    r".*\b(?:chains|paths|evidence|graph|facts)\b.*\b(?:do|does) not (?:answer|say|contain|provide)\b.*)"
    r"(?:\s+from the (?:chains|paths|evidence|graph))?",
    re.IGNORECASE,
)
_QUOTES = {'"': '"', "'": "'", "“": "”", "‘": "’", "«": "»", "`": "`"}


def claims_in_lines(text: str) -> Iterator[Claim]:
    """The claim of each line that holds more than ids and marks, and does not say that there is no answer.

    >>> list(claims_in_lines("Answers:\\n1. **Nairobi** [1, 3]\\n- unknown"))
    [Claim(name='Nairobi', cited=(1, 3))]
    """
    for line in _FENCE.sub("", text).splitlines():
        if len(line) <= _LONGEST_LINE:
            yield from _of_line(line)


def says_nothing(name: str) -> bool:
    """Whether what stands in the place of a name says that there is none: "unknown", "I don't know"."""
    return bool(_NONE.fullmatch(name[:_LONGEST_LINE].strip().rstrip(".!")))


def _of_line(line: str) -> Iterator[Claim]:
    ids = [int(digits) for group in _IDS.findall(line) for digits in re.findall(r"-?\d+", group)]
    name = _LEAD.sub("", _BULLET.sub("", _IDS.sub(" ", line)).strip(), count=1)
    bold = _BOLD.match(name)
    name = _unquoted((bold[1] if bold else name).strip().strip("*_").strip())
    if re.search(r"\w", name) and not says_nothing(name):
        yield Claim(name, tuple(dict.fromkeys(ids)) or None)


def _unquoted(name: str) -> str:
    if len(name) > 1 and name[-1] in ".," and name[-2] in _QUOTES.values():
        name = name[:-1]
    while len(name) > 1 and _QUOTES.get(name[0]) == name[-1]:
        name = name[1:-1].strip()
    return name
