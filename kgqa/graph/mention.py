"""Names in running text."""

from __future__ import annotations

import re

__all__ = ["mention_of"]


def mention_of(name: str) -> re.Pattern[str]:
    """A name as words of their own, in any case: "Ur" is not mentioned in "during".

    >>> mention_of("Ur").sub("it", "who ruled Ur during its war")
    'who ruled it during its war'
    """
    return re.compile(rf"(?<!\w){re.escape(name)}(?!\w)", re.IGNORECASE)
