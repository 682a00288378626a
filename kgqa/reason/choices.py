"""The numbers that a language model's reply chooses."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from kgqa.answer.loose_json import json_values, without_thoughts

__all__ = ["Choices", "parse_choices"]

_NUMBER = re.compile(r"(?<![\w.])-?[0-9]{1,9}(?![\w]|\.[0-9])")
_MORE = re.compile(r"\bmore\b", re.IGNORECASE)


@dataclass(frozen=True)
class Choices:
    """Numbers, the best first, each once; `more` where the reply asks for further options."""

    numbers: tuple[int, ...] = ()
    more: bool = False


def parse_choices(text: str) -> Choices:
    """The choices of a reply: JSON as `json_values` finds it, else the numbers in its text. Never raises.

    >>> parse_choices('{"choices": [3, "1", 3], "more": false}').numbers
    (3, 1)
    >>> parse_choices("I would take 2, then 5.").numbers, parse_choices("more").more
    ((2, 5), True)
    """
    text = without_thoughts(text)
    values = list(json_values(text))
    if values:
        numbers = tuple(dict.fromkeys(number for value in values for number in _numbers(value, 4)))
        more = any(isinstance(value, dict) and value.get("more") in (True, "true", "yes") for value in values)
        return Choices(numbers, more)
    found = dict.fromkeys(int(digits) for digits in _NUMBER.findall(text))
    return Choices(tuple(found), bool(_MORE.search(text)) and not found)


def _numbers(value: Any, depth: int) -> Iterator[int]:
    if isinstance(value, bool) or value is None or depth < 0:
        return
    if isinstance(value, int):
        yield value
    elif isinstance(value, float) and value.is_integer():
        yield int(value)
    elif isinstance(value, str):
        yield from (int(digits) for digits in _NUMBER.findall(value))
    elif isinstance(value, list | dict):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _numbers(item, depth - 1)
