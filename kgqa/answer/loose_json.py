"""Reading of JSON with the mistakes that language models make."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

__all__ = ["json_values", "without_thoughts"]

LONGEST_REPLY = 100_000
"""Characters of a reply that are looked at."""
_ATTEMPTS = 2_000
_THOUGHT = re.compile(r"<think(?:ing)?>.*?(?:</think(?:ing)?>|\Z)", re.DOTALL | re.IGNORECASE)
_TEXT_OR_COMMA = re.compile(r'("(?:[^"\\]|\\.)*")|,(?=\s*[}\]])', re.DOTALL)
_OPENING = re.compile(r"[{\[]")


def without_thoughts(text: str) -> str:
    """The first 100,000 characters of a reply, without what a reasoning model thinks aloud (`<think>`)."""
    return _THOUGHT.sub("", text[:LONGEST_REPLY])


def json_values(text: str) -> Iterator[Any]:
    """The outermost JSON objects and lists in a text, in its order. Never raises.

    They may stand in prose or fences and have trailing commas; of one that is broken or cut off, those
    inside it are given.

    >>> list(json_values('Well: {"a": [1, 2,],} or [3], but {"b": {"c": 4}'))
    [{'a': [1, 2]}, [3], {'c': 4}]
    """
    text = _TEXT_OR_COMMA.sub(lambda found: found[1] or "", text)
    decoder = json.JSONDecoder()
    at = 0
    for _ in range(_ATTEMPTS):
        opening = _OPENING.search(text, at)
        if opening is None:
            return
        at = opening.start()
        try:
            value, at = decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            at += 1
        else:
            yield value
